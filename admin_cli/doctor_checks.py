"""The doctor's round: settings first, then the scheme, what is kept, and what is out there."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from admin_cli import doctor_network, doctor_storage
from admin_cli.findings import Finding
from admin_cli.opened import now
from admin_cli.placeholders import placeholders
from bot.settings import Settings, SettingsMistake, read_settings, scheme_source, shipped_scheme
from conversations.scheme import Scheme, SchemeMistakes, parse

# No machine of ours runs before this release was written.
NOT_BEFORE = date(2026, 11, 1)


def examine() -> list[Finding]:
    """All findings, in the order of their numbers."""
    return sorted(_round(), key=lambda finding: finding.number[1:])


def _round() -> Iterator[Finding]:
    moment = now()
    if moment.date() < NOT_BEFORE:
        yield Finding(
            "E027",
            f"The clock of this machine says {moment:%d %b %Y}, which is before this release was made.",
            "Set it: timedatectl set-ntp true",
        )
    yield from _env_file()
    try:
        settings = read_settings()
    except SettingsMistake as wrong:
        for mistake in wrong.mistakes:
            yield Finding("E001", f"{_shown(mistake.name, mistake.value)} {mistake.wrong}.", mistake.mend)
        return
    scheme = None
    for found in _scheme_findings(settings, moment.date()):
        if isinstance(found, Scheme):
            scheme = found
        else:
            yield found
    yield from doctor_storage.examine(settings, moment)
    yield from doctor_network.examine(settings, scheme)


def _shown(name: str, value: str | None) -> str:
    return name if value is None else f"{name}={value}"


def _env_file() -> Iterator[Finding]:
    env = Path(".env")
    if env.is_file() and env.stat().st_mode & 0o077:
        yield Finding(
            "W028", "Other users of this machine may read .env, which has secrets in it.", "chmod 600 .env"
        )


def _scheme_findings(settings: Settings, today: date) -> Iterator[Finding | Scheme]:
    try:
        text, path = scheme_source(settings)
    except SettingsMistake as wrong:
        for one in wrong.mistakes:
            yield Finding("E001", f"{_shown(one.name, one.value)} {one.wrong}.", one.mend)
        return
    try:
        scheme = parse(text)
    except SchemeMistakes as mistakes:
        for mistake in mistakes.mistakes:
            place = f"line {mistake.line}, {mistake.where}" if mistake.line else mistake.where
            yield Finding("E002", f"{path}, {place}: {mistake.problem}.", mistake.mend)
        return
    yield scheme
    yield from _town(scheme, settings, path, today)


def _town(scheme: Scheme, settings: Settings, path: Path, today: date) -> Iterator[Finding]:
    about = scheme.about
    shipped = path.resolve() == shipped_scheme().resolve()
    if shipped:
        yield Finding(
            "W003", "The shipped scheme file is in use; it is Northampton's draft.", "Run: ntars init"
        )
    if found := placeholders(scheme, settings):
        listed = "; ".join(f"{where} has {address}" for where, address in found)
        mend = "Run: ntars init" if shipped else f"Put the real ones into {path} or .env"
        number = "E005" if about.live else "W004"
        yield Finding(number, f"These addresses are placeholders: {listed}.", mend)
    if not about.live:
        yield Finding(
            "W006", "The scheme is not live: only the BID gets reports.", "When ready: ntars go-live"
        )
    if scheme.pspo and scheme.pspo.expires and scheme.pspo.expires < today:
        yield Finding(
            "W025",
            f"The public spaces protection order expired on {scheme.pspo.expires:%d %b %Y}.",
            f"Put the new one, or no [pspo], into {path}",
        )
    if about.apd_date is None:
        yield Finding(
            "W026",
            "The appropriate policy document (Data Protection Act 2018, Schedule 1 Part 4) has no date.",
            f"Write it, then put apd_date under [scheme] into {path}",
        )
