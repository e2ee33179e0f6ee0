"""What must agree between the parts of a scheme file.

These checks read the raw TOML, not the model, so that one wrong value hides no other mistake.
"""

from collections.abc import Iterator
from typing import Any

from conversations.folding import joined
from conversations.phrases import begins_with_a_word
from conversations.scheme_kinds import LABEL_LIMIT
from conversations.scheme_lines import Path
from conversations.scheme_mistakes import Found, suggestion

Raw = dict[str, Any]


def cross_checks(raw: Raw) -> list[Found]:
    """All mistakes that only show when two places of the file are compared."""
    languages = _languages(raw)
    recipients = [table["id"] for _, table in _tables(raw, "recipients") if isinstance(table.get("id"), str)]
    digest_only = [
        table.get("id") for _, table in _tables(raw, "recipients") if table.get("immediate") is False
    ]
    found = [*_repeated(raw, "categories"), *_repeated(raw, "recipients"), *_repeated_places(raw)]
    found += _missing_texts(raw, (), languages)
    if "en" not in languages:
        found.append(Found(("scheme", "languages"), '"en" is missing', 'Officers read English: add "en".'))
    bases = _table(_table(raw, "privacy"), "lawful_bases")
    for index, category in _tables(raw, "categories"):
        path: Path = ("categories", index)
        found += _wrong_routes(category, path, recipients)
        found += _owners_without_mail(category, path, digest_only)
        found += _long_labels(category, path, languages)
        found += _wrong_conditions(category, path)
        found += _wordless_triggers(category, path)
        basis = category.get("lawful_basis")
        if isinstance(basis, str) and basis not in bases:
            mend = suggestion(basis, bases, what="Keys of [privacy.lawful_bases]")
            found.append(Found((*path, "lawful_basis"), f'lawful_basis "{basis}" has no words', mend))
    return found


def _languages(raw: Raw) -> tuple[str, ...]:
    named = _table(raw, "scheme").get("languages")
    return tuple(name for name in named if isinstance(name, str)) if isinstance(named, list) else ("en",)


def _table(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _tables(raw: Raw, key: str) -> Iterator[tuple[int, Raw]]:
    value = raw.get(key)
    for index, table in enumerate(value if isinstance(value, list) else ()):
        if isinstance(table, dict):
            yield index, table


def _repeated(raw: Raw, key: str) -> Iterator[Found]:
    seen: set[str] = set()
    for index, table in _tables(raw, key):
        name = table.get("id")
        if isinstance(name, str) and name in seen:
            yield Found((key, index, "id"), f'id "{name}" is used twice', "Give each its own id.")
        seen.add(str(name))


def _repeated_places(raw: Raw) -> Iterator[Found]:
    seen: set[str] = set()
    for index, place in _tables(_table(raw, "area"), "places"):
        name = place.get("name")
        folded = joined(name) if isinstance(name, str) else ""
        if folded and folded in seen:
            path: Path = ("area", "places", index, "name")
            yield Found(path, f'"{name}" stands here twice', "Put all its points into one place.")
        seen.add(folded)


# Keys whose value is one text for each language, wherever they stand.
_TEXT_KEYS = frozenset(
    {
        "advice",
        "card",
        "known_as",
        "label",
        "note",
        "notice",
        "spoken",
        "text",
        "town_centre_name",
        "who_gets_what",
        "words",
    }
)


def _missing_texts(value: Any, path: Path, languages: tuple[str, ...]) -> Iterator[Found]:
    """Texts that lack a language; an empty or absent optional text lacks none."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _missing_texts(entry, (*path, index), languages)
    if not isinstance(value, dict):
        return
    for key, entry in value.items():
        here = (*path, key)
        if key in _TEXT_KEYS and isinstance(entry, dict) and entry:
            for language in languages:
                if language not in entry:
                    mend = f"Add a line: {key}.{language} = {'[…]' if key == 'words' else '…'}"
                    yield Found(here, f'"{key}" has no words in "{language}"', mend)
        else:
            yield from _missing_texts(entry, here, languages)


def _wrong_routes(category: Raw, path: Path, recipients: list[str]) -> Iterator[Found]:
    for here, named in _recipients_named(category):
        if named not in recipients:
            mend = suggestion(named, recipients, what="Recipients")
            yield Found((*path, *here), f'{here[0]} "{named}" is not a recipient', mend)


def _owners_without_mail(category: Raw, path: Path, digest_only: list[Any]) -> Iterator[Found]:
    """The chat tells the reporter who has it at once: that must be so."""
    for here, named in _recipients_named(category):
        if here[0] in ("owner", "copy_now") and named in digest_only:
            problem = f'{here[0]} "{named}" gets no mail at once (immediate = false)'
            yield Found((*path, *here), problem, "Name another recipient, or use copy_digest.")


def _recipients_named(category: Raw) -> Iterator[tuple[Path, str]]:
    if isinstance(category.get("owner"), str):
        yield ("owner",), category["owner"]
    for key in ("copy_now", "copy_digest", "can_pass_to"):
        entries = category.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            named = entry.get("recipient") if isinstance(entry, dict) else entry
            if isinstance(named, str):
                yield (key, index), named


def _long_labels(category: Raw, path: Path, languages: tuple[str, ...]) -> Iterator[Found]:
    labels, shorts = _table(category, "label"), _table(category, "label_short")
    for language in languages:
        label = labels.get(language)
        if isinstance(label, str) and len(label) > LABEL_LIMIT and language not in shorts:
            problem = f"label.{language} has {len(label)} characters, a button shows {LABEL_LIMIT}"
            yield Found((*path, "label", language), problem, f"Add a line: label_short.{language} = …")


def _wordless_triggers(category: Raw, path: Path) -> Iterator[Found]:
    for language, phrases in _table(category, "words").items():
        for phrase in phrases if isinstance(phrases, list) else ():
            if isinstance(phrase, str) and not begins_with_a_word(phrase):
                problem = f'words.{language} has "{phrase}", which begins with no word'
                yield Found((*path, "words", language), problem, "Begin with letters or digits.")


def _wrong_conditions(category: Raw, path: Path) -> Iterator[Found]:
    question = _table(category, "question")
    if question and not question.get("answers") and question.get("free_text") is not True:
        mend = "Add answers, or a line: question.free_text = true"
        yield Found((*path, "question"), "the question has no answers", mend)
    answers = [answer.get("id") for _, answer in _tables(question, "answers")]
    ids = [answer for answer in answers if isinstance(answer, str)]
    for repeated in {answer for answer in ids if ids.count(answer) > 1}:
        here: Path = (*path, "question", "answers")
        yield Found(here, f'answer id "{repeated}" is used twice', "Give each answer its own id.")
    for index, copy in _tables(category, "copy_now"):
        when = copy.get("when")
        if isinstance(when, str) and when not in ids:
            mend = suggestion(when, ids, what="Answers")
            problem = f'when "{when}" is not an answer of the question'
            yield Found((*path, "copy_now", index, "when"), problem, mend)
