"""`ntars outbox`."""

from storage import outbox
from storage.outbox import NewRow
from storage.tx import Tx
from tests.admin_cli.town import CHAT, NOW, Town


def fill(town: Town) -> None:
    def change(tx: Tx) -> None:
        rows = [("email", "email:1:asb@c.test"), ("telegram", CHAT), ("email", "email:bid")]
        outbox.insert(
            tx, [NewRow(kind, lane, f"k{n}", "{}", NOW) for n, (kind, lane) in enumerate(rows, start=1)]
        )
        tx.connection.exec_driver_sql(
            "UPDATE outbox SET state = 'failed', attempts = 9, error = '550 No such user' WHERE id = 1"
        )

    town.write(change)


def test_what_waits_and_what_failed_is_listed_without_chats(town: Town) -> None:
    fill(town)

    result = town.run("outbox", "list")

    assert result.stdout == (
        "No.  Kind      To          State   Tries  Made               Not before         What was said\n"
        "1    email     asb@c.test  failed  9      24 Nov 2026 10:30  24 Nov 2026 10:30  550 No such user\n"
        "2    telegram  -           due     0      24 Nov 2026 10:30  24 Nov 2026 10:30\n"
        "3    email     bid         due     0      24 Nov 2026 10:30  24 Nov 2026 10:30\n"
    )
    lines = town.json("outbox", "list")
    assert lines[0] == {
        "id": 1,
        "kind": "email",
        "to": "asb@c.test",
        "state": "failed",
        "attempts": 9,
        "created_at": "2026-11-24T10:30:00+00:00",
        "not_before": "2026-11-24T10:30:00+00:00",
        "error": "550 No such user",
    }
    assert lines[1]["to"] is None


def test_an_empty_outbox_says_so(town: Town) -> None:
    assert town.run("outbox", "list").stdout == "Nothing waits, nothing failed.\n"
    assert town.json("outbox", "list") == []
    assert town.run("outbox", "retry", "--all").stdout == "Nothing has failed.\n"
    assert town.audit() == []


def test_what_failed_is_tried_again_and_that_is_recorded(town: Town) -> None:
    fill(town)

    result = town.run("outbox", "retry", "1")

    assert (result.exit_code, result.stdout) == (
        0,
        "1 row will be tried again at once, while the service runs.\n",
    )
    line = town.json("outbox", "list")[0]
    assert (line["state"], line["attempts"]) == ("due", 0)
    assert town.audit() == [("cli:ann", "outbox retried", "1")]


def test_what_has_not_failed_is_not_tried_again(town: Town) -> None:
    fill(town)

    result = town.run("outbox", "retry", "2")

    assert (result.exit_code, result.output) == (1, "No row 2 has failed. What has: ntars outbox list\n")


def test_retry_wants_to_know_which(town: Town) -> None:
    for words in ([], ["1", "--all"]):
        result = town.run("outbox", "retry", *words)

        assert (result.exit_code, result.output) == (
            2,
            "Say which: ntars outbox retry ID, or ntars outbox retry --all\n",
        )
