"""Finds the business that an admin named, or says which are near."""

from sqlalchemy import Connection

from admin_cli.failures import EXAMPLE, Failure
from storage import members
from storage.members import BusinessLine, NoSuchBusiness


def the_business(connection: Connection, name: str) -> BusinessLine:
    """The business of that name. Raises Failure with the nearest ones."""
    try:
        return members.find_business(connection, name)
    except NoSuchBusiness as unknown:
        raise Failure(f'No business called "{name}".', _instead(connection, unknown)) from None


def _instead(connection: Connection, unknown: NoSuchBusiness) -> str:
    everyone = members.businesses(connection)
    if not everyone:
        return f"There are none yet: {EXAMPLE}"
    near = "; ".join(f'"{line.name}", {line.address}' for line in everyone if line.name in unknown.nearest)
    return f"Nearest: {near}. All: ntars business list" if near else "All: ntars business list"
