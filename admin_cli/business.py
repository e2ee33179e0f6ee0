"""`ntars business`: the levy payers and members whose staff report."""

import click

from admin_cli.failures import EXAMPLE, Failure, Misuse, pasted
from admin_cli.kinds import ADDRESS, LAT_LON, NAME, PHONE, POSTCODE
from admin_cli.lazy import Group
from admin_cli.output import columns, json_option, one_line, print_json, table


@click.group(cls=Group)
def business() -> None:
    """Add, list and show businesses."""


@business.command()
@click.argument("name", type=NAME)
@click.option("--address", type=ADDRESS, required=True, help='Street and number: "12 Abington Street".')
@click.option("--postcode", type=POSTCODE, required=True, help='"NN1 2AJ".')
@click.option("--kind", type=click.Choice(["levy", "voluntary"]), required=True, help="How it is a member.")
@click.option("--at", "point", type=LAT_LON, help="Where it is on the map: LAT,LON in degrees.")
@click.option("--phone", type=PHONE, help="How recipients may reach it.")
@json_option
def add(
    name: str,
    address: str,
    postcode: str,
    kind: str,
    point: tuple[float, float] | None,
    phone: str | None,
    as_json: bool,
) -> None:
    """Add a business.

    One without --at still files reports: "At our shop" is then its address.
    """
    from dataclasses import asdict

    from admin_cli.opened import opened, scheme_if_readable, who
    from storage import members

    with opened() as town:
        remark = _off_the_map(point, scheme_if_readable(town.settings)) if point else None
        with town.database.write(town.now) as tx:
            try:
                known = members.find_business(tx.connection, name)
            except members.NoSuchBusiness:
                members.add_business(
                    tx,
                    name=name,
                    address=address,
                    postcode=postcode,
                    kind=kind,
                    phone=phone,
                    point=point,
                    by=who(),
                )
            else:
                raise Failure(
                    f'There is a business called "{known.name}" already, at {known.address}.',
                    f"See it: ntars business show {pasted(known.name)}",
                )
            line = members.find_business(tx.connection, name)
        if remark:
            click.echo(remark, err=True)
    if as_json:
        print_json(asdict(line))
    else:
        click.echo(f'Added "{one_line(name)}", {one_line(address)}, {postcode} ({kind}).')
        click.echo(f"Its poster's code: ntars invite {pasted(name)}")


def _off_the_map(point: tuple[float, float], scheme: object) -> str | None:
    from conversations.places import Point, metres_outside
    from conversations.scheme import Scheme

    if not isinstance(scheme, Scheme):
        return None
    lat, lon = point
    off = metres_outside(Point(lat, lon), scheme.area.boundary)
    if off <= scheme.area.tolerance_m:
        return None
    swapped = abs(lon) <= 90 and metres_outside(Point(lon, lat), scheme.area.boundary) <= 10_000 < off
    far = f"{off / 1000:.1f} km" if off >= 1000 else f"{off:.0f} m"
    if swapped:
        raise Misuse(
            f"--at {lat:g},{lon:g} is {far} outside the town's boundary. Did you mean --at {lon:g},{lat:g}?"
        )
    return f"Note: {lat:g},{lon:g} is {far} outside the town's boundary."


@business.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all businesses by name."""
    from dataclasses import asdict

    from admin_cli.opened import opened
    from storage import members

    with opened() as town, town.database.read() as connection:
        lines = members.businesses(connection)
    if as_json:
        print_json([asdict(line) for line in lines])
    elif not lines:
        click.echo(f"No businesses yet. Add one: {EXAMPLE}")
    else:
        rows = [
            (line.name, line.address, line.postcode, line.kind, line.status, line.phones) for line in lines
        ]
        click.echo(table(("Name", "Address", "Postcode", "Kind", "Status", "Phones"), rows))


@business.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one business."""
    from dataclasses import asdict

    from admin_cli.named import the_business
    from admin_cli.opened import opened

    with opened() as town, town.database.read() as connection:
        line = the_business(connection, name)
    if as_json:
        print_json(asdict(line))
        return
    place = f"{line.lat:g},{line.lon:g}" if line.lat is not None else "not placed on the map"
    rows = [
        ("Name", line.name),
        ("Address", f"{line.address}, {line.postcode}"),
        ("Point", place),
        ("Kind", line.kind),
        ("Status", line.status),
        ("Telephone", line.phone or "-"),
        ("Phones", f"{line.phones} reporting"),
    ]
    click.echo(columns(rows))
