"""The shop's own name or address in somebody's words, which would tell who reported."""

import re

from conversations.facts import Facts

_TWICE = re.compile(r"\bour shop(?:[\W_]{1,4}our shop\b)+")
_LETTERS = re.compile(r"\w+")


def _patterns(facts: Facts) -> list[re.Pattern[str]]:
    if facts.member is None:
        return []
    said = (facts.member.business, facts.member.address)
    # Whatever stands between the words ("WH-Smith", "12, Abington St") the name is recognised.
    return [
        re.compile(r"\b" + r"[\W_]{1,3}".join(map(re.escape, words)) + r"\b", re.IGNORECASE)
        for text in said
        if (words := _LETTERS.findall(text))
    ]


def said_of_shop(words: str, facts: Facts) -> str | None:
    """The shop's name or address as it stands in the words; None when it does not."""
    for pattern in _patterns(facts):
        if found := pattern.search(words):
            return found.group(0)
    return None


def without_shop(words: str, facts: Facts) -> str:
    """The words with "our shop" in place of the name and the address."""
    for pattern in _patterns(facts):
        words = pattern.sub("our shop", words)
    return _TWICE.sub("our shop", words)
