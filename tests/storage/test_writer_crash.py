import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from storage.database import Database
from storage.tables import Fact, table

_SERVICE = """
import asyncio, sys
from datetime import UTC, datetime
from storage import installation
from storage.database import open_database
from storage.writer import Writer

def keep(tx, names):
    for name in names:
        installation.put(tx, name, "")
    return names

async def caller(writer, caller_id):
    for number in range(10_000):
        print(await writer.submit(keep, f"{caller_id}-{number}"), flush=True)

async def main():
    writer = Writer(open_database(sys.argv[1]), lambda: datetime.now(UTC))
    writer.start()
    await asyncio.gather(*(caller(writer, caller_id) for caller_id in range(8)))

asyncio.run(main())
"""


def test_what_was_answered_is_there_after_the_process_was_killed(database: Database) -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", _SERVICE, str(database.url)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert service.stdout is not None
    answered = [service.stdout.readline() for _ in range(200)]
    service.kill()
    answered += service.stdout.readlines()
    service.wait()
    service.stdout.close()

    with database.read() as connection:
        kept = set(connection.scalars(select(table(Fact).c.name)))
    # The last line may have been cut short.
    assert {line.strip() for line in answered if line.endswith("\n")} <= kept
