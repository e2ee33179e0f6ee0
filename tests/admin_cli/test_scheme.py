"""`ntars scheme` and `ntars migrate`."""

from bot.settings import shipped_scheme
from storage.migrate import HEAD
from tests.admin_cli.town import Town


def test_the_scheme_in_force_is_printed_byte_for_byte(town: Town) -> None:
    assert town.run("scheme", "show").stdout_bytes == shipped_scheme().read_bytes()

    path = town.own_scheme(line_end="\r\n")

    assert town.run("scheme", "show").stdout_bytes == path.read_bytes()
    assert town.json("scheme", "show") == {"path": str(path), "toml": path.read_text("utf-8")}


def test_a_scheme_in_order_is_counted(town: Town) -> None:
    path = town.own_scheme()

    result = town.run("scheme", "check")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path} is in order: ")
    assert result.stdout.endswith(" places.\n")
    assert town.json("scheme", "check", str(shipped_scheme()))["ok"] is True


def test_all_mistakes_are_shown_at_once_with_line_and_mend(town: Town) -> None:
    path = town.own_scheme()
    text = path.read_text("utf-8")
    line = text[: text.index('owner = "street"')].count("\n") + 1
    text = text.replace('owner = "street"', 'owner = "stret"', 1).replace("live = false", 'live = "soon"', 1)
    path.write_text(text, "utf-8")

    result = town.run("scheme", "check", str(path))

    assert (result.exit_code, result.stderr) == (1, "")
    shown = result.stdout.splitlines()
    assert shown[0].startswith(f"{path}, line 11, [scheme]: ")
    assert shown[1].startswith(f'{path}, line {line}, category "')
    assert shown[1].endswith('Did you mean "street"?')
    assert shown[2:] == [f"2 mistakes. Mend and look again: ntars scheme check {path}"]
    found = town.run("scheme", "check", "--json")
    assert found.exit_code == 1
    assert '"line": 11' in found.stdout


def test_a_file_that_is_not_there_is_named(town: Town) -> None:
    result = town.run("scheme", "check", "nowhere.toml")

    assert result.exit_code == 1
    assert result.stderr.startswith("NTARS_SCHEME=nowhere.toml cannot be read: No such file or directory.")


def test_migrate_says_what_it_did(town: Town) -> None:
    first, second = town.run("migrate").stdout, town.run("migrate").stdout

    path = town.folder / "data" / "ntars.db"
    assert first.startswith(f"The database {path} was brought to revision {HEAD} (")
    assert second == f"The database {path} is at revision {HEAD} already.\n"
