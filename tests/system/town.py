"""A town for tests: the whole service beside a Bot API and a mail server, and people who act and wait."""
# ruff: noqa: ASYNC109  "timeout" reads best in a test; inside it is asyncio.timeout

import asyncio
import io
import json
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from PIL import Image

from bot.app import Service, now
from bot.demo.bot_api import BotApi
from bot.demo.chats import ChatMessage
from bot.demo.mailbox import Mailbox, Received
from bot.demo.phone import Phone
from bot.demo.service import CHECKOUT, NTARS, free_port
from bot.settings import Settings, read_settings, shipped_scheme
from storage import members
from storage.database import open_database
from storage.tx import Tx
from tests.system.files import migrated_database
from tests.system.wording import said

T = TypeVar("T")

STREET, ASB, OUTREACH = "street@council.example", "asb@council.example", "outreach@council.example"
PARTNERSHIP, BID = "partnership@police.example", "info@northamptonbid.example"

SHOP, SHOP_ADDRESS, SHOP_POSTCODE = "Abbey Books", "12 Abington Street", "NN1 2AJ"
SHOP_PHONE, SHOP_POINT = "01604 496 1234", (52.23761, -0.89557)

# A name, a nickname and a number that stand nowhere else, so that a search for them proves something.
FIRST_NAME, USERNAME, PERSON = "Quenby", "quenby_of_old", 700_100_200

ASKS_FOR_PHOTO = ("Graffiti", "Damage", "Dumped rubbish", "Litter or bins", "Vehicle nuisance")

_REFERENCE = re.compile(r"\bNT-[2-9BCDFGHJKMNPQRSTVWXZ]{4,}\b")


def a_scheme(*, live: bool = True, change: Callable[[str], str] = lambda text: text) -> str:
    """The shipped scheme file as a town has it."""
    text = shipped_scheme().read_text("utf-8")
    return change(text.replace("\nlive = false", "\nlive = true") if live else text)


def a_picture(colour: str = "#b03a2e", size: tuple[int, int] = (800, 600), **save: Any) -> bytes:
    """A JPEG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **save)
    return out.getvalue()


def reference_in(message: ChatMessage) -> str:
    """The report's reference in what the bot says."""
    found = _REFERENCE.search(message.text)
    assert found, message.text
    return found[0]


def reporting_mails(mails: list[Received], reference: str) -> list[Received]:
    """Those of the mails that are about the report."""
    return [mail for mail in mails if reference in mail.subject]


def everything_in(mail: Received) -> bytes:
    """All bytes of a mail and of its envelope: as sent, and each part decoded."""
    decoded = [part.get_payload(decode=True) or b"" for part in mail.message.walk()]
    envelope = f"{mail.mail_from} {mail.rcpt_tos} {list(mail.message.items())}".encode()
    return b"\n".join([mail.content, envelope, *(part for part in decoded if isinstance(part, bytes))])


async def until(look: Callable[[], T | None], what: str = "it", timeout: float = 10.0) -> T:
    """The first true value of `look`; for what rings no bell, such as a row of the database."""
    try:
        async with asyncio.timeout(timeout):
            while not (found := look()):  # noqa: ASYNC110  a row of a database rings no bell
                await asyncio.sleep(0.01)
            return found
    except TimeoutError:
        raise AssertionError(f"Not within {timeout:g} s: {what}") from None


