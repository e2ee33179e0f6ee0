"""Sets of words and phrases, found in a text in one pass."""

from collections.abc import Iterable, Iterator, Sequence

from conversations.folding import tokens

_Rest = tuple[str, ...]


class Phrases:
    """Phrases like `not breathing`, where `knif*` stands for every word that begins so, and `*` for any word.

    Finding takes time linear in the length of the text. Case and accents do not count.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._words: dict[str, list[_Rest]] = {}
        self._stems: dict[str, list[_Rest]] = {}
        for phrase in phrases:
            first, *rest = _folded(phrase)
            index = self._stems if first.endswith("*") else self._words
            index.setdefault(first.rstrip("*"), []).append(tuple(rest))
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def length_at(self, text: Sequence[str], start: int) -> int:
        """How many words the longest phrase that begins at `start` has; 0 when none does."""
        word = text[start]
        longest = self._longest(self._words.get(word), text, start)
        # Nearly every word of nearly every message ends here: plain look-ups, no generators.
        for length in self._stem_lengths:
            if rests := self._stems.get(word[:length]):
                longest = max(longest, self._longest(rests, text, start))
        return longest

    def spans(self, text: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Start and end of every phrase found, longest first, none inside another."""
        start = 0
        while start < len(text):
            length = self.length_at(text, start)
            if length:
                yield start, start + length
            start += length or 1

    @staticmethod
    def _longest(rests: list[_Rest] | None, text: Sequence[str], start: int) -> int:
        if rests is None:
            return 0
        return max((1 + len(rest) for rest in rests if _follows(text, start, rest)), default=0)


def begins_with_a_word(phrase: str) -> bool:
    """Whether `Phrases` can look for it: "*" alone would match everything."""
    first = phrase.split()[:1]
    return bool(first and tokens(first[0]))


def _folded(phrase: str) -> list[str]:
    """The phrase's words with their stars."""
    if not begins_with_a_word(phrase):
        raise ValueError(f"the phrase {phrase!r} begins with no word")
    folded: list[str] = []
    for word in phrase.split():
        parts = tokens(word)
        star = "*" if word.endswith("*") else ""
        folded += [*parts[:-1], (parts[-1] if parts else "") + star]
    return [word for word in folded if word]


def _follows(text: Sequence[str], start: int, rest: _Rest) -> bool:
    if start + 1 + len(rest) > len(text):
        return False
    return all(_matches(text[start + 1 + index], word) for index, word in enumerate(rest))


def _matches(word: str, pattern: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
