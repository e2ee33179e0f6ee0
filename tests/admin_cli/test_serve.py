"""`ntars serve`, when it cannot begin; what it does once it has begun is in tests/system."""

import socket
import subprocess
import sys
from pathlib import Path

from bot.one_pen import OnePen
from tests.admin_cli.town import Town

ROOT = str(Path(__file__).parents[2])


def last_words(town: Town) -> tuple[int, str]:
    """How the service ended, and the last line it said."""
    env = {name: value for name, value in town.env.items() if value is not None} | {"PYTHONPATH": ROOT}
    ended = subprocess.run(
        [sys.executable, "-m", "admin_cli.main", "serve"],
        env=env, cwd=town.folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr.splitlines()[-1]


def test_an_address_that_is_taken_is_named(town: Town) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        town.env["NTARS_LISTEN"] = address

        said = last_words(town)

    assert said == (
        1,
        f"The service cannot listen on {address}: address already in use. Who does: ss -ltnp",
    )


def test_a_second_service_on_the_same_data_says_so_and_ends(town: Town) -> None:
    folder = town.folder / "data"
    pen = OnePen(folder).take()

    said = last_words(town)

    pen.drop()
    assert said == (
        1,
        f"Another ntars serve has this data folder ({folder}/serving.lock). Is it well: ntars doctor",
    )


def test_a_scheme_with_mistakes_keeps_the_service_from_beginning(town: Town) -> None:
    path = town.own_scheme()
    path.write_text(path.read_text("utf-8").replace('owner = "street"', 'owner = "stret"', 1), "utf-8")

    code, said = last_words(town)

    assert code == 1
    assert said.startswith("The scheme file cannot be used: line ")
    assert said.endswith('Did you mean "street"? All mistakes: ntars scheme check')
