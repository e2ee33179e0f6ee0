"""`make demo`: start everything, say where to look, end cleanly on Ctrl-C."""

import argparse
import asyncio
import contextlib
import signal
import sys
import webbrowser

from bot.demo.demo import Demo
from bot.demo.service import ServiceError

DEFAULT_PORT = 8090


async def show(port: int, open_browser: bool) -> None:
    """Run the demo until somebody presses Ctrl-C, also while it is still starting."""
    showing = asyncio.create_task(_show(port, open_browser))
    loop = asyncio.get_running_loop()
    for how in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(how, _end, showing, how)
    with contextlib.suppress(asyncio.CancelledError):
        await showing


def _end(showing: "asyncio.Task[None]", how: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(how, lambda: None)  # a second Ctrl-C must not disturb the tidying up
    print("\nStopping …", flush=True)
    showing.cancel()


async def _show(port: int, open_browser: bool) -> None:
    print("Starting the service on temporary data …", flush=True)
    async with Demo(port) as demo:
        print(f"\n  The demo: {demo.url}\n")
        print(f"  The service's own pages: {demo.service.url}")
        print("  Nothing leaves this machine. Ctrl-C ends it and deletes its data.\n", flush=True)
        if open_browser:
            await asyncio.to_thread(_open, demo.url)
        await asyncio.Event().wait()


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error):
        webbrowser.get()  # raises where there is no browser to open
        webbrowser.open(url)


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m bot.demo", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="the page's port (another if it is taken)"
    )
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    options = parser.parse_args()
    try:
        asyncio.run(show(options.port, not options.no_open))
    except ServiceError as failure:
        print(f"The demo could not start. {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
