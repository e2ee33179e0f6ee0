"""`ntars report`."""

import json

from storage import reports
from storage.tx import Tx
from tests.admin_cli.town import Town, a_report


def test_reports_are_listed_with_what_programs_need(town: Town) -> None:
    reference = a_report(town)

    assert town.json("report", "list") == [
        {
            "reference": reference,
            "category": "graffiti",
            "kind": "Graffiti",
            "status": "open",
            "filed_at": "2026-11-24T10:30:00+00:00",
            "place": "Gold Street",
            "photos": 1,
            "business": "Abbey Books",
            "test": True,
            "lat": 52.23711,
            "lon": -0.89655,
            "words": "red tag",
            "urgent": False,
            "withdrawn": False,
        }
    ]
    assert town.run("report", "list").stdout == (
        "Reference  Filed              Kind      Place        Status      Photos  Business\n"
        f"{reference}    24 Nov 2026 10:30  Graffiti  Gold Street  open, test  1       Abbey Books\n"
    )


def test_no_reports_is_an_empty_list(town: Town) -> None:
    assert town.json("report", "list") == []
    assert town.run("report", "list").stdout == "No reports yet.\n"


def test_a_report_is_shown_with_its_history_its_mails_and_its_photos(town: Town) -> None:
    reference = a_report(town)

    result = town.run("report", "show", reference.lower())

    assert result.stdout == (
        f"{reference}  Graffiti, Gold Street\n"
        "\n"
        "Status    open, test, since 24 Nov 2026 10:30\n"
        "Filed     24 Nov 2026 10:30\n"
        "Seen      24 Nov 2026 10:30 (by the message)\n"
        "Business  Abbey Books\n"
        "Point     52.23711,-0.89655\n"
        "Answer    no\n"
        "Words     red tag\n"
        "\n"
        "History\n"
        "  24 Nov 2026 10:30  report filed  reporter  photos 1\n"
        "\n"
        "Who got it\n"
        "  24 Nov 2026 10:31  taken by the server  new  owner  street@c.test  "
        "West Northamptonshire Council, street scene\n"
        "  -                  on its way           new  copy   asb@c.test     "
        "West Northamptonshire Council, anti-social behaviour team\n"
        "\n"
        "Photos and recordings\n"
        f"  photo  kept  800x600  sha256 {'ab' * 32}\n"
    )


def test_json_of_a_report_has_all_of_it_and_nothing_of_the_phone(town: Town) -> None:
    reference = a_report(town)

    shown = town.json("report", "show", reference)

    assert shown["history"] == [
        {"at": "2026-11-24T10:30:00+00:00", "what": "report_filed", "by": "reporter", "detail": {"photos": 1}}
    ]
    assert [(mail["address"], mail["state"], mail["at"]) for mail in shown["deliveries"]] == [
        ("street@c.test", "accepted", "2026-11-24T10:31:00+00:00"),
        ("asb@c.test", "queued", None),
    ]
    assert [photo["sha256"] for photo in shown["media"]] == ["ab" * 32]
    text = json.dumps(shown) + town.run("report", "show", reference).output
    assert "700100200" not in text
    assert "handle-of-telegram" not in text


def test_words_that_would_move_the_cursor_are_shown_harmlessly(town: Town) -> None:
    reference = a_report(town, words="tag\x1b[2J\u202egat\nmore")

    shown = town.run("report", "show", reference).stdout

    assert "Words     tag\ufffd[2J\ufffdgat / more\n" in shown


def test_a_reference_that_is_not_there_says_where_all_are(town: Town) -> None:
    result = town.run("report", "show", "NT-ZZZZ")

    assert (result.exit_code, result.output) == (1, 'No report called "NT-ZZZZ". All: ntars report list\n')


def test_a_broken_scheme_file_hides_no_reports(town: Town) -> None:
    reference = a_report(town)
    town.own_scheme().write_text("nonsense")

    (line,) = town.json("report", "list")

    assert (line["reference"], line["kind"], line["filed_at"]) == (
        reference,
        "graffiti",
        "2026-11-24T10:30:00+00:00",
    )


def test_a_report_taken_back_says_so(town: Town) -> None:
    reference = a_report(town)

    def take_back(tx: Tx) -> None:
        row = reports.by_reference(tx.connection, reference)
        assert row is not None
        reports.withdraw(tx, row)

    town.write(take_back)

    (line,) = town.json("report", "list")
    assert (line["status"], line["withdrawn"], line["words"]) == ("cancelled", True, "")
