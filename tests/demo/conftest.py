"""A browser for the demo page, and a loud word when there is none."""

import os
import shutil

import pytest

from bot.demo.bot_api import BotApi
from tests.demo.clients import SAM, Clock, a_bot

NO_BROWSER = (
    "The browser tests of the demo page did NOT run: there is no Chromium. "
    "Install one (apt-get install chromium, or .venv/bin/playwright install chromium) and run them again."
)
SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")

_missing = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
async def browser(request):
    """Chromium: $CHROMIUM, else the system's, else the one that Playwright installed."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        choices = [os.environ.get("CHROMIUM"), *NAMES, playwright.chromium.executable_path]
        path = next(filter(None, (shutil.which(choice) for choice in choices if choice)), None)
        if path is None:
            request.config.stash[_missing] = True
            pytest.skip(NO_BROWSER)
        rootless = [] if os.geteuid() else ["--no-sandbox"]
        browser = await playwright.chromium.launch(executable_path=path, args=[*SWITCHES, *rootless])
        yield browser
        await browser.close()


def pytest_terminal_summary(terminalreporter, config):
    """A skip is easily overlooked; this is not."""
    if config.stash.get(_missing, False):
        terminalreporter.section("browser tests", red=True)
        terminalreporter.line(NO_BROWSER)


@pytest.fixture
async def clock():
    return Clock()


@pytest.fixture
async def api(clock):
    async with BotApi(clock=clock, webhook_delay=0.01) as api:
        yield api


@pytest.fixture
async def bot(api):
    bot = a_bot(api)
    async with bot:
        yield bot


@pytest.fixture
async def sam(api):
    phone = api.phone(SAM)
    await phone.start("Ab3-xyz_9")
    return phone
