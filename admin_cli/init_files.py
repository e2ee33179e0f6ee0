"""The two files of `ntars init`: the shipped scheme with a few lines changed, and the settings."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = re.compile(r"\[\[?([^\]]+)\]\]?\s*(?:#.*)?$")
_ID = re.compile(r'id = "([^"]+)"')
_PLAIN = re.compile(r"[A-Za-z0-9@:/.,+%<>=&?;~_ -]*")


@dataclass(frozen=True, slots=True)
class TownAnswers:
    """What a town says of itself; None and absent mailboxes leave what the shipped file says."""

    name: str | None = None
    short_name: str | None = None
    contact: str | None = None
    mailboxes: Mapping[str, str] = field(default_factory=dict)


def scheme_text(shipped: str, answers: TownAnswers) -> str:
    """The shipped file with the answers in their lines, and not a byte changed elsewhere."""
    changes = {
        ("scheme", "name"): answers.name,
        ("scheme", "short_name"): answers.short_name,
        ("scheme", "privacy_email"): answers.contact,
        ("scheme.contact", "email"): answers.contact,
    }
    table, recipient, lines = "", "", []
    for line in shipped.splitlines(keepends=True):
        if header := _HEADER.match(line):
            table, recipient = header[1], ""
        elif table == "recipients" and (found := _ID.match(line)):
            recipient = found[1]
        key = line.partition("=")[0].strip()
        value = (
            answers.mailboxes.get(recipient) if recipient and key == "email" else changes.get((table, key))
        )
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" if value is not None else line)
    return "".join(lines)


def env_text(before: str, values: Mapping[str, str]) -> str:
    """The settings with `values` in their lines, also where they stood as a comment; other lines stay."""
    waiting = dict(values)
    lines = before.splitlines()
    for commented in (False, True):
        for number, line in enumerate(lines):
            name = line.removeprefix("# " if commented else "").partition("=")[0].strip()
            if name in waiting and "=" in line:
                lines[number] = f"{name}={_quoted(waiting.pop(name))}"
    lines += [f"{name}={_quoted(value)}" for name, value in waiting.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and " #" not in value:
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write(path: Path, text: str, *, mode: int) -> None:
    """Write the file all at once, with this mode from its first moment. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
