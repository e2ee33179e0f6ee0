"""Fetches what people send: downloads, cleans pictures, keeps the bytes, and tells the conversation."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import msgspec

from conversations.events import Fetched, FetchFailed, Inbound, MediaKind
from dispatch.pictures import MAX_RECEIVED, Picture, Refusal, TooBig, clean
from dispatch.transport import GiveUp, Outbound, Receipt, TryLater
from storage.photos import PhotoStore, StoreFull

Download = Callable[[str], Awaitable[bytes]]
"""A channel's download: handle in, bytes out. It stops at MAX_RECEIVED bytes with TooBig; otherwise it raises
TryLater, GiveUp (the file is gone, or never was) or InDoubt."""


class FetchOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a row of kind `fetch`.

    `photo` is our id of what is fetched (a voice note or a video too), `address` whose conversation waits for
    it, `handle` what `channel` downloads it by. `size` (bytes) and `mime` are the sender's word for it.
    """

    photo: str
    address: str
    channel: str
    handle: str
    kind: MediaKind
    size: int | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPhoto:
    """What is known after a fetch: either `name` and the facts of the stored bytes, or `why` there are none.

    `name` is the name in the photo store and belongs to this photo alone: erasing it touches no other.
    `mime`, `size` (bytes), `sha256` and, for pictures, `width` and `height` (pixels) describe what is stored;
    `received_…` and the EXIF facts describe the bytes as received. `why`: too_big, not_a_picture, bomb, gone.
    """

    photo: str
    kind: MediaKind
    name: str | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None
    sha256: str | None = None
    received_sha256: str | None = None
    received_size: int | None = None
    received_format: str | None = None
    exif_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    why: str | None = None