class _Place:
    """What both sorts of town share: the stand-ins, the data folder, and who is in the town."""

    def __init__(
        self,
        folder: Path,
        *,
        live: bool = True,
        change: Callable[[str], str] = lambda text: text,
        mailbox: Mailbox | None = None,
        webhook: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder / "data"
        self.folder.mkdir(exist_ok=True)
        self.scheme = folder / "scheme.toml"
        self.scheme.write_text(a_scheme(live=live, change=change), "utf-8")
        self.api = BotApi(port=free_port(), webhook_delay=0.2)
        self.mailbox = mailbox or Mailbox(port=free_port())
        self.port = free_port()
        self._more_settings = dict(settings or {})
        if webhook:
            self._more_settings |= {"NTARS_TELEGRAM_MODE": "webhook", "NTARS_PUBLIC_URL": self.url}
        self._codes: dict[str, str] = {}

    @property
    def database_file(self) -> Path:
        return self.folder / "ntars.db"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What `.env` would say."""
        return {
            "NTARS_DATA_DIR": str(self.folder),
            "NTARS_SCHEME": str(self.scheme),
            "NTARS_TELEGRAM_TOKEN": self.api.token,
            "NTARS_TELEGRAM_API_URL": self.api.url,
            "NTARS_SMTP_URL": self.mailbox.url,
            "NTARS_MAIL_FROM": "ntars@bid.example",
            "NTARS_LISTEN": f"127.0.0.1:{self.port}",
            **self._more_settings,
        }

    async def _open(self) -> None:
        await self.api.start()
        await self.mailbox.start()
        if not self.database_file.exists():
            self.database_file.write_bytes(migrated_database())

    async def _close(self) -> None:
        await self.api.stop()
        await self.mailbox.stop()

    # The database, as an onlooker sees it, and as somebody with a screwdriver changes it

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database_file, timeout=10)) as db:
            return db.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        found = self.rows(query, *values)
        return found[0][0] if found else None

    def change(self, statement: str, *values: Any) -> int:
        with closing(sqlite3.connect(self.database_file, timeout=10)) as db, db:
            return db.execute(statement, values).rowcount

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another process holds the database."""
        with closing(sqlite3.connect(self.database_file, timeout=10, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                db.execute("ROLLBACK")

    def hurry(self, kind: str = "email") -> int:
        """What waits for its time or its next try is due at once."""
        return self.change(
            "UPDATE outbox SET not_before = 0 WHERE kind = ? AND state IN ('due', 'doubtful')", kind
        )

    def age_draft(self, *, minutes: int) -> None:
        """Move the only draft back in time, and its timer to now."""
        state = json.loads(self.value("SELECT state FROM person WHERE state LIKE '%draft%'"))
        for moment in ("started_at", "touched_at"):
            then = datetime.fromisoformat(state["draft"][moment]) - timedelta(minutes=minutes)
            state["draft"][moment] = then.isoformat()
        self.change("UPDATE person SET state = ? WHERE state LIKE '%draft%'", json.dumps(state))
        self.hurry("timer")

    # People

    def add_shop(
        self,
        name: str = SHOP,
        address: str = SHOP_ADDRESS,
        postcode: str = SHOP_POSTCODE,
        phone: str | None = SHOP_PHONE,
        point: tuple[float, float] | None = SHOP_POINT,
    ) -> str:
        """Enrol a business, as the CLI does; returns its poster's code."""
        if name not in self._codes:
            with self.transaction() as tx:
                business = members.add_business(
                    tx, name=name, address=address, postcode=postcode, kind="levy", by="test",
                    phone=phone, point=point,
                )  # fmt: skip
                self._codes[name] = members.code_of(tx, business, by="test")
        return self._codes[name]

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        database = open_database(f"sqlite:///{self.database_file}")
        with database.write(now()) as tx:
            yield tx
        database.dispose()

    def stranger(self, user_id: int = PERSON, **who: str) -> Phone:
        """Somebody with a phone, who is not enrolled."""
        return self.api.phone(user_id, **{"first_name": FIRST_NAME, "username": USERNAME, **who})

    def member(self, user_id: int = PERSON, *, shop: str = SHOP, **who: str) -> Phone:
        """A phone that has joined already."""
        code, phone = self.add_shop(shop), self.stranger(user_id, **who)
        with self.transaction() as tx:
            members.enrol(tx, address=f"telegram:{user_id}", code=code, notice_version="1")
        phone.chat.started = True
        return phone

    async def join(self, user_id: int = PERSON, *, shop: str = SHOP, timeout: float = 10.0) -> Phone:
        """A phone that reports for the shop."""
        code = self.add_shop(shop)
        phone = self.stranger(user_id)
        await phone.start(code)
        await phone.wait_for(said("join-welcome"), timeout)
        await phone.tap("Join")
        await phone.wait_for(said("join-name"), timeout)
        await phone.tap("Skip")
        await phone.wait_for(said("join-in"), timeout)
        return phone

    async def say(
        self,
        phone: Phone,
        *,
        kind: str = "Graffiti",
        place: str = "Market Square",
        words: str | None = "red tag on the shutter",
        photo: bytes | None = None,
        answer: str | None = "No",
        then: Sequence[str] = ("Send",),
    ) -> None:
        """Everything that a report takes, typed without waiting for a single answer."""
        await phone.text("/report")
        await phone.text(kind)
        await phone.text(place)
        if photo:
            await phone.photo(photo)
        elif kind in ASKS_FOR_PHOTO:
            await phone.text("No photo")
        for line in (words or "Skip", *([answer] if answer else []), *then):
            await phone.text(line)

    async def report(self, phone: Phone, *, timeout: float = 10.0, **what: Any) -> str:
        """A report that is on file; returns its reference. The chat may lag behind: it has a pace."""
        before = self.references(phone)
        await self.say(phone, **what)
        fresh = await until(
            lambda: [one for one in self.references(phone) if one not in before], timeout=timeout
        )
        return fresh[0]

    async def filed(self, phone: Phone, count: int = 1, timeout: float = 60.0) -> str:
        """Wait until the phone has filed so many reports; the reference of the newest."""
        found = await until(
            lambda: known if len(known := self.references(phone)) >= count else None,
            f"{count} report(s) of {phone.chat.id}",
            timeout,
        )
        return found[-1]

    def references(self, phone: Phone) -> list[str]:
        """The phone's reports, oldest first."""
        query = (
            "SELECT reference FROM report JOIN member ON member.id = report.member_id "
            "WHERE member.address = ? ORDER BY report.id"
        )
        return [row[0] for row in self.rows(query, f"telegram:{phone.chat.id}")]

    async def press(self, phone: Phone, data: str) -> None:
        """A button known by its data, whether or not it has come up on the phone yet; taken in on return."""
        tap = await phone.press(data, 1)
        await self.api.wait_until_acknowledged(tap.update, 10)

    async def mail(self, reference: str, recipient: str, count: int = 1, timeout: float = 10.0) -> Received:
        """The newest of at least so many mails on the report to this recipient."""
        return (await self.mails(reference, recipient, count, timeout))[-1]

    async def mails(
        self, reference: str, recipient: str, count: int = 1, timeout: float = 10.0
    ) -> list[Received]:
        """The mails on the report to this recipient, once there are so many."""

        def enough() -> list[Received]:
            found = reporting_mails(self.mailbox.to(recipient), reference)
            return found if len(found) >= count else []

        try:
            return await self.mailbox.changes.until(enough, timeout)
        except TimeoutError:
            there = "\n".join(f"{mail.rcpt_tos} {mail.subject}" for mail in self.mailbox.messages)
            raise AssertionError(
                f"Not {count} mail(s) on {reference} to {recipient}. There is:\n{there}"
            ) from None

    async def all_settled(self, kind: str = "email", timeout: float = 10.0) -> None:
        """Wait until nothing of this kind is on its way or due any more."""
        query = "SELECT count(*) FROM outbox WHERE kind = ? AND state IN ('due', 'sending', 'doubtful')"
        await until(lambda: self.value(query, kind) == 0, f"all of {kind} settled", timeout)

    async def ntars(self, *arguments: str) -> str:
        """A command of the CLI beside the running service; what it printed."""
        process = await asyncio.create_subprocess_exec(
            *NTARS, *arguments,
            cwd=CHECKOUT, env=self._environment_of_a_child(),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()
        return out.decode()

    def _environment_of_a_child(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("NTARS_")}
        return {**ours, **self.environment()}

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /healthz."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/healthz") as answer:
            return answer.status, await answer.json()


class Town(_Place):
    """The service inside this process. `async with Town(tmp_path) as town:`"""

    service: Service

    def __init__(self, folder: Path, *, busy_timeout_ms: int = 10_000, **more: Any) -> None:
        super().__init__(folder, **more)
        self._busy_timeout_ms = busy_timeout_ms

    def settings(self) -> Settings:
        return read_settings(self.environment())

    async def start(self) -> None:
        """Serve (again) from the same data folder."""
        self.service = Service(self.settings(), busy_timeout_ms=self._busy_timeout_ms)
        await self.service.start()

    async def stop(self) -> None:
        """As at SIGTERM."""
        await self.service.stop()

    async def __aenter__(self) -> Self:
        await self._open()
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.api.stop()
        await self.stop()
        await self._close()


class ServedTown(_Place):
    """The service as a child process, which can be killed."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        self.log = folder / "serve.log"
        self.process: asyncio.subprocess.Process | None = None

    async def begin(self) -> asyncio.subprocess.Process:
        """Start `ntars serve`, and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *NTARS, "serve",
                cwd=CHECKOUT, env=self._environment_of_a_child(),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self.process

    async def start(self) -> None:
        """Start `ntars serve` and wait until it fetches updates."""
        polls = len(self.api.made("getUpdates"))
        process = await self.begin()
        ended = asyncio.create_task(process.wait())
        polled = asyncio.create_task(self.api.wait_for_call_begun("getUpdates", polls + 1, timeout=30))
        await asyncio.wait({ended, polled}, return_when=asyncio.FIRST_COMPLETED)
        if not polled.done():
            polled.cancel()
            raise AssertionError(f"ntars serve ended with {ended.result()}:\n{self.last_words()}")
        ended.cancel()

    async def kill(self, how: signal.Signals = signal.SIGKILL, within: float = 20.0) -> int:
        """End the process; returns its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(within):
            return await self.process.wait()

    def last_words(self, lines: int = 30) -> str:
        """The end of the service's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process is not None:
            await self.kill()
        await self._close()
