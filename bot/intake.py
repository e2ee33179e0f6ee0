"""The way in: what a channel translated becomes state, replies and acts, in one transaction a batch."""

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import msgspec

from bot.acts import carry_out
from bot.scheme_file import Town
from conversations.acts import MarkBlocked
from conversations.engine import advance
from conversations.events import (
    Back,
    Choice,
    Command,
    Edited,
    Event,
    Inbound,
    Location,
    Media,
    Text,
    Unreadable,
)
from conversations.facts import MemberView
from conversations.says import Say, Turn, say
from conversations.turns import write_turn
from conversations.wording import LANGUAGES
from dispatch import forwards
from storage import dead_letters, members, outbox, people
from storage.database import DatabaseTrouble
from storage.facts import TxFacts
from storage.outbox import NewRow, new_reference
from storage.people import Standing
from storage.tx import Tx
from storage.writer import Writer

log = logging.getLogger(__name__)

MOST_ROUNDS = 4
_FROM_A_PERSON = (Text, Choice, Location, Media, Command, Edited, Unreadable, Back)


class Channel(Protocol):
    """What the intake asks of a channel: its name, and how a turn is cut into messages of its own."""

    @property
    def name(self) -> str: ...

    def cut(self, says: tuple[Say, ...]) -> tuple[tuple[Say, ...], ...]: ...


@dataclass(slots=True)
class _Batch:
    """One transaction's worth: read ahead, worked through person by person, written at the end."""

    tx: Tx
    town: Town
    cuts: Mapping[str, Channel]
    geocoder: bool
    standings: dict[str, Standing]
    members: dict[str, MemberView]
    seen: list[str] = field(default_factory=list)
    rows: list[NewRow] = field(default_factory=list)

    def take(self, inbound: Inbound) -> None:
        standing = self.standings[inbound.address]
        if standing.version == 0 and not standing.changed and inbound.language in LANGUAGES:
            standing.state = msgspec.structs.replace(standing.state, language=inbound.language)
        facts = TxFacts(
            self.tx,
            inbound.address,
            self.town.scheme,
            self.town.gazetteer,
            self.geocoder,
            self.members.get(inbound.address),
        )
        says = [one for event in inbound.events for one in self._hear(standing, event, facts)]
        self._remember(inbound.address, facts)
        self.seen.append(inbound.external_id)
        standing.changed = True
        if says and standing.blocked_at is None:
            tap = next((event.data for event in inbound.events if isinstance(event, Choice)), None)
            self._speak(standing, inbound.external_id, tuple(says), tap)

    def _hear(self, standing: Standing, event: Event, facts: TxFacts) -> list[Say]:
        """One event, and the outcomes of the acts that follow from it."""
        if isinstance(event, _FROM_A_PERSON):
            standing.last_inbound_at = self.tx.now
            standing.blocked_at = None
        says: list[Say] = []
        waiting: deque[tuple[Event, int]] = deque([(event, 1)])
        while waiting:
            now, round_ = waiting.popleft()
            step = advance(standing.state, now, facts)
            standing.state = step.state
            says += step.says
            for act in step.acts:
                if isinstance(act, MarkBlocked):
                    standing.blocked_at = self.tx.now if act.blocked else None
                    continue
                # Acts and the reads behind them see what this batch has said so far.
                self.flush()
                outcome = carry_out(act, facts)
                if outcome is not None and round_ < MOST_ROUNDS:
                    waiting.append((outcome, round_ + 1))
        return says

    def _remember(self, address: str, facts: TxFacts) -> None:
        if facts.member is None:
            self.members.pop(address, None)
        else:
            self.members[address] = facts.member

    def _speak(self, standing: Standing, external_id: str, says: tuple[Say, ...], chosen: str | None) -> None:
        """The turn as rows of the outbox, one a message of that channel."""
        channel = self.cuts.get(standing.address.partition(":")[0])
        if channel is None:
            return
        for number, part in enumerate(channel.cut(says)):
            row = self._row(
                standing, f"{external_id}:{number}", channel.name, part, chosen if number == 0 else None
            )
            if any(one.options and not one.wants_place for one in part):
                standing.state = msgspec.structs.replace(standing.state, prompt=row.reference)
            elif row.also_edit:
                standing.state = msgspec.structs.replace(standing.state, prompt=None)
            self.rows.append(row)

    def _row(
        self, standing: Standing, dedupe: str, kind: str, part: tuple[Say, ...], chosen: str | None
    ) -> NewRow:
        turn = Turn(standing.state.language, part, chosen)
        collapse = next((one.collapse for one in part if one.collapse), None)
        return NewRow(
            kind=kind,
            lane=standing.address,
            dedupe=f"{kind}:{dedupe}",
            payload=write_turn(turn),
            not_before=self.tx.now + timedelta(seconds=max(one.delay_s for one in part)),
            not_after=self.tx.now + timedelta(seconds=max(one.expires_s for one in part)),
            collapse=collapse,
            also_edit=standing.state.prompt,
            reference=new_reference(),
        )

    def flush(self) -> None:
        """Write the rows that were said so far."""
        if self.rows:
            rows, self.rows = self.rows, []
            outbox.insert(self.tx, self._without_overtaken(rows))

    def _without_overtaken(self, rows: list[NewRow]) -> list[NewRow]:
        """Answers that still wait for an album to end are dropped when the chat has moved on.

        What a dropped one was to edit, its successor edits.
        """
        moved_on = {row.lane for row in rows if row.collapse is None}
        dropped = {gone.reference: gone.also_edit for gone in outbox.drop_waiting(self.tx, moved_on)}
        kept: list[NewRow] = []
        for index, row in enumerate(rows):
            later = (other for other in rows[index + 1 :] if other.lane == row.lane)
            if row.collapse and any(other.collapse is None for other in later):
                dropped[row.reference] = row.also_edit
            else:
                kept.append(row)
        return [replace(row, also_edit=_heir(row.also_edit, dropped)) for row in kept]

    def finish(self) -> None:
        """Write everything."""
        self.flush()
        people.see(self.tx, self.seen)
        people.keep(self.tx, (one for one in self.standings.values() if one.changed))


