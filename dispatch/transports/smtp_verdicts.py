"""What an answer of a mail server means for a mail.

Sources: RFC 5321, 4.2 and 4.5.3 (reply codes), RFC 3463 (enhanced codes, first digit left out here), RFC
7504 (521, 556), RFC 7505 (5.1.10), RFC 4954 (authentication). The enhanced code counts before the plain
one, because servers choose plain codes freely.
"""

import enum
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from dispatch.transport import GiveUp, TryLater

Verdict = TryLater | GiveUp

AUTH_REFUSED = "the mail relay refused our user name or password"
REASON_LIMIT = 200  # characters
WAIT_FOR_ADMIN = timedelta(minutes=15)  # somebody must change a setting, ours or the relay's
WAIT_FOR_ROOM = timedelta(hours=1)  # somebody must clear a mailbox

_ENHANCED = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})(?!\.?\d)")
_TOO_LARGE_WORDS = re.compile(r"size|too (large|big)", re.IGNORECASE)


class Stage(enum.StrEnum):
    """The command that was answered."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"


def _full(reason: str) -> Verdict:
    return TryLater(reason, after=WAIT_FOR_ROOM)


def _dead(reason: str) -> Verdict:
    return GiveUp(reason, address_dead=True)


# By the enhanced code of a permanent answer to RCPT: the mailbox or its domain takes no mail from anybody.
DEAD_ADDRESS = frozenset(
    {
        "1.1",  # no such mailbox
        "1.2",  # no such domain
        "1.3",  # not an address
        "1.6",  # the mailbox has moved, and mail for it is not forwarded
        "1.10",  # the domain says that it takes no mail (RFC 7505)
        "2.1",  # the mailbox is disabled
    }
)

# By enhanced code, of permanent answers at any stage.
BY_ENHANCED: Mapping[str, Callable[[str], Verdict]] = {
    "2.2": _full,  # 552 and 5.2.2 say "permanent"; a full mailbox is cleared some day
    "2.3": GiveUp,  # larger than this mailbox takes
    "3.4": GiveUp,  # larger than this server takes
    "3.5": lambda reason: TryLater(reason, after=WAIT_FOR_ADMIN),  # system wrongly configured
    "4.4": lambda reason: TryLater(
        reason, after=WAIT_FOR_ADMIN
    ),  # no route: the relay's own DNS or its settings
    "5.3": TryLater,  # too many recipients in one session
}

# By plain code, of permanent answers to RCPT without an enhanced one. 550 alone says "no such mailbox, no
# access, or policy": not enough to call an address dead.
DEAD_BY_CODE = frozenset({521, 556})  # the host, or the domain, takes no mail at all (RFC 7504)


def verdict_on(stage: Stage, code: int, words: str) -> Verdict:
    """The verdict on a mail that was answered with `code` (three digits) and `words` at `stage`."""
    reason = said(code, words)
    if not 500 <= code <= 599:
        # 4yz asks to come back; what is no SMTP answer at all says nothing on the mail. A full mailbox is
        # slow.
        return _full(reason) if _enhanced(words) == "2.2" else TryLater(reason)

    enhanced = _enhanced(words)
    if stage is Stage.RCPT and (enhanced in DEAD_ADDRESS or (not enhanced and code in DEAD_BY_CODE)):
        return _dead(reason)
    if enhanced in BY_ENHANCED:
        return BY_ENHANCED[enhanced](reason)
    if code == 552 and not enhanced:
        return GiveUp(reason) if stage is not Stage.RCPT and _TOO_LARGE_WORDS.search(words) else _full(reason)
    if code == 530 or (stage is Stage.MAIL and enhanced != "6.7"):
        # It is our sender, login or settings that is refused, and so for every mail: nothing wrong with
        # this one. 5.6.7 is about this mail: an address with letters which the relay cannot carry (RFC
        # 6531).
        return TryLater(reason, after=WAIT_FOR_ADMIN)
    return GiveUp(reason)


def said(code: int, words: str) -> str:
    """The server's answer as a reason: one line, cut to 200 characters."""
    return " ".join(f"{code} {words}".split())[:REASON_LIMIT]


def _enhanced(words: str) -> str:
    found = _ENHANCED.match(words.lstrip())
    return found.group(2) if found else ""
