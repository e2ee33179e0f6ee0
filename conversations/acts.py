"""The engine's orders. The intake carries them out in the transaction that also keeps the state."""

import msgspec

from conversations.events import MediaKind
from conversations.state import Draft, Piece


class FileReport(msgspec.Struct, frozen=True):
    """Send the draft. Answered by Filed, or Refused (suspended, gone)."""

    draft: Draft
    urgent: bool
    language: str


class Enrol(msgspec.Struct, frozen=True):
    """This phone reports for the business of the code from now on. Answered by Enrolled or Refused (code)."""

    code: str


class NamePhone(msgspec.Struct, frozen=True):
    """What the BID may call this phone. `name` is None for the shop's own phone."""

    name: str | None


class KeepMedia(msgspec.Struct, frozen=True):
    """Fetch what the channel announced and keep it with the draft, or with the report it is added to."""

    id: str
    draft: str
    kind: MediaKind
    handle: str
    provider_at: float
    size: int | None = None
    mime: str | None = None
    reference: str | None = None


class ForgetMedia(msgspec.Struct, frozen=True):
    """Remove these photos here, bytes too."""

    ids: tuple[str, ...]


class LookUp(msgspec.Struct, frozen=True):
    """Ask the geocoder what place these words mean; the answer comes later as Found."""

    subject: str
    query: str


class Wake(msgspec.Struct, frozen=True):
    """A timer: Woke(subject) at `at` (seconds since 1970). One timer a subject and time."""

    subject: str
    at: float


class AddToReport(msgspec.Struct, frozen=True):
    """The reporter adds words to a report; `edited` when they are the new form of a message in it."""

    reference: str
    piece: Piece
    edited: bool = False


class ChangeKind(msgspec.Struct, frozen=True):
    """Another category, same reference. Answered by Done or Refused (acted)."""

    reference: str
    category: str
    answer: str | None = None
    under_18: str | None = None


class Withdraw(msgspec.Struct, frozen=True):
    """Take it back. Answered by Done or Refused (acted, late)."""

    reference: str


class Leave(msgspec.Struct, frozen=True):
    """This phone leaves the scheme. `erase` also takes back what can be, and forgets the person."""

    erase: bool


class Complain(msgspec.Struct, frozen=True):
    """A data protection complaint. Answered by Complained."""

    words: str


class ToldLate(msgspec.Struct, frozen=True):
    """The reporter was told that the report has not reached its owner yet, and the BID is to be told too."""

    reference: str


class SendData(msgspec.Struct, frozen=True):
    """The person asks for what is held about them; the BID is told, who answers within a month."""


class MarkBlocked(msgspec.Struct, frozen=True):
    """Nothing more can be sent to this person until they return."""

    blocked: bool


Act = (
    FileReport
    | Enrol
    | NamePhone
    | KeepMedia
    | ForgetMedia
    | LookUp
    | Wake
    | AddToReport
    | ChangeKind
    | Withdraw
    | Leave
    | Complain
    | ToldLate
    | SendData
    | MarkBlocked
)
