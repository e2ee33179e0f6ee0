"""Words in a message: commands that Telegram recognises, and the little of HTML that the Bot API reads."""

import re
from html.parser import HTMLParser

from bot.demo.limits import Json, bad_request, utf16_length

_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?(?!\w)")
_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler",
}  # fmt: skip


def entities_in(text: str) -> list[Json]:
    """The bot commands in plain words, placed in UTF-16 units."""
    return [
        {
            "offset": utf16_length(text[: found.start()]),
            "length": utf16_length(found.group()),
            "type": "bot_command",
        }
        for found in _COMMAND.finditer(text)
    ]


def parsed(text: str, mode: str) -> tuple[str, list[Json]]:
    """Words without their mark-up, and the entities it became. Only HTML and no mode at all are read."""
    if not mode:
        return text, []
    if mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1][0]}\""
        )
    return reader.text, sorted(reader.entities, key=lambda entity: entity["offset"])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[tuple[str, int, dict[str, str | None]]] = []
        self.entities: list[Json] = []

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            offset = len(self.text.encode())
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {offset}')
        self.open.append((tag, utf16_length(self.text), dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            offset = len(self.text.encode())
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        _, start, attributes = self.open.pop()
        entity: Json = {"offset": start, "length": utf16_length(self.text) - start, "type": _TAGS[tag]}
        if tag == "a":
            entity["url"] = attributes.get("href")
        self.entities.append(entity)
