"""`ntars replay`: what could not be handled is taken in by the service's own intake."""

import json
from typing import Any

import msgspec
import pytest

from conversations.events import Inbound, Text
from storage import dead_letters, people
from storage.tx import Tx
from tests.admin_cli.town import CHAT, NOW, Town, a_phone

EXTERNAL = "telegram:110201543:77"
UPDATE = {
    "update_id": 77,
    "message": {
        "message_id": 41,
        "date": 1795516200,
        "chat": {"id": 700100200, "type": "private"},
        "from": {"id": 700100200, "is_bot": False, "first_name": "Sam"},
        "text": "graffiti on the shutter",
    },
}
INBOUND = msgspec.json.encode(
    Inbound(external_id=EXTERNAL, address=CHAT, events=(Text(at=NOW, message="41", words="graffiti"),))
)


def keep(town: Town, body: str, *, external_id: str = EXTERNAL) -> None:
    """As the intake keeps what it could not handle: known as taken in, too."""

    def change(tx: Tx) -> None:
        dead_letters.keep(tx, external_id=external_id, channel="telegram", body=body, error="KeyError: 'x'")
        people.see(tx, [external_id])

    town.write(change)


def told(town: Town) -> list[tuple[str, str]]:
    with town.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT kind, lane FROM outbox WHERE kind = 'telegram' ORDER BY id")
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize(
    "body", [json.dumps(UPDATE), INBOUND.decode()], ids=["as Telegram sent it", "as we read it"]
)
def test_a_kept_message_is_taken_in_once_and_answered(town: Town, body: str) -> None:
    a_phone(town)
    keep(town, body)

    done = town.run("replay", "1")
    again = town.run("replay", "--all")

    assert (done.exit_code, done.output) == (0, "1: taken in\n")
    assert again.output == "Nothing waits.\n"
    assert told(town) == [("telegram", CHAT)]
    assert town.audit()[-1] == ("cli:ann", "message replayed", "1")


def test_a_replay_that_was_interrupted_is_not_taken_in_twice(town: Town) -> None:
    a_phone(town)
    keep(town, json.dumps(UPDATE))
    town.run("replay", "1")
    # The process died between the intake's commit and the mark.
    undone = "UPDATE dead_letter SET replayed_at = NULL, body = ?"
    town.write(lambda tx: tx.connection.exec_driver_sql(undone, (json.dumps(UPDATE),)))

    result = town.run("replay", "1")

    assert result.output == "1: taken in\n"
    assert len(told(town)) == 1


def test_what_waits_is_listed(town: Town) -> None:
    keep(town, json.dumps(UPDATE))

    assert town.run("replay").stdout == (
        "No.  Channel   Came               What went wrong\n"
        "1    telegram  24 Nov 2026 10:30  KeyError: 'x'\n"
        "Take them in again: ntars replay --all\n"
    )
    assert town.json("replay") == [
        {"id": 1, "channel": "telegram", "at": "2026-11-24T10:30:00+00:00", "error": "KeyError: 'x'"}
    ]


def test_what_still_cannot_be_read_stays_and_the_rest_is_taken_in(town: Town) -> None:
    a_phone(town)
    keep(town, '{"update_id": 1, "message": 7}', external_id="telegram:110201543:1")
    keep(town, json.dumps(UPDATE))

    result = town.run("replay", "--all")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("1: failed again: it cannot be read: ")
    assert result.stdout.splitlines()[1:] == ["2: taken in"]
    assert result.stderr == (
        "1 of 2 failed again and are kept. After the next update of NTARS: ntars replay --all\n"
    )
    assert [line["id"] for line in town.json("replay")] == [1]


def test_what_fails_again_is_kept_as_it_was_and_nobody_is_told_a_second_time(town: Town) -> None:
    keep(town, json.dumps(UPDATE))
    trigger = "CREATE TRIGGER broken BEFORE INSERT ON person BEGIN SELECT RAISE(ABORT, 'no'); END"
    town.write(lambda tx: tx.connection.exec_driver_sql(trigger))

    result = town.run("replay", "1", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == [{"id": 1, "done": False, "error": "IntegrityError: no"}]
    assert told(town) == []
    assert [line["error"] for line in town.json("replay")] == ["KeyError: 'x'"]


def test_what_nobody_needs_to_know_is_done_with(town: Town) -> None:
    update: dict[str, Any] = {"update_id": 5, "poll": {"id": "1"}}
    keep(town, json.dumps(update))

    assert town.json("replay", "--all") == [{"id": 1, "done": True, "error": None}]
    assert told(town) == []


def test_a_number_that_does_not_wait_is_refused(town: Town) -> None:
    result = town.run("replay", "9")

    assert (result.exit_code, result.output) == (
        1,
        "No message 9 waits for a replay. What does: ntars replay\n",
    )
    assert town.run("replay", "9", "--all").exit_code == 2
