"""Stored drafts and pending messages outlive releases: one of every release is kept here, and still works."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversations.engine import advance
from conversations.events import Choice
from conversations.state import decode, encode
from conversations.turns import read_turn
from conversations.wording import label_of, phrase, text_of
from tests.conversations.world import SHOPS, START, World

RELEASES = sorted((Path(__file__).parent / "drafts").glob("*.json"))


def _kept(path: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return kept


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_a_stored_draft_of_every_release_goes_on(path: Path) -> None:
    state = decode(json.dumps(_kept(path)["state"]))
    world = World(member=SHOPS["K7M4QX2P"], now=START, state=state)

    assert state.draft
    says = world.hear(Choice(at=START, message="99", data=f"{state.draft.id}:carry_on:on"))

    assert says
    assert world.state.draft
    assert world.state.draft.words
    assert decode(encode(world.state)) == world.state


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_a_pending_message_of_every_release_has_words(path: Path) -> None:
    turn = read_turn(json.dumps(_kept(path)["turn"]))
    generic = phrase(turn.says[0].text[0].__class__("unknown-text"), "en")

    assert generic not in text_of(turn.says, turn.language)
    assert all(label_of(option.label, "en").strip() for one in turn.says for option in one.options)


def test_a_state_of_a_later_release_is_read_without_what_is_unknown() -> None:
    kept = _kept(RELEASES[-1])["state"]
    kept["from_tomorrow"] = {"a": 1}
    kept["draft"]["from_tomorrow"] = [1, 2]
    kept["draft"]["photos"][0]["from_tomorrow"] = True

    state = decode(json.dumps(kept))

    assert state.draft
    assert state.draft.photos


def test_a_draft_of_a_kind_that_the_scheme_has_dropped_is_asked_again() -> None:
    kept = _kept(RELEASES[-1])["state"]
    kept["draft"]["category"] = "dropped_kind"
    kept["pending"] = []
    state = decode(json.dumps(kept))

    step = advance(state, Choice(at=START, message="9", data="-:menu:on"), World(member=SHOPS["K7M4QX2P"]))

    assert step.says[-1].text[0].key in ("category-ask", "category-guess")


def test_a_message_whose_key_nobody_knows_any_more_says_something() -> None:
    stored = {"language": "xx", "says": [{"text": [{"type": "Phrase", "key": "gone-key", "values": {}}]}]}

    turn = read_turn(json.dumps(stored))

    assert text_of(turn.says, turn.language) == "There is news on your report. Send /reports to see it."


def test_what_this_release_cannot_read_is_asked_again_and_the_rest_stays() -> None:
    stored = {
        "language": "en",
        "pending": [{"kind": "a question of a later release"}],
        "draft": {
            "id": "d7f3a1",
            "started_at": "2026-11-24T10:31:00Z",
            "touched_at": "2026-11-24T10:32:00Z",
            "category": "graffiti",
            "when": "a time of a later release",
        },
    }

    state = decode(json.dumps(stored))

    assert state.pending == ()
    assert state.draft is not None
    assert (state.draft.category, state.draft.when) == ("graffiti", None)


def test_a_draft_without_its_times_is_dropped_and_the_conversation_goes_on() -> None:
    assert decode('{"draft": {"id": "d7f3a1"}, "writing": "complaint"}').draft is None
