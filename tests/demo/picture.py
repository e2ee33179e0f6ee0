"""Takes docs/demo.png, the README's picture, from the running demo: `make picture`."""

import asyncio
import re
import shutil
from pathlib import Path

from playwright.async_api import async_playwright, expect

from bot.demo.demo import Demo
from tests.demo.conftest import NAMES, SWITCHES
from tests.demo.screen import a_screen

PICTURE = Path(__file__).parents[2] / "docs" / "demo.png"


async def take() -> None:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    async with async_playwright() as playwright, Demo(port=0) as demo:
        browser = await playwright.chromium.launch(executable_path=path, args=[*SWITCHES, "--no-sandbox"])
        async with a_screen(browser, demo) as screen:
            await screen.join()
            await screen.photos(
                "Photo", "Bags dumped on the pavement", caption="bags dumped by the market again, rats"
            )
            await screen.says("Looks like")
            await screen.press("Dumped rubbish")
            await screen.press("Market Square")
            await screen.says("How much is it?")
            await screen.press("Car boot")
            reference = await screen.send()
            await screen.council.get_by_role("button", name=re.compile(reference)).first.click()
            await expect(screen.page.frame_locator("iframe").locator("h1")).to_be_visible()
            await screen.page.screenshot(path=PICTURE)


if __name__ == "__main__":
    asyncio.run(take())
