"""`ntars doctor`: checks every part for real, and says how to mend it."""

import click

from admin_cli.output import json_option, print_json


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check every part for real and say how to mend it.

    Sends no mail and no message. Exit code 1 when anything keeps the service from its work.
    """
    from admin_cli.doctor_checks import examine

    found = examine()
    errors = sum(finding.level == "error" for finding in found)
    if as_json:
        print_json({"findings": [finding.values() for finding in found], "ok": not errors})
    else:
        for finding in found:
            click.echo(f"{finding.number} {finding.text}\n     {finding.mend}")
        click.echo(_summary(errors, len(found) - errors))
    ctx.exit(1 if errors else 0)


def _summary(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "All is well."
    counted = [
        f"{number} {noun}{'s' if number > 1 else ''}"
        for number, noun in ((errors, "error"), (warnings, "warning"))
        if number
    ]
    return f"{' and '.join(counted)}."
