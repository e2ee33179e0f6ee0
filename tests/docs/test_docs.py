"""Documentation is tested: what it names exists, and what exists is named where people look for it."""

import re
import shlex
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from admin_cli.findings import NUMBERS
from admin_cli.main import cli
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
ROOMS = ("conversations", "storage", "dispatch", "bot", "admin_cli")

# Commands that pages speak of as coming. When one is there, its pages have to be written anew.
PLANNED = {"backup"}

FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<![\w:=-])ntars +([a-z][a-z-]*)(?: +([a-z][a-z-]*))?")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
THIS_MACHINE = re.compile(r"/work/|/root/|/home/|/tmp/|pypi\.|pythonhosted|index-url|://\S*(?:proxy|mirror)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text("utf-8"))


def code(page: Path) -> Iterator[str]:
    """Everything that a page shows as code, a line at a time."""
    for block in FENCED.findall(page.read_text("utf-8")):
        yield from block.splitlines()
    yield from INLINE.findall(prose(page))


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """Every command of the tree that does something, by its words: `business add`."""
    found: dict[str, click.Command] = {}
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None
            words = (*path, name)
            if isinstance(command, click.Group):
                found |= leaves(command, words)
            else:
                found[" ".join(words)] = command
    return found


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(prose(page)) if "://" not in target]

    for target in targets:
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in map(slug, HEADING.findall(prose(found))), f"{name_of(page)} links to {target}"


@every_page
def test_code_within_a_sentence_stays_on_one_line(page: Path) -> None:
    """Else the other tests would read the gaps between code as code."""
    assert [line for line in prose(page).splitlines() if line.count("`") % 2] == []


def test_the_readme_is_shorter_than_120_lines() -> None:
    assert len(README.read_text("utf-8").splitlines()) < 120


def test_the_drawing_is_well_formed_and_says_what_it_shows() -> None:
    drawing = ElementTree.parse(DOCS / "way.svg").getroot()

    named = [element.tag.rpartition("}")[2] for element in drawing]
    assert {"title", "desc"} <= set(named)


@every_page
def test_every_command_that_is_mentioned_exists(page: Path) -> None:
    commands = leaves(cli)
    groups = {words.split()[0] for words in commands if " " in words}

    for line in code(page):
        for first, second in COMMAND.findall(line):
            if first in groups and second:
                assert f"{first} {second}" in commands, f"{name_of(page)}: ntars {first} {second}"
            else:
                assert first in groups | set(commands) | PLANNED, f"{name_of(page)}: ntars {first}"


def test_what_is_called_planned_is_not_there_yet() -> None:
    assert not PLANNED & {words.split()[0] for words in leaves(cli)}


@every_page
def test_every_example_of_a_command_is_understood(page: Path) -> None:
    """Parsed with its options and values, as the command would; nothing is run."""
    commands = leaves(cli)
    examples = [
        shlex.split(line.removeprefix(".venv/bin/"), comments=True)
        for block in FENCED.findall(page.read_text("utf-8"))
        for line in block.splitlines()
        if line.startswith(("ntars ", ".venv/bin/ntars "))
    ]

    for _, *words in examples:
        depth = 2 if " ".join(words[:2]) in commands else 1
        command = commands[" ".join(words[:depth])]
        command.make_context(command.name, words[depth:]).close()


def test_every_command_has_its_heading_and_no_heading_is_left_over() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")

    headings = re.findall(r"^### `ntars ([^`]+)`$", page, re.MULTILINE)

    assert sorted(headings) == sorted(leaves(cli))


def test_every_number_of_the_doctor_has_its_heading_and_the_other_way_round() -> None:
    page = (DOCS / "doctor.md").read_text("utf-8")

    headings = re.findall(r"^## ([EW]\d{3}) (.+)$", page, re.MULTILINE)

    assert [(number, title.replace("`", "").casefold()) for number, title in headings] == [
        (number, title.casefold()) for number, title in NUMBERS.items()
    ]


@every_page
def test_every_number_of_the_doctor_that_is_mentioned_exists(page: Path) -> None:
    assert set(re.findall(r"\b[EW]\d{3}\b", page.read_text("utf-8"))) <= set(NUMBERS)


@every_page
def test_every_setting_that_is_mentioned_exists(page: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

    assert set(re.findall(r"NTARS_[A-Z][A-Z_]*", page.read_text("utf-8"))) <= known


@every_page
def test_every_target_of_make_that_is_mentioned_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    mentioned = {target for line in code(page) for target in re.findall(r"\bmake ([a-z]+)", line)}

    assert mentioned <= targets


@every_page
def test_every_file_of_ours_that_is_mentioned_exists(page: Path) -> None:
    ours = re.compile(rf"(?:{'|'.join((*ROOMS, 'tests', 'docs'))})/[\w/.-]*")

    for text in INLINE.findall(prose(page)):
        if ours.fullmatch(text):
            assert (ROOT / text).exists(), f"{name_of(page)}: {text}"


@every_page
def test_every_function_that_is_mentioned_exists(page: Path) -> None:
    """Written as `name()` or `Class.name()`."""
    sources = [path.read_text("utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    defined = {name for source in sources for name in re.findall(r"(?:def|class) (\w+)", source)}

    for text in INLINE.findall(prose(page)):
        if named := re.fullmatch(r"(?:(\w+)\.)?(\w+)\(\)", text):
            assert {name for name in named.groups() if name} <= defined, f"{name_of(page)}: {text}"


def test_decisions_have_numbers_without_gaps_and_stand_in_the_list() -> None:
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")

    numbers = [path.name[:4] for path in DECISIONS]

    assert numbers == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    assert re.findall(r"^\| \[(\d{4})\]\(", index, re.MULTILINE) == numbers


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_a_decision_has_all_its_parts(page: Path) -> None:
    text = page.read_text("utf-8")

    assert text.startswith(f"# {page.name[:4]}. ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d · Status: \w+", text, re.MULTILINE)
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Rejected", "Consequences"]


@every_page
def test_nothing_tells_of_the_machine_it_was_written_on(page: Path) -> None:
    assert not THIS_MACHINE.findall(page.read_text("utf-8"))
