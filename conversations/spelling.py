"""Small typing mistakes: which known name somebody meant."""

from collections.abc import Iterable

SHORTEST_FOR_ONE = 5
SHORTEST_FOR_TWO = 9


def tolerance(length: int) -> int:
    """How many typing mistakes a word of that many letters may hold and still be meant."""
    if length < SHORTEST_FOR_ONE:
        return 0
    return 1 if length < SHORTEST_FOR_TWO else 2


def edits(a: str, b: str) -> int:
    """Letters to add, drop, change or swap with their neighbour to make one word of the other."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


class Speller:
    """Finds the nearest of a fixed set of names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[str, int]]] = {}
        for name in names:
            self._by_length.setdefault(len(name), []).append((name, _letters(name)))

    def nearest(self, word: str, *, most: int = 2) -> tuple[str, ...]:
        """The names with the fewest mistakes, at most `most` and at most what their length allows."""
        letters, best, found = _letters(word), most, list[str]()
        for length in range(len(word) - most, len(word) + most + 1):
            allowed = min(most, tolerance(min(length, len(word))))
            for name, its_letters in self._by_length.get(length, ()):
                limit = min(allowed, best)
                # Each edit changes at most two letters of the set: a cheap way to skip nearly all names.
                if not limit or (letters ^ its_letters).bit_count() > 2 * limit:
                    continue
                count = edits(word, name)
                if count > limit:
                    continue
                if count < best or not found:
                    best, found = count, []
                found.append(name)
        return tuple(found)


def _letters(word: str) -> int:
    """A set of letters as bits; letters that share a bit only make the filter weaker."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits
