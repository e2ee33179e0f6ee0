"""What the chat says, by its text key: wording may be improved without a test of the whole line failing."""

import re
from functools import cache
from importlib import resources


@cache
def said(key: str) -> str:
    """The longest stretch of an English text that no value interrupts."""
    text = resources.files("conversations").joinpath("locales", "en.ftl").read_text("utf-8")
    found = re.search(rf"^{re.escape(key)} = (.+)$", text, re.MULTILINE)
    assert found, f"no text {key}"
    return max(re.split(r"\{[^}]*\}", found[1]), key=len).strip()


def label(name: str) -> str:
    """A button's words."""
    return said(f"option-{name}")
