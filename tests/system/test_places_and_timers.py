"""What comes back later: a geocoder's answer, and time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web

from tests.system.town import STREET, Town, a_picture, until
from tests.system.wording import label, said

HIT = {
    "place_id": 1, "lat": "52.2380", "lon": "-0.8950", "name": "The Old Bakery",
    "display_name": "The Old Bakery, Fish Street, Northampton", "address": {"road": "Fish Street"},
}  # fmt: skip


class Geocoder:
    """A Nominatim on loopback, which answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.query.get("q", ""))
        await self.may_answer.wait()
        return web.json_response([HIT])


@pytest_asyncio.fixture
async def geocoder() -> AsyncIterator[Geocoder]:
    made = Geocoder()
    app = web.Application()
    app.router.add_get("/search", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    yield made
    made.may_answer.set()
    await runner.cleanup()


async def test_a_place_that_the_town_does_not_know_is_looked_up_and_nobody_waits(
    tmp_path: Path, geocoder: Geocoder
) -> None:
    async with Town(tmp_path, settings={"NTARS_GEOCODER_URL": geocoder.url}) as town:
        phone = town.member()
        await phone.text("/report")
        await phone.text("Graffiti")
        await phone.text("the old bakery yard")
        await phone.wait_for("Add a photo?")
        await until(lambda: geocoder.asked)

        geocoder.may_answer.set()
        question = await phone.wait_for(said("did-you-mean-ask"), 10)
        labels = question.labels
        await phone.tap(labels[0])
        await phone.wait_for("The Old Bakery")

        assert geocoder.asked == ["the old bakery yard"]
        assert labels[0].startswith("The Old Bakery")
        assert len(labels) == 2


async def test_a_report_that_is_sent_before_the_geocoder_answers_goes_as_it_was_written(
    tmp_path: Path, geocoder: Geocoder
) -> None:
    async with Town(tmp_path, settings={"NTARS_GEOCODER_URL": geocoder.url}) as town:
        phone = town.member()

        reference = await town.report(phone, place="the old bakery yard")
        mail = await town.mail(reference, STREET)
        geocoder.may_answer.set()
        await town.all_settled("geocode")

        assert '"the old bakery yard" (as written; not on our map)' in mail.body("plain")
        assert not any(said("did-you-mean-ask") in message.text for message in phone.messages)


async def test_a_draft_left_alone_gets_one_nudge_and_can_be_carried_on(town: Town) -> None:
    phone = town.member()
    await phone.text("/report")
    await phone.text("Graffiti")
    await phone.wait_for("Where is it?")

    town.age_draft(minutes=31)
    nudge = await phone.wait_for(said("nudge"))
    await phone.tap(label("nudge-on"))
    await phone.wait_for("Where is it?")

    assert "graffiti" in nudge.text.casefold()
    assert sum(said("nudge") in message.text for message in phone.messages) == 1


async def test_a_draft_of_yesterday_is_gone_with_its_photos(town: Town) -> None:
    phone = town.member()
    await phone.photo(a_picture(), caption="graffiti")
    await phone.wait_for("Looks like")
    await until(lambda: town.value("SELECT name FROM photo"), "the photo is kept")
    file = town.folder / "photos" / town.value("SELECT name FROM photo")
    assert file.exists()

    town.age_draft(minutes=24 * 60 + 1)
    await phone.wait_for(said("draft-gone"))
    await until(lambda: not file.exists(), "the bytes are gone")

    assert town.rows("SELECT state, name FROM photo") == [("removed", None)]


async def test_a_report_that_its_owner_does_not_have_after_half_an_hour_is_told_once(town: Town) -> None:
    await town.mailbox.stop()
    phone = town.member()
    reference = await town.report(phone)

    town.hurry("timer")
    late = await phone.wait_for("hasn't reached", 20)
    town.hurry("timer")
    await town.mailbox.start()
    await town.mail(reference, STREET, timeout=20)

    assert reference in late.text
    assert town.value("SELECT count(*) FROM report_event WHERE what = 'reporter_told_late'") == 1


async def test_a_report_that_its_owner_has_says_nothing_after_half_an_hour(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone)
    await town.mail(reference, STREET)
    await until(lambda: town.value("SELECT count(*) FROM delivery WHERE state = 'accepted'") == 3)

    town.hurry("timer")
    await town.all_settled("timer")
    await phone.text("/reports")
    await phone.wait_for("delivered", 20)

    assert not any("hasn't reached" in message.text for message in phone.messages)
