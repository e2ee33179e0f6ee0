"""A turn as a row of the outbox holds it.

Read by hand: a value may be a list of values, and msgspec follows no type that contains itself by name.
"""

from typing import Any

import msgspec

from conversations.says import Clock, Option, Phrase, Say, Turn, Value


def write_turn(turn: Turn) -> str:
    """The turn as it is stored."""
    return msgspec.json.encode(turn).decode()


def read_turn(payload: str) -> Turn:
    """The turn, as `write_turn` wrote it in this release or an earlier one.

    Raises ValueError. Fields that this release does not know are passed over.
    """
    try:
        stored = msgspec.json.decode(payload)
        says = tuple(_say(one) for one in stored["says"])
        return Turn(language=str(stored["language"]), says=says, chosen=stored.get("chosen"))
    except (msgspec.MsgspecError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no turn: {type(error).__name__}") from None


def _say(stored: dict[str, Any]) -> Say:
    plain = {name: stored[name] for name in Say.__struct_fields__ if name in stored}
    plain["text"] = tuple(_phrase(one) for one in stored["text"])
    plain["options"] = tuple(_option(one) for one in stored.get("options", ()))
    return Say(**plain)


def _option(stored: dict[str, Any]) -> Option:
    return Option(stored["data"], _value(stored["label"]), stored.get("style", "plain"))


def _phrase(stored: dict[str, Any]) -> Phrase:
    values = stored.get("values", {})
    return Phrase(stored["key"], {name: _value(value) for name, value in values.items()})


def _value(stored: Any) -> Value:
    match stored:
        case str() | int():
            return stored
        case list():
            return tuple(_value(one) for one in stored)
        case {"type": "Phrase"}:
            return _phrase(stored)
        case {"type": "Clock"}:
            return Clock(stored["at"], stored["now"], stored["zone"])
        case _:
            raise TypeError(f"a value of {type(stored).__name__}")
