"""A Telegram Bot API on loopback: the HTTP side of the stand-in.

It speaks the real protocol, so that the service needs no test mode: the demo and the tests start it, give
its address to the service as NTARS_TELEGRAM_API_URL, and act as people through `phone()`.
"""
# ruff: noqa: ASYNC109  "timeout" reads best in a test; inside it is asyncio.timeout

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.demo import faults, limits, parameters, webhook
from bot.demo.changes import Changes
from bot.demo.chats import Chat, ChatMessage
from bot.demo.cloud import Cloud, new_bot
from bot.demo.limits import ApiError, Json, bad_request
from bot.demo.methods import METHODS
from bot.demo.parameters import Parameters
from bot.demo.phone import Phone
from bot.demo.updates import WEBHOOK_TOOK_OVER

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawE"  # noqa: S105 the stand-in's own, worth nothing
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


@dataclass
class Call:
    """One call in the ledger. `answer` is None while it is open or when no answer was given."""

    method: str
    parameters: Mapping[str, str]
    at: float
    answer: Json | None = field(default=None)

    @property
    def ok(self) -> bool:
        """Whether it was answered with success."""
        return bool(self.answer and self.answer.get("ok"))


class BotApi:
    """The server. `async with BotApi() as api:` or start() and stop()."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        username: str = "ntars_demo_bot",
        first_name: str = "NTARS",
        clock: Callable[[], float] = time.time,
        webhook_delay: float = 2.0,
    ) -> None:
        self.token = token
        self.cloud = Cloud(token, new_bot(token, username, first_name), clock)
        self.faults = faults.Faults()
        self.calls: list[Call] = []
        self._calls_of: dict[str, list[Call]] = {}
        self.changes = Changes()
        self.delivery = webhook.WebhookDelivery(self.cloud, self._act, webhook_delay)
        self._port = port
        self._phones: dict[int, Phone] = {}
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @property
    def url(self) -> str:
        """The root, without /bot: what NTARS_TELEGRAM_API_URL wants."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def username(self) -> str:
        """The bot's name, without the @."""
        return str(self.cloud.me["username"])

    @property
    def acknowledged(self) -> list[int]:
        """Ids of the updates that were confirmed, by an offset or by the webhook's 2xx, in that order."""
        return self.cloud.updates.acknowledged

    @property
    def updates(self) -> list[Json]:
        """Every update ever made, acknowledged or not."""
        return self.cloud.updates.made

    async def start(self) -> None:
        """Listen on loopback; a port of 0 becomes the one that was found."""
        app = web.Application(client_max_size=60 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve_method)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self.accept()

    async def stop(self) -> None:
        """End polls and deliveries, then close the port."""
        self.faults.clear()
        self.cloud.updates.end_poll("")
        await self.delivery.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._site = None

    async def __aenter__(self) -> "BotApi":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def refuse(self) -> None:
        """A fault: nobody listens on the port any more, and open connections are cut."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server if self._runner is not None else None
        for connection in server.connections if server is not None else []:
            connection.force_close()
        await asyncio.sleep(0.01)  # until the other side can see that its connections are cut

    async def accept(self) -> None:
        """Listen (again), on the same port as before."""
        assert self._runner is not None, "start() comes first"
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        assert self._site._server is not None
        self._port = self._site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    def phone(
        self, user_id: int, first_name: str = "Sam", language_code: str | None = "en", **more: str
    ) -> Phone:
        """The phone of one person: the same for the same number. `more`: last_name, username."""
        if user_id not in self._phones:
            user: Json = {"id": user_id, "is_bot": False, "first_name": first_name, **more}
            if language_code:
                user["language_code"] = language_code
            chat = self.cloud.chats.setdefault(user_id, Chat(user))
            self._phones[user_id] = Phone(self.cloud, chat)
        return self._phones[user_id]

    def deliver_twice(self, update: Json | ChatMessage) -> None:
        """A fault: the same update comes once more, even when it was confirmed."""
        given = update.update if isinstance(update, ChatMessage) else update
        assert given is not None, "only a person's message has an update"
        self.cloud.updates.repeat(given)

    def made(self, method: str, when: Callable[[Mapping[str, str]], bool] | None = None) -> list[Call]:
        """The calls of one method so far, oldest first."""
        calls = self._calls_of.get(method.lower(), [])
        return [call for call in calls if when is None or when(call.parameters)]

    async def wait_for_call(
        self,
        method: str,
        count: int = 1,
        timeout: float = 5.0,
        when: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> list[Call]:
        """Wait until a method was called and answered so often; those calls."""

        def enough() -> list[Call]:
            if len(self._calls_of.get(method.lower(), [])) < count:
                return []  # spares looking through thousands of calls at every one of them
            finished = [call for call in self.made(method, when) if call.answer is not None]
            return finished if len(finished) >= count else []

        return await self.changes.until(enough, timeout)

    async def wait_for_call_begun(self, method: str, count: int = 1, timeout: float = 5.0) -> list[Call]:
        """Wait until a method was called so often, answered or not; those calls."""
        return await self.changes.until(
            lambda: calls if len(calls := self.made(method)) >= count else None, timeout
        )

    async def wait_until_acknowledged(self, update: Json | ChatMessage, timeout: float = 5.0) -> None:
        """Wait until the bot confirmed this update."""
        given = update.update if isinstance(update, ChatMessage) else update
        assert given is not None, "only a person's message has an update"
        number = int(given["update_id"])
        await self.cloud.updates.changes.until(lambda: number in self.acknowledged, timeout)

    async def _serve_method(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request.match_info["token"])
            given = await parameters.read(request)
        except ApiError as error:
            return _json(error.code, error.body())
        call = self._note(request.match_info["method"], given)
        try:
            return await self._answer(request, call, given)
        finally:
            self.changes.ring()

    def _note(self, method: str, given: Mapping[str, str]) -> Call:
        call = Call(method, given, self.cloud.clock())
        self.calls.append(call)
        self._calls_of.setdefault(method.lower(), []).append(call)
        self.changes.ring()
        return call

    async def _answer(self, request: web.Request, call: Call, given: Parameters) -> web.StreamResponse:
        fault = self.faults.take(call.method, given)
        if isinstance(fault, faults.Answer):
            return _scripted(fault, call)
        if isinstance(fault, faults.HangUp) and not fault.after_acting:
            return _hang_up(request)
        if isinstance(fault, faults.Hold) and not fault.after_acting:
            await fault.keep()
        status, body = await self._outcome(call.method, given)
        if isinstance(fault, faults.HangUp):
            return _hang_up(request)
        if isinstance(fault, faults.Delay):
            await asyncio.sleep(fault.seconds)
        if isinstance(fault, faults.Hold) and fault.after_acting:
            await fault.keep()
        call.answer = body
        return _json(status, body)

    async def _outcome(self, method: str, given: Parameters) -> tuple[int, Json]:
        try:
            handler = self._waiting_methods().get(method.lower())
            if handler is not None:
                return 200, await handler(given)
            return 200, {"ok": True, "result": self._act(method, given)}
        except ApiError as error:
            return error.code, error.body()

    def _act(self, method: str, given: Parameters) -> Any:
        if method.lower() not in METHODS:
            raise ApiError(404, "Not Found: method not found")
        return METHODS[method.lower()](self.cloud, given)

    def _waiting_methods(self) -> Mapping[str, Callable[[Parameters], Any]]:
        return {
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
        }

    async def _get_updates(self, given: Parameters) -> Json:
        if self.delivery.active:
            raise ApiError(409, WEBHOOK_IS_SET)
        self._allow(given)
        limit = min(max(given.integer("limit", 100), 1), 100)
        timeout = max(given.integer("timeout"), 0)
        return {"ok": True, "result": await self.cloud.updates.get(given.integer("offset"), limit, timeout)}

    async def _set_webhook(self, given: Parameters) -> Json:
        url = given.get("url", "")
        if not url:
            return await self._delete_webhook(given)
        if not url.startswith(("http://", "https://")):  # http as on one's own Bot API server
            raise bad_request("invalid webhook URL specified")
        secret = limits.checked_secret(given.get("secret_token", ""))
        self.cloud.updates.end_poll(WEBHOOK_TOOK_OVER)
        self._allow(given)
        self._drop(given)
        connections = min(max(given.integer("max_connections", 40), 1), 100)
        hook = webhook.Hook(url, secret, connections, given.get("ip_address") or "127.0.0.1")
        await self.delivery.set(hook)
        return {"ok": True, "result": True, "description": "Webhook was set"}

    async def _delete_webhook(self, given: Parameters) -> Json:
        words = "Webhook was deleted" if self.delivery.active else "Webhook is already deleted"
        self._drop(given)
        await self.delivery.stop()
        return {"ok": True, "result": True, "description": words}

    async def _webhook_info(self, _: Parameters) -> Json:
        return {"ok": True, "result": self.delivery.info()}

    def _allow(self, given: Parameters) -> None:
        kinds = given.decoded("allowed_updates", "allowed_updates")
        if kinds is not None:  # absent means: as before
            self.cloud.updates.allow(kinds)

    def _drop(self, given: Parameters) -> None:
        if given.flag("drop_pending_updates"):
            self.cloud.updates.clear()

    async def _serve_file(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request.match_info["token"])
        except ApiError as error:
            return _json(error.code, error.body())
        call = self._note("file", {"path": request.match_info["path"]})
        stored = self.cloud.files.by_path(request.match_info["path"])
        fault = self.faults.take("file", call.parameters)
        if isinstance(fault, faults.Answer):
            return _scripted(fault, call)
        if isinstance(fault, faults.HangUp):
            return _hang_up(request)
        if stored is None:
            return _json(404, ApiError(404, "Not Found").body())
        call.answer = {"ok": True}
        self.changes.ring()
        return web.Response(body=stored.content, content_type="application/octet-stream")

    def _check_token(self, token: str) -> None:
        if ":" not in token:
            raise ApiError(401, "Unauthorized: invalid token specified")
        if token != self.token:
            raise ApiError(401, "Unauthorized")


def _json(status: int, body: Json) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")


def _scripted(fault: faults.Answer, call: Call) -> web.Response:
    if isinstance(fault.body, str):
        call.answer = {"ok": False, "error_code": fault.status}
        return web.Response(status=fault.status, text=fault.body, content_type="text/html")
    call.answer = fault.body
    headers = {}
    if wait := fault.body.get("parameters", {}).get("retry_after"):
        headers["Retry-After"] = str(wait)
    return web.Response(
        status=fault.status,
        body=json.dumps(fault.body).encode(),
        content_type="application/json",
        headers=headers,
    )


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere
