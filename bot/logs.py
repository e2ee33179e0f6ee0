"""The service's log: a constant sentence and its fields, one line each, never anything about people."""

import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Fields(logging.Formatter):
    """`2026-11-24 10:31:05 INFO dispatch.runner: outbox row sent kind=email attempt=2`"""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        record.fields = "".join(f" {name}={value}" for name, value in fields.items())
        return super().format(record)


def set_up(level: int = logging.INFO) -> None:
    """Send the log to standard error. Libraries that log addresses or tokens are held at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Fields("%(asctime)s %(levelname)s %(name)s: %(message)s%(fields)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for chatty in ("httpx", "httpcore", "apscheduler", "geopy", "aiosmtplib", "aiohttp.access", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
