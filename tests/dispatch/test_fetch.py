import asyncio
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from PIL import Image

from conversations.events import Fetched, FetchFailed, Inbound
from dispatch.pictures import MAX_RECEIVED, TooBig
from dispatch.transport import GiveUp, InDoubt, Outbound, Receipt, TryLater
from dispatch.transports.fetch import Download, FetchOrder, FetchTransport, KeptPhoto
from storage.photos import FolderStore
from tests.storage.test_photos import a_disk_that_takes_no_file_above

NOW = datetime(2026, 12, 1, 0, 0, 5, tzinfo=UTC)
OGG = b"OggS\0\2" + bytes(40)


def a_photo(size: tuple[int, int] = (60, 40), form: str = "JPEG") -> bytes:
    """With a place and a time."""
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:07:24 10:31:00"}
    exif[0x8825] = {1: "N", 2: (52.0, 14.0, 15.0), 3: "W", 4: (0.0, 53.0, 42.0)}
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, form, exif=exif)
    return out.getvalue()


def a_row(reference: str = "r7", **order: Any) -> Outbound:
    wanted: dict[str, Any] = {
        "photo": "p1",
        "address": "telegram:700100200",
        "channel": "telegram",
        "handle": "AgAC",
        "kind": "photo",
    }
    return Outbound(
        id=7,
        kind="fetch",
        lane="p1",
        reference=reference,
        payload=msgspec.json.encode(FetchOrder(**(wanted | order))).decode(),
        attempts=0,
        created_at=datetime(2026, 11, 30, 23, 59, tzinfo=UTC),
        not_before=datetime(2026, 11, 30, 23, 59, tzinfo=UTC),
    )


def gives(data: bytes) -> Download:
    async def download(handle: str) -> bytes:
        return data

    return download


def raises(error: Exception) -> Download:
    async def download(handle: str) -> bytes:
        raise error

    return download


@dataclass
class Desk:
    """A fetch transport over a real folder, and what it told: `kept` and `taken` in `told`, in order."""

    root: Path
    download: Download
    clock: Callable[[], datetime] = lambda: NOW
    told: list[KeptPhoto | Inbound] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = FolderStore(self.root)
        self.transport = FetchTransport(
            downloads={"telegram": self.download},
            store=self.store,
            zone=ZoneInfo("Europe/London"),
            take=self._tell,
            keep=self._tell,
            clock=self.clock,
        )

    async def _tell(self, what: KeptPhoto | Inbound) -> None:
        self.told.append(what)

    async def send(self, row: Outbound) -> Receipt:
        return await self.transport.send(row)

    @property
    def kept(self) -> KeptPhoto:
        (kept,) = [what for what in self.told if isinstance(what, KeptPhoto)]
        return kept

    @property
    def taken(self) -> Inbound:
        (taken,) = [what for what in self.told if isinstance(what, Inbound)]
        return taken


def failed(why: str) -> Inbound:
    return Inbound(
        external_id="fetch:r7",
        address="telegram:700100200",
        events=(FetchFailed(at=NOW, photo="p1", why=why),),
    )


# What is kept


async def test_a_photo_is_cleaned_and_kept_before_the_conversation_hears_of_it(tmp_path: Path) -> None:
    received = a_photo(form="WEBP")
    desk = Desk(tmp_path, gives(received))

    assert await desk.send(a_row(kind="image_file")) == Receipt()

    kept, taken = desk.told
    assert isinstance(kept, KeptPhoto)
    assert isinstance(taken, Inbound)
    assert kept.name is not None
    jpeg = desk.store.get(kept.name)
    assert Image.open(io.BytesIO(jpeg)).size == (60, 40)
    assert b"Exif" not in jpeg
    seen_at = datetime(2026, 7, 24, 9, 31, tzinfo=UTC)
    assert kept == KeptPhoto(
        photo="p1",
        kind="image_file",
        name=kept.name,
        mime="image/jpeg",
        width=60,
        height=40,
        size=len(jpeg),
        sha256=hashlib.sha256(jpeg).hexdigest(),
        received_sha256=hashlib.sha256(received).hexdigest(),
        received_size=len(received),
        received_format="WEBP",
        exif_at=seen_at,
        lat=kept.lat,
        lon=kept.lon,
        why=None,
    )
    assert (kept.lat, kept.lon) == pytest.approx((52.2375, -0.895))
    event = Fetched(at=NOW, photo="p1", exif_at=seen_at, lat=kept.lat, lon=kept.lon)
    assert taken == Inbound(external_id="fetch:r7", address="telegram:700100200", events=(event,))


async def test_a_second_run_leaves_what_the_first_left(tmp_path: Path) -> None:
    """In doubt, or after a crash, the runner sends the row again; here a month has begun in between."""
    desk = Desk(tmp_path, gives(a_photo()), clock=iter([NOW, NOW + timedelta(days=2)]).__next__)

    await desk.send(a_row())
    await desk.send(a_row())

    first, first_event, second, second_event = desk.told
    assert isinstance(first, KeptPhoto)
    assert isinstance(first_event, Inbound)
    assert isinstance(second_event, Inbound)
    assert first == second
    assert first_event.external_id == second_event.external_id
    assert list(desk.store.names()) == [first.name]
    assert str(first.name).startswith("2026/11/")


async def test_the_same_picture_sent_twice_is_two_files_so_that_one_can_be_erased(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gives(a_photo()))

    await desk.send(a_row("r7", photo="p1"))
    await desk.send(a_row("r8", photo="p2"))

    assert len(list(desk.store.names())) == 2


