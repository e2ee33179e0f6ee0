"""What the doctor can find: every number once. A number is never given to anything else."""

from dataclasses import dataclass
from typing import Literal

# E keeps the service from its work, W does not. Each has a heading in docs/doctor.md.
NUMBERS = {
    "E001": "a setting is wrong",
    "E002": "the scheme file has mistakes",
    "W003": "the shipped scheme file is in use",
    "W004": "an address is a placeholder",
    "E005": "the scheme is live and an address is a placeholder",
    "W006": "the scheme is not live",
    "E007": "the database cannot be opened",
    "E008": "the database cannot be written",
    "E009": "the database is not of this release",
    "W010": "the disk is filling up",
    "E011": "the disk is full",
    "E012": "the photo folder cannot be written",
    "W013": "Telegram is off",
    "E014": "Telegram refuses the token",
    "W015": "Telegram does not answer",
    "W016": "mail is off",
    "E017": "the mail server cannot be used",
    "E018": "the mail server offers no TLS",
    "W019": "something could not be sent",
    "W020": "something that came in could not be handled",
    "W021": "the service is not running",
    "E022": "the service is not well",
    "W023": "the geocoder is off",
    "W024": "the geocoder does not answer",
    "W025": "the public spaces protection order has expired",
    "W026": "the appropriate policy document has no date",
    "E027": "the clock of this machine is wrong",
    "W028": "others may read .env",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: a sentence, and the mend, which ends in a line to paste where there is one."""

    number: str
    text: str
    mend: str

    def __post_init__(self) -> None:
        assert self.number in NUMBERS, f"{self.number} is not in the list"

    @property
    def level(self) -> Literal["error", "warning"]:
        """An error keeps the service from its work."""
        return "error" if self.number.startswith("E") else "warning"

    def values(self) -> dict[str, str]:
        """The finding as JSON has it."""
        return {"number": self.number, "level": self.level, "text": self.text, "mend": self.mend}
