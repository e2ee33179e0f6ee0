"""A town for the tests of commands: a folder of its own, its environment, and what was filed before."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from click.testing import CliRunner, Result

from admin_cli.main import cli
from bot.settings import shipped_scheme
from conversations.acts import KeepMedia
from conversations.facts import MemberView
from conversations.state import Draft, PhotoNote, Piece, Place
from storage import deliveries, media, members, reports
from storage.database import Database, open_database
from storage.deliveries import Handover
from storage.migrate import migrate
from storage.reports import Filing
from storage.tx import Tx

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
CHAT = "telegram:700100200"
ABBEY = ("Abbey Books", "--address", "12 Abington Street", "--postcode", "NN1 2AJ", "--kind", "levy")


class Town:
    """`run` runs a command; `write` changes the database as the service would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        others = {name: None for name in os.environ if name.startswith("NTARS_")}
        self.env: dict[str, str | None] = {
            **others,
            "NTARS_DATA_DIR": str(folder / "data"),
            # Nobody listens on port 9 (discard): a service on the usual port is not ours.
            "NTARS_LISTEN": "127.0.0.1:9",
            "USER": "ann",
            "LOGNAME": "ann",
        }
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """The town's database, made when it is first wanted."""
        if self._database is None:
            self._database = open_database(f"sqlite:///{self.folder}/data/ntars.db")
            migrate(self._database)
        return self._database

    def run(self, *arguments: str, given: str = "") -> Result:
        """One command; `given` is typed at its questions."""
        return CliRunner(env=self.env).invoke(cli, list(arguments), input=given)

    def json(self, *arguments: str) -> Any:
        """What a command answers to --json, which must be all it prints."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        return json.loads(result.stdout)

    def write(self, change: Callable[[Tx], T]) -> T:
        """Change the database at noon."""
        with self.database.write(NOW) as tx:
            return change(tx)

    def audit(self) -> list[tuple[str, str, str]]:
        """Who did what to what, by the audit log."""
        with self.database.read() as connection:
            rows = connection.exec_driver_sql("SELECT by, what, subject FROM audit_entry ORDER BY id")
            return [(row[0], row[1], row[2]) for row in rows]

    def own_scheme(self, *, domain: str = "town.test", line_end: str = "\n") -> Path:
        """A scheme file of the town's own, with addresses that are no placeholders, in force from now on."""
        text = shipped_scheme().read_text("utf-8").replace('.example"', f'.{domain}"')
        path = self.folder / "scheme.toml"
        path.write_bytes(text.replace("\n", line_end).encode())
        self.env["NTARS_SCHEME"] = str(path)
        return path

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.dispose()


def a_phone(
    town: Town, *, business: str = "Abbey Books", address: str = CHAT, name: str | None = None
) -> int:
    """A phone that reports for the business, which is made if it is not there."""

    def change(tx: Tx) -> int:
        try:
            shop = members.find_business(tx.connection, business).id
        except members.NoSuchBusiness:
            shop = members.add_business(
                tx, name=business, address="12 Abington Street", postcode="NN1 2AJ", kind="levy", by="test"
            )
        members.enrol(tx, address=address, code=members.code_of(tx, shop, by="test"), notice_version="1")
        if name is not None:
            members.name_phone(tx, address=address, name=name)
        return members.phones(tx.connection, shop)[-1].id

    return town.write(change)


def a_report(town: Town, *, words: str = "red tag", photo: bool = True) -> str:
    """A report by that phone, with a mail that was taken and one that waits; returns its reference."""
    phone = a_phone(town)

    def change(tx: Tx) -> str:
        (line,) = members.phones(tx.connection)
        shop = members.find_business(tx.connection, line.business)
        view = MemberView(phone, shop.id, shop.name, shop.address, shop.postcode, None, None, True)
        notes = (PhotoNote("d7f3.41", "photo", "AQAD"),) if photo else ()
        draft = Draft(
            "d7f3",
            NOW,
            NOW,
            category="graffiti",
            photos=notes,
            words=(Piece("41", words),),
            answer="no",
        )
        for note in notes:
            order = KeepMedia(note.id, "d7f3", "photo", "handle-of-telegram", NOW.timestamp(), None, None)
            media.announce(tx, order, address=CHAT, report_id=None)
        place = Place("pin", "Gold Street", 52.23711, -0.89655)
        row = reports.file_report(tx, Filing(draft, view, place, "NT", "en", urgent=False, test=True))
        for part, recipient, address in (("new", "street", "street@c.test"), ("new", "asb", "asb@c.test")):
            deliveries.queue(
                tx,
                Handover(row.id, (recipient,), address, recipient == "street", part, "graffiti", recipient),
            )
        taken = Tx(tx.connection, NOW + timedelta(minutes=1))
        deliveries.settle(taken, "street", "accepted")
        for note in notes:
            media.settle(
                taken, note.id, name="2026/11/ab.jpg", why=None, sha256="ab" * 32, width=800, height=600
            )
        return str(row.reference)

    return town.write(change)
