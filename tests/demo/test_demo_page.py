"""The demo page in a real browser, with the real service behind it: the main job from START to the inbox."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.demo.demo import Demo
from tests.demo.screen import SMALL, THREE_PHOTOS, WIDE, a_screen


@pytest.fixture(scope="module")
async def demo():
    async with Demo(port=0) as demo:
        yield demo


@pytest.fixture
async def screen(browser, demo):
    """A new phone on a page of its own."""
    async with a_screen(browser, demo) as screen:
        yield screen


@pytest.fixture(scope="module")
async def reported(browser, demo):
    """A page on which somebody joined and sent a report, step by step, with a pin and three photos."""
    async with a_screen(browser, demo) as screen:
        await screen.join()
        await screen.graffiti_up_to_the_card("Gold Street", "Album of three", *THREE_PHOTOS)
        screen.reference = await screen.send()
        yield screen


async def test_a_guided_report_with_pin_and_album_arrives_in_both_inboxes(reported):
    for inbox in (reported.council, reported.partnership):
        mail = inbox.get_by_role("button", name=re.compile(rf"\[NTARS {reported.reference}\] Graffiti")).first
        await expect(mail).to_be_visible()
        await expect(mail).to_contain_text("3 photos")
    await expect(reported.page.get_by_text(re.compile(r"“Send”")).first).to_be_visible()


async def test_a_mail_can_be_read_in_all_its_parts(reported):
    page = reported.page

    await reported.council.get_by_role("button", name=re.compile(reported.reference)).first.click()

    await expect(page.get_by_role("heading", name=re.compile(reported.reference))).to_be_visible()
    letter = page.frame_locator("iframe")
    await expect(letter.get_by_text("red tag on the shutter, came up overnight").first).to_be_visible()
    picture = letter.locator("img").first
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    await page.get_by_role("tab", name="HTML").press("ArrowRight")
    await expect(page.get_by_role("tabpanel", name="Plain text")).to_contain_text("came up overnight")
    await page.get_by_role("tab", name="Attachments").click()
    await expect(page.get_by_role("tabpanel", name="Attachments")).to_contain_text("report.csv")
    await page.get_by_role("tab", name="Headers").click()
    await expect(page.get_by_role("tabpanel", name="Headers")).to_contain_text("Message-ID")


async def test_a_photo_with_a_caption_is_enough_for_a_report(screen):
    await screen.join()

    await screen.photos(
        "Photo", "Bags dumped on the pavement", caption="bags dumped by the market again, rats"
    )
    await screen.says("Looks like dumped rubbish?")
    await screen.press("Dumped rubbish")
    await screen.press("Market Square")
    await screen.says("How much is it?")
    await screen.press("Car boot")
    reference = await screen.send()

    for inbox in (screen.council, screen.partnership):
        await expect(inbox.get_by_role("button", name=re.compile(reference)).first).to_be_visible()


async def test_nothing_is_lost_when_the_service_is_killed_in_the_middle(screen):
    await screen.join()
    await screen.graffiti_up_to_the_card("Sheep Street", "Photo", "Red tag on a shutter")
    before = screen.demo.service.pid

    await screen.page.get_by_role("button", name="Restart the service (kill -9)").click()
    await expect(screen.page.get_by_text(re.compile("Service not running|Service starting"))).to_be_visible()
    reference = await screen.send()

    assert screen.demo.service.pid not in (before, None)
    await expect(screen.council.get_by_role("button", name=re.compile(reference)).first).to_be_visible()
    saved = screen.chat.get_by_text("Saved: NT-")
    await expect(saved).to_have_count(1)


async def test_the_main_job_needs_no_mouse(screen):
    page = screen.page
    start = screen.phone.get_by_role("button", name="START", exact=True)
    await start.focus()
    await page.keyboard.press("Enter")
    await screen.says("Welcome.")
    await screen.phone.get_by_role("button", name="Join", exact=True).focus()
    await page.keyboard.press("Space")
    await screen.says("A first name or initials")
    await screen.phone.get_by_label("Message", exact=True).focus()
    await page.keyboard.type("skip")
    await page.keyboard.press("Enter")
    await screen.says("You're in.")
    await page.keyboard.type("/report")
    await page.keyboard.press("Enter")
    await screen.says("What have you seen?")
    await screen.phone.get_by_role("button", name="Graffiti", exact=True).press("Enter")
    await screen.says("Where is it?")

    await screen.phone.get_by_role("button", name="Attach", exact=True).press("Enter")
    await screen.phone.get_by_role("button", name="Place on a map").press("Enter")
    where = page.get_by_role("dialog").get_by_role("status")
    at_first = await where.inner_text()
    await page.get_by_role("application").press("ArrowUp")
    await expect(where).not_to_have_text(at_first)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(screen.phone.get_by_role("button", name="Attach", exact=True)).to_be_focused()


async def test_a_phone_that_did_not_scan_the_poster_is_asked_for_its_code(screen):
    await screen.phone.get_by_label("This phone scanned it").uncheck()
    await screen.press("START")
    await expect(screen.chat.get_by_role("listitem")).to_have_count(2)

    await screen.write(screen.demo.invitation["code"])

    await screen.says("Welcome. This phone will report for Abbey Books")


async def test_the_page_has_no_accessibility_faults_and_nothing_sticks_out(reported):
    page = reported.page
    for size, scheme in [(WIDE, "light"), (WIDE, "dark"), (SMALL, "light"), (SMALL, "dark")]:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        await reported.press("Attach")
        assert_accessible(await Axe().run(page))
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for what in ("Place on a map", "Photo"):
            await reported.press(what)
            assert_accessible(await Axe().run(page))
            await page.keyboard.press("Escape")
            await reported.press("Attach")
        await page.keyboard.press("Escape")
    await page.set_viewport_size(WIDE)


def assert_accessible(results):
    assert results.violations_count == 0, results.generate_report()
