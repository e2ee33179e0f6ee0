"""`ntars serve` that cannot start says why in a sentence, and ends with an error code."""

import asyncio
from pathlib import Path

import pytest

from tests.system.town import ServedTown


async def _ends(town: ServedTown) -> tuple[int, str]:
    process = await town.begin()
    async with asyncio.timeout(30):
        code = await process.wait()
    return code, town.last_words()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    async with ServedTown(tmp_path) as town:
        town.database_file.write_bytes(b"this is not a database, whatever its name says" * 100)

        code, words = await _ends(town)

        assert code == 1
        assert "database" in words
        assert "Traceback" not in words


async def test_a_database_of_a_newer_release(tmp_path: Path) -> None:
    async with ServedTown(tmp_path) as town:
        town.change("UPDATE alembic_version SET version_num = '9999'")

        code, words = await _ends(town)

        assert code == 1
        assert "newer NTARS" in words
        assert "Traceback" not in words


@pytest.mark.parametrize("text", ["not TOML at all", "[scheme]\nname = 7\n"], ids=["no TOML", "mistakes"])
async def test_a_scheme_file_with_mistakes(tmp_path: Path, text: str) -> None:
    async with ServedTown(tmp_path) as town:
        town.scheme.write_text(text, "utf-8")

        code, words = await _ends(town)

        assert code == 1
        assert "scheme" in words
        assert "Traceback" not in words
