"""Addresses that lead nowhere: those of the shipped files, under names that nobody can own (RFC 2606)."""

from email.utils import parseaddr

from bot.settings import Settings
from conversations.scheme import Scheme

_NOBODYS = ("example", "invalid", "example.com", "example.net", "example.org")


def is_placeholder(address: str) -> bool:
    """Whether mail to the address can arrive nowhere."""
    domain = parseaddr(address)[1].rpartition("@")[2].casefold().rstrip(".")
    return any(domain == name or domain.endswith(f".{name}") for name in _NOBODYS)


def placeholders(scheme: Scheme, settings: Settings) -> list[tuple[str, str]]:
    """Each placeholder with where it stands: `('recipient "asb"', 'asb@council.example')`."""
    stated = [
        *((f'recipient "{one.id}"', one.email) for one in scheme.recipients),
        ("[scheme.contact] email", scheme.about.contact.email),
        ("[scheme] privacy_email", scheme.about.privacy_email),
        ("NTARS_MAIL_FROM", settings.mail_from or ""),
        ("NTARS_ADMIN_EMAIL", settings.admin_email or ""),
    ]
    return [(where, address) for where, address in stated if address and is_placeholder(address)]
