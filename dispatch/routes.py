"""Who gets which report: the category's route in the scheme file, an address at a time."""

from dataclasses import dataclass

from conversations.scheme import Scheme

BID = "bid"


@dataclass(frozen=True, slots=True)
class Stop:
    """One address on a report's route; recipients that share it get one mail, the owner's rules count."""

    address: str
    recipients: tuple[str, ...]
    owner: bool


def recipients_of(scheme: Scheme, category: str, answer: str | None) -> tuple[str, ...]:
    """Ids of those who get a report of this category at once, the owner first; empty for an unknown kind."""
    kind = scheme.category(category)
    return kind.at_once(answer) if kind else ()


def route(scheme: Scheme, category: str, answer: str | None, *, test: bool) -> tuple[Stop, ...]:
    """The addresses that a report goes to. Before go-live that is the BID's contact, and nobody else."""
    if test:
        return (Stop(scheme.about.contact.email, (BID,), owner=True),)
    stops: dict[str, Stop] = {}
    for place, name in enumerate(recipients_of(scheme, category, answer)):
        recipient = scheme.recipient(name)
        if recipient is None or not recipient.immediate:
            continue
        key = recipient.email.casefold()
        known = stops.get(key)
        if known is None:
            stops[key] = Stop(recipient.email, (name,), owner=place == 0)
        else:
            stops[key] = Stop(known.address, (*known.recipients, name), owner=known.owner)
    return tuple(stops.values())
