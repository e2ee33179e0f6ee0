"""Where a shop that is not to be named is said to be."""

from sqlalchemy import Connection

from conversations.gazetteer import Gazetteer
from storage import members

FEWEST_ON_A_STREET = 3


def street_of(connection: Connection, gazetteer: Gazetteer, address: str) -> str | None:
    """The street of a shop's address, if it has so many member businesses that it gives none of them away."""
    street = gazetteer.mentioned(address)
    if street is None:
        return None
    neighbours = (gazetteer.mentioned(other) for other in members.active_neighbours(connection))
    on_it = sum(1 for neighbour in neighbours if neighbour and neighbour.name == street.name)
    return street.name if on_it >= FEWEST_ON_A_STREET else None
