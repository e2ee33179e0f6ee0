"""Words without case, accents and marks, so that what people type on a phone meets what we know.

Only the first 4,096 characters count (the longest message of any channel), so that time is bounded.
"""

import re
import unicodedata
from functools import lru_cache

LONGEST = 4096

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h"})
# Apostrophes and dots join: "St. Mary's" is "st marys", "o'clock" is "oclock".
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` in lower case without accents and apostrophes; everything else stays."""
    text = text[:LONGEST].casefold()
    if not text.isascii():
        text = _APOSTROPHES.sub("", text).translate(_LETTERS)
        # Letter by letter: normalising a whole text sorts its marks, in quadratic time for a hostile one.
        text = "".join(map(_bare, text))[:LONGEST]
    return text.replace("'", "").replace("`", "")


def tokens(text: str) -> list[str]:
    """The words of `text`, folded: letters and digits only."""
    return _WORD.findall(fold(text))


def joined(text: str) -> str:
    """The words of `text`, folded and written together: "Mare Fair" and "Marefair" are the same."""
    return "".join(tokens(text))


@lru_cache(maxsize=4096)
def _bare(letter: str) -> str:
    """Without accents and without invisible characters, which phones and pranksters put inside words."""
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
