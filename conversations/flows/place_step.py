"""Where is it: pins, the scheme's places, the shop, and whatever else people type."""

import msgspec

from conversations.acts import LookUp
from conversations.events import Event, Location, Text
from conversations.facts import Facts
from conversations.flows.drafts import with_, with_words, words_of
from conversations.flows.shop_words import said_of_shop
from conversations.folding import tokens
from conversations.form import Answer, Step, option
from conversations.places import NamedPlace, Point
from conversations.says import Phrase, Say, say
from conversations.state import Ask, Draft, Place

LONGEST_PLACE = 80
FAR_FROM_ANY_PLACE_M = 150
MOST_CHOICES = 6

# Letters around a place's name that are only "by the", not a description.
_LITTLE = 12


class PlaceStep(Step):
    """Where is it?"""

    name = "place"
    clears = {"place": None}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        return draft.place is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        near = facts.gazetteer.mentioned(words_of(draft))
        if near and said_of_shop(near.spoken, facts):
            # Its own address is what [At our shop] says.
            near = None
        buttons = [option(draft.id, self.name, "shop"), option(draft.id, self.name, "pin")]
        if near:
            buttons.insert(0, option(draft.id, self.name, f"at-{near.key}", near.spoken))
            asked = say("place-near", *buttons, place=near.spoken)
        else:
            asked = say("place-ask", *buttons)
        return msgspec.structs.replace(asked, wants_place=True)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        if value == "shop" and facts.member:
            return _placed(draft, at_shop(facts))
        if value == "pin":
            return Answer(draft, (Phrase("place-pin-help"),))
        if value.startswith("at-") and (known := facts.gazetteer.by_key(value[3:])):
            return place_known(draft, known, facts)
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts, language: str) -> Answer | None:
        match event:
            case Location():
                return place_pinned(draft, event, facts)
            case Text():
                return place_typed(draft, event, facts)
        return None


def _placed(draft: Draft, place: Place) -> Answer:
    return Answer(with_(draft, place=place), (place_echo(place),))


def at_shop(facts: Facts, message: str = "") -> Place:
    """The reporter's own shop."""
    member = facts.member
    assert member is not None
    return Place("shop", f"{member.business}, {member.address}", member.lat, member.lon, message=message)


def place_known(draft: Draft, known: NamedPlace, facts: Facts, message: str = "") -> Answer:
    """A place of the scheme; of a long street the end is asked first."""
    if ends := facts.gazetteer.ends(known):
        return _which_one(draft, ends, message)
    return _placed(draft, _of_named(known, message))


def _of_named(known: NamedPlace, message: str = "") -> Place:
    name = f"{known.spoken} ({known.side})" if known.side else known.spoken
    return Place("known", name, known.point.lat, known.point.lon, float(known.precision_m), message=message)


def _which_one(draft: Draft, choices: tuple[NamedPlace, ...], message: str) -> Answer:
    """Several places fit: ask which."""
    places = tuple(_of_named(choice, message) for choice in choices[:MOST_CHOICES])
    names = {choice.spoken for choice in choices}
    return Answer(draft, ask=Ask("which_end", tuple(names) if len(names) == 1 else (), places=places))


def place_pinned(draft: Draft, pin: Location, facts: Facts) -> Answer:
    """A pin, named by the nearest place; one outside the town is asked about once, never lost."""
    place = pinned(pin, facts)
    outside = facts.gazetteer.metres_outside(Point(pin.lat, pin.lon))
    if outside > facts.scheme.area.tolerance_m:
        return Answer(draft, ask=Ask("outside", (str(round(outside)),), places=(place,)))
    return _placed(draft, place)


def pinned(pin: Location, facts: Facts) -> Place:
    """The place of a pin, inside the town or not."""
    nearest = facts.gazetteer.nearest(Point(pin.lat, pin.lon))
    name, off = (nearest[0].name, round(nearest[1])) if nearest else ("", 0)
    title = (pin.name or "").strip()[:LONGEST_PLACE]
    return Place(
        "pin",
        title or name or f"{pin.lat:.5f}, {pin.lon:.5f}",
        pin.lat,
        pin.lon,
        pin.accuracy_m,
        off if off > FAR_FROM_ANY_PLACE_M and not title else None,
        pin.message,
    )


def place_typed(draft: Draft, text: Text, facts: Facts) -> Answer | None:
    """A street or place in words: the scheme's, or as written. Long words name one or are none."""
    words = " ".join(text.words.split())
    shop = said_of_shop(words, facts)
    if shop:
        return _placed(_with_detail(draft, text, shop), at_shop(facts, text.message))
    found = facts.gazetteer.resolve(words)
    if found.choices:
        return _which_one(_with_detail(draft, text, found.choices[0].spoken), found.choices, text.message)
    if found.place:
        return place_known(_with_detail(draft, text, found.place.spoken), found.place, facts, text.message)
    if len(words) > LONGEST_PLACE or not any(letter.isalnum() for letter in words):
        return None
    placed = _placed(draft, Place("typed", words, message=text.message))
    acts = (LookUp(draft.id, words),) if facts.geocoder else ()
    return Answer(placed.draft, placed.echo, acts)


def place_meant(draft: Draft, text: Text, places: tuple[Place, ...]) -> Answer | None:
    """The one of several places that the words tell apart: "the middle one, I think"."""
    said = set(tokens(text.words))
    words = [set(tokens(place.name)) for place in places]
    own = [mine.difference(*(other for other in words if other is not mine)) for mine in words]
    meant = [place for place, telling in zip(places, own, strict=True) if telling & said]
    return _placed(draft, meant[0]) if len(meant) == 1 and len(places) > 1 else None


def place_within(draft: Draft, text: Text, ask: Ask, facts: Facts) -> Answer | None:
    """Other words for where it is, while a place is asked about: an end of a street stays in that street."""
    answer = place_typed(draft, text, facts)
    place = answer.draft.place if answer else None
    street = ask.data[0] if ask.kind == "which_end" and ask.data else ""
    if not street or place is None or place.kind != "typed":
        return answer
    return _placed(draft, msgspec.structs.replace(place, name=f"{street} ({place.name})"))


def _with_detail(draft: Draft, text: Text, found: str) -> Draft:
    """What was typed around a place's name ("by the bins behind Gold Street") is kept as words."""
    if len(text.words) <= len(found) + _LITTLE:
        return draft
    return with_words(draft, text.message, text.words)


def place_phrase(place: Place) -> Phrase:
    """The place as it stands in a sentence: `by Gold Street`, `Market Square`, `at our shop`."""
    return _place_said(place, "name")


def place_echo(place: Place) -> Phrase:
    """The same as a sentence of its own: `By Gold Street.`"""
    return _place_said(place, "echo")


def _place_said(place: Place, form: str) -> Phrase:
    if place.kind == "pin" and place.off_m:
        return Phrase(f"place-far-{form}", {"distance": distance_words(place.off_m), "place": place.name})
    return Phrase(f"place-{place.kind}-{form}", {"place": place.name})


def distance_words(metres: int) -> str:
    """`350 m`, `1.4 km`: the same in every language we ship."""
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:.1f} km"
