"""/reports: one's own and one's shop's, and how far they got."""

from conversations.facts import ReportView
from conversations.flows.follow_up import report_line
from conversations.form import option
from conversations.says import Option, Phrase
from conversations.talk import Talk

SHOWN = 5


def show(talk: Talk, whose: str = "mine") -> None:
    """The latest of them, newest first, each with [Same again]."""
    views = (talk.facts.my_reports() if whose == "mine" else talk.facts.shop_reports())[:SHOWN]
    member = talk.facts.member
    mine = "phone" if member and member.shop_phone else "mine"
    other = option("-", "reports", "shop") if whose == "mine" else option("-", "reports", mine)
    if not views:
        talk.say(f"reports-none-{whose}", other)
        return
    options = [one for view in views for one in _buttons(view)]
    lines = [Phrase(f"reports-{whose}"), *(report_line(view, talk) for view in views)]
    talk.say_phrases(*lines, options=(*options, other))


def _buttons(view: ReportView) -> tuple[Option, ...]:
    values = {"reference": view.reference}
    again = option(view.reference, "sent", "again", Phrase("option-again-of", values))
    return (option(view.reference, "sent", "show", view.reference), again) if view.mine else (again,)


def tapped(talk: Talk, value: str) -> bool:
    if value not in ("mine", "phone", "shop"):
        return False
    show(talk, "shop" if value == "shop" else "mine")
    return True
