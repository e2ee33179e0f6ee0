"""What have you seen, and the kind's own question."""

from conversations import kinds
from conversations.acts import Act, ForgetMedia
from conversations.events import Event, Text
from conversations.facts import Facts
from conversations.flows.drafts import category_of, with_
from conversations.folding import tokens
from conversations.form import Answer, Step, option
from conversations.says import Option, Phrase, Say, say
from conversations.scheme import Category
from conversations.state import Draft

# So that with [More…] a list of WhatsApp (ten lines) and a thumb can hold them.
PAGE = 7
LONGEST_FREE_ANSWER = 60

# No id of a category holds a hyphen.
_PAGE = "page-"


class CategoryStep(Step):
    """What have you seen?"""

    name = "category"
    clears = {"category": None, "guess_off": True, "page": 0}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        return category_of(draft, facts) is None

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        likely = _guess(draft, facts)
        if likely is None:
            return say("category-ask", *self._page(draft, facts, language))
        return say(
            "category-guess",
            option(draft.id, self.name, likely.id, likely.short_label_in(language)),
            option(draft.id, self.name, f"{_PAGE}0"),
            kind=likely.short_label_in(language),
        )

    def _page(self, draft: Draft, facts: Facts, language: str) -> tuple[Option, ...]:
        pages = -(-len(facts.scheme.categories) // PAGE)
        page = draft.page % pages
        shown = facts.scheme.categories[page * PAGE : (page + 1) * PAGE]
        options = [option(draft.id, self.name, kind.id, kind.short_label_in(language)) for kind in shown]
        if pages > 1:
            label = Phrase("option-category-more")
            options.append(option(draft.id, self.name, f"{_PAGE}{(page + 1) % pages}", label))
        return tuple(options)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        number = value.removeprefix(_PAGE)
        if number != value and len(number) == 1 and number.isdigit():
            return Answer(with_(draft, page=int(number), guess_off=True))
        kind = facts.scheme.category(value)
        return kind_chosen(draft, kind, language) if kind else None

    def hear(self, draft: Draft, event: Event, facts: Facts, language: str) -> Answer | None:
        """A kind's name in words, whether its button is on the page shown or not."""
        if not isinstance(event, Text) or len(event.words) > LONGEST_FREE_ANSWER:
            return None
        said = tokens(event.words)
        for kind in facts.scheme.categories:
            if said and said in (tokens(kind.label_in(language)), tokens(kind.short_label_in(language))):
                return kind_chosen(draft, kind, language)
        return None


def _guess(draft: Draft, facts: Facts) -> Category | None:
    if draft.guess_off:
        return None
    words = "\n".join(piece.words for piece in draft.words[draft.guess_from :])
    return kinds.guess(words, facts.scheme)


def kind_chosen(draft: Draft, kind: Category, language: str) -> Answer:
    """The draft with its kind, and that kind's advice. Pictures that nobody here should hold are dropped."""
    echo: list[Phrase] = []
    acts: tuple[Act, ...] = ()
    if advice := kind.advice_in(language):
        echo.append(Phrase("advice", {"advice": advice}))
    draft = with_(draft, category=kind.id)
    gone = tuple(photo.id for photo in draft.photos if photo.kind != "other")
    if kind.keep_pictures_for_police and gone:
        echo.append(Phrase("photo-police-later" if draft.of else "photo-police-removed"))
        draft = with_(draft, photos=tuple(photo for photo in draft.photos if photo.kind == "other"))
        # Those of a report that is sent are the report's until the change of its kind is sent too.
        acts = () if draft.of else (ForgetMedia(gone),)
    return Answer(draft, tuple(echo), acts)


class QuestionStep(Step):
    """The kind's own question, from the scheme file."""

    name = "answer"
    clears = {"answer": None, "answer_message": ""}  # noqa: RUF012
    rests_on = ("category",)

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

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        kind = category_of(draft, facts)
        if kind is None or kind.question is None:
            return None
        if kind.question.answer(value):
            return Answer(with_(draft, answer=value))
        return Answer(with_(draft, answer="")) if kind.question.free_text and value == "skip" else None

    def hear(self, draft: Draft, event: Event, facts: Facts, language: str) -> Answer | None:
        kind = category_of(draft, facts)
        if not isinstance(event, Text) or kind is None or kind.question is None:
            return None
        words = " ".join(event.words.split())
        if not kind.question.free_text or len(words) > LONGEST_FREE_ANSWER:
            return None
        return Answer(with_(draft, answer=words, answer_message=event.message))
