"""The questions of a report, in the order in which they are asked."""

from typing import Any

import msgspec

from conversations import kinds, urgency
from conversations.acts import Act, ForgetMedia, LookUp
from conversations.events import Event, Location, Text
from conversations.facts import Facts
from conversations.flows.shop_words import said_of_shop, without_shop
from conversations.form import Answer, Hint, Step, option
from conversations.places import NamedPlace, Point
from conversations.says import Option, Phrase, Say, say
from conversations.scheme import Category
from conversations.state import Ask, Draft, Piece, Place

PAGE = 7
LONGEST_PLACE = 80
LONGEST_FREE_ANSWER = 60
FAR_FROM_ANY_PLACE_M = 150
MOST_PHOTOS = 5

# What a draft keeps of words at the most: two of the longest messages that any channel carries.
MOST_WORDS = 8192


def with_(draft: Draft, **changes: Any) -> Draft:
    return msgspec.structs.replace(draft, **changes)


def category_of(draft: Draft, facts: Facts) -> Category | None:
    """The draft's kind; None when there is none yet, or the scheme has dropped it since."""
    return facts.scheme.category(draft.category) if draft.category else None


def words_of(draft: Draft) -> str:
    """All words of the draft as written, a line a message."""
    return "\n".join(piece.words for piece in draft.words)


