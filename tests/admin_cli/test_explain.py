"""What settings, database and disk have against a command, in sentences."""

from pathlib import Path

import pytest

from admin_cli.explain import database_refused, explained
from storage.database import DatabaseTrouble, TroubleKind
from tests.admin_cli.town import Town

PATH = Path("/srv/ntars/ntars.db")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "locked",
            "Another process is writing to the database /srv/ntars/ntars.db and did not finish in time; "
            "nothing was changed. Run the command again.",
        ),
        (
            "full",
            "The disk of the database /srv/ntars/ntars.db is full; nothing was changed. "
            "See what fills it: df -h /srv/ntars",
        ),
        (
            "readonly",
            "You may not write to the database /srv/ntars/ntars.db; nothing was changed. "
            "Whose is it: ls -la /srv/ntars",
        ),
        (
            "broken",
            "The database /srv/ntars/ntars.db cannot be opened, or is broken; nothing was changed. "
            "Put your last backup in its place; look at it: ls -la /srv/ntars/ntars.db",
        ),
    ],
)
def test_each_trouble_of_the_database_has_a_sentence_and_a_mend(kind: TroubleKind, sentence: str) -> None:
    assert database_refused(DatabaseTrouble(kind), PATH).message == sentence


def test_a_fault_of_our_own_has_none() -> None:
    assert explained(KeyError("x")) is None
    assert explained(OSError(5, "broken")) is None


def test_a_folder_that_cannot_be_used_is_named(town: Town) -> None:
    (town.folder / "data").write_text("")

    result = town.run("business", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{town.folder}/data cannot be used: file exists. Whose is it: ls -la {town.folder}/data\n"
    )


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "mysql://h/db", "postgresql://ann:secret@h/db"])
def test_a_database_that_cannot_be_ours_is_refused_without_its_password(town: Town, url: str) -> None:
    town.env["NTARS_DATABASE_URL"] = url

    result = town.run("business", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr
