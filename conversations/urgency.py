"""Words that mean danger, and words that mean a child, in every language we ship.

All languages are looked for at once: people in a hurry write in their own.
"""

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from conversations.folding import tokens
from conversations.phrases import Phrases

_UNDER_18 = range(1, 18)
# "15 ani" and "15 lat" are ages, in English only "15 years old" is.
_AGES = frozenset(("yo", "ani", "lat", "latek", "letni", "letnia", "letnie"))
_YEARS = frozenset(("year", "years", "yr", "yrs"))
# "de 3 ani" and "od 3 lat" speak of time.
_SINCE = frozenset(("acum", "de", "od", "przez", "ultimii"))


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
    return any(_is_young_age(text, index) for index in range(len(text)))


def _is_young_age(text: Sequence[str], index: int) -> bool:
    age, unit = _split_number(text[index])
    if age not in _UNDER_18 or (index and text[index - 1] in _SINCE):
        return False
    unit, *behind = [*([unit] if unit else []), *text[index + 1 : index + 3], ""]
    return unit in _AGES or (unit in _YEARS and behind[0] == "old")


def _split_number(word: str) -> tuple[int, str]:
    """`15yo` is 15 and yo; a word without a small number in front is 0."""
    # ASCII only: `isdigit` knows characters that are no number for `int`.
    rest = word.lstrip("0123456789")
    digits = word[: len(word) - len(rest)]
    return (int(digits), rest) if 0 < len(digits) < 3 else (0, "")
