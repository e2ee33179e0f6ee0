"""Every text key that code uses has words, with all its values; every Say fits every channel."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from conversations.engine import advance
from conversations.events import Command, Text
from conversations.facts import ReportView
from conversations.flows import enrol, privacy, reports, still
from conversations.flows import help as helping
from conversations.flows.drafts import MOST_WORDS, with_
from conversations.flows.filed import and_list
from conversations.flows.questions import question_now
from conversations.flows.report_steps import STEPS
from conversations.says import Option, Phrase, Say
from conversations.state import Ask, Draft, Joining, PhotoNote, Piece, Place, State
from conversations.talk import Talk
from conversations.wording import LANGUAGES, label_of, phrase, text_of
from tests.conversations.transcript import FOLDER, Player
from tests.conversations.world import SHOPS, START, World, northampton

# Sentences that these tests do not come by: channels say them, or a scheme without hours, or a fault.
RARE = {
    "filed-any-hour",
    "filed-plain",
    "held-full",
    "nothing-open-stranger",
    "place-placeholder",
    "photo-not-people",
    "private-chat-only",
    "refused-gone",
    "something-broke",
    "status-open",
    "unknown-text",
    "words-full",
    "report-full",
}

ROOT = Path(__file__).parents[2]
CODE = [*sorted((ROOT / "conversations").rglob("*.py")), *sorted((ROOT / "bot").rglob("*.py"))]
STATUSES = (
    "investigating",
    "in-progress",
    "planned",
    "action-scheduled",
    "fixed",
    "closed",
    "duplicate",
    "no-further-action",
    "not-councils-responsibility",
    "internal-referral",
    "cancelled",
    "open",
)

# What the f-strings of the code can end in: the scheme, the steps and FixMyStreet decide.
FAMILIES = {
    "status-*": STATUSES,
    "command-*": ("report", "reports", "help", "privacy", "discard"),
    "typed-*": ("yes", "no", "skip", "small-talk", "report", "reports", "help", "privacy", "discard", "menu"),
    "place-far-*": ("echo", "name"),
    "place-*-*": tuple(
        f"{kind}-{form}" for kind in ("pin", "known", "shop", "typed") for form in ("echo", "name")
    ),
    "when-*": ("hour", "today", "before"),
    "writing-*": ("add", "complaint"),
    "reports-none-*": ("mine", "shop"),
    "reports-*": ("mine", "shop"),
    "refused-*": ("acted", "late"),
    "fetch-*": ("too-big", "not-a-picture", "bomb", "gone"),
}


def _messages(language: str) -> dict[str, set[str]]:
    """Every key of a locale file, and the values it takes."""
    text = (ROOT / "conversations" / "locales" / f"{language}.ftl").read_text("utf-8")
    parsed = FluentParser().parse(text)
    assert not [entry for entry in parsed.body if isinstance(entry, ftl.Junk)]
    return {entry.id.name: _variables(entry) for entry in parsed.body if isinstance(entry, ftl.Message)}


def _variables(message: ftl.Message) -> set[str]:
    found: set[str] = set()

    class Finder(Visitor):
        def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
            found.add(node.id.name)

    Finder().visit(message)
    return found


def _used() -> set[str]:
    """Every key in the code: plain ones, and those of f-strings by family."""
    keys: set[str] = set()
    for path in CODE:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                family = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
                )
                keys |= {_filled(family, end) for end in FAMILIES.get(family, ())}
    return keys | _buttons()


def _filled(family: str, end: str) -> str:
    return family[: family.index("*")] + end


def _buttons() -> set[str]:
    """`option-step-value` of every button that any Say of these tests shows."""
    return {
        option.label.key for one in _every_say() for option in one.options if isinstance(option.label, Phrase)
    }


def _member() -> World:
    return World(member=SHOPS["K7M4QX2P"])


def _drafts() -> Iterator[Draft]:
    """Every kind, empty and as full as can be."""
    begun = Draft(id="0123456789ab", started_at=START, touched_at=START)
    place = Place("known", "Grosvenor Centre supermarket", 52.2, -0.9, message="m")
    words = (Piece("1", "child near Abbey Books " + "Ab\U0001f642" * (MOST_WORDS // 3)),)
    photos = tuple(PhotoNote(f"p{n}", "photo", f"u{n}") for n in range(5))
    yield begun
    for page in range(3):
        yield with_(begun, page=page, guess_off=True)
    for kind in northampton(True).categories:
        yield with_(begun, words=(Piece("1", next(iter(kind.words["en"]), "a bench")),))
        chosen = with_(begun, category=kind.id)
        yield chosen
        yield with_(chosen, photos=photos)
        placed = with_(chosen, place=place)
        yield placed
        yield with_(placed, photos_done=True)
        told = with_(placed, photos_done=True, words=words)
        yield told
        for answer in [one.id for one in kind.question.answers] if kind.question else [""]:
            answered = with_(told, answer=answer)
            yield answered
            yield with_(answered, under_18="no")
            full = with_(answered, under_18="no", shop_words_left=True, name_out=True)
            yield full
            yield with_(full, changing=True)
            yield with_(full, changing=True, name_out=False, photos=photos)
            yield with_(full, when="ask")
            yield with_(full, of="NT-7K4F")
            for when in ("hour", "today", "before"):
                yield with_(full, when=when)


def _places() -> Iterator[Place]:
    for kind in ("pin", "known", "shop", "typed"):
        yield Place(kind, "The Grosvenor Centre supermarket, east side, Northampton", 52.2, -0.9)
    yield Place("pin", "Gold Street", 52.2, -0.9, off_m=4321)


def _asks() -> Iterator[Ask]:
    places = tuple(_places())
    yield Ask("carry_on")
    yield Ask("add_or_new", ("NT-7K4F",))
    yield Ask("did_you_mean", ("the old cinema " * 5,), places=places[:3])
    yield Ask("outside", ("1234",), places=places[:1])
    yield Ask("which_end", ("Abington Street",), places=places)
    yield Ask("which_end", (), places=places)
    yield Ask("photo_facts", ("1764000000.0",), places=places[:1])


def _questions() -> Iterator[Say]:
    """Every question of every kind, step and interruption."""
    world = _member()
    for draft in _drafts():
        said = question_now(State(draft=draft), world)
        assert said
        yield said
        for ask in _asks() if draft.category in (None, "graffiti", "damage") else ():
            asked = question_now(State(draft=draft, pending=(ask,)), world)
            assert asked
            yield asked
        for step in STEPS:
            if step.open(draft, world):
                yield step.ask(draft, world, "en")
    for writing in ("add:NT-7K4F", "complaint"):
        yield question_now(State(writing=writing), world) or Say(())
    stranger = World()
    yield question_now(State(joining=Joining("K7M4QX2P", "join")), stranger) or Say(())
    for asked_of in ("move", "name"):
        yield question_now(State(joining=Joining("B2C3D4F5", asked_of)), world) or Say(())


def _lists() -> Iterator[Say]:
    """Help, notice and lists, of strangers, members and the shop's phone."""
    member = SHOPS["K7M4QX2P"]
    for world in (World(), World(member=member), World(member=replace(member, shop_phone=True))):
        for status in STATUSES:
            view = ReportView("NT-7K4F", "damage", status.replace("-", "_"), "Gold Street", START, True, "d")
            world.reports = {f"NT-7K4{n}": replace(view, reference=f"NT-7K4{n}") for n in range(6)}
            talk = _talk(world)
            if world.member:
                reports.show(talk)
                reports.show(talk, "shop")
            helping.show(talk)
            helping.deaf(talk)
            helping.bid(talk)
            privacy.show(talk)
            still.ask_first(talk)
            enrol.stranger(talk)
            yield from talk.says


