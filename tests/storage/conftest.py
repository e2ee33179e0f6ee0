from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.database import Database, open_database
from storage.tables import metadata
from storage.tx import Tx
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


@pytest_asyncio.fixture
async def writer(database: Database, clock: HandClock) -> AsyncIterator[Writer]:
    pen = Writer(database, clock)
    pen.start()
    yield pen
    await pen.stop()


@pytest.fixture
def tx(database: Database, clock: HandClock) -> Iterator[Tx]:
    with database.write(clock()) as transaction:
        yield transaction
