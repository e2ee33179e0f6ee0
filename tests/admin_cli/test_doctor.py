"""`ntars doctor`: every finding is made for real."""

import asyncio
import fcntl
import json
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from admin_cli.findings import NUMBERS, Finding
from bot.demo.bot_api import BotApi
from bot.demo.mailbox import Mailbox
from storage import dead_letters, outbox
from storage.outbox import NewRow
from storage.tx import Tx
from tests.admin_cli.town import NOW, Town

# A scheme of the town's own is live and complete; Telegram, mail, geocoder and service are off.
ALL_OFF = {"W013", "W016", "W021", "W023"}


def findings(town: Town) -> dict[str, str]:
    found = json.loads(town.run("doctor", "--json").stdout)["findings"]
    return {finding["number"]: f"{finding['text']} {finding['mend']}" for finding in found}


def complete(town: Town) -> Path:
    path = town.own_scheme()
    text = path.read_text("utf-8").replace("live = false", "live = true", 1)
    text = text.replace("# apd_date = 2026-11-24", "apd_date = 2026-11-24").replace(
        "expires = 2026-09-30", ""
    )
    path.write_text(text, "utf-8")
    return path


class _Service(BaseHTTPRequestHandler):
    body: bytes = b""

    def do_GET(self) -> None:
        self.send_response(503 if b'"healthy": false' in self.body else 200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(town: Town) -> Iterator[type[_Service]]:
    handler = type("Handler", (_Service,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    town.env["NTARS_LISTEN"] = f"127.0.0.1:{server.server_port}"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_with_everything_off_there_are_warnings_and_no_error(town: Town) -> None:
    path = complete(town)

    result = town.run("doctor")

    assert result.exit_code == 0
    assert result.stdout == (
        "W013 Telegram is off: NTARS_TELEGRAM_TOKEN is empty.\n"
        "     Get one from https://t.me/BotFather and put it into .env: ntars init\n"
        "W016 Mail is off: NTARS_SMTP_URL is empty; reports wait until it is set.\n"
        "     Set it: ntars init\n"
        "W021 The service is not running: nobody answers at http://127.0.0.1:9/healthz.\n"
        "     Start it: ntars serve\n"
        "W023 The geocoder is off: streets that the scheme file does not know are kept as words.\n"
        "     If you have one, put it into .env: NTARS_GEOCODER_URL=https://nominatim.example.org\n"
        "4 warnings.\n"
    )
    assert path.exists()


def test_json_has_number_level_text_and_mend(town: Town) -> None:
    complete(town)

    shown = town.json("doctor")

    assert shown["ok"] is True
    assert shown["findings"][0] == {
        "number": "W013",
        "level": "warning",
        "text": "Telegram is off: NTARS_TELEGRAM_TOKEN is empty.",
        "mend": "Get one from https://t.me/BotFather and put it into .env: ntars init",
    }


def test_all_is_well_when_it_is(town: Town, mailbox: Mailbox, service: type[_Service]) -> None:
    complete(town)
    service.body = b'{"healthy": true, "database": "keeps", "in": {}, "out": {}}'
    town.env |= {"NTARS_SMTP_URL": mailbox.url, "NTARS_GEOCODER_URL": f"http://{town.env['NTARS_LISTEN']}"}

    assert set(findings(town)) == {"W013"}
    assert mailbox.messages == []
    assert mailbox.connections == 1


def test_the_shipped_file_its_placeholders_and_its_dates_are_found(town: Town) -> None:
    found = findings(town)

    assert set(found) == ALL_OFF | {"W003", "W004", "W006", "W025", "W026"}
    assert 'recipient "asb" has asb@council.example; ' in found["W004"]
    assert found["W004"].endswith("Run: ntars init")
    assert found["W025"].startswith("The public spaces protection order expired on 30 Sep 2026. ")


def test_a_placeholder_in_a_live_scheme_is_an_error(town: Town) -> None:
    path = complete(town)
    path.write_text(path.read_text("utf-8").replace("asb@council.town.test", "asb@council.example"), "utf-8")

    result = town.run("doctor")

    assert result.exit_code == 1
    assert (
        'E005 These addresses are placeholders: recipient "asb" has asb@council.example.\n' in result.stdout
    )
    assert result.stdout.endswith("1 error and 4 warnings.\n")


def test_every_wrong_setting_and_every_mistake_in_the_scheme_is_a_finding(town: Town) -> None:
    path = complete(town)
    path.write_text(path.read_text("utf-8").replace('owner = "street"', 'owner = "stret"', 1), "utf-8")

    in_scheme = town.run("doctor")
    town.env |= {"NTARS_LISTEN": "here", "NTARS_SMTP_URL": "http://secret"}
    in_settings = town.run("doctor")

    assert in_scheme.exit_code == in_settings.exit_code == 1
    assert in_scheme.stdout.splitlines()[0].startswith(f"E002 {path}, line ")
    assert in_scheme.stdout.splitlines()[1] == '     Did you mean "street"?'
    assert [line[:4] for line in in_settings.stdout.splitlines()[::2]] == ["E001", "E001", "2 er"]
    assert "secret" not in in_settings.output


def test_a_file_that_is_no_database_is_found_and_left_alone(town: Town) -> None:
    complete(town)
    path = town.folder / "data" / "ntars.db"
    path.parent.mkdir()
    path.write_bytes(b"hello")

    assert findings(town)["E007"].startswith(f"The database {path} cannot be opened, or is broken. ")
    assert path.read_bytes() == b"hello"


def test_a_database_of_another_release_is_found(town: Town) -> None:
    complete(town)
    town.write(lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))

    assert findings(town)["E009"].endswith("is not of this release. Run: ntars migrate")
    refused = town.run("business", "list")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("A newer NTARS has used this database")


def test_a_photo_folder_that_is_a_file_is_found(town: Town) -> None:
    complete(town)
    (town.folder / "photos").write_text("")
    town.env["NTARS_PHOTO_URL"] = str(town.folder / "photos")

    assert findings(town)["E012"].startswith(f"Photos cannot be kept in {town.folder}/photos: file exists.")


def test_what_failed_and_what_could_not_be_handled_is_counted(town: Town) -> None:
    complete(town)

    def change(tx: Tx) -> None:
        outbox.insert(tx, [NewRow("email", "email:bid", "k", "{}", NOW)])
        tx.connection.exec_driver_sql("UPDATE outbox SET state = 'failed'")
        dead_letters.keep(tx, external_id="telegram:1:1", channel="telegram", body="{}", error="KeyError")

    town.write(change)

    found = findings(town)
    assert found["W019"].startswith("Some things could not be sent: 1 of kind email. ")
    assert found["W020"].startswith("1 of the messages that came in could not be handled")


def test_telegram_mail_and_geocoder_are_tried(town: Town) -> None:
    complete(town)
    town.env |= {
        "NTARS_TELEGRAM_TOKEN": "1:abc",
        "NTARS_TELEGRAM_API_URL": "http://127.0.0.1:9",
        "NTARS_SMTP_URL": "smtp://ann:secret@127.0.0.1:9",
        "NTARS_GEOCODER_URL": "http://127.0.0.1:9",
    }

    found = findings(town)

    assert set(found) == {"W015", "E017", "W021", "W024"}
    assert "secret" not in str(found)


async def test_a_token_that_telegram_does_not_know_is_an_error_and_one_it_knows_none(town: Town) -> None:
    complete(town)
    async with BotApi() as api:
        town.env |= {"NTARS_TELEGRAM_TOKEN": api.token, "NTARS_TELEGRAM_API_URL": api.url}
        known = await asyncio.to_thread(findings, town)
        town.env["NTARS_TELEGRAM_TOKEN"] = f"{api.token}x"
        unknown = await asyncio.to_thread(findings, town)

    assert set(known) == {"W016", "W021", "W023"}
    assert unknown["E014"].startswith("Telegram does not know the bot: the token is refused.")


def test_a_login_that_is_refused_is_found(town: Town) -> None:
    complete(town)
    box = Mailbox(login=("ann", "right"))
    box.start_now()
    town.env["NTARS_SMTP_URL"] = box.url.replace("right", "wrong")

    found = findings(town)

    box.stop_now()
    assert "refused our user name or password" in found["E017"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            b'{"healthy": false, "database": "the database is full", "in": {}}',
            "The service can keep nothing: ",
        ),
        (
            b'{"healthy": true, "database": "keeps", "in": {"telegram": {"error": "the token is refused"}}}',
            "The service hears nothing from telegram: the token is refused. ",
        ),
        (b"<h1>It works!</h1>", "What answers at http://127.0.0.1:"),
    ],
)
def test_a_service_that_is_not_well_is_found(
    town: Town, service: type[_Service], body: bytes, complaint: str
) -> None:
    complete(town)
    service.body = body

    assert findings(town)["E022"].startswith(complaint)


def test_a_service_that_holds_the_lock_and_does_not_answer_is_found(town: Town) -> None:
    complete(town)
    (town.folder / "data").mkdir()
    with (town.folder / "data" / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert findings(town)["E022"].startswith(
            "The service runs, and does not answer at http://127.0.0.1:9"
        )


def test_secrets_that_others_may_read_are_found(town: Town) -> None:
    complete(town)
    (town.folder / ".env").write_text("")
    (town.folder / ".env").chmod(0o644)

    assert findings(town)["W028"].endswith("chmod 600 .env")


def test_the_doctor_leaves_nothing_behind(town: Town) -> None:
    complete(town)
    town.run("doctor")

    with sqlite3.connect(town.folder / "data" / "ntars.db") as db:
        assert db.execute("SELECT count(*) FROM fact").fetchone() == (0,)
    db.close()
    assert list((town.folder / "data" / "photos").iterdir()) == []


def test_numbers_are_given_once_and_tell_their_level() -> None:
    assert len({number[1:] for number in NUMBERS}) == len(NUMBERS)
    assert all(
        Finding(number, "", "").level == ("error" if number[0] == "E" else "warning") for number in NUMBERS
    )
