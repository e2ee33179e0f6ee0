"""Who gets what, as the scheme has it, in two tables."""

from admin_cli.output import table
from conversations.scheme import Category, Scheme


def who_gets_what(scheme: Scheme) -> str:
    """The recipients with their addresses, and each kind with those who get it."""
    recipients = [(one.id, one.email, one.name) for one in scheme.recipients]
    kinds = [(kind.officer_name, kind.owner, _copies(kind), _digests(kind)) for kind in scheme.categories]
    return "\n\n".join(
        (
            table(("Recipient", "Address", "Name"), recipients),
            table(("Kind", "Owner", "At once too", "In the digest"), kinds),
        )
    )


def _copies(kind: Category) -> str:
    return ", ".join(f"{copy.recipient}{_condition(kind, copy.when)}" for copy in kind.copy_now) or "-"


def _condition(kind: Category, when: str | None) -> str:
    answer = kind.question.answer(when) if kind.question and when else None
    return f" (if: {answer.officer})" if answer else ""


def _digests(kind: Category) -> str:
    return ", ".join(f"{copy.recipient} ({copy.as_})" for copy in kind.copy_digest) or "-"
