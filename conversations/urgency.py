"""Words that mean danger, and words that mean a child, in every language we ship.

All languages are looked for at once: people in a hurry write in their own.
"""

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from conversations.folding import tokens
from conversations.phrases import Phrases

_UNDER_18 = range(1, 18)
_YEARS = frozenset(("year", "years", "yr", "yrs", "yo", "ani", "lat", "letni", "letnia", "letnie", "latek"))


class _Vocabulary:
    """Phrases that mean something, and those that only look so ("fire exit")."""

    def __init__(self, file: str) -> None:
        words = tomllib.loads((files("conversations") / "words" / file).read_text(encoding="utf-8"))
        self._meant = Phrases(phrase for language in words.values() for phrase in language["meant"])
        self._harmless = Phrases(phrase for language in words.values() for phrase in language["harmless"])

    def in_text(self, text: Sequence[str]) -> bool:
        """Whether a phrase stands in the text that is not part of a harmless one."""
        start = 0
        while start < len(text):
            harmless = self._harmless.length_at(text, start)
            meant = self._meant.length_at(text, start)
            if meant > harmless or (meant and not harmless):
                return True
            start += harmless or 1
        return False


_URGENT = _Vocabulary("urgent.toml")
_CHILD = _Vocabulary("child.toml")


def is_urgent(words: str) -> bool:
    """Whether the words speak of danger; a false alarm costs one line, a miss may cost a life."""
    return _URGENT.in_text(tokens(words))


def mentions_child(words: str) -> bool:
    """Whether the words speak of somebody under 18, by a word or by an age."""
    text = tokens(words)
    return _CHILD.in_text(text) or _young_age(text)


def _young_age(text: Sequence[str]) -> bool:
    for index, word in enumerate(text):
        digits, rest = _split_number(word)
        unit = rest or (text[index + 1] if index + 1 < len(text) else "")
        if digits and int(digits) in _UNDER_18 and unit in _YEARS:
            # "for 3 years" and "od 3 lat" speak of time, not of age.
            return not (index and text[index - 1] in _TIME_WORDS)
    return False


_TIME_WORDS = frozenset(
    ("for", "last", "past", "de", "od", "przez", "since", "about", "over", "ultimii", "acum")
)


def _split_number(word: str) -> tuple[str, str]:
    """`15yo` is 15 and yo; digits are ASCII, because `int` reads others that are no ages."""
    digits = word[: len(word) - len(word.lstrip("0123456789"))]
    return (digits, word[len(digits) :]) if 0 < len(digits) < 3 else ("", "")
