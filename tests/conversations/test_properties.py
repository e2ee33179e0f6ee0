"""Whatever anybody sends, in whatever order: the engine never raises, loses nothing, asks nothing twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import acts
from conversations.engine import advance
from conversations.events import (
    Back,
    Blocked,
    Choice,
    Command,
    Done,
    Edited,
    Enrolled,
    Event,
    Fetched,
    FetchFailed,
    Filed,
    Found,
    Hit,
    Location,
    Media,
    Refused,
    Text,
    Unreadable,
    Woke,
)
from conversations.flows.report_steps import BY_NAME
from conversations.folding import tokens
from conversations.says import Say
from conversations.state import Draft, State, decode, encode
from tests.conversations.world import SHOPS, START, World

MOST_ROUNDS = 4
DAY = timedelta(hours=24)
PERSON = (Text, Choice, Location, Media, Command, Edited, Unreadable)

SAID = (
    "bags dumped by the market again, rats",
    "graffiti on the wall",
    "drunk man by the market",
    "kids begging",
    "someone stole whisky from Abbey Books",
    "he has a knife",
    "are un cuțit",
    "ma nóż",
    "Gold Street",
    "Abington Street",
    "the old cinema",
    "at our shop",
    "Send my location",
    "yes",
    "no",
    "1",
    "2",
    "7",
    "send",
    "change",
    "discard",
    "back",
    "report",
    "help",
    "privacy",
    "skip",
    "ok thanks",
    "Market Square",
    "K7M4QX2P",
    "B2C3D4F5",
    "join 22222222",
    "12 Abington Street",
    "needles and a sofa behind the bins",
    "more",
    "Sam",
)
HOSTILE = (
    "",
    " ",
    "\n\n",
    "\x00",
    "nul\x00nul",
    "\ud83d",
    "<b>&amp;</b>",
    "a" * 4096,
    "🙂" * 2048,
    "Ա" * 4096,
    "\u202eevil\u202c מה קורה",
    "{ $kind }",
    "²",
    "٣",
    "1" * 60,
    "%s%n",
    "'; drop table report;--",
    "‏",
)
FORGED = (
    "",
    ":",
    "::",
    ":::",
    "a:b:c",
    "-:join:yes",
    "-:join:move",
    "-:privacy:gone",
    "-:privacy:leave",
    "-:menu:on",
    "-:menu:report",
    "-:still:yes",
    "-:still:no",
    "-:reports:shop",
    "NT-7K42:sent:back",
    "NT-7K42:sent:kind",
    "NT-7K42:sent:again",
    "NT-7K42:sent:show",
    "NT-7K42:sent:add",
    "NT-7K42:add_or_new:add",
    "-:writing:stop",
    "x" * 70,
    "é:è:ê",
    "a:which_end:²",
    "a:card:send",
    "\x00:\x00:\x00",
    "NT-0000:sent:back",
)
# Put behind the open draft's id: buttons that were never shown, or not now.
STEPS_FORGED = (
    "category:graffiti",
    "category:page-9",
    "category:page-²",
    "category:begging",
    "category:shop_theft",
    "category:none",
    "place:shop",
    "place:at-gold-street",
    "place:at-..n",
    "place:pin",
    "photo:none",
    "photo:yes",
    "shows:place",
    "shows:remove",
    "words:skip",
    "words:photo",
    "answer:no",
    "answer:skip",
    "under18:yes",
    "under18:no",
    "shopwords:out",
    "shopwords:leave",
    "when:hour",
    "when:ask",
    "card:send",
    "card:change",
    "card:discard",
    "change:place",
    "change:category",
    "change:words",
    "change:photo",
    "change:when",
    "change:answer",
    "change:name_out",
    "change:name_in",
    "change:back",
    "change:under18",
    "carry_on:on",
    "carry_on:new",
    "outside:send",
    "outside:change",
    "which_end:0",
    "which_end:9",
    "which_end:²",
    "did_you_mean:0",
    "did_you_mean:none",
    "photo_facts:use",
    "nudge:on",
    "nudge:discard",
    "discarded:back",
)
PINS = (
    (52.2368, -0.8991),
    (52.25, -0.8991),
    (51.5, -0.12),
    (0.0, 0.0),
    (float("nan"), 0.0),
    (1e308, -1e308),
    (float("inf"), float("-inf")),
    (90.0, 180.0),
    (-90.0, -180.0),
)
SUBJECTS = ("draft", "discarded", "late", "still", "nonsense", "")
WHYS = ("code", "suspended", "acted:NT-7K42", "late:NT-7K42", "gone:NT-7K42", "", ":", "new_reason")

KINDS = ("photo", "photo", "image_file", "voice", "video", "file")
COMMANDS = ("report", "reports", "help", "start", "menu", "discard", "cancel", "privacy", "nonsense")
CODES = ("", "K7M4QX2P", "B2C3D4F5", "zz")
PAUSES = (0, 1, 1, 20, 20, 20, 20, 20, 60, 400, 2000, 90_000, -100)

words = st.sampled_from(SAID) | st.sampled_from(SAID) | st.sampled_from(HOSTILE) | st.text(max_size=80)
flag = st.booleans()
# One kind of happening each, with how often it comes.
HAPPENINGS: tuple[tuple[int, str, tuple[st.SearchStrategy[Any], ...]], ...] = (
    (40, "press", (st.integers(0, 11),)),
    (22, "text", (words,)),
    (4, "old", (st.integers(0, 200),)),
    (2, "forged", (st.sampled_from(FORGED),)),
    (6, "step", (st.sampled_from(STEPS_FORGED),)),
    (6, "media", (st.sampled_from(KINDS), words)),
    (3, "album", (st.integers(1, 3), words)),
    (4, "pin", (st.sampled_from(PINS),)),
    (5, "command", (st.sampled_from(COMMANDS), st.sampled_from(CODES))),
    (4, "edit", (st.integers(1, 12), words)),
    (1, "sticker", ()),
    (1, "blocked", ()),
    (1, "back", ()),
    (2, "woke", (st.sampled_from(SUBJECTS), flag)),
    (1, "filed", (st.sampled_from(("NT-9Z9Z", "C-0007", "")), flag)),
    (1, "enrolled", ()),
    (1, "refused", (st.sampled_from(WHYS),)),
    (1, "done", (st.sampled_from(("changed:NT-7K42", "withdrawn:NT-7K42", "", "x:y")),)),
    (2, "fetched", (st.sampled_from(PINS), st.integers(-5000, 5000), flag)),
    (1, "failed", (st.sampled_from(("too_big", "gone", "bomb", "new")), flag)),
    (2, "found", (st.sampled_from(PINS), flag)),
    (1, "acted", ()),
    (3, "time", (st.sampled_from((1, 31, 61, 1500, 200_000)),)),
)
_OFTEN = tuple(happening for happening in HAPPENINGS for _ in range(happening[0]))


@st.composite
def happening(draw: st.DrawFn) -> tuple[Any, ...]:
    """Something that happens to a conversation."""
    _, name, values = draw(st.sampled_from(_OFTEN))
    return (name, *(draw(value) for value in values))


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[int, tuple[Any, ...]]]:
    """Happenings, with the seconds between them. Long ones, for a report takes a dozen."""
    count = draw(st.sampled_from((3, 12, 40, 40)))
    return [(draw(st.sampled_from(PAUSES)), draw(happening())) for _ in range(count)]


class Story:
    """Plays a story in a world, and looks after every event at what must always hold."""

    def __init__(self, *, member: bool, live: bool, geocoder: bool) -> None:
        self.world = World(live=live, geocoder=geocoder)
        if member:
            self.world.member = SHOPS["K7M4QX2P"]
        self.message = 0
        self.shown: list[str] = []
        self.seen: list[str] = []
        # Questions that were answered by a button, as `draft:step`.
        self.answered: set[str] = set()

    def play(self, story: Sequence[tuple[int, tuple[Any, ...]]]) -> None:
        for seconds, (name, *rest) in story:
            self.world.now += timedelta(seconds=max(seconds, 0))
            if name == "time":
                self._look_at(self.world.pass_time(timedelta(minutes=rest[0])))
                continue
            if name == "acted":
                self._act()
                continue
            for event in self._events(name, rest, self.world.now + timedelta(seconds=min(seconds, 0))):
                self._step(event)

    def _act(self) -> None:
        for reference, view in self.world.reports.items():
            self.world.reports[reference] = replace(view, acted=True, status="planned")

    def _step(self, event: Event) -> None:
        before, done = self.world.state, len(self.world.done)
        self._note_answer(event)
        member = self.world.member is not None
        says = self.world.hear(event)
        self._look_at(says)
        ordered = self.world.done[done:]
        if isinstance(event, PERSON):
            assert says or _may_be_silent(event, before, ordered), event
        if isinstance(event, Text | Media) and member and self.world.member:
            assert _left_a_trace(event, self.world.state, ordered, says), event
        if isinstance(event, PERSON) and member and self.world.member:
            _nothing_lost(before, self.world.state, event, ordered, self.world)

    def _note_answer(self, event: Event) -> None:
        """Remember what a button answers; a change, or words that may be one, opens questions again."""
        if isinstance(event, Choice) and event.data in self.shown:
            subject, step, value = event.data.split(":", 2)
            if step in ANSWERED_ONCE and value != "photo":
                self.answered.add(f"{subject}:{step}")
        if isinstance(event, Choice) and event.data.split(":")[1:2] in (["change"], ["category"]):
            self.answered.clear()
        if isinstance(event, Text | Edited):
            self.answered.clear()

    def _look_at(self, says: list[Say]) -> None:
        state = self.world.state
        assert decode(encode(state)) == state
        options = [option for one in says for option in one.options]
        for option in options:
            assert 1 <= len(option.data.encode()) <= 64
            assert option.data.count(":") >= 2
        if options:
            self.shown = [option.data for option in options]
            self.seen += self.shown
            _asks_what_is_open(says[-1], state, self.world)
            assert ":".join(self.shown[0].split(":")[:2]) not in self.answered

    def _events(self, name: str, rest: list[Any], at: datetime) -> list[Event]:
        self.message += 1
        message, draft = str(self.message), self.world.state.draft
        photo = draft.photos[-1].id if draft and draft.photos else "nothing"
        match name, rest:
            case "press", [n]:
                data = self.shown[n % len(self.shown)] if self.shown else "-:menu:report"
                return [Choice(at=at, message=message, data=data)]
            case "old", [n]:
                return [
                    Choice(at=at, message=message, data=self.seen[n % len(self.seen)] if self.seen else "")
                ]
            case "forged", [data]:
                return [Choice(at=at, message=message, data=data)]
            case "step", [step]:
                return [Choice(at=at, message=message, data=f"{draft.id if draft else '-'}:{step}")]
            case "text", [said]:
                return [Text(at=at, message=message, words=said)]
            case "media", [kind, caption]:
                return [self._media(at, message, kind, caption, None)]
            case "album", [count, caption]:
                return [self._media(at, f"{message}.{n}", "photo", caption, message) for n in range(count)]
            case "pin", [(lat, lon)]:
                return [Location(at=at, message=message, lat=lat, lon=lon, accuracy_m=lat)]
            case "command", [command, more]:
                return [Command(at=at, message=message, name=command, rest=more)]
            case "edit", [number, said]:
                return [Edited(at=at, message=str(max(self.message - number, 0)), words=said)]
            case "sticker", _:
                return [Unreadable(at=at, message=message)]
            case "blocked", _:
                return [Blocked(at=at)]
            case "back", _:
                return [Back(at=at)]
            case "woke", [subject, mine]:
                return [Woke(at=at, subject=f"{subject}:{draft.id if draft and mine else 'NT-7K42'}")]
            case "filed", [reference, test]:
                return [Filed(at=at, reference=reference, recipients=("asb", "gone"), test=test)]
            case "enrolled", _:
                return [Enrolled(at=at, business="Abbey Books")] if self.world.member else []
            case "refused", [why]:
                return [Refused(at=at, why=why)]
            case "done", [act]:
                return [Done(at=at, act=act)]
            case "fetched", [(lat, lon), minutes, known]:
                taken = at + timedelta(minutes=minutes)
                return [Fetched(at=at, photo=photo if known else "?", exif_at=taken, lat=lat, lon=lon)]
            case "failed", [why, known]:
                return [FetchFailed(at=at, photo=photo if known else "?", why=why)]
            case "found", [(lat, lon), mine]:
                query = draft.place.name if draft and draft.place and mine else "the old cinema"
                hits = (
                    Hit("Cinema, Gold Street, Northampton", lat, lon),
                    Hit("", 1, 1),
                    Hit("Two", 52.2, -0.9),
                )
                return [Found(at=at, subject=draft.id if draft else "-", query=query, hits=hits)]
        raise ValueError(name)

    @staticmethod
    def _media(at: datetime, message: str, kind: Any, caption: str, album: str | None) -> Media:
        return Media(
            at=at, message=message, kind=kind, handle="h", unique=f"u{message}", caption=caption, album=album
        )


def _may_be_silent(event: Event, before: State, ordered: list[acts.Act]) -> bool:
    match event:
        case Choice():
            quick = before.tapped_at is not None and abs(event.at - before.tapped_at) < timedelta(seconds=5)
            return quick and before.tapped == event.data[:64]
        case Edited():
            return True
        case Media(album=str()):
            return any(isinstance(act, acts.KeepMedia | acts.AddToReport) for act in ordered)
    return False


# Questions that one tap answers for good, whatever photo or pin comes after.
ANSWERED_ONCE = ("photo", "words", "answer", "under18", "when")

# What is said when something was not taken, and why.
NOT_TAKEN = {"words-full", "still-first", "code-pause", "code-wrong", "refused-gone", "held-full"}


def _left_a_trace(event: Text | Media, after: State, ordered: list[acts.Act], says: list[Say]) -> bool:
    """Words of any length are in the draft, wait, or are on their way to a report; so is every photo."""
    keys = {part.key for one in says for part in one.text}
    if keys & NOT_TAKEN or any(key.startswith(("photo-", "join-")) and key != "photo-got" for key in keys):
        return True
    waiting = {getattr(one, "message", "") for ask in after.pending for one in ask.held}
    if event.message in waiting:
        return True
    if isinstance(event, Media):
        return any(isinstance(act, acts.KeepMedia) for act in ordered) or "added" in keys
    if len(tokens(event.words)) <= 3:
        return True
    both = [draft for draft in (after.draft, after.discarded) if draft is not None]
    # Only the kind and the answer leave a draft that changes the kind of a report.
    drafts = [draft for draft in both if draft.of is None]
    kept = {piece.message for draft in drafts for piece in draft.words}
    kept |= {draft.answer_message for draft in both}
    kept |= {draft.place.message for draft in drafts if draft.place}
    kept |= {place.message for ask in after.pending for place in ask.places}
    taken = any(isinstance(act, acts.AddToReport | acts.Complain | acts.NamePhone) for act in ordered)
    return taken or event.message in kept


def _asks_what_is_open(last: Say, state: State, world: World) -> None:
    """The question put is one that is open: no answer is asked for twice."""
    if not last.options:
        return
    subject, step, _ = last.options[0].data.split(":", 2)
    draft = state.draft
    if draft is not None and subject == draft.id and step in BY_NAME:
        assert BY_NAME[step].open(draft, world)
        earlier = list(BY_NAME.values())[: list(BY_NAME).index(step)]
        assert not any(one.open(draft, world) for one in earlier)
    if step in ("outside", "which_end", "did_you_mean", "carry_on", "photo_facts", "add_or_new"):
        assert state.pending
        assert state.pending[0].kind == step


def _nothing_lost(before: State, after: State, event: Event, ordered: list[acts.Act], world: World) -> None:
    _draft_kept(before, after, event, ordered, world)
    _held_kept(before, after, event, ordered, world)


def _draft_kept(before: State, after: State, event: Event, ordered: list[acts.Act], world: World) -> None:
    old = before.draft
    if old is None or old.of or any(isinstance(act, acts.Leave | acts.Enrol) for act in ordered):
        return
    where = [draft for draft in (after.draft, after.discarded) if draft is not None and draft.id == old.id]
    filed = [act.draft for act in ordered if isinstance(act, acts.FileReport) and act.draft.id == old.id]
    gone = event.at - old.touched_at >= DAY
    assert where or filed or gone or _was_discarded_twice(before, after, ordered)
    for draft in (where or filed)[:1]:
        _answers_kept(old, draft, event, ordered)


def _was_discarded_twice(before: State, after: State, ordered: list[acts.Act]) -> bool:
    """Only one draft can be brought back; an older one is forgotten with its photos."""
    return before.discarded is not None and after.discarded is not None


def _answers_kept(old: Draft, new: Draft, event: Event, ordered: list[acts.Act]) -> None:
    forgotten = {photo for act in ordered if isinstance(act, acts.ForgetMedia) for photo in act.ids}
    assert {photo.id for photo in old.photos} - {photo.id for photo in new.photos} <= forgotten
    choice = isinstance(event, Choice) or (isinstance(event, Text) and len(event.words) <= 60)
    if not isinstance(event, Edited) and not choice:
        assert new.words[: len(old.words)] == old.words
    if old.category is not None and not choice:
        assert new.category == old.category
    if old.answer is not None and not choice and not isinstance(event, Edited):
        assert new.answer == old.answer
    if old.place is not None and not choice and not isinstance(event, Edited | Location):
        assert new.place == old.place
    if old.under_18 is not None and not choice:
        assert new.under_18 == old.under_18


def _held_kept(before: State, after: State, event: Event, ordered: list[acts.Act], world: World) -> None:
    """What waited is still waiting, in the draft, or added to the report."""
    held = [one for ask in before.pending for one in ask.held if isinstance(one, Text)]
    if not held or any(isinstance(act, acts.Leave | acts.Enrol) for act in ordered):
        return
    if event.at - held[0].at >= DAY or isinstance(event, Edited):
        return
    waiting = {one.message for ask in after.pending for one in ask.held if isinstance(one, Text)}
    drafts = [draft for draft in (after.draft, after.discarded) if draft is not None]
    kept = {piece.message for draft in drafts for piece in draft.words}
    kept |= {draft.place.message for draft in drafts if draft.place}
    kept |= {act.piece.message for act in ordered if isinstance(act, acts.AddToReport)}
    for one in held:
        assert one.message in waiting | kept or not _says_something(one, drafts), one


def _says_something(text: Text, drafts: list[Draft]) -> bool:
    """Labels, commands and hellos leave no trace, nor do words beyond what a report holds."""
    full = any(sum(len(piece.words) for piece in draft.words) > 4000 for draft in drafts)
    return len(tokens(text.words)) > 3 and not full


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(story=stories(), member=st.booleans() | st.just(True), live=st.booleans(), geocoder=st.booleans())
def test_no_story_breaks_the_dialogue(
    story: list[tuple[int, tuple[Any, ...]]], member: bool, live: bool, geocoder: bool
) -> None:
    Story(member=member, live=live, geocoder=geocoder).play(story)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(story=st.lists(happening(), min_size=1, max_size=20))
def test_the_engine_alone_takes_any_event_in_any_state(
    story: list[tuple[Any, ...]],
) -> None:
    """Without the outcomes that an intake would give: a restart may come between an act and its outcome."""
    teller = Story(member=True, live=True, geocoder=True)
    state = State()
    for name, *rest in story:
        if name in ("time", "acted"):
            continue
        teller.world.state = state
        for one in teller._events(name, rest, START.astimezone(UTC)):
            state = advance(state, one, teller.world).state
            assert decode(encode(state)) == state
