"""What `ntars init` does with the answers: two files, never written over without a yes."""

import shutil
from pathlib import Path

import click

from admin_cli import init_answers as answers
from admin_cli.failures import Failure, Misuse
from admin_cli.init_files import env_text, scheme_text, write
from admin_cli.init_questions import Asker, Given, checked
from bot.settings import Settings, SettingsMistake, read_settings, shipped_scheme
from conversations.scheme import Scheme, parse

ENV, SCHEME = Path(".env"), Path("scheme.toml")


def run(given: Given) -> None:
    """Ask, check, write. Raises Failure, Misuse, or click.Abort: then nothing was written."""
    shipped = shipped_scheme().read_bytes().decode()
    scheme = parse(shipped)
    mailboxes = _mailboxes(given, scheme)
    writes_scheme = _may_write(given, SCHEME, "Write it anew from the shipped one?")
    changes_env = not ENV.exists() or _may_write(
        given, ENV, "Change these settings in it? Its other lines stay."
    )
    if not writes_scheme and not changes_env:
        raise Failure("Nothing to do: both files stay as they are.", "Check them: ntars doctor")
    asker = Asker(given.yes, _api_url())
    town, settings = asker.ask_all(given, scheme, mailboxes, town=writes_scheme, service=changes_env)
    if writes_scheme:
        text = scheme_text(shipped, town)
        parse(text)
        if SCHEME.exists():
            kept = SCHEME.with_name(f"{SCHEME.name}.before")
            shutil.copy2(SCHEME, kept)
            click.echo(f"Kept the old {SCHEME} as {kept}.")
        write(SCHEME, text, mode=0o644)
        click.echo(f"Wrote {SCHEME}.")
    if changes_env:
        write(ENV, env_text(_env_before(), {**settings, "NTARS_SCHEME": f"./{SCHEME}"}), mode=0o600)
        click.echo(f"Wrote {ENV}, which only you may read.")
    click.echo("Next: read through scheme.toml (places, hours, numbers to call), then run: ntars doctor")


def _may_write(given: Given, path: Path, question: str) -> bool:
    if not path.exists() or given.overwrite:
        return True
    if given.yes:
        raise Failure(
            f"{path} is there already; nothing was changed.", "Replace it: ntars init --yes --overwrite"
        )
    return click.confirm(f"{path} is there already. {question}", err=True)


def _env_before() -> str:
    if ENV.exists():
        return ENV.read_text("utf-8")
    example = Path(__file__).parent.parent / ".env.example"
    return example.read_text("utf-8") if example.exists() else ""


def _mailboxes(given: Given, scheme: Scheme) -> dict[str, str]:
    found = {}
    for pair in given.mailbox:
        recipient, _, address = pair.partition("=")
        if scheme.recipient(recipient) is None:
            known = ", ".join(one.id for one in scheme.recipients)
            raise Misuse(f'There is no recipient "{recipient}". Recipients: {known}. Help: ntars init --help')
        found[recipient] = checked(address, answers.email)
    return found


def _api_url() -> str:
    """Where the token is tried: a Bot API server of one's own, if the environment names one."""
    try:
        return read_settings().telegram_api_url
    except SettingsMistake:
        # What is wrong may be what init is about to mend.
        return str(Settings.model_fields["telegram_api_url"].default)
