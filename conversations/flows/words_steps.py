"""What people say in words, and what their words raise: a child, the shop's name, the time."""

from conversations import urgency
from conversations.events import Event, Text
from conversations.facts import Facts
from conversations.flows.drafts import MOST_PHOTOS, category_of, shows_pictures, with_, with_words, words_of
from conversations.flows.photo_steps import pictures_removed
from conversations.flows.shop_words import said_of_shop, without_shop
from conversations.form import Answer, Step, option, options
from conversations.says import Phrase, Say, say
from conversations.state import Draft, Piece


class WordsStep(Step):
    """Anything that helps?"""

    name = "words"
    clears = {"words": (), "words_done": False, "guess_from": 0}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        return not draft.words and not draft.words_done

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        kind = category_of(draft, facts)
        buttons = [option(draft.id, self.name, "skip")]
        wanted = kind is not None and kind.photo != "none" and not kind.people
        if wanted and shows_pictures(draft) and len(draft.photos) < MOST_PHOTOS:
            buttons.append(option(draft.id, self.name, "photo"))
        return say("words-people" if kind and kind.people else "words-ask", *buttons)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        match value:
            case "skip":
                return Answer(with_(draft, words_done=True))
            case "photo":
                return Answer(draft, (Phrase("words-photo"),))
        return None

    def hear(self, draft: Draft, event: Event, facts: Facts, language: str) -> Answer | None:
        return Answer(with_words(draft, event.message, event.words)) if isinstance(event, Text) else None


class Under18Step(Step):
    """Do they look under 18? Asked when the words speak of a child."""

    name = "under18"
    clears = {"under_18": None}  # noqa: RUF012
    rests_on = ("category", "words")

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        if kind is None or not kind.people or draft.under_18 is not None:
            return False
        return urgency.mentions_child(words_of(draft))

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        return say("under18-ask", *options(draft.id, self.name, "yes", "no", "unsure"))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
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
        if not shows_pictures(draft):
            return Answer(draft, (lines,))
        removed = pictures_removed(draft)
        return Answer(removed.draft, (lines, *removed.echo), removed.acts)


class ShopWordsStep(Step):
    """The words hold the shop's name, and the kind, or the reporter, would rather keep it out."""

    name = "shopwords"
    clears = {"shop_words_left": False}  # noqa: RUF012
    rests_on = ("words",)

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        sensitive = draft.name_out or (kind is not None and kind.people)
        return sensitive and not draft.shop_words_left and said_of_shop(words_of(draft), facts) is not None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        named = said_of_shop(words_of(draft), facts) or ""
        return say("shopwords-ask", *options(draft.id, self.name, "out", "leave"), words=named)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
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


class WhenStep(Step):
    """When was it? Only under Change: the time of the first message stands otherwise."""

    name = "when"
    clears = {"when": "ask"}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        return draft.when == "ask"

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        return say("when-ask", *options(draft.id, self.name, "hour", "today", "before"))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        return Answer(with_(draft, when=value)) if value in ("hour", "today", "before") else None
