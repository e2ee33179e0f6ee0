"""The demo page as a person uses it: by roles and words, never by what it is made of."""

import re
from contextlib import asynccontextmanager

from playwright.async_api import expect

WIDE = {"width": 1280, "height": 800}
SMALL = {"width": 390, "height": 844}
REFERENCE = re.compile(r"NT-[0-9A-Z]{4}")
THREE_PHOTOS = ("Red tag on a shutter", "Bags dumped on the pavement", "Broken shop window")
SECOND = 1000  # milliseconds, as Playwright counts


@asynccontextmanager
async def a_screen(browser, demo):
    async with await browser.new_context(viewport=WIDE, locale="en-GB") as context:
        context.set_default_timeout(10 * SECOND)
        screen = Screen(await context.new_page(), demo)
        await screen.open()
        yield screen
        assert screen.complaints == []


class Screen:
    """The page as a person uses it: by roles and words, never by what it is made of."""

    def __init__(self, page, demo):
        self.page = page
        self.demo = demo
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        self.phone = page.get_by_role("region", name="Phones of staff")
        self.chat = page.get_by_role("log", name="Chat with the NTARS bot")
        self.council = page.get_by_role("region", name="Inbox: Council")
        self.partnership = page.get_by_role("region", name="Inbox: Partnership")

    def _note(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    async def open(self):
        await self.page.goto(self.demo.url)
        await self.phone.get_by_role("button", name="New phone").click()
        await expect(self.phone.get_by_role("button", name="START", exact=True)).to_be_visible()

    async def press(self, label):
        await self.phone.get_by_role("button", name=label, exact=True).last.click()

    async def says(self, words):
        await expect(self.chat.get_by_text(words).last).to_be_visible()

    async def write(self, words):
        await self.phone.get_by_label("Message", exact=True).fill(words)
        await self.page.keyboard.press("Enter")

    async def attach(self, what):
        await self.press("Attach")
        await self.press(what)

    async def join(self):
        await self.press("START")
        await self.says("Welcome. This phone will report for Abbey Books")
        await self.press("Join")
        await self.says("A first name or initials")
        await self.press("Skip")
        await self.says("You're in.")

    async def pin(self, place):
        await self.attach("Place on a map")
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_label("Place", exact=True).select_option(label=place)
        await dialog.get_by_role("button", name="Send this place").click()

    async def photos(self, kind, *titles, caption=""):
        await self.attach(kind)
        dialog = self.page.get_by_role("dialog")
        for box in await dialog.get_by_role("group").get_by_role("checkbox").all():
            await box.uncheck()
        for title in titles:
            await dialog.get_by_label(title).check()
        await dialog.get_by_label("Caption").fill(caption)
        await dialog.get_by_role("button", name=re.compile("^Send ")).click()

    async def graffiti_up_to_the_card(self, place, kind, *photos):
        await self.press("Report now")
        await self.says("What have you seen?")
        await self.press("Graffiti")
        await self.says("Where is it?")
        await self.pin(place)
        await self.says("Add a photo?")
        await self.photos(kind, *photos)
        await self.says("Anything that helps find or fix it?")
        await self.write("red tag on the shutter, came up overnight")
        await self.says("Is it offensive or hateful?")
        await self.press("No")
        await expect(self.phone.get_by_role("button", name="Send", exact=True)).to_be_visible()

    async def send(self):
        await self.press("Send")
        await self.says(re.compile(r"Saved: NT-"))
        return REFERENCE.search(await self.chat.get_by_text("Saved: NT-").last.inner_text())[0]
