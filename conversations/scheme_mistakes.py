"""Mistakes in a scheme file, each with its line, its place, what is wrong and what to do about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from conversations.scheme_lines import Path

_Explain = Callable[[str, ErrorDetails], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake as an admin reads it; `line` counts from 1, None where the file has no such line."""

    line: int | None
    where: str
    problem: str
    mend: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        return f"{place}: {self.problem}. {self.mend}".strip()


class SchemeMistakes(ValueError):  # noqa: N818 - it carries mistakes that people made
    """A scheme file cannot be used; `mistakes` names every reason, in the order of the file."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake that knows its path in the file but not yet its line."""

    path: Path
    problem: str
    mend: str


def suggestion(wrong: object, known: Iterable[str], *, what: str) -> str:
    """The nearest of `known` as a question, else the list of what there is."""
    names = list(known)
    nearest = get_close_matches(str(wrong), names, n=1, cutoff=0.6)
    if nearest:
        return f'Did you mean "{nearest[0]}"?'
    return f"{what}: {', '.join(names)}." if names else f"There are no {what.lower()} yet."


def where_is(path: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    """The table that a path leads to, as an admin would name it: `category "graffiti"`."""
    match path:
        case ["categories", int() as index, *_]:
            return _nth("category", "id", raw.get("categories"), index)
        case ["recipients", int() as index, *_]:
            return _nth("recipient", "id", raw.get("recipients"), index)
        case ["area", "places", int() as index, *_]:
            area = raw.get("area")
            places = area.get("places") if isinstance(area, dict) else None
            return _nth("place", "name", places, index)
        case [str() as table, *_]:
            return f"[{table}]"
        case _:
            return "the file"


def from_pydantic(invalid: ValidationError, raw: Mapping[str, Any], model: type[BaseModel]) -> list[Found]:
    """All that pydantic found, in an admin's words."""
    errors = invalid.errors(include_url=False)
    return [_explained(error, raw, model) for error in errors if not _follows_from_another(error, errors)]


def _follows_from_another(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Pydantic calls a list too short when its entries are wrong: one mistake, not two."""
    path = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(path)] == path and len(other["loc"]) > len(path) for other in errors
    )


def _nth(noun: str, key: str, tables: object, index: int) -> str:
    table = tables[index] if isinstance(tables, list) and index < len(tables) else None
    name = table.get(key) if isinstance(table, dict) else None
    return f'{noun} "{name}"' if isinstance(name, str) and name else f"{noun} number {index + 1}"


def _explained(error: ErrorDetails, raw: Mapping[str, Any], model: type[BaseModel]) -> Found:
    # Pydantic names the wrong key of a mapping by a "[key]" behind it.
    path = tuple(part for part in error["loc"] if part != "[key]")
    key = _name(path)
    explain = _EXPLANATIONS.get(error["type"])
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return Found(path, f'there is no key "{path[-1]}"', suggestion(path[-1], known, what="Known keys"))
    if explain is None:
        return Found(path, f'"{key}" is wrong: {error["msg"].rstrip(".")}', "Mend the value.")
    problem, mend = explain(key, error)
    return Found(path, problem, mend)


def _name(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    # "label.en" says more than "en", "owner" more than "categories.owner".
    nested = len(names) > 1 and len(names[-1]) == 2
    return ".".join(names[-2:] if nested else names[-1:]) or "the file"


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    here: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int) or here is None:
            continue
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        here = _model_in(fields[part].annotation) if part in fields else None
    return [field.alias or name for name, field in here.model_fields.items()] if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _missing(key: str, error: ErrorDetails) -> tuple[str, str]:
    return f'"{key}" is missing', f"Add a line: {key} = …"


def _should_be(what: str, mend: str) -> _Explain:
    def explain(key: str, error: ErrorDetails) -> tuple[str, str]:
        shown = repr(error["input"])
        return f'"{key}" should be {what}, not {shown if len(shown) < 60 else "this"}', mend

    return explain


def _not_one_of(key: str, error: ErrorDetails) -> tuple[str, str]:
    wrong = error["input"]
    choices = [part.strip(" '\"") for part in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
    return f'{key} "{wrong}" is not one of the choices', suggestion(wrong, choices, what="Choices")


def _too_long(key: str, error: ErrorDetails) -> tuple[str, str]:
    limit, length = error["ctx"]["max_length"], len(str(error["input"]))
    return f'"{key}" has {length} characters, at most {limit} fit', "Shorten it."


def _too_short(key: str, error: ErrorDetails) -> tuple[str, str]:
    least = error["ctx"]["min_length"]
    return (f'"{key}" is empty', "Write something.") if least == 1 else _too_few(key, error)


def _too_few(key: str, error: ErrorDetails) -> tuple[str, str]:
    ctx = error["ctx"]
    return f'"{key}" has {ctx["actual_length"]} entries, at least {ctx["min_length"]} are needed', "Add more."


def _wrong_shape(key: str, error: ErrorDetails) -> tuple[str, str]:
    wrong = error["input"]
    mends = {
        "id": "Use at most 24 of a to z, 0 to 9 and _.",
        "reference_prefix": "Use one to four capital letters.",
        "email": "Write it like name@example.org.",
        "privacy_email": "Write it like name@example.org.",
        "languages": 'Use two-letter codes like "en".',
    }
    return f'{key} "{wrong}" has the wrong shape', mends.get(key, mends["id"])


def _not_valid(key: str, error: ErrorDetails) -> tuple[str, str]:
    wrong, reason = error["input"], str(error["ctx"]["error"])
    shown = f'"{wrong}"' if isinstance(wrong, str) else str(wrong)
    mend = 'Use a name like "Europe/London".' if "zone" in reason else "Mend the value."
    return f"{key} {shown} {reason}", mend


_TEXT = _should_be("text", "Put it in double quotes.")
_BOOL = _should_be("true or false", "Write true or false, without quotes.")
_WHOLE = _should_be("a whole number", "Write it in digits, without quotes.")
_NUMBER = _should_be("a number", "Write it in digits, without quotes.")
_DATE = _should_be("a date", "Write it like 2026-12-25, without quotes.")
_LIST = _should_be("a list", "Put it in square brackets.")
_TABLE = _should_be("a table", "Give it keys, like label.en = …")

# By the types of https://docs.pydantic.dev/latest/errors/validation_errors/
_EXPLANATIONS: Mapping[str, _Explain] = {
    "missing": _missing,
    "string_type": _TEXT,
    "bool_type": _BOOL,
    "bool_parsing": _BOOL,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "tuple_type": _LIST,
    "model_type": _TABLE,
    "mapping_type": _TABLE,
    "dict_type": _TABLE,
    "literal_error": _not_one_of,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_few,
    "string_pattern_mismatch": _wrong_shape,
    "value_error": _not_valid,
}
