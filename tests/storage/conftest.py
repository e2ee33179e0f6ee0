"""What tests of storage share."""

from collections.abc import Iterator

import pytest

from storage.database import Database
from storage.tx import Tx
from tests.hand_clock import HandClock


@pytest.fixture
def tx(database: Database, clock: HandClock) -> Iterator[Tx]:
    with database.write(clock()) as transaction:
        yield transaction
