"""`GET /healthz`: whether every way in was tried and what comes in can be kept."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.channels.telegram.way_in import WayInState
from dispatch.runner import KindStatus, Runner
from storage.writer import Writer


class Health:
    """200 when each way in has been tried and the database keeps; one provider's outage takes nothing out."""

    def __init__(self, writer: Writer, runner: Runner, ways_in: Mapping[str, WayInState]) -> None:
        self._writer, self._runner, self._ways_in = writer, runner, ways_in

    async def handle(self, request: web.Request) -> web.Response:
        """The state of every way in and out, as JSON."""
        ways_in = {name: _jsonable(asdict(state)) for name, state in self._ways_in.items()}
        keeps = self._writer.trouble is None
        healthy = keeps and all(way["tried"] for way in ways_in.values())
        body = {
            "healthy": healthy,
            "database": "keeps" if keeps else str(self._writer.trouble),
            "in": ways_in,
            "out": {name: _way_out(status) for name, status in self._runner.state().items()},
        }
        return web.json_response(body, status=200 if healthy else 503)


def _way_out(status: KindStatus) -> dict[str, Any]:
    """Whether it works, and not what the other side said: servers repeat addresses in their refusals."""
    values = asdict(status)
    failing = values.pop("last_error") is not None
    return _jsonable({"failing": failing, **values})


def _jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
