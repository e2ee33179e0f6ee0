"""One town a test, served inside this process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.system.town import Town


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path) as opened:
        yield opened
