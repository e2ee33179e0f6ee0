"""/reports: one's own and one's shop's, and how far they got."""

from conversations.facts import ReportView
from conversations.flows.questions import question_now
from conversations.flows.report_lines import report_line
from conversations.form import option
from conversations.says import Option, Phrase
from conversations.talk import Talk

# Two buttons a report, and one more: ten at the most in a list of WhatsApp.
SHOWN = 4


def show(talk: Talk, whose: str = "mine") -> None:
    """The latest of them, newest first, each with [Same again]."""
    views = (talk.facts.my_reports() if whose == "mine" else talk.facts.shop_reports())[:SHOWN]
    member = talk.facts.member
    mine = "phone" if member and member.shop_phone else "mine"
    others = [option("-", "reports", "shop" if whose == "mine" else mine)]
    if question_now(talk.state, talk.facts):
        others.append(option("-", "menu", "on"))
    if not views:
        talk.say(f"reports-none-{whose}", *others)
        return
    buttons = [one for view in views for one in _buttons(view)]
    lines = [Phrase(f"reports-{whose}"), *(report_line(view, talk) for view in views)]
    talk.say_phrases(*lines, options=(*buttons, *others))


def _buttons(view: ReportView) -> tuple[Option, ...]:
    again = option(view.reference, "sent", "again", Phrase("option-again-of", {"reference": view.reference}))
    return (option(view.reference, "sent", "show", view.reference), again) if view.mine else (again,)


def tapped(talk: Talk, value: str) -> bool:
    """[Mine] or [Our shop's]."""
    if value not in ("mine", "phone", "shop"):
        return False
    show(talk, "shop" if value == "shop" else "mine")
    return True