def _heir(reference: str | None, dropped: Mapping[str, str | None]) -> str | None:
    """The question that still has its buttons, behind any that never went out."""
    while reference is not None and reference in dropped:
        reference = dropped[reference]
    return reference


class Intake:
    """Takes in what channels translate; `take` returns after the commit."""

    def __init__(
        self,
        writer: Writer,
        town: Callable[[], Town],
        *,
        geocoder: bool = False,
        written: Callable[[], None] = lambda: None,
    ) -> None:
        self._writer, self._town = writer, town
        self._geocoder, self._written = geocoder, written
        self._channels: dict[str, Channel] = {}

    def add_channel(self, channel: Channel) -> None:
        """Turns to addresses that begin with the channel's name are cut its way."""
        self._channels[channel.name] = channel

    async def take(self, items: Sequence[tuple[Inbound, bytes]]) -> None:
        """Take in what came, in order; with each its body, kept if it cannot be handled.

        Raises DatabaseTrouble when the database can keep nothing: then nothing may be acknowledged.
        """
        tasks = [self._writer.submit(self._handle, inbound) for inbound, _ in items]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        self._written()
        for (inbound, body), result in zip(items, results, strict=True):
            if isinstance(result, DatabaseTrouble):
                raise result
            if isinstance(result, BaseException):
                await self._keep_failed(inbound, body, result)

    async def take_one(self, inbound: Inbound) -> None:
        """Take in what a slow thing or a timer of ours answers."""
        await self.take([(inbound, msgspec.json.encode(inbound))])

    async def keep_dead(self, external_id: str, body: bytes, error: str) -> None:
        """Keep what could not even be read, for `ntars replay`."""
        await self._writer.submit(_keep_unread, (external_id, body, error))

    def _handle(self, tx: Tx, items: Sequence[Inbound]) -> Sequence[None]:
        known = people.known_ids(tx, [item.external_id for item in items])
        fresh: list[Inbound] = []
        for item in items:
            if item.external_id not in known:
                known.add(item.external_id)
                fresh.append(item)
        addresses = list(dict.fromkeys(item.address for item in fresh))
        batch = _Batch(
            tx,
            self._town(),
            self._channels,
            self._geocoder,
            people.standings(tx, addresses),
            members.members_of(tx, addresses),
        )
        for item in fresh:
            batch.take(item)
        batch.finish()
        return [None] * len(items)

    async def _keep_failed(self, inbound: Inbound, body: bytes, error: BaseException) -> None:
        """A bug of ours: kept with its body and error, and the person is told kindly."""
        log.error(
            "inbound could not be handled",
            extra={"external_id": inbound.external_id},
            exc_info=(type(error), error, error.__traceback__),
        )
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        channel = self._channels.get(inbound.address.partition(":")[0])
        await self._writer.submit(_keep_failed, _Failed(inbound, body, text, channel))
        self._written()


@dataclass(frozen=True, slots=True)
class _Failed:
    inbound: Inbound
    body: bytes
    error: str
    channel: Channel | None


def _keep_failed(tx: Tx, items: Sequence[_Failed]) -> Sequence[None]:
    for item in items:
        inbound = item.inbound
        channel = inbound.address.partition(":")[0]
        dead_letters.keep(
            tx, external_id=inbound.external_id, channel=channel, body=_text(item.body), error=item.error
        )
        people.see(tx, [inbound.external_id])
        if item.channel is not None:
            turn = Turn("en", (say("something-broke"),))
            row = NewRow(
                kind=item.channel.name,
                lane=inbound.address,
                dedupe=f"{item.channel.name}:{inbound.external_id}:sorry",
                payload=write_turn(turn),
                not_before=tx.now,
            )
            outbox.insert(tx, [row])
        forwards.tell_bid(
            tx,
            f"broken:{tx.now:%Y-%m-%d}",
            "A message could not be handled",
            "Somebody's message met a fault of ours today. It is kept, and its sender was told so.",
            "See it, and try it again once the fault is mended: ntars replay",
        )
    return [None] * len(items)


def _keep_unread(tx: Tx, items: Sequence[tuple[str, bytes, str]]) -> Sequence[None]:
    for external_id, body, error in items:
        channel = external_id.partition(":")[0]
        dead_letters.keep(tx, external_id=external_id, channel=channel, body=_text(body), error=error)
    return [None] * len(items)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
