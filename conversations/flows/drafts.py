"""Reads a draft, and puts words into it."""

from typing import Any

import msgspec

from conversations.facts import Facts
from conversations.scheme import Category
from conversations.state import Draft, Piece

MOST_PHOTOS = 5

# What a draft keeps of words at the most: two of the longest messages that any channel carries.
MOST_WORDS = 8192


def with_(draft: Draft, **changes: Any) -> Draft:
    """The draft with some of its fields changed."""
    return msgspec.structs.replace(draft, **changes)


def category_of(draft: Draft, facts: Facts) -> Category | None:
    """The draft's kind; None when there is none yet, or the scheme has dropped it since."""
    return facts.scheme.category(draft.category) if draft.category else None


def words_of(draft: Draft) -> str:
    """All words of the draft as written, a line a message."""
    return "\n".join(piece.words for piece in draft.words)


def with_words(draft: Draft, message: str, words: str) -> Draft:
    """More words, up to what a report holds; what they may mean is asked about anew."""
    room = MOST_WORDS - len(words_of(draft))
    kept = words.strip()[: max(room, 0)]
    if not kept:
        return draft
    draft = with_(draft, words=(*draft.words, Piece(message, kept)), words_done=True, shop_words_left=False)
    if draft.category is None and draft.guess_off:
        # The first guess was refused; these words may say better what it is.
        return with_(draft, guess_off=False, guess_from=len(draft.words) - 1)
    return draft


def shows_pictures(draft: Draft) -> bool:
    """Whether there is a picture or a video in it."""
    return any(photo.kind in ("photo", "video") for photo in draft.photos)


def is_blank(draft: Draft) -> bool:
    """Whether nothing at all has been answered yet."""
    return draft.category is None and draft.place is None and not draft.photos and not draft.words
