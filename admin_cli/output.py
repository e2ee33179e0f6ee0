"""What commands print: tables for people, JSON for programs."""

import json
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

# What could move the cursor, ring the bell, or turn the direction of what follows on the line.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def print_json(value: Any) -> None:
    """The value on standard output; times become ISO 8601 with their offset."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    click.echo(json.dumps(value, indent=2, ensure_ascii=encoding != "utf8", default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def printable(text: object) -> str:
    """Text that people typed, safe for a terminal; line ends and tabs stay."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", str(text))


def one_line(text: object) -> str:
    """The same on one line."""
    return " ".join(printable(text).split())


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Headings above columns that fit."""
    return columns([headings, *rows])


def columns(rows: Sequence[Sequence[object]], *, indent: str = "") -> str:
    """The rows with their columns below each other, the last one as long as it is."""
    from rich.cells import cell_len

    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(f"{indent}{line}".rstrip() for line in padded)


def when(moment: datetime | None) -> str:
    """24 Nov 2026 10:31, in the zone that `moment` is in."""
    return f"{moment.day} {moment:%b %Y %H:%M}" if moment else "-"
