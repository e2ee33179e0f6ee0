"""What can be pressed on a demo phone, by name: each carries it out and says in a few words what it was."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from bot.demo import samples
from bot.demo.parameters import Upload
from bot.demo.phone import Phone

Given = dict[str, Any]


async def read(request: web.Request) -> Given:
    """What the page sent: JSON, or a form with files."""
    if request.content_type == "application/json":
        given: Given = await request.json()
        return given
    form = await request.post()
    texts: Given = {name: value for name, value in form.items() if isinstance(value, str)}
    files = [value for value in form.getall("files", []) if isinstance(value, FileField)]
    uploads = [Upload(file.filename, file.content_type, file.file.read()) for file in files]
    return {**texts, "uploads": [upload for upload in uploads if upload.content]}


async def _start(phone: Phone, given: Given) -> str:
    await phone.start(given.get("payload", ""))
    return "START"


async def _text(phone: Phone, given: Given) -> str:
    reply_to = given.get("reply_to")
    await phone.text(given["text"], reply_to=int(reply_to) if reply_to else None)
    return str(given["text"])


async def _tap(phone: Phone, given: Given) -> str:
    message = given.get("message")
    await phone.tap(given["data"] or given["label"], int(message) if message else None)
    return str(given["label"])


async def _pin(phone: Phone, given: Given) -> str:
    await phone.pin(float(given["lat"]), float(given["lon"]))
    return "a place on the map"


async def _photos(phone: Phone, given: Given) -> str:
    pictures = [samples.sample(name).jpeg() for name in given.get("samples", "").split()]
    pictures += [upload.content for upload in given["uploads"]]
    caption = given.get("caption") or None
    if given.get("as_file"):
        return await _files(phone, given)
    if len(pictures) == 1:
        await phone.photo(pictures[0], caption)
        return "a photo"
    await phone.album(pictures[:10], caption)
    return f"{len(pictures)} photos"


async def _files(phone: Phone, given: Given) -> str:
    for name in given.get("samples", "").split():
        picture = samples.sample(name).jpeg(phone.position)
        await phone.document(picture, f"{name}.jpg", "image/jpeg", given.get("caption") or None)
    for upload in given["uploads"]:
        await phone.document(upload.content, upload.name, upload.mime, given.get("caption") or None)
    return "a file"


async def _voice(phone: Phone, _: Given) -> str:
    await phone.voice(samples.voice_note(), 3)
    return "a voice note"


async def _edit(phone: Phone, given: Given) -> str:
    await phone.edit(int(given["message"]), given["text"])
    return f"edited: {given['text']}"


async def _block(phone: Phone, _: Given) -> str:
    await (phone.unblock() if phone.chat.blocked else phone.block())
    return "block"


ACTS: dict[str, Callable[[Phone, Given], Awaitable[str]]] = {
    "start": _start,
    "text": _text,
    "tap": _tap,
    "pin": _pin,
    "photos": _photos,
    "voice": _voice,
    "edit": _edit,
    "block": _block,
}