@pytest.mark.parametrize(
    ("kind", "data", "mime", "extension"),
    [
        ("voice", OGG, "audio/ogg", ".ogg"),
        ("video", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "video/mp4", ".mp4"),
        ("video", b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "video/quicktime", ".mov"),
        ("video", b"\x1a\x45\xdf\xa3" + bytes(30), "video/webm", ".webm"),
        ("voice", b"#!AMR\n", "audio/amr", ".amr"),
        ("voice", b"\0\0\0\x18ftypM4A \0\0\2\0", "audio/mp4", ".m4a"),
        ("file", b"%PDF-1.7\n", "application/pdf", ".pdf"),
        ("file", b"<html><script>alert(1)</script></html>", "application/octet-stream", ".bin"),
        ("file", b"", "application/octet-stream", ".bin"),
    ],
)
async def test_other_files_are_kept_as_they_are_under_what_they_really_are(
    tmp_path: Path, kind: str, data: bytes, mime: str, extension: str
) -> None:
    desk = Desk(tmp_path, gives(data))

    await desk.send(a_row(kind=kind, mime="image/jpeg"))

    assert desk.kept.name is not None
    assert desk.kept.name.endswith(extension)
    assert desk.store.get(desk.kept.name) == data
    assert (desk.kept.mime, desk.kept.size, desk.kept.width) == (mime, len(data), None)
    assert desk.kept.sha256 == hashlib.sha256(data).hexdigest()
    assert desk.taken.events == (Fetched(at=NOW, photo="p1"),)


async def test_a_picture_sent_as_any_file_loses_its_place_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gives(a_photo(form="PNG")))

    await desk.send(a_row(kind="file", mime="application/zip"))

    assert desk.kept.mime == "image/jpeg"
    assert desk.kept.lat == pytest.approx(52.2375)
    assert b"Exif" not in desk.store.get(str(desk.kept.name))


# What is not


@pytest.mark.parametrize(
    ("kind", "received"),
    [
        ("photo", b"<html>not found</html>"),
        ("photo", b""),
        ("image_file", a_photo()[:200]),
        ("file", a_photo()[:200]),
        ("file", b"II*\0\x08\0\0\0 a raw photo"),
    ],
)
async def test_a_picture_that_cannot_be_cleaned_is_not_kept_and_not_tried_again(
    tmp_path: Path, kind: str, received: bytes
) -> None:
    desk = Desk(tmp_path, gives(received))

    assert await desk.send(a_row(kind=kind)) == Receipt()

    assert (desk.kept.name, desk.kept.why) == (None, "not_a_picture")
    assert (desk.kept.received_size, desk.kept.sha256) == (len(received), None)
    assert desk.taken == failed("not_a_picture")
    assert list(desk.store.names()) == []


async def test_a_bomb_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    desk = Desk(tmp_path, gives(out.getvalue()))

    assert await desk.send(a_row()) == Receipt()

    assert desk.kept.why == "bomb"
    assert desk.taken == failed("bomb")


@pytest.mark.parametrize(
    ("download", "size"),
    [
        (raises(AssertionError("must not be asked")), MAX_RECEIVED + 1),
        (gives(bytes(MAX_RECEIVED + 1)), None),
        (raises(TooBig("stopped at the limit")), None),
    ],
    ids=["announced", "received", "stopped by the channel"],
)
async def test_a_file_that_is_too_big_is_refused_as_early_as_it_is_known(
    tmp_path: Path, download: Download, size: int | None
) -> None:
    desk = Desk(tmp_path, download)

    assert await desk.send(a_row(kind="video", size=size)) == Receipt()

    assert desk.kept == KeptPhoto(photo="p1", kind="video", why="too_big")
    assert desk.taken == failed("too_big")


@pytest.mark.parametrize("error", [TryLater("busy", after=timedelta(seconds=9)), InDoubt("cut off")])
async def test_a_download_that_may_work_later_is_left_to_the_runner(tmp_path: Path, error: Exception) -> None:
    desk = Desk(tmp_path, raises(error))

    with pytest.raises(type(error)) as raised:
        await desk.send(a_row())

    assert raised.value is error
    assert desk.told == []


@pytest.mark.parametrize("channel", ["telegram", "pigeon"])
async def test_a_file_that_is_gone_is_told_to_both_the_conversation_and_the_admin(
    tmp_path: Path, channel: str
) -> None:
    desk = Desk(tmp_path, raises(GiveUp("file reference expired")))

    with pytest.raises(GiveUp):
        await desk.send(a_row(channel=channel))

    assert desk.kept.why == "gone"
    assert desk.taken == failed("gone")


async def test_a_full_disk_stops_all_fetches_for_now_and_loses_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gives(a_photo((1500, 1500))))

    with a_disk_that_takes_no_file_above(2**18), pytest.raises(TryLater, match="full") as verdict:
        await desk.send(a_row())

    assert verdict.value.whole_kind
    assert desk.told == []
    await desk.send(a_row())
    assert desk.kept.name is not None


async def test_a_store_that_cannot_be_written_stops_all_fetches_for_now(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("in the way")
    desk = Desk(tmp_path / "photos", gives(OGG))

    with pytest.raises(TryLater, match="cannot be written") as verdict:
        await desk.send(a_row(kind="voice"))

    assert verdict.value.whole_kind
    assert desk.told == []


@pytest.mark.parametrize("payload", ["", "{}", '{"photo": "p1"}', "[]"])
async def test_a_payload_that_cannot_be_read_is_given_up(tmp_path: Path, payload: str) -> None:
    desk = Desk(tmp_path, gives(OGG))

    with pytest.raises(GiveUp):
        await desk.send(replace(a_row(), payload=payload))

    assert desk.told == []


async def test_ten_photos_at_once_are_all_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gives(a_photo((800, 600))))

    await asyncio.gather(*(desk.send(a_row(f"r{n}", photo=f"p{n}")) for n in range(10)))

    assert len(list(desk.store.names())) == 10
    assert len(desk.told) == 20
