"""The root: the short list, the table, help, misuse, faults of our own."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from admin_cli.lazy import UNEXPECTED, Entry, LazyGroup
from admin_cli.main import COMMANDS, cli
from tests.admin_cli.town import Town

OVERVIEW = """\
NTARS: shop staff report, the council and the police hear at once.

Set up:
  init     Ask six questions and write .env and scheme.toml.
  scheme   Show or check the town's scheme file.
  go-live  Let reports go to their recipients from now on.

Who reports:
  business  Add, list and show businesses.
  invite    Show the code and links of a business's poster.
  member    List and remove the phones that report.

What was reported:
  report  List reports, or show one with its history.
  outbox  See what has not left yet, and try again what failed.

Run and mend:
  serve   Run the service until it is stopped.
  doctor  Check every part for real and say how to mend it.

More, and what each takes: ntars --help, ntars business --help
"""

HEAVY = (
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "rich",
    "telegram",
    "aiohttp",
    "asyncio",
    "msgspec",
    "bot",
    "storage",
)


def commands() -> dict[str, click.Command]:
    """Every command there is, by the words that call it."""
    found: dict[str, click.Command] = {}
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {verb}": verb_command for verb, verb_command in command.commands.items()}
    return found


def test_the_bare_name_shows_the_ten_commands_of_an_admin_by_what_they_are_for(town: Town) -> None:
    result = town.run()

    assert result.exit_code == 0
    assert result.stdout == OVERVIEW
    assert sum(entry.daily for entry in COMMANDS.values()) == 10


def test_help_shows_every_command(town: Town) -> None:
    shown = town.run("--help").stdout

    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert all(entry.help.split()[0] in shown for entry in COMMANDS.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    assert (command.help or "").partition("\n")[0] == COMMANDS[name].help
    assert command.name == name


@pytest.mark.parametrize("words", commands())
def test_every_command_and_every_option_has_help(town: Town, words: str) -> None:
    command = commands()[words]

    result = town.run(*words.split(), "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: ntars {words}")
    assert command.help
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert all(option.help for option in options)


@pytest.mark.parametrize("words", [name for name in commands() if name.endswith((" list", " add", "invite"))])
def test_every_list_and_every_command_that_makes_something_takes_json(words: str) -> None:
    assert any(option.name == "as_json" for option in commands()[words].params)


def test_nothing_heavy_is_imported_before_a_command_runs() -> None:
    program = "import sys, admin_cli.main; admin_cli.main.cli.main(['--help'])"
    check = f"import atexit, sys; atexit.register(lambda: print([n for n in {HEAVY!r} if n in sys.modules]))"

    result = subprocess.run([sys.executable, "-c", f"{check}; {program}"], capture_output=True, text=True)

    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_own_help_imports_nothing_heavy_either(name: str) -> None:
    module = COMMANDS[name].target.partition(":")[0]
    program = f"import sys, {module}; print([n for n in {HEAVY!r} if n in sys.modules])"

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert result.stdout == "[]\n"


def test_the_console_script_and_the_module_are_one_program(tmp_path: Path) -> None:
    scripts = [[sys.executable, "-m", "admin_cli.main"], [str(Path(sys.executable).parent / "ntars")]]

    said = [subprocess.run(script, capture_output=True, text=True, cwd=tmp_path).stdout for script in scripts]

    assert said == [OVERVIEW, OVERVIEW]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("busines", 'There is no command "ntars busines". Nearest: ntars business. All: ntars --help'),
        ("xyz", 'There is no command "ntars xyz". All: ntars --help'),
        (
            "report lst",
            'There is no command "ntars report lst". Nearest: ntars report list. All: ntars report --help',
        ),
        ("invite", "Missing argument 'NAME'. Help: ntars invite --help"),
        (
            "member remove x",
            "Invalid value for 'ID': 'x' is not a valid integer. Help: ntars member remove --help",
        ),
        (
            "report list --jsn",
            "No such option '--jsn'. Did you mean '--json'? Help: ntars report list --help",
        ),
    ],
)
def test_misuse_is_one_sentence_with_the_way_on_and_exit_code_2(
    town: Town, words: str, complaint: str
) -> None:
    result = town.run(*words.split())

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == complaint + "\n"


@click.command()
def broken() -> None:
    """Break."""
    raise KeyError("secret")


def test_a_fault_of_our_own_shows_no_traceback_unless_it_is_asked_for() -> None:
    group = LazyGroup("ntars", entries={"broken": Entry(f"{__name__}:broken", "Break.", "Run")})

    result = CliRunner().invoke(group, ["broken"])

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", UNEXPECTED + "\n")
    assert isinstance(CliRunner().invoke(group, ["broken", "--debug"]).exception, KeyError)


def test_debug_after_two_dashes_is_a_name_like_any_other(town: Town) -> None:
    result = town.run("business", "show", "--", "--debug")

    assert result.exit_code == 1
    assert 'No business called "--debug".' in result.stderr


def test_settings_that_are_wrong_are_all_named_and_nothing_is_made(town: Town) -> None:
    town.env |= {"NTARS_LISTEN": "here", "NTARS_TELEGRAM_TOKEN": "secret"}

    result = town.run("business", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "NTARS_LISTEN=here is no address with a port. "
        "Write address and port to listen on, for example NTARS_LISTEN=127.0.0.1:8080\n"
        "NTARS_TELEGRAM_TOKEN is no bot token. Write the token as BotFather gave it, "
        "for example NTARS_TELEGRAM_TOKEN=110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw\n"
    )
    assert not (town.folder / "data").exists()
