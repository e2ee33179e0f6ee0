"""Typed words that mean a button: its label, `yes` and `no`, its number."""

from collections.abc import Iterable
from functools import lru_cache

from conversations.flows.questions import question_now
from conversations.folding import tokens
from conversations.says import Option, Phrase
from conversations.talk import Talk
from conversations.wording import label_of, phrase

# Nobody types more than that to press a button.
_LONGEST = 60
_MOST_WORDS_OF_SMALL_TALK = 3
_LONGEST_SMALL_TALK = 30

_YES = frozenset(
    (
        "add_or_new:add",
        "carry_on:on",
        "join:move",
        "join:yes",
        "outside:send",
        "photo_facts:use",
        "shows:place",
        "still:yes",
    )
)
_NO = frozenset(
    (
        "add_or_new:new",
        "answer:skip",
        "category:page-0",
        "did_you_mean:none",
        "join:no",
        "join:skip",
        "join:stay",
        "outside:change",
        "photo:none",
        "photo_facts:no",
        "shows:remove",
        "still:no",
        "words:skip",
    )
)
_SKIP = frozenset(("answer:skip", "join:skip", "photo:none", "words:skip"))


def typed_option(talk: Talk, words: str) -> str | None:
    """The data of the button that the words mean: the open question's, else one that was offered last."""
    said = tokens(words)
    if not said or len(words) > _LONGEST:
        return None
    asked = question_now(talk.state, talk.facts)
    options = asked.options if asked else ()
    labels = [(one.data, " ".join(tokens(label_of(one.label, talk.state.language)))) for one in options]
    if found := _by_label(labels, said) or _by_meaning(options, said, talk.state.language):
        return found
    offered = talk.state.offered
    if found := _by_label(offered, said):
        return found
    if asked is None:
        return _by_number([data for data, _ in offered], said)
    # A bare number under "Where is it?" may be a house; elsewhere it is the answer's place in the list.
    return None if asked.wants_place else _by_number([one.data for one in options], said)


def _by_label(labels: Iterable[tuple[str, str]], said: list[str]) -> str | None:
    return next((data for data, label in labels if label == " ".join(said)), None)


def _by_number(data: list[str], said: list[str]) -> str | None:
    number = said[0]
    if len(said) > 1 or len(number) > 2 or not (number.isascii() and number.isdigit()):
        return None
    return data[int(number) - 1] if 0 < int(number) <= len(data) else None


def _by_meaning(options: tuple[Option, ...], said: list[str], language: str) -> str | None:
    """`yes`, `no` and `skip` where the buttons read otherwise."""
    meant: frozenset[str] = frozenset()
    spoken = " ".join(said)
    if spoken in _alternatives("typed-yes", language):
        if len(options) == 2 and options[1].data.endswith(":category:page-0"):
            return options[0].data
        meant = _YES
    elif spoken in _alternatives("typed-no", language):
        meant = _NO
    elif spoken in _alternatives("typed-skip", language):
        meant = _SKIP
    return next((one.data for one in options if one.data.partition(":")[2] in meant), None)


def is_small_talk(words: str, language: str) -> bool:
    """`Ok, thanks`: nothing that anybody has seen, and no answer to anything."""
    if len(words) > _LONGEST_SMALL_TALK:
        return False
    said = tokens(words)
    known = _alternatives("typed-small-talk", language)
    return len(said) <= _MOST_WORDS_OF_SMALL_TALK and all(word in known for word in said)


def command_spoken(words: str, language: str) -> str | None:
    """The command that a whole message means when it is one of a few words."""
    if len(words) > _LONGEST_SMALL_TALK:
        return None
    said = " ".join(tokens(words))
    return next((name for name in COMMAND_WORDS if said in _alternatives(f"typed-{name}", language)), None)


COMMAND_WORDS = ("report", "reports", "help", "privacy", "discard", "menu")


@lru_cache(maxsize=256)
def _alternatives(key: str, language: str) -> frozenset[str]:
    return frozenset(" ".join(tokens(one)) for one in phrase(Phrase(key), language).split("|"))