def _talk(world: World) -> Talk:
    return Talk(State(), world, Command(at=START, message="1", name="help"))


def _played() -> Iterator[Say]:
    """Everything that any transcript says."""
    for path in sorted(FOLDER.glob("*.txt")):
        player = Player()
        heard: list[Say] = []
        listen = player.world.hear
        player.world.hear = lambda event, listen=listen, heard=heard: _kept(listen(event), heard)  # type: ignore[method-assign, misc]
        player.play(path.read_text("utf-8").splitlines())
        yield from heard


def _kept(says: list[Say], heard: list[Say]) -> list[Say]:
    heard.extend(says)
    return says


_ALL: list[Say] = []


def _every_say() -> list[Say]:
    if not _ALL:
        _ALL.extend((*_questions(), *_lists(), *_played()))
    return _ALL


def _phrases(value: object) -> Iterator[Phrase]:
    match value:
        case Phrase():
            yield value
            for inner in value.values.values():
                yield from _phrases(inner)
        case tuple() | list():
            for inner in value:
                yield from _phrases(inner)
        case Say():
            yield from _phrases((value.text, value.options))
        case Option():
            yield from _phrases(value.label)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_locale_is_used(language: str) -> None:
    assert sorted(set(_messages(language)) - _used()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_code_names_has_words(language: str) -> None:
    known = set(_messages(language))
    named = {key for key in _named_in_code() if key not in known}
    assert sorted(named) == []


_SAYERS = ("say", "Phrase", "say_and_go_on")


def _named_in_code() -> set[str]:
    """First arguments of say(...) and Phrase(...): plain, chosen by a condition, or of a family."""
    keys: set[str] = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and _name_of(node.func) in ("say", "Phrase", "say_and_go_on")
            ):
                index = 1 if _name_of(node.func) == "say_and_go_on" else 0
                keys |= set(_keys_of(node.args[index])) if len(node.args) > index else set()
    return keys


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keys_of(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as key):
            yield key
        case ast.IfExp():
            yield from _keys_of(node.body)
            yield from _keys_of(node.orelse)
        case ast.JoinedStr():
            family = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
            )
            if family not in ("option-*-*", "fetch-*"):
                assert family in FAMILIES, f"{family}: say in FAMILIES what it can end in"
                yield from (_filled(family, end) for end in FAMILIES[family])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_brings_the_values_of_its_sentence(language: str) -> None:
    messages = _messages(language)
    for said in _phrases(_every_say()):
        assert said.key in messages, said.key
        assert messages[said.key] <= set(said.values), said


