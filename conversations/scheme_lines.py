"""On which line of the scheme file a value stands: neither tomllib nor pydantic keeps that."""

import re
from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_NAMED_LINE = re.compile(r"\(at line (\d+)")
# What changes how the rest of a line reads; longest first.
_MARK = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]')


class Lines:
    """The line of every table and key of a TOML text that tomllib could read."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        for number, line in _statements(text):
            if header := _HEADER.match(line):
                table = self._table(_parts(header[2]), is_array=header[1] == "[[")
                self._note(table, number)
            elif key := _KEY.match(line):
                self._note(table + _parts(key[1]), number)

    def of(self, path: Sequence[str | int]) -> int | None:
        """The line, counted from 1, of that value, else of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if line := self._lines.get(tuple(path[:length])):
                return line
        return None

    @staticmethod
    def named_in(message: str, text: str) -> int | None:
        """The line that a message of tomllib speaks of, counted from 1."""
        if named := _NAMED_LINE.search(message):
            return int(named[1])
        return text.count("\n") + 1 if "end of document" in message else None

    def _note(self, path: Path, number: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], number)

    def _table(self, names: Path, *, is_array: bool) -> Path:
        path: Path = ()
        for name in names[:-1]:
            path = self._latest((*path, name))
        path = (*path, names[-1])
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
        return self._latest(path)

    def _latest(self, path: Path) -> Path:
        return (*path, self._counts[path]) if path in self._counts else path


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Lines on which a header or a key may begin: not those inside a long string or an open bracket."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not depth and not quote:
            yield number, line
            if _HEADER.match(line):
                continue
        depth, quote = _after(line, depth, quote)


def _after(line: str, depth: int, quote: str) -> tuple[int, str]:
    position = 0
    while position < len(line):
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return depth, quote
            position, quote = end + 3, ""
            continue
        mark = _MARK.search(line, position)
        if mark is None:
            break
        position = mark.end()
        if mark[0] in ('"""', "'''"):
            quote = mark[0]
        elif mark[0] in ("[", "{"):
            depth += 1
        elif mark[0] in ("]", "}"):
            depth -= 1
    return depth, quote
