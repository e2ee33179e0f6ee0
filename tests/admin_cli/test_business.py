"""`ntars business` and `ntars invite`."""

import asyncio

import pytest

from admin_cli.telegram import BOT_FACT
from bot.app import TELEGRAM_BOT
from bot.demo.bot_api import BotApi
from storage import installation
from tests.admin_cli.town import ABBEY, Town

ABBEY_VALUES = {
    "id": 1, "name": "Abbey Books", "address": "12 Abington Street", "postcode": "NN1 2AJ", "kind": "levy",
    "status": "active", "phone": None, "lat": None, "lon": None, "phones": 0,
}  # fmt: skip
OFF_EARTH = "is not on earth: latitude goes from -90 to 90, longitude from -180 to 180, latitude first."


def test_a_business_is_added_listed_and_shown(town: Town) -> None:
    added = town.run("business", "add", *ABBEY, "--at", "52.2371,-0.8946", "--phone", "01604 837766")

    assert (added.exit_code, added.stderr) == (0, "")
    assert added.stdout == (
        'Added "Abbey Books", 12 Abington Street, NN1 2AJ (levy).\n'
        'Its poster\'s code: ntars invite "Abbey Books"\n'
    )
    assert town.run("business", "list").stdout == (
        "Name         Address             Postcode  Kind  Status  Phones\n"
        "Abbey Books  12 Abington Street  NN1 2AJ   levy  active  0\n"
    )
    assert town.run("business", "show", "abbey books").stdout == (
        "Name       Abbey Books\n"
        "Address    12 Abington Street, NN1 2AJ\n"
        "Point      52.2371,-0.8946\n"
        "Kind       levy\n"
        "Status     active\n"
        "Telephone  01604 837766\n"
        "Phones     0 reporting\n"
    )
    assert [(by.partition(":")[0], what, subject) for by, what, subject in town.audit()] == [
        ("cli", "business added", "Abbey Books")
    ]
    assert town.audit()[0][0] == "cli:ann"


def test_json_says_the_same(town: Town) -> None:
    assert town.json("business", "list") == []
    assert town.json("business", "add", *ABBEY) == ABBEY_VALUES
    assert town.json("business", "list") == [ABBEY_VALUES]
    assert town.json("business", "show", "Abbey Books") == ABBEY_VALUES


def test_an_empty_list_says_how_to_begin(town: Town) -> None:
    assert town.run("business", "list").stdout == (
        'No businesses yet. Add one: ntars business add "Abbey Books" '
        '--address "12 Abington Street" --postcode "NN1 2AJ" --kind levy\n'
    )


@pytest.mark.parametrize("name", ['Bob\'s "Best" Buns', "Café 🍰 & Söhne", "مكتبة الدير", "$HOME `rm`"])
def test_names_may_be_in_any_writing(town: Town, name: str) -> None:
    assert town.json("business", "add", name, *ABBEY[1:])["name"] == name
    assert town.json("business", "show", name)["name"] == name
    assert name in town.run("business", "list").stdout
    assert town.run("invite", name).exit_code == 0


def test_a_name_is_taken_however_it_is_written(town: Town) -> None:
    town.run("business", "add", *ABBEY)

    result = town.run("business", "add", "ABBEY books", *ABBEY[1:])

    assert result.exit_code == 1
    assert result.stderr == (
        'There is a business called "Abbey Books" already, at 12 Abington Street. '
        'See it: ntars business show "Abbey Books"\n'
    )
    assert len(town.json("business", "list")) == 1


