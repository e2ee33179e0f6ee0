"""A database, a pen and a clock that moves by hand."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.tables import metadata
from storage.writer import Writer
from tests.hand_clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(tmp_path: Path, clock: HandClock) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/ntars.db", busy_timeout_ms=30)
    with opened.write(clock()) as tx:
        metadata.create_all(tx.connection)
    yield opened
    opened.dispose()


@pytest.fixture
async def writer(database: Database, clock: HandClock) -> AsyncIterator[Writer]:
    pen = Writer(database, clock)
    pen.start()
    yield pen
    await pen.stop()
