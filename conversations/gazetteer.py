"""The places that people name, found in what they type, and the place that is nearest to a pin."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from zlib import crc32

import msgspec

from conversations.folding import tokens
from conversations.places import NamedPlace, Point, distance, metres_outside
from conversations.scheme_town import Area, Place
from conversations.spelling import Speller

__all__ = ["Gazetteer", "NamedPlace", "Resolved", "distance"]

_WORDS = tomllib.loads((files("conversations") / "words" / "places.toml").read_text(encoding="utf-8"))
_IN_FRONT = frozenset(word for language in _WORDS["in_front"].values() for word in language)
_BEFORE_NUMBER = frozenset(_WORDS["before_number"])
_LEFT_OUT = frozenset(_WORDS["left_out"])
_SHORT_FORMS: Mapping[str, str] = _WORDS["short_forms"]
_NUMBER = re.compile(r"[0-9]{1,3}[a-z]?")
_NUMBERS = re.compile(r"[0-9]{1,3}[a-z]?(-[0-9]{1,3}[a-z]?)?")
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?|\d[a-z]{2}")
_SIDE_KEYS = {"north": "n", "south": "s", "east": "e", "west": "w", "middle": "m"}
MOST_CHOICES = 6
_LONGEST_SENTENCE = 200
_LONGEST_FOR_SPELLING = 40
_SHORTEST_WITH_A_SLIP = 8


class Resolved(msgspec.Struct, frozen=True):
    """What typed words mean: one place, or a few to choose from, or (both empty) nothing we know."""

    place: NamedPlace | None = None
    choices: tuple[NamedPlace, ...] = ()


class _Mention(msgspec.Struct, frozen=True):
    """A name found in a sentence: the places that it may mean, and the house number in front of it."""

    slugs: tuple[str, ...]
    number: str | None


class Gazetteer:
    """All places of an area, indexed once; immutable and quick (well under a millisecond a question)."""

    def __init__(self, area: Area) -> None:
        self._boundary = area.boundary
        self._places: dict[str, Place] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._in_sentences: dict[str, tuple[str, ...]] = {}
        self._stems: dict[str, tuple[str, ...]] = {}
        for place in area.places:
            self._add(place)
        self._points = [
            (known.point, self._named(slug, known.side))
            for slug, place in self._places.items()
            for known in place.points
        ]
        self._speller = Speller(self._names)
        self._longest_name = max((len(_canonical(name)) for name in _all_names(area.places)), default=0)

    def resolve(self, words: str) -> Resolved:
        """What the answer to "Where is it?" means; a sentence around the place does no harm."""
        found = _without_town(_without_front(tokens(words)))
        number, rest = _house_number(found)
        rest = _without_front(rest)
        key = "".join(_canonical(rest))
        slugs = self._names.get(key) or self._stems.get(key) or self._near_in_spelling(key)
        if not slugs:
            return self._resolve_sentence(tokens(words))
        return self._choice_of(slugs, number, found)

    def mentioned(self, words: str) -> NamedPlace | None:
        """The one place that a longer sentence names; None when it names none, or several."""
        found = self._mentions(tokens(words))
        slugs = _all_slugs(found)
        return self._named(slugs[0], None, found[0].number) if len(slugs) == 1 else None

    def nearest(self, point: Point) -> tuple[NamedPlace, float] | None:
        """The place that is surely nearest to a pin, and its distance in metres; None without any places.

        A place whose point is only roughly known counts as that much farther off.
        """
        measured = ((named, distance(point, known)) for known, named in self._points)
        return min(measured, key=lambda pair: pair[1] + pair[0].precision_m, default=None)

    def by_key(self, key: str) -> NamedPlace | None:
        """The place that a key was made for, None when the scheme file has dropped it."""
        slug, _, rest = key.partition(".")
        letter, _, number = rest.partition(".")
        side = next((side for side, short in _SIDE_KEYS.items() if short == letter), None)
        place = self._places.get(slug)
        if place is None or (letter and side not in {point.side for point in place.points}):
            return None
        # The key comes back from a phone: a number that is none is not passed on.
        return self._named(slug, side, number if _NUMBERS.fullmatch(number) else None)

    def ends(self, place: NamedPlace) -> tuple[NamedPlace, ...]:
        """The ends to choose from when `place` is a long street with no end named yet, else nothing."""
        slug = place.key.partition(".")[0]
        known = self._places.get(slug)
        if place.side or known is None or len(known.points) == 1:
            return ()
        return tuple(self._named(slug, point.side, place.number) for point in known.points)

    def metres_outside(self, point: Point) -> float:
        """Metres from a pin to the area's boundary; 0 inside."""
        return metres_outside(point, self._boundary)

    def _add(self, place: Place) -> None:
        slug = self._slug(place.name)
        self._places[slug] = place
        for name in (place.name, *place.aliases, *place.only_as_answer):
            canonical = _canonical(_without_front(tokens(name)))
            _append(self._names, "".join(canonical), slug)
            if name not in place.only_as_answer:
                _append(self._in_sentences, "".join(canonical), slug)
            if len(canonical) > 1 and canonical[-1] in _LEFT_OUT:
                _append(self._stems, "".join(canonical[:-1]), slug)

    def _slug(self, name: str) -> str:
        """At most 18 bytes: a side and a house number must still fit behind it."""
        plain = "-".join(word for word in tokens(name) if word.isascii()) or "place"
        if len(plain) > 18 or plain in self._places:
            plain = f"{plain[:11]}-{crc32(name.encode()) & 0xFFFFFF:06x}"
        return plain

    def _named(self, slug: str, side: str | None, number: str | None = None) -> NamedPlace:
        place = self._places[slug]
        # Without a side the middle of the list is the fairest single point of a long street.
        at = next(
            (point for point in place.points if point.side == side), place.points[len(place.points) // 2]
        )
        key = f"{slug}.{_SIDE_KEYS.get(side or '', '')}.{number or ''}".rstrip(".")
        return NamedPlace(key, place.name, at.point, place.precision_m, side, number)

    def _near_in_spelling(self, key: str) -> tuple[str, ...]:
        names = self._speller.nearest(key)
        return tuple(dict.fromkeys(slug for name in names for slug in self._names[name]))

    def _choice_of(self, slugs: Sequence[str], number: str | None, words: Sequence[str]) -> Resolved:
        if len(slugs) > 1:
            return Resolved(choices=tuple(self._named(slug, None, number) for slug in slugs[:MOST_CHOICES]))
        place = self._named(slugs[0], None, number)
        if ends := self.ends(place):
            said = tuple(end for end in ends if end.side in words)
            return Resolved(place=said[0]) if len(said) == 1 else Resolved(choices=ends)
        return Resolved(place=self._named(slugs[0], self._places[slugs[0]].points[0].side, number))

    def _resolve_sentence(self, sentence: Sequence[str]) -> Resolved:
        found = self._mentions(sentence)
        slugs = _all_slugs(found)
        return self._choice_of(slugs, found[0].number, sentence) if slugs else Resolved()

    def _mentions(self, sentence: Sequence[str]) -> list[_Mention]:
        """Every place named, longest name first at each word; else the first that is named with a slip."""
        sentence = sentence[:_LONGEST_SENTENCE]
        found: list[_Mention] = []
        start = 0
        while start < len(sentence):
            slugs, length = self._name_at(sentence, start)
            if slugs:
                found.append(_Mention(slugs, _number_before(sentence, start)))
            start += length
        return found or self._misspelt_mention(sentence[:_LONGEST_FOR_SPELLING])

    def _name_at(self, sentence: Sequence[str], start: int) -> tuple[tuple[str, ...], int]:
        for length in range(min(self._longest_name, len(sentence) - start), 0, -1):
            key = "".join(_canonical(sentence[start : start + length]))
            if slugs := self._in_sentences.get(key):
                return slugs, length
        return (), 1

    def _misspelt_mention(self, sentence: Sequence[str]) -> list[_Mention]:
        """One slip at most, and two words at least: "dropped" must not become a place."""
        for start in range(len(sentence) - 1):
            if sentence[start] in _IN_FRONT:
                continue
            for words in (sentence[start : start + 3], sentence[start : start + 2]):
                key = "".join(_canonical(words))
                names = self._speller.nearest(key, most=1) if len(key) >= _SHORTEST_WITH_A_SLIP else ()
                for name in names:
                    if name in self._in_sentences:
                        return [_Mention(self._in_sentences[name], _number_before(sentence, start))]
        return []


def _all_slugs(mentions: Iterable[_Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug for mention in mentions for slug in mention.slugs))


def _all_names(places: Iterable[Place]) -> Iterator[list[str]]:
    for place in places:
        for name in (place.name, *place.aliases):
            yield tokens(name)


def _append(index: dict[str, tuple[str, ...]], key: str, slug: str) -> None:
    if key:
        index[key] = tuple(dict.fromkeys((*index.get(key, ()), slug)))


def _canonical(words: Sequence[str]) -> list[str]:
    """Short forms written out: "st" is saint at the start and street after that."""
    return [
        "saint" if word == "st" and not index else _SHORT_FORMS.get(word, word)
        for index, word in enumerate(words)
    ]


def _without_front(words: Sequence[str]) -> list[str]:
    start = 0
    while start < len(words) - 1 and words[start] in _IN_FRONT:
        start += 1
    return list(words[start:])


def _without_town(words: list[str]) -> list[str]:
    """Without the postcode that an address ends with."""
    while len(words) > 2 and _POSTCODE.fullmatch(words[-1]):
        words = words[:-1]
    return words


def _house_number(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """A number in front of a name: "14 Gold Street", "7-8 Mercers Row", "unit 5 Grosvenor Centre"."""
    start = 1 if len(words) > 2 and words[0] in _BEFORE_NUMBER else 0
    end = start
    while end < len(words) - 1 and end < start + 2 and _NUMBER.fullmatch(words[end]):
        end += 1
    if end == start:
        return None, list(words)
    return "-".join(words[start:end]), list(words[end:])


def _number_before(sentence: Sequence[str], start: int) -> str | None:
    if start and _NUMBER.fullmatch(sentence[start - 1]):
        return sentence[start - 1]
    return None
