"""Which kind of report somebody's words are about."""

from functools import lru_cache

from conversations.folding import tokens
from conversations.phrases import Phrases
from conversations.scheme import Category, Scheme

# Words looked at: what a long message is about stands near its beginning.
_LONGEST = 400


def guess(words: str, scheme: Scheme) -> Category | None:
    """The category whose trigger words stand in `words` most, in any language; None when unclear.

    A phrase counts once however often it is repeated, and more the more words it has.
    """
    text = tokens(words)[:_LONGEST]
    best: Category | None = None
    best_score, clear = 0, False
    for category, phrases in _phrases(scheme):
        score = _score(text, phrases)
        if score > best_score:
            best, best_score, clear = category, score, True
        elif score and score == best_score:
            clear = False
    return best if clear else None


def _score(text: list[str], phrases: Phrases) -> int:
    found = {tuple(text[start:end]) for start, end in phrases.spans(text)}
    return sum(2 * len(phrase) - 1 for phrase in found)


@lru_cache(maxsize=4)
def _phrases(scheme: Scheme) -> tuple[tuple[Category, Phrases], ...]:
    return tuple(
        (category, Phrases(phrase for words in category.words.values() for phrase in words))
        for category in scheme.categories
    )
