"""Hands kept messages to the service's own intake, beside a service that may be running."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from admin_cli.opened import Opened, now, who
from bot.channels.telegram import render
from bot.channels.telegram.decode import Broken, decode
from bot.intake import Intake
from bot.scheme_file import SchemeFile
from conversations.events import Inbound
from storage import audit, dead_letters
from storage.dead_letters import Letter
from storage.tx import Tx
from storage.writer import Writer

MOST = 10_000

_inbound = msgspec.json.Decoder(Inbound)


class _Telegram:
    """Cuts turns as the running service's channel does, which then sends them."""

    name = "telegram"
    cut = staticmethod(render.cut)


class _Again(Intake):
    """The intake, but for what fails: that is kept already, and the person was told."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.failures: dict[str, BaseException] = {}

    async def _keep_failed(self, inbound: Inbound, body: bytes, error: BaseException) -> None:
        self.failures[inbound.external_id] = error


def waiting(town: Opened) -> list[Letter]:
    """What waits for a replay, oldest first."""
    with town.database.read() as connection:
        return dead_letters.waiting(Tx(connection, town.now), limit=MOST)


def replay_letters(town: Opened, letters: Sequence[Letter]) -> dict[int, str | None]:
    """Take the letters in, in order; for each None, or why it failed again and is still kept."""
    return asyncio.run(_replay(town, letters))


async def _replay(town: Opened, letters: Sequence[Letter]) -> dict[int, str | None]:
    writer = Writer(town.database, now)
    intake = _Again(
        writer, SchemeFile(town.settings).current, geocoder=town.settings.geocoder_url is not None
    )
    intake.add_channel(_Telegram())
    writer.start()
    try:
        return {letter.id: await _one(town, intake, letter) for letter in letters}
    finally:
        await writer.stop()


async def _one(town: Opened, intake: _Again, letter: Letter) -> str | None:
    try:
        inbound = _read(letter)
    except Broken as broken:
        return f"it cannot be read: {broken}"
    if inbound is not None:
        await intake.take([(inbound, letter.body.encode())])
        if failure := intake.failures.pop(inbound.external_id, None):
            return f"{type(failure).__name__}: {failure}"
    await asyncio.to_thread(_done, town, letter)
    return None


def _read(letter: Letter) -> Inbound | None:
    """What the letter says, under a new name: its own is known as taken in. None: there is nothing to do."""
    body = letter.body.encode()
    try:
        found: object = _inbound.decode(body)
    except msgspec.MsgspecError:
        bot = letter.external_id.split(":")[1] if letter.external_id.count(":") > 1 else ""
        found = decode(body, received_at=letter.at, bot=bot)
    if not isinstance(found, Inbound):
        return None
    return msgspec.structs.replace(found, external_id=f"{letter.external_id}:replay")


def _done(town: Opened, letter: Letter) -> None:
    with town.database.write(now()) as tx:
        if dead_letters.mark_replayed(tx, letter.id):
            audit.record(tx, by=who(), what="message replayed", subject=str(letter.id))
