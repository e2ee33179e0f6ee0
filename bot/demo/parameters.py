"""A call's parameters, however they came: query, form, multipart or JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from bot.demo.limits import bad_request

TRUE = {"true", "yes", "1", "t"}


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    content: bytes


class Parameters(Mapping[str, str]):
    """Text by name, as the real server sees it (JSON values are text too), and the files beside it."""

    def __init__(self, texts: Mapping[str, str], files: Mapping[str, Upload] | None = None) -> None:
        self._texts = dict(texts)
        self.files = dict(files or {})

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; as on the real server an unreadable one counts as absent."""
        try:
            return int(self.get(name, ""))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """A yes or no."""
        return self.get(name, "").lower() in TRUE

    def decoded(self, name: str, what: str) -> Any:
        """A JSON value, None when absent."""
        if not self.get(name):
            return None
        try:
            return json.loads(self[name])
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file of that name, also when it is named by attach://."""
        return self.files.get(self.get(name, "").removeprefix("attach://") or name) or self.files.get(name)


async def read(request: web.Request) -> Parameters:
    """The parameters of one request."""
    texts = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        texts.update(as_texts(await request.read()))
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                files[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                texts[name] = value if isinstance(value, str) else bytes(value).decode()
    return Parameters(texts, files)


def as_texts(body: bytes) -> dict[str, str]:
    """A JSON object as text by name."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("object expected")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
