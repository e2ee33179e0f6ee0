"""The whole service, wired: what comes in, the pen, what goes out, the clock."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from aiohttp import web

from bot import logs
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.way_in import Door, WayInState
from bot.channels.telegram.webhook import PATH as TELEGRAM_PATH
from bot.channels.telegram.webhook import Webhook
from bot.health import Health
from bot.intake import Intake
from bot.one_pen import OnePen
from bot.scheme_file import SchemeFile
from bot.settings import Settings, scheme_source, shipped_scheme
from dispatch import settling
from dispatch.clock import Clock
from dispatch.letters import LetterWriter, Sender
from dispatch.runner import Runner
from dispatch.transport import Backoff, InDoubtRule, Kind
from dispatch.transports.email import EmailTransport
from dispatch.transports.fetch import FetchTransport, KeptPhoto
from dispatch.transports.forget import ForgetTransport
from dispatch.transports.geocode import GeocodeTransport
from dispatch.transports.smtp_url import parse_smtp_url
from dispatch.transports.timer import TimerTransport
from storage import installation, outbox
from storage.database import open_database
from storage.migrate import migrate
from storage.photos import open_store
from storage.tx import Tx
from storage.writer import Writer

log = logging.getLogger(__name__)

TELEGRAM_BOT = "telegram.bot"
GRACE_S = 10.0
WEBHOOK_WITHIN_S = 5.0
UNFINISHED_FOR = timedelta(hours=1)
CHAT_PATIENCE = timedelta(days=1)
MAIL_PATIENCE = timedelta(days=4)


def now() -> datetime:
    """The time. The only place of the service that asks."""
    return datetime.now(UTC)


class Service:
    """One town's service. `start` returns when everything is under way; `stop` loses nothing."""

    def __init__(self, settings: Settings, *, busy_timeout_ms: int = 10_000) -> None:
        self.settings = settings
        self.scheme_file = SchemeFile(settings)
        self.database = open_database(settings.database_url, busy_timeout_ms=busy_timeout_ms)
        self._pen = OnePen(settings.database_folder)
        self._store = open_store(settings.photo_url)
        self.writer = Writer(self.database, now)
        self.intake = Intake(
            self.writer,
            self.scheme_file.current,
            geocoder=settings.geocoder_url is not None,
            written=self._poke,
        )
        self._closing: list[EmailTransport | GeocodeTransport | TelegramChannel | Webhook] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ways_in: dict[str, WayInState] = {}
        self._webhook: Webhook | None = None
        self._telegram = self._make_telegram()
        self.runner = self._make_runner()
        self._clock = Clock(self.writer, self.scheme_file.town.scheme.zone, now, self._poke)
        self._http: web.AppRunner | None = None

    def _poke(self) -> None:
        self.runner.poke()

    def _make_telegram(self) -> TelegramChannel | None:
        token = self.settings.telegram_token
        if token is None:
            return None
        channel = TelegramChannel(
            token.get_secret_value(), self.settings.telegram_api_url, self._sent_message
        )
        self.intake.add_channel(channel)
        self._closing.append(channel)
        return channel

    async def _sent_message(self, reference: str) -> tuple[str, str] | None:
        return await asyncio.to_thread(self._read_sent_message, reference)

    def _read_sent_message(self, reference: str) -> tuple[str, str] | None:
        with self.database.read() as connection:
            return outbox.sent_message(connection, reference)

    def _make_runner(self) -> Runner:
        return Runner(
            self.writer,
            [kind for kind in self._kinds() if kind],
            by=f"{socket.gethostname()}:{os.getpid()}",
            clock=now,
            settled={
                "email": settling.mail_settled,
                "telegram": settling.chat_settled,
                "fetch": settling.fetch_settled,
            },
        )

    def _kinds(self) -> Sequence[Kind | None]:
        fetch = FetchTransport(
            downloads={"telegram": self._telegram.download} if self._telegram else {},
            store=self._store,
            zone=self.scheme_file.town.scheme.zone,
            take=self.intake.take_one,
            keep=self._keep_photo,
            clock=now,
        )
        return (
            Kind("timer", TimerTransport(self.intake.take_one), InDoubtRule.REPEAT),
            Kind("fetch", fetch, InDoubtRule.REPEAT),
            Kind("forget", ForgetTransport(self._store), InDoubtRule.REPEAT),
            self._chat_kind(),
            self._mail_kind(),
            self._geocode_kind(),
        )

    async def _keep_photo(self, kept: KeptPhoto) -> None:
        await self.writer.submit(settling.keep_photos, kept)
        self._poke()

    def _chat_kind(self) -> Kind | None:
        if self._telegram is None:
            return None
        return Kind(
            "telegram", self._telegram, InDoubtRule.ONCE_MORE, backoff=Backoff(patience=CHAT_PATIENCE)
        )

    def _mail_kind(self) -> Kind | None:
        settings, scheme = self.settings, self.scheme_file.town.scheme
        if settings.smtp_url is None:
            return None
        writer = LetterWriter(
            self.database,
            self._store,
            lambda: self.scheme_file.current().scheme,
            lambda: self.scheme_file.current().gazetteer,
            Sender.of(settings.mail_from, settings.reply_address, settings.admin_email, scheme),
        )
        transport = EmailTransport(parse_smtp_url(settings.smtp_url.get_secret_value()), writer.write)
        self._closing.append(transport)
        return Kind(
            "email",
            transport,
            InDoubtRule.REPEAT,
            at_once=4,
            backoff=Backoff(patience=MAIL_PATIENCE),
            lane_waits=True,
        )

    def _geocode_kind(self) -> Kind | None:
        if self.settings.geocoder_url is None:
            return None
        transport = GeocodeTransport(self.settings.geocoder_url, take=self.intake.take_one, clock=now)
        self._closing.append(transport)
        return Kind("geocode", transport, InDoubtRule.REPEAT, at_once=1)

    async def start(self) -> None:
        """Raises AlreadyServing, DatabaseTrouble, or OSError when the address to listen on is taken."""
        if self.settings.on_sqlite:
            self._pen.take()
        await asyncio.to_thread(migrate, self.database)
        await asyncio.to_thread(self._store.delete_unfinished, now() - UNFINISHED_FOR)
        self.writer.start()
        self.runner.start()
        self._clock.start()
        self._open_telegram()
        await self._listen()
        self._say_what_is_off()

    def _open_telegram(self) -> None:
        channel = self._telegram
        if channel is None:
            return
        door = Door(
            bot=channel.bot_id,
            take=self.intake.take,
            keep_dead=self.intake.keep_dead,
            answer_tap=channel.answer_tap,
            leave=channel.leave,
            now=now,
        )
        if self.settings.telegram_mode == "webhook":
            self._webhook = Webhook(self.settings.webhook_secret(), door)
            self._ways_in["telegram"] = self._webhook.state
            self._closing.append(self._webhook)
            url = f"{(self.settings.public_url or '').rstrip('/')}{TELEGRAM_PATH}"
            self._begin(_set_webhook(channel, url, self.settings.webhook_secret(), self._webhook.state))
        else:
            assert self.settings.telegram_token is not None
            token = self.settings.telegram_token.get_secret_value()
            polling = Polling(token, self.settings.telegram_api_url, door)
            self._ways_in["telegram"] = polling.state
            self._begin(polling.run())
        # `ntars invite` makes links of the bot's name.
        self._begin(channel.prepare(partial(self.writer.submit, _keep_bot_name)))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_say_if_broken)
        self._tasks.append(task)

    async def _listen(self) -> None:
        health = Health(self.writer, self.runner, self._ways_in)
        app = web.Application(client_max_size=2**20)
        app.router.add_get("/healthz", health.handle)
        if self._webhook is not None:
            app.router.add_post(TELEGRAM_PATH, self._webhook.handle)
        self._http = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_S)
        await self._http.setup()
        await web.TCPSite(self._http, self.settings.host, self.settings.port).start()
        log.info("listening", extra={"address": self.settings.listen})

    def _say_what_is_off(self) -> None:
        if self._telegram is None:
            log.warning("Telegram is off: NTARS_TELEGRAM_TOKEN is empty")
        if self.settings.smtp_url is None:
            log.warning("mail is off: NTARS_SMTP_URL is empty; reports wait until it is set")
        if scheme_source(self.settings)[1] == shipped_scheme():
            log.warning("the shipped scheme is in use, with placeholder addresses: run ntars init")
        if not self.scheme_file.town.scheme.about.live:
            log.warning("not live yet: mail goes to the BID alone; run ntars go-live when ready")

    async def stop(self) -> None:
        """Take in nothing more, let what is on its way arrive, and close. The rest waits for a start."""
        if self._http is not None:
            await self._http.cleanup()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._clock.stop()
        await self.runner.stop(GRACE_S)
        for part in self._closing:
            await part.close()
        await self.writer.stop()
        self.database.dispose()
        self._pen.drop()


async def _set_webhook(channel: TelegramChannel, url: str, secret: str, state: WayInState) -> None:
    """Nothing comes in before it is set, and /healthz says so."""
    setting = asyncio.ensure_future(channel.set_webhook(url, secret))
    try:
        done, _ = await asyncio.wait([setting], timeout=WEBHOOK_WITHIN_S)
        if not done:
            state.failed("Telegram does not know yet where to bring updates")
        await setting
        state.worked(now())
    finally:
        setting.cancel()


def _say_if_broken(task: asyncio.Task[None]) -> None:
    """Work beside the service that ends by itself has met a fault; the service goes on without it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("work beside the service broke off", exc_info=error)


def _keep_bot_name(tx: Tx, names: Sequence[str]) -> Sequence[None]:
    for name in names:
        installation.put(tx, TELEGRAM_BOT, name)
    return [None] * len(names)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    service = Service(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        await service.start()
        await stopped.wait()
        log.info("stopping")
    finally:
        await service.stop()


def run(settings: Settings) -> None:
    """`ntars serve`."""
    logs.set_up()
    asyncio.run(serve(settings))