class CategoryStep:
    """What have you seen?"""

    name = "category"
    clears: dict[str, object] = {"category": None, "guess_off": True, "page": 0}  # noqa: RUF012
    rests_on: tuple[str, ...] = ()

    def open(self, draft: Draft, facts: Facts) -> bool:
        return category_of(draft, facts) is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        likely = None if draft.guess_off else kinds.guess(words_of(draft), facts.scheme)
        if likely:
            return say(
                "category-guess",
                option(draft.id, self.name, likely.id, likely.short_label_in(language)),
                option(draft.id, self.name, "0"),
                kind=likely.label_in(language),
            )
        return say("category-ask", *self._page(draft, facts, language))

    def _page(self, draft: Draft, facts: Facts, language: str) -> tuple[Option, ...]:
        pages = -(-len(facts.scheme.categories) // PAGE)
        page = draft.page % pages
        shown = facts.scheme.categories[page * PAGE : (page + 1) * PAGE]
        options = [option(draft.id, self.name, kind.id, kind.short_label_in(language)) for kind in shown]
        if pages > 1:
            # The value is the page to turn to; ids of categories never begin with a digit here.
            label = Phrase("option-category-more")
            options.append(option(draft.id, self.name, str((page + 1) % pages), label))
        return tuple(options)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        if len(value) <= 2 and value.isascii() and value.isdigit():
            return Answer(with_(draft, page=int(value), guess_off=True))
        kind = facts.scheme.category(value)
        return kind_chosen(draft, kind, language) if kind else None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


def kind_chosen(draft: Draft, kind: Category, language: str) -> Answer:
    """The draft with its kind, and that kind's advice. Pictures that nobody here should hold are dropped."""
    echo: list[Phrase] = []
    acts: tuple[Act, ...] = ()
    if advice := kind.advice_in(language):
        echo.append(Phrase("advice", {"advice": advice}))
    draft = with_(draft, category=kind.id)
    if kind.keep_pictures_for_police and draft.photos:
        echo.append(Phrase("photo-police"))
        acts = (ForgetMedia(tuple(photo.id for photo in draft.photos)),)
        draft = with_(draft, photos=())
    return Answer(draft, tuple(echo), acts)


class PlaceStep:
    """Where is it?"""

    name = "place"
    clears: dict[str, object] = {"place": None}  # noqa: RUF012
    rests_on: tuple[str, ...] = ()

    def open(self, draft: Draft, facts: Facts) -> bool:
        return draft.place is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        near = facts.gazetteer.mentioned(words_of(draft))
        options = [option(draft.id, self.name, "shop"), option(draft.id, self.name, "pin")]
        if near:
            options.insert(0, option(draft.id, self.name, f"at-{near.key}", near.spoken))
            asked = say("place-near", *options, place=near.spoken)
        else:
            asked = say("place-ask", *options)
        return msgspec.structs.replace(asked, wants_place=True)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        if value == "shop" and facts.member:
            return Answer(with_(draft, place=at_shop(facts)), (place_echo(at_shop(facts)),))
        if value == "pin":
            return Hint(Phrase("place-pin-help"))
        if value.startswith("at-") and (known := facts.gazetteer.by_key(value[3:])):
            return place_known(draft, known, facts)
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        match event:
            case Location():
                return place_pinned(draft, event, facts)
            case Text():
                return place_typed(draft, event, facts)
        return None


def at_shop(facts: Facts) -> Place:
    member = facts.member
    assert member is not None
    return Place("shop", f"{member.business}, {member.address}", member.lat, member.lon)


def place_known(draft: Draft, known: NamedPlace, facts: Facts, message: str = "") -> Answer:
    """A place of the scheme; of a long street the end is asked first."""
    if ends := facts.gazetteer.ends(known):
        return which_one(draft, ends, message)
    place = _of_named(known, message)
    return Answer(with_(draft, place=place), (place_echo(place),))


def _of_named(known: NamedPlace, message: str = "") -> Place:
    name = f"{known.spoken} ({known.side})" if known.side else known.spoken
    return Place("known", name, known.point.lat, known.point.lon, float(known.precision_m), message=message)


def which_one(draft: Draft, choices: tuple[NamedPlace, ...], message: str = "") -> Answer:
    """Several places fit: ask which."""
    places = tuple(_of_named(choice, message) for choice in choices[:4])
    return Answer(draft, ask=Ask("which_end", (choices[0].name,), places=places))


def place_pinned(draft: Draft, pin: Location, facts: Facts) -> Answer:
    """A pin, named by the nearest place; one outside the town is asked about once, never lost."""
    point = Point(pin.lat, pin.lon)
    nearest = facts.gazetteer.nearest(point)
    name, off = (nearest[0].name, round(nearest[1])) if nearest else ("", 0)
    place = Place(
        "pin",
        pin.name or name or f"{pin.lat:.5f}, {pin.lon:.5f}",
        pin.lat,
        pin.lon,
        pin.accuracy_m,
        off if off > FAR_FROM_ANY_PLACE_M and not pin.name else None,
        pin.message,
    )
    outside = facts.gazetteer.metres_outside(point)
    if outside > facts.scheme.area.tolerance_m:
        return Answer(draft, ask=Ask("outside", (str(round(outside)),), places=(place,)))
    return Answer(with_(draft, place=place), (place_echo(place),))


def place_typed(draft: Draft, text: Text, facts: Facts) -> Answer | None:
    """A street or place in words: the scheme's, or as written. Long words are no place, unless they name one."""
    words = text.words.strip()
    found = facts.gazetteer.resolve(words)
    if found.choices:
        return which_one(_with_detail(draft, text, found.choices[0]), found.choices, text.message)
    if found.place:
        return place_known(_with_detail(draft, text, found.place), found.place, facts, text.message)
    if len(words) > LONGEST_PLACE or not any(letter.isalnum() for letter in words):
        return None
    place = Place("typed", words.replace("\n", ", "), message=text.message)
    acts = (LookUp(draft.id, place.name),) if facts.geocoder else ()
    return Answer(with_(draft, place=place), (place_echo(place),), acts)


def _with_detail(draft: Draft, text: Text, found: NamedPlace) -> Draft:
    """What was typed around a place's name ("by the bins behind Gold Street") is kept as words."""
    if len(text.words) <= len(found.spoken) + 12:
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
        return Phrase(f"place-far-{form}", {"metres": place.off_m, "place": place.name})
    return Phrase(f"place-{place.kind}-{form}", {"place": place.name})


class PhotoStep:
    """Add a photo? Only things and places are ever asked for."""

    name = "photo"
    clears: dict[str, object] = {"photos_done": False}  # noqa: RUF012
    rests_on: tuple[str, ...] = ()

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        return kind is not None and kind.photo == "wanted" and not draft.photos and not draft.photos_done

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        return say("photo-ask", option(draft.id, self.name, "none"), most=MOST_PHOTOS)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        return Answer(with_(draft, photos_done=True)) if value == "none" else None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


class PhotoShowsStep:
    """A photo came with a kind that wants none: does it show only the place?"""

    name = "shows"
    clears: dict[str, object] = {"photo_shows": None}  # noqa: RUF012
    rests_on: tuple[str, ...] = ("category", "photo")

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        pictures = any(photo.kind == "photo" for photo in draft.photos)
        wanted = kind is None or (kind.photo != "none" and not kind.people)
        return pictures and not wanted and draft.photo_shows is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        values = ("place", "remove")
        return say("photo-shows", *(option(draft.id, self.name, value) for value in values))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        match value:
            case "place":
                return Answer(with_(draft, photo_shows="place"))
            case "remove":
                return photos_removed(draft)
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


def photos_removed(draft: Draft) -> Answer:
    """The draft without its pictures; what is not a picture stays."""
    gone = tuple(photo.id for photo in draft.photos if photo.kind == "photo")
    left = tuple(photo for photo in draft.photos if photo.kind != "photo")
    return Answer(
        with_(draft, photos=left, photos_done=True), (Phrase("photo-removed"),), (ForgetMedia(gone),)
    )


class WordsStep:
    """Anything that helps?"""

    name = "words"
    clears: dict[str, object] = {"words": (), "words_done": False}  # noqa: RUF012
    rests_on: tuple[str, ...] = ()

    def open(self, draft: Draft, facts: Facts) -> bool:
        return not draft.words and not draft.words_done

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        kind = category_of(draft, facts)
        options = [option(draft.id, self.name, "skip")]
        if draft.photos and len(draft.photos) < MOST_PHOTOS:
            options.append(option(draft.id, self.name, "photo"))
        return say("words-people" if kind and kind.people else "words-ask", *options)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        match value:
            case "skip":
                return Answer(with_(draft, words_done=True))
            case "photo":
                return Hint(Phrase("words-photo"))
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return Answer(with_words(draft, event.message, event.words)) if isinstance(event, Text) else None


def with_words(draft: Draft, message: str, words: str) -> Draft:
    """More words, up to what a report holds; the shop's name in them is asked about anew."""
    room = MOST_WORDS - len(words_of(draft))
    kept = words.strip()[: max(room, 0)]
    if not kept:
        return draft
    pieces = (*draft.words, Piece(message, kept))
    return with_(draft, words=pieces, words_done=True, shop_words_left=False)


class QuestionStep:
    """The kind's own question, from the scheme file."""

    name = "answer"
    clears: dict[str, object] = {"answer": None}  # noqa: RUF012
    rests_on: tuple[str, ...] = ("category",)

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        return kind is not None and kind.question is not None and draft.answer is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        kind = category_of(draft, facts)
        assert kind is not None
        assert kind.question is not None
        options = [
            option(draft.id, self.name, answer.id, answer.label_in(language))
            for answer in kind.question.answers
        ]
        if kind.question.free_text:
            options.append(option(draft.id, self.name, "skip"))
        return say("question", *options, question=kind.question.text_in(language))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        kind = category_of(draft, facts)
        if kind is None or kind.question is None:
            return None
        if kind.question.answer(value):
            return Answer(with_(draft, answer=value))
        return Answer(with_(draft, answer="")) if kind.question.free_text and value == "skip" else None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        kind = category_of(draft, facts)
        if not isinstance(event, Text) or kind is None or kind.question is None:
            return None
        if kind.question.free_text and len(event.words) <= LONGEST_FREE_ANSWER:
            return Answer(with_(draft, answer=event.words.strip()))
        return None


class Under18Step:
    """Do they look under 18? Asked when the words speak of a child."""

    name = "under18"
    clears: dict[str, object] = {"under_18": None}  # noqa: RUF012
    rests_on: tuple[str, ...] = ("category", "words")

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        if kind is None or not kind.people or draft.under_18 is not None:
            return False
        return urgency.mentions_child(words_of(draft))

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        values = ("yes", "no", "unsure")
        return say("under18-ask", *(option(draft.id, self.name, value) for value in values))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        if value not in ("yes", "no", "unsure"):
            return None
        draft = with_(draft, under_18=value)
        if value != "yes":
            return Answer(draft)
        about = facts.scheme.about
        lines = Phrase(
            "under18-yes",
            {
                "children": about.children_phone,
                "emergency": about.emergency,
                "non_urgent": about.non_urgent,
            },
        )
        if not any(photo.kind == "photo" for photo in draft.photos):
            return Answer(draft, (lines,))
        removed = photos_removed(draft)
        return Answer(removed.draft, (lines, *removed.echo), removed.acts)

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


class ShopWordsStep:
    """The words hold the shop's name, and the kind, or the reporter, would rather keep it out."""

    name = "shopwords"
    clears: dict[str, object] = {"shop_words_left": False}  # noqa: RUF012
    rests_on: tuple[str, ...] = ("words",)

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        sensitive = draft.name_out or (kind is not None and kind.people)
        return sensitive and not draft.shop_words_left and said_of_shop(words_of(draft), facts) is not None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        named = said_of_shop(words_of(draft), facts) or ""
        values = ("out", "leave")
        return say("shopwords-ask", *(option(draft.id, self.name, value) for value in values), words=named)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        match value:
            case "out":
                pieces = tuple(
                    Piece(piece.message, without_shop(piece.words, facts)) for piece in draft.words
                )
                # Whatever the words still say, the question was answered.
                return Answer(with_(draft, words=pieces, shop_words_left=True))
            case "leave":
                return Answer(with_(draft, shop_words_left=True))
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


class WhenStep:
    """When was it? Only under Change: the time of the first message stands otherwise."""

    name = "when"
    clears: dict[str, object] = {"when": "ask"}  # noqa: RUF012
    rests_on: tuple[str, ...] = ()

    def open(self, draft: Draft, facts: Facts) -> bool:
        return draft.when == "ask"

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        values = ("hour", "today", "before")
        return say("when-ask", *(option(draft.id, self.name, value) for value in values))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        return Answer(with_(draft, when=value)) if value in ("hour", "today", "before") else None

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        return None


STEPS: tuple[Step, ...] = (
    CategoryStep(),
    PlaceStep(),
    PhotoStep(),
    WordsStep(),
    QuestionStep(),
    Under18Step(),
    ShopWordsStep(),
    PhotoShowsStep(),
    WhenStep(),
)
BY_NAME = {step.name: step for step in STEPS}
