"""`ntars member`."""

from conversations.state import State
from storage import people
from storage.people import Standing
from tests.admin_cli.town import NOW, Town, a_phone


def test_phones_are_listed_by_business_and_never_by_their_chat(town: Town) -> None:
    a_phone(town, name="Sam")
    a_phone(town, business="Corner Café", address="telegram:700100300")
    town.write(
        lambda tx: people.keep(tx, [Standing("telegram:700100200", State(), 0, None, NOW, changed=True)])
    )

    shown = town.run("member", "list").stdout

    assert shown == (
        "No.  Business     Name  Channel   Joined             Last seen\n"
        "1    Abbey Books  Sam   telegram  24 Nov 2026 10:30  24 Nov 2026 10:30\n"
        "2    Corner Café  -     telegram  24 Nov 2026 10:30  -\n"
    )
    assert town.json("member", "list", "--business", "corner café") == [
        {
            "id": 2,
            "business": "Corner Café",
            "name": None,
            "shop_phone": False,
            "channel": "telegram",
            "joined_at": "2026-11-24T10:30:00+00:00",
            "last_seen": None,
        }
    ]


def test_an_empty_list_says_how_to_begin(town: Town) -> None:
    assert town.run("member", "list").stdout == (
        'No phones yet. Give staff a code: ntars invite "NAME OF THE BUSINESS"\n'
    )
    assert town.json("member", "list") == []


def test_removing_a_phone_asks_says_what_it_did_and_is_recorded(town: Town) -> None:
    a_phone(town, name="Sam")

    refused = town.run("member", "remove", "1", given="n\n")
    done = town.run("member", "remove", "1", given="y\n")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Remove phone 1 of Abbey Books (Sam, telegram)? [y/N]: n\nStopped. Nothing was changed.\n"
    )
    assert (done.exit_code, done.stdout) == (
        0,
        "Removed phone 1 of Abbey Books (Sam, telegram). Its reports stay.\n",
    )
    assert town.json("member", "list") == []
    assert town.audit()[-1] == ("cli:ann", "member removed", "1")


def test_with_yes_nothing_is_asked(town: Town) -> None:
    a_phone(town)

    result = town.run("member", "remove", "1", "--yes")

    assert result.output == "Removed phone 1 of Abbey Books (no name, telegram). Its reports stay.\n"


def test_a_phone_that_is_not_there_cannot_be_removed(town: Town) -> None:
    result = town.run("member", "remove", "7", "--yes")

    assert (result.exit_code, result.output) == (1, "No phone has the number 7. All: ntars member list\n")
