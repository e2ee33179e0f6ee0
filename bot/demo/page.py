"""The demo page's server: static files, what happens as Server-Sent Events, and what a person presses."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.demo import acts, letters, samples, view
from bot.demo.bot_api import BotApi
from bot.demo.changes import Changes
from bot.demo.limits import Json
from bot.demo.mailbox import Mailbox, Received
from bot.demo.phone import Phone
from bot.demo.service import Service, ServiceError
from bot.demo.town import Recipient

STATIC = Path(__file__).parent / "static"
HEARTBEAT = 15.0  # seconds
LARGEST_UPLOAD = 60 * 2**20
NAMES = ("Sam", "Alex", "Priya", "Tomasz", "Ioana", "Grace", "Omar", "Wanda")

PAGE_POLICY = "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'"


class Page:
    """One page for one demo."""

    def __init__(
        self,
        api: BotApi,
        mailbox: Mailbox,
        service: Service,
        *,
        recipients: list[Recipient],
        town_map: Json,
        poster: Json,
        position: tuple[float, float],
    ) -> None:
        self._api = api
        self._mailbox = mailbox
        self._service = service
        self._setting: Json = {
            "map": town_map,
            "poster": {**poster, "bot": api.username},
            "inboxes": view.inboxes(recipients),
            "samples": [
                {"id": one.id, "title": one.title, "url": f"/sample/{one.id}"} for one in samples.SAMPLES
            ],
            "service": service.url,
        }
        self._position = position
        self._phones: list[tuple[Phone, bool]] = []
        self._acts: list[view.Act] = []
        self._changes = Changes()
        for source in (api.cloud.changes, mailbox.changes, service.changes):
            source.forward(self._changes)
        self._closing = False
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where to look."""
        return f"http://127.0.0.1:{self._port}/"

    def new_phone(self, name: str, number: int, *, invited: bool = True) -> Phone:
        """One more person; an invited one has scanned the poster."""
        phone = self._api.phone(number, name)
        phone.position = self._position
        self._phones.append((phone, invited))
        self._changes.ring()
        return phone

    async def start(self, port: int) -> None:
        """Listen on loopback, on this port or, if it is taken, on any."""
        app = web.Application(client_max_size=LARGEST_UPLOAD, middlewares=[_only_from_here])
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await self._listen(port)
        except OSError:
            await self._listen(0)

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Let go of everybody who listens, then close the port."""
        self._closing = True
        self._changes.ring()
        if self._runner is not None:
            await self._runner.cleanup()

    def _routes(self) -> list[web.RouteDef | web.StaticDef]:
        return [
            web.get("/", self._index),
            web.static("/static", STATIC),
            web.get("/setting", self._tell_setting),
            web.get("/events", self._events),
            web.get("/file/{path:.+}", self._file),
            web.get("/sample/{id}", self._sample),
            web.get("/mail/{number}", self._mail),
            web.get("/mail/{number}/html", self._mail_html),
            web.get("/mail/{number}/part/{index}", self._mail_part),
            web.post("/phones", self._add_phone),
            web.post("/phones/{id}/{act}", self._act),
            web.post("/restart", self._restart),
        ]

    async def _index(self, _: web.Request) -> web.StreamResponse:
        response = web.FileResponse(STATIC / "index.html")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    async def _tell_setting(self, _: web.Request) -> web.Response:
        return web.json_response(self._setting)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        told: dict[str, str] = {}
        while not self._closing:
            seen = self._changes.count
            try:
                for name, value in self._news().items():
                    body = json.dumps(value)
                    if told.get(name) != body:
                        told[name] = body
                        kind = name.partition(" ")[0]
                        await response.write(f"event: {kind}\ndata: {body}\n\n".encode())
                await self._wait(seen, response)
            except ConnectionError:
                break  # the page was closed
        return response

    async def _wait(self, seen: int, response: web.StreamResponse) -> None:
        try:
            await self._changes.beyond(seen, HEARTBEAT)
        except TimeoutError:
            await response.write(b": still here\n\n")

    def _news(self) -> dict[str, Any]:
        """All there is to show, in pieces that change together; the stream sends those that did."""
        pieces: dict[str, Any] = {"phones": [phone.chat.id for phone, _ in self._phones]}
        for phone, invited in self._phones:
            pieces[f"phone {phone.chat.id}"] = view.phone_view(phone, invited, self._api)
        mails = list(self._mailbox.messages)
        pieces["mails"] = view.mail_lists(mails)
        pieces["strip"] = view.strip(self._acts, mails)
        pieces["service"] = {
            "ready": self._service.ready,
            "starts": self._service.starts,
            "pid": self._service.pid,
        }
        return pieces

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._api.cloud.files.by_path(request.match_info["path"])
        if stored is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.content, content_type=stored.mime, headers=_PLAIN_FILE)

    async def _sample(self, request: web.Request) -> web.Response:
        try:
            one = samples.sample(request.match_info["id"])
        except StopIteration:
            raise web.HTTPNotFound from None
        return web.Response(body=await asyncio.to_thread(one.jpeg), content_type="image/jpeg")

    async def _mail(self, request: web.Request) -> web.Response:
        number, mail = self._received(request)
        return web.json_response(letters.opened(number, mail))

    async def _mail_html(self, request: web.Request) -> web.Response:
        number, mail = self._received(request)
        policy = (
            f"default-src 'none'; img-src 'self' {request.scheme}://{request.host} data:; "
            "style-src 'unsafe-inline'; frame-ancestors 'self'; "
            "sandbox allow-popups allow-popups-to-escape-sandbox"
        )
        return web.Response(
            text=letters.html_page(number, mail),
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        )

    async def _mail_part(self, request: web.Request) -> web.Response:
        _, mail = self._received(request)
        parts, index = letters.parts(mail), int(request.match_info["index"])
        if index >= len(parts):
            raise web.HTTPNotFound
        content = parts[index].get_payload(decode=True)
        assert isinstance(content, bytes)
        name = parts[index].get_filename()
        headers = {**_PLAIN_FILE, **({"Content-Disposition": f'inline; filename="{name}"'} if name else {})}
        return web.Response(body=content, content_type=parts[index].get_content_type(), headers=headers)

    def _received(self, request: web.Request) -> tuple[int, Received]:
        number = int(request.match_info["number"])
        if number >= len(self._mailbox.messages):
            raise web.HTTPNotFound
        return number, self._mailbox.messages[number]

    async def _add_phone(self, _: web.Request) -> web.Response:
        count = len(self._phones)
        phone = self.new_phone(NAMES[count % len(NAMES)], self._phones[0][0].chat.id + count)
        return web.json_response({"id": phone.chat.id})

    async def _act(self, request: web.Request) -> web.Response:
        phone = next((one for one, _ in self._phones if str(one.chat.id) == request.match_info["id"]), None)
        act = acts.ACTS.get(request.match_info["act"])
        if phone is None or act is None:
            raise web.HTTPNotFound
        given = await acts.read(request)
        try:
            what = await act(phone, given)
        except (
            LookupError,
            PermissionError,
            OSError,
        ) as error:  # nothing to press, blocked, or not a picture
            return web.json_response({"error": str(error)}, status=400)
        self._acts.append(view.Act(phone.chat.user["first_name"], what, self._api.cloud.clock()))
        return web.json_response({})

    async def _restart(self, _: web.Request) -> web.Response:
        await self._service.kill()
        try:
            await self._service.start()
        except ServiceError as failure:
            return web.json_response({"error": str(failure)}, status=500)
        return web.json_response({})


_PLAIN_FILE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}


@web.middleware
async def _only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Another site that the visitor has open must not press buttons here."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in (
        "none",
        "same-origin",
    ):
        raise web.HTTPForbidden(text="The demo takes presses from its own page only.")
    if request.host.partition(":")[0] not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden(text="The demo answers on this machine only.")
    return await handler(request)