class FetchTransport:
    """Kind `fetch`. In doubt: repeat; a second run ends in the same file, the same facts and the same event.

    `keep` records the facts and must bear being called again with the same ones; `take` hands the event in.
    """

    def __init__(
        self,
        *,
        downloads: Mapping[str, Download],
        store: PhotoStore,
        zone: tzinfo,
        take: Callable[[Inbound], Awaitable[None]],
        keep: Callable[[KeptPhoto], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._downloads, self._store, self._zone = downloads, store, zone
        self._take, self._keep, self._clock = take, keep, clock
        # Two large pictures being decoded take some 300 MB; more would not be faster on a small machine.
        self._working = asyncio.Semaphore(2)

    async def send(self, row: Outbound) -> Receipt:
        """Fetch and keep. A refused picture is done, not tried again.

        Raises what the download raises, TryLater for the whole kind when the store cannot be written, and
        GiveUp for a payload that cannot be read.
        """
        try:
            order = msgspec.json.decode(row.payload, type=FetchOrder)
        except msgspec.MsgspecError as error:
            raise GiveUp("the payload is not a FetchOrder") from error
        try:
            kept = await self._fetch(row, order)
        except GiveUp:
            # Both must hear of it: the conversation here, the admin by the row that fails.
            await self._answer(row, order, KeptPhoto(photo=order.photo, kind=order.kind, why="gone"))
            raise
        await self._answer(row, order, kept)
        return Receipt()

    async def _fetch(self, row: Outbound, order: FetchOrder) -> KeptPhoto:
        try:
            received = await self._download(order)
        except Refusal as refusal:
            return KeptPhoto(photo=order.photo, kind=order.kind, why=refusal.why)
        async with self._working:
            data, extension, kept = await asyncio.to_thread(_examine, order, received, self._zone)
            if data is None:
                return kept
            name = _name(row, order, data, extension)
            await self._store_it(name, data)
        return replace(kept, name=name)

    async def _download(self, order: FetchOrder) -> bytes:
        if order.size is not None and order.size > MAX_RECEIVED:
            raise TooBig(f"{order.size} bytes announced")
        if order.channel not in self._downloads:
            raise GiveUp(f'no way to download from channel "{order.channel}"')
        received = await self._downloads[order.channel](order.handle)
        if len(received) > MAX_RECEIVED:
            raise TooBig(f"{len(received)} bytes")
        return received

    async def _store_it(self, name: str, data: bytes) -> None:
        try:
            await asyncio.to_thread(self._store.put, name, data)
        except StoreFull as error:
            raise TryLater("the photo store is full", whole_kind=True) from error
        except OSError as error:
            raise TryLater(f"the photo store cannot be written: {error.strerror}", whole_kind=True) from error

    async def _answer(self, row: Outbound, order: FetchOrder, kept: KeptPhoto) -> None:
        """Facts first: whoever is told that a photo is here must find it."""
        await self._keep(kept)
        event: Fetched | FetchFailed
        if kept.why is None:
            event = Fetched(
                at=self._clock(), photo=kept.photo, exif_at=kept.exif_at, lat=kept.lat, lon=kept.lon
            )
        else:
            event = FetchFailed(at=self._clock(), photo=kept.photo, why=kept.why)
        await self._take(
            Inbound(external_id=f"fetch:{row.reference}", address=order.address, events=(event,))
        )


def _name(row: Outbound, order: FetchOrder, data: bytes, extension: str) -> str:
    """The same for every run of a row (hence its own date), and of no other photo.

    The photo's id goes into the hash: the same picture sent twice is two files, so that one can be erased.
    """
    own = hashlib.sha256(order.photo.encode() + b"\n" + data).hexdigest()
    return f"{row.created_at.astimezone(UTC):%Y/%m}/{own}{extension}"


def _examine(order: FetchOrder, received: bytes, zone: tzinfo) -> tuple[bytes | None, str, KeptPhoto]:
    """What to store, its extension, and the facts; nothing to store where the picture is refused."""
    kept = KeptPhoto(
        photo=order.photo,
        kind=order.kind,
        received_sha256=hashlib.sha256(received).hexdigest(),
        received_size=len(received),
    )
    # Content decides: what looks like a picture never gets past the cleaning, whatever it was sent as.
    if order.kind in ("photo", "image_file") or _looks_like_a_picture(received):
        try:
            picture = clean(received, zone=zone)
        except Refusal as refusal:
            return None, "", replace(kept, why=refusal.why)
        return picture.jpeg, ".jpg", _with_picture(kept, picture)
    mime, extension = _sniff(received)
    return (
        received,
        extension,
        replace(kept, mime=mime, size=len(received), sha256=kept.received_sha256, received_format=mime),
    )


def _with_picture(kept: KeptPhoto, picture: Picture) -> KeptPhoto:
    lat, lon = picture.exif_point or (None, None)
    return replace(
        kept,
        mime="image/jpeg",
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        sha256=picture.sha256,
        received_format=picture.received_format,
        exif_at=picture.exif_at,
        lat=lat,
        lon=lon,
    )


# First bytes of pictures, which can carry a place. GIF and TIFF (with it most raw formats) get refused.
_PICTURES = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp(hei[cxms]|hev[cxms]|mif1|msf1|avi[fs])|II\*\0|MM\0\*",
    re.S,
)

_OTHERS = (  # first bytes, media type, extension; the first that fits
    (re.compile(rb"OggS"), "audio/ogg", ".ogg"),
    (re.compile(rb"....ftypM4[AB] ", re.S), "audio/mp4", ".m4a"),
    (re.compile(rb"....ftyp3g", re.S), "video/3gpp", ".3gp"),
    (re.compile(rb"....ftypqt  ", re.S), "video/quicktime", ".mov"),
    (re.compile(rb"....ftyp", re.S), "video/mp4", ".mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm", ".webm"),
    (re.compile(rb"ID3|\xff[\xf2\xf3\xfb]"), "audio/mpeg", ".mp3"),
    (re.compile(rb"RIFF....WAVE", re.S), "audio/wav", ".wav"),
    (re.compile(rb"#!AMR"), "audio/amr", ".amr"),
    (re.compile(rb"%PDF-"), "application/pdf", ".pdf"),
)


def _looks_like_a_picture(data: bytes) -> bool:
    return _PICTURES.match(data) is not None


def _sniff(data: bytes) -> tuple[str, str]:
    """Media type and extension by content. Nothing that a browser would run is among them."""
    for magic, mime, extension in _OTHERS:
        if magic.match(data):
            return mime, extension
    return "application/octet-stream", ".bin"
