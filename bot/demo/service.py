"""The real service as a child process: set up by its own commands, started, killed, started again."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.changes import Changes

NTARS = (sys.executable, "-m", "admin_cli.main")
CHECKOUT = Path(__file__).parent.parent.parent
READY_WITHIN = 30.0  # seconds
STOP_WITHIN = 15.0


class ServiceError(RuntimeError):
    """The service or one of its commands did not do what the demo needs; the text is its own last words."""


class Service:
    """`ntars serve` and the commands beside it, in one environment."""

    def __init__(self, environment: Mapping[str, str], log: Path, command: Sequence[str] = NTARS) -> None:
        self.changes = Changes()
        self.starts = 0
        self.ready = False
        self._environment = {**_clean_environment(), **environment}
        self._address = environment["NTARS_LISTEN"]
        self._log = log
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the service's own pages are."""
        return f"http://{self._address}"

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def run(self, *arguments: str) -> Any:
        """One command of the CLI with --json; what it answered."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            "--json",
            cwd=CHECKOUT,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, complaint = await process.communicate()
        finally:
            await _leave_none(process)
        if process.returncode != 0:
            said = complaint.decode(errors="replace").strip()
            raise ServiceError(f"ntars {' '.join(arguments)} ended with {process.returncode}: {said}")
        return json.loads(out)

    async def start(self) -> None:
        """Start serving and wait until /healthz says that all is well."""
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                "serve",
                cwd=CHECKOUT,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which then stops the service itself
            )
        self.changes.ring()
        self._watch = asyncio.create_task(self._tell_when_it_ends(self._process))
        await self._wait_until_healthy(self._process)
        self.ready = True
        self.changes.ring()

    async def _tell_when_it_ends(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self.ready = False
        self.changes.ring()

    async def kill(self) -> None:
        """kill -9: no goodbye, nothing tidied up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, as an operator would."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        self.ready = False
        if process is not None and process.returncode is None:
            process.send_signal(how)
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()
        self.changes.ring()

    async def _wait_until_healthy(self, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.create_task(process.wait())
        healthy = asyncio.create_task(self._healthy())
        try:
            await asyncio.wait({ended, healthy}, timeout=READY_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            if not healthy.done():
                why = f"ended with {ended.result()}" if ended.done() else f"not ready in {READY_WITHIN:g} s"
                raise ServiceError(f"ntars serve: {why}. Its last words:\n{self.last_words()}")
        finally:
            ended.cancel()
            healthy.cancel()
            await asyncio.gather(ended, healthy, return_exceptions=True)

    async def _healthy(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)  # another process: nothing to wait on but its port

    def last_words(self, lines: int = 20) -> str:
        """The end of the service's log."""
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


async def _leave_none(process: asyncio.subprocess.Process) -> None:
    """Ctrl-C may come while a command runs: it must not outlive the demo."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on.

    Below the range that systems give to connections going out: one of those could take it before we do.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311  no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _clean_environment() -> dict[str, str]:
    """Ours without NTARS_…: the demo must not touch a real installation; nor proxies, as all is local."""
    unwanted = ("ntars_", "http_proxy", "https_proxy", "all_proxy")
    kept = {name: value for name, value in os.environ.items() if not name.lower().startswith(unwanted)}
    return {**kept, "NO_PROXY": "127.0.0.1,localhost"}
