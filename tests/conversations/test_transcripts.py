"""Every transcript goes today as it is written down, and reads as DIALOGUES.md wants it to."""

from pathlib import Path

import pytest

from conversations.events import Event
from conversations.says import Phrase, Say
from conversations.wording import phrase
from tests.conversations.transcript import FOLDER, Player, played
from tests.conversations.world import World

FILES = sorted(FOLDER.glob("*.txt"))

# Long by law or by the scheme file, or as long as the reporter's own words and lists are.
LONG_THOUGHTS = {"privacy-notice", "join-who", "card", "card-words", "report-line", "filed", "suspended"}
LONG_TURNS = {"privacy-notice", "card", "reports-mine", "reports-shop"}
THOUGHT, TURN = 160, 320


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_transcript_goes_as_written(path: Path) -> None:
    assert path.read_text("utf-8").splitlines() == played(path)


class _Listening(World):
    """Keeps what each event led to."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[list[Say]] = []

    def hear(self, event: Event) -> list[Say]:
        says = super().hear(event)
        self.turns.append(says)
        return says


def _turns(path: Path) -> list[list[Say]]:
    player, world = Player(), _Listening()
    player.world = world
    player.play(path.read_text("utf-8").splitlines())
    return world.turns


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_turn_is_short(path: Path) -> None:
    for turn in _turns(path):
        thoughts = [(part.key, phrase(part, "en")) for one in turn for part in one.text]
        for key, words in thoughts:
            assert len(words) <= THOUGHT or key in LONG_THOUGHTS, words
        whole = "\n".join(words for _, words in thoughts)
        assert len(whole) <= TURN or LONG_TURNS & {key for key, _ in thoughts}, whole


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_left_without_words(path: Path) -> None:
    generic = phrase(Phrase("unknown-text"), "en")
    for line in played(path):
        assert generic not in line
        assert "{" not in line
        assert "!" not in line[1:] or line.startswith((">", "&"))


def test_the_danger_line_stands_once_in_a_draft_without_urgent_words() -> None:
    for name in ("report_guided", "report_shortest", "report_pin_first", "report_album"):
        lines = played(FOLDER / f"{name}.txt")
        assert sum(line.startswith("< In danger?") for line in lines) == 1


def test_the_shortest_report_takes_five_actions() -> None:
    lines = played(FOLDER / "report_shortest.txt")
    assert sum(line.startswith(">") for line in lines) == 5
    assert any(line.startswith("! FileReport") for line in lines)
