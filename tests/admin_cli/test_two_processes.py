"""Commands beside other processes that have the database."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from tests.admin_cli.town import ABBEY, Town

NTARS = (sys.executable, "-m", "admin_cli.main")
ROOT = str(Path(__file__).parents[2])


@contextmanager
def the_pen_is_held(town: Town) -> Iterator[sqlite3.Connection]:
    """Another process's transaction is open, as seen from here."""
    other = sqlite3.connect(town.database.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


def test_a_command_waits_for_the_pen(town: Town) -> None:
    with the_pen_is_held(town) as other:
        timer = Timer(0.5, other.execute, ["ROLLBACK"])
        timer.start()
        began = time.monotonic()

        result = town.run("business", "add", *ABBEY)

        timer.join()
    assert result.exit_code == 0
    assert time.monotonic() - began >= 0.4


def test_lists_do_not_wait_for_the_pen(town: Town) -> None:
    with the_pen_is_held(town):
        for words in ("business list", "report list", "outbox list", "member list", "replay"):
            assert town.run(*words.split()).exit_code == 0


def test_a_pen_that_is_never_given_back_is_said_in_a_sentence(town: Town) -> None:
    with the_pen_is_held(town):
        result = town.run("business", "add", *ABBEY)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Another process is writing to the database {town.database.path} and did not finish in time; "
        "nothing was changed. Run the command again.\n"
    )


def test_eight_commands_at_once_on_no_database_yet_all_do_their_work(town: Town) -> None:
    env = {name: value for name, value in town.env.items() if value is not None} | {"PYTHONPATH": ROOT}
    running = [
        subprocess.Popen(
            [*NTARS, "business", "add", f"Shop {number}", *ABBEY[1:]], env=env, cwd=town.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(8)
    ]  # fmt: skip

    said = [process.communicate()[1] for process in running]

    assert said == [""] * 8
    assert len(town.json("business", "list")) == 8


def test_a_pipe_that_is_closed_early_is_no_error(town: Town) -> None:
    env = {name: value for name, value in town.env.items() if value is not None} | {"PYTHONPATH": ROOT}

    result = subprocess.run(
        f"{sys.executable} -m admin_cli.main scheme show | head -n 1",
        shell=True, env=env, cwd=town.folder, capture_output=True, text=True,
    )  # fmt: skip

    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_a_name_gets_escapes_and_programs_get_json(
    town: Town, encoding: str
) -> None:
    env = {name: value for name, value in town.env.items() if value is not None} | {"PYTHONPATH": ROOT}
    town.run("business", "add", "Café 🍰", *ABBEY[1:])

    def said(*words: str) -> bytes:
        return subprocess.run(
            [*NTARS, *words], env=env | {"PYTHONIOENCODING": encoding}, cwd=town.folder, capture_output=True
        ).stdout

    assert b"Caf" in said("business", "list")
    assert b'"name": "Caf\\u00e9 \\ud83c\\udf70"' in said("business", "list", "--json")