def test_a_wrong_name_is_answered_with_the_nearest(town: Town) -> None:
    town.run("business", "add", "WHSmith", *ABBEY[1:])

    result = town.run("invite", "WHSmit")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        'No business called "WHSmit". Nearest: "WHSmith", 12 Abington Street. All: ntars business list\n'
    )


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("name", " ", "The name is empty."),
        ("name", "\u200b", "The name is empty."),
        ("name", "x" * 121, "The name has 121 characters; at most 120 are kept."),
        ("name", "Abbey\x1b[31mBooks", "The name has a line end or another control character in it."),
        ("name", "Abbey\u202eskooB", "The name has a line end or another control character in it."),
        ("--address", "", "The address is empty."),
        ("--address", "1\nHigh Street", "The address has a line end or another control character in it."),
        ("--postcode", "12345", '"12345" is no UK postcode. Write it like this: --postcode "NN1 2AJ".'),
        ("--at", "52.2", '"52.2" is no point. Write it like this: --at 52.2371,-0.8946.'),
        (
            "--at",
            "nan,0",
            f'"nan,0" {OFF_EARTH}',
        ),
        (
            "--at",
            "91,0",
            f'"91,0" {OFF_EARTH}',
        ),
        (
            "--phone",
            "ring me",
            '"ring me" is no telephone number. Write it like this: --phone "01604 837766".',
        ),
        ("--phone", "((((((", '"((((((" is no telephone number. Write it like this: --phone "01604 837766".'),
        ("--kind", "gold", "Invalid value for '--kind': 'gold' is not one of 'levy', 'voluntary'."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    town: Town, option: str, value: str, complaint: str
) -> None:
    words = list(ABBEY) if option != "name" else [value, *ABBEY[1:]]
    if option in words:
        words[words.index(option) + 1] = value
    elif option != "name":
        words += [option, value]

    result = town.run("business", "add", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{complaint} Help: ntars business add --help\n"


def test_postcodes_and_spaces_are_put_in_order(town: Town) -> None:
    added = town.json(
        "business",
        "add",
        " Abbey   Books ",
        "--address",
        "12  High St",
        "--postcode",
        "nn12aj",
        "--kind",
        "levy",
    )

    assert (added["name"], added["address"], added["postcode"]) == ("Abbey Books", "12 High St", "NN1 2AJ")


def test_a_point_whose_numbers_were_swapped_is_refused(town: Town) -> None:
    result = town.run("business", "add", *ABBEY, "--at", "-0.8946,52.2371")

    assert result.exit_code == 2
    assert "outside the town's boundary. Did you mean --at 52.2371,-0.8946?" in result.stderr
    assert town.run("business", "list", "--json").stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("point", "note"),
    [
        ("52.2371,-0.8946", ""),
        ("52.3,-0.9", "Note: 52.3,-0.9 is 6.4 km outside the town's boundary.\n"),
    ],
)
def test_a_point_outside_the_town_is_kept_and_remarked_on(town: Town, point: str, note: str) -> None:
    result = town.run("business", "add", *ABBEY, "--at", point)

    assert result.exit_code == 0
    assert result.stderr.endswith(note)
    assert bool(result.stderr) == bool(note)


# Invitations


def test_an_invitation_is_the_same_code_each_time_and_off_channels_have_no_link(town: Town) -> None:
    town.run("business", "add", *ABBEY)

    first = town.json("invite", "Abbey Books")

    assert first == {"code": first["code"], "telegram": None, "whatsapp": None, "web": None}
    assert town.json("invite", "abbey books") == first
    assert town.run("invite", "Abbey Books").stdout == (
        "Abbey Books, 12 Abington Street\n"
        f"  Code      {first['code']}\n  Telegram  off\n  Whatsapp  off\n  Web       off\n"
    )
    assert [what for _, what, _ in town.audit()] == ["business added", "invite made"]


def test_the_bot_s_name_is_the_one_that_the_service_keeps(town: Town) -> None:
    town.env |= {"NTARS_TELEGRAM_TOKEN": "1:abc", "NTARS_TELEGRAM_API_URL": "http://127.0.0.1:9"}
    town.write(lambda tx: installation.put(tx, TELEGRAM_BOT, "abbey_bot"))
    town.run("business", "add", *ABBEY)

    invitation = town.json("invite", "Abbey Books")

    assert BOT_FACT == TELEGRAM_BOT
    assert invitation["telegram"] == f"https://t.me/abbey_bot?start={invitation['code']}"


async def test_a_bot_that_is_not_known_yet_is_asked_for_its_name(town: Town) -> None:
    async with BotApi() as api:
        town.env |= {"NTARS_TELEGRAM_TOKEN": api.token, "NTARS_TELEGRAM_API_URL": api.url}
        town.run("business", "add", *ABBEY)

        invitation = await asyncio.to_thread(town.json, "invite", "Abbey Books")

        assert invitation["telegram"] == f"https://t.me/{api.username}?start={invitation['code']}"
        assert await asyncio.to_thread(town.json, "invite", "Abbey Books") == invitation
        assert len(api.made("getMe")) == 1


def test_without_an_answer_from_telegram_the_link_is_null(town: Town) -> None:
    town.env |= {"NTARS_TELEGRAM_TOKEN": "1:abc", "NTARS_TELEGRAM_API_URL": "http://127.0.0.1:9"}
    town.run("business", "add", *ABBEY)

    assert town.json("invite", "Abbey Books")["telegram"] is None