def test_every_key_is_said_somewhere() -> None:
    """So that the checks of this module look at every sentence, not only at those a transcript happens on."""
    said = {one.key for one in _phrases(_every_say())}
    never = set(_messages("en")) - said
    unsaid = {key for key in never if not key.startswith(("typed-", "command-", "list-", "clock-", "fetch-"))}
    assert unsaid <= RARE


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_every_channel(language: str) -> None:
    for one in _every_say():
        text = text_of((one,), language)
        keys = {part.key for part in one.text}
        assert len(text.encode("utf-16-le")) // 2 <= 4096
        most = 1600 if keys & {"card", "privacy-notice"} else 1024
        assert len(text.encode("utf-16-le")) // 2 <= most, text
        assert text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_fits_every_channel(language: str) -> None:
    """WhatsApp: at most ten lines of 24 characters in a list, three quick replies of 20, no opt-out words."""
    forbidden = {"cancel", "stop", "end", "quit", "unsubscribe"}
    for one in _every_say():
        labels = [label_of(option.label, language) for option in one.options]
        assert all(1 <= len(option.data.encode()) <= 64 for option in one.options)
        assert all(re.fullmatch(r"[^:]+:[a-z0-9_]+:[^:]+", option.data) for option in one.options), (
            one.options
        )
        assert not forbidden & {label.casefold() for label in labels}
        assert all(label.strip() for label in labels)
        if not one.wants_place:
            assert len(labels) <= 10
            assert len(set(labels)) == len(labels)
            assert all(len(label) <= 24 for label in labels), labels


def test_a_list_of_names_reads_as_people_say_it() -> None:
    assert phrase(
        Phrase("filed-any-hour", {"reference": "R", "recipients": and_list(["a", "b", "c"])}), "en"
    ) == ("Saved: R. On its way to a, b and c.")
    assert and_list([]) == ""
    assert and_list(["a"]) == "a"


def test_a_label_inside_a_sentence_begins_small_unless_it_is_capitals() -> None:
    said = [
        phrase(Phrase("category-guess", {"kind": kind}), "en") for kind in ("Dumped rubbish", "CCTV", "X")
    ]

    assert said == ["Looks like dumped rubbish?", "Looks like CCTV?", "Looks like x?"]


def test_the_999_line_comes_in_every_language_that_people_write_in() -> None:
    for words in ("a man with a knife", "un barbat cu cutit", "mezczyzna z nozem"):
        step = advance(State(), Text(at=START, message="1", words=words), _member())

        assert step.says[0].text[0].key == "danger"


def test_the_clock_says_today_yesterday_and_the_date() -> None:
    world = _member()
    draft = next(_drafts())
    for days, expected in ((0, "10:31"), (1, "yesterday 10:31"), (3, "Tue 24 Nov 10:31")):
        world.now = START + timedelta(days=days)
        said = question_now(State(draft=draft, pending=(Ask("carry_on"),)), world)

        assert said
        assert text_of((said,), "en") == f"You have an unsent report: begun {expected}."
