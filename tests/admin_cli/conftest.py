from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.mailbox import Mailbox
from tests.admin_cli.town import Town


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    # The commands read .env of the working folder: it must be this test's own.
    monkeypatch.chdir(tmp_path)
    made = Town(tmp_path)
    yield made
    made.close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.start_now()
    yield box
    box.stop_now()
