"""The whole demo, put together: temporary data, stand-ins, the real service, and the page."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.demo import town
from bot.demo.bot_api import BotApi
from bot.demo.mailbox import Mailbox
from bot.demo.page import Page
from bot.demo.service import NTARS, Service, free_port

SHOP = {"name": "Abbey Books", "address": "12 Abington Street", "postcode": "NN1 2AJ"}
ADMIN = "admin@bid.example"
FIRST_PERSON = 700_100_200


class Demo:
    """`async with Demo(port=0) as demo:` runs everything; leaving the block removes every trace."""

    def __init__(self, port: int = 0, *, command: Sequence[str] = NTARS, scheme: Path = town.SHIPPED) -> None:
        """`port` is the page's, 0 for any. `command` is how `ntars` is called, `scheme` the town's file."""
        self.api = BotApi()
        self.mailbox = Mailbox()
        self.invitation: dict[str, Any] = {}
        self._command = tuple(command)
        self._scheme_text = town.live_copy(scheme.read_text(encoding="utf-8"))
        self._scheme = town.read(self._scheme_text)
        self._folder: Path | None = None
        self._port = port
        self._service: Service | None = None
        self._page: Page | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        assert self._page is not None, "start() comes first"
        return self._page.url

    @property
    def service(self) -> Service:
        """The real service's process."""
        assert self._service is not None, "start() comes first"
        return self._service

    @property
    def page(self) -> Page:
        """The page's server."""
        assert self._page is not None, "start() comes first"
        return self._page

    async def __aenter__(self) -> "Demo":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything in order; the page last, when there is something to show."""
        await self.api.start()
        await self.mailbox.start()
        folder = self._folder = Path(tempfile.mkdtemp(prefix="ntars-demo-"))
        service = self._service = Service(self._environment(folder), folder / "serve.log", self._command)
        business = (SHOP["name"], "--address", SHOP["address"], "--postcode", SHOP["postcode"])
        await service.run("business", "add", *business, "--kind", "levy")
        await service.start()
        self.invitation = await service.run("invite", SHOP["name"])
        self._page = Page(
            self.api,
            self.mailbox,
            service,
            recipients=town.recipients(self._scheme),
            town_map=town.town_map(self._scheme),
            poster={**self.invitation, **SHOP},
            position=town.middle(self._scheme),
        )
        self._page.new_phone("Sam", FIRST_PERSON)
        await self._page.start(self._port)

    async def stop(self) -> None:
        """End everything in the opposite order and delete the temporary data."""
        if self._page is not None:
            await self._page.stop()
        if self._service is not None:
            await self._service.stop()
        await self.mailbox.stop()
        await self.api.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _environment(self, folder: Path) -> dict[str, str]:
        scheme = folder / "scheme.toml"
        scheme.write_text(self._scheme_text, encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        return {
            "NTARS_DATA_DIR": str(folder / "data"),
            "NTARS_SCHEME": str(scheme),
            "NTARS_TELEGRAM_TOKEN": self.api.token,
            "NTARS_TELEGRAM_API_URL": self.api.url,
            "NTARS_TELEGRAM_MODE": "polling",
            "NTARS_SMTP_URL": self.mailbox.url,
            "NTARS_MAIL_FROM": "NTARS <reports@ntars.example>",
            "NTARS_ADMIN_EMAIL": ADMIN,
            "NTARS_LISTEN": address,
            "NTARS_PUBLIC_URL": f"http://{address}",  # the buttons in the mails lead to the real service
        }
