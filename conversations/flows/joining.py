"""What somebody between the poster and the shop is being asked."""

from conversations.facts import Facts
from conversations.form import options
from conversations.says import Phrase, Say, say
from conversations.scheme_texts import said
from conversations.state import State


def joining_question(state: State, facts: Facts) -> Say | None:
    """The question of joining that is open; None when there is none, or the code has gone bad since."""
    joining = state.joining
    if joining is None:
        return None
    if joining.asked == "name":
        return say("join-name", *options("-", "join", "skip", "shop"))
    shop = facts.shop_of(joining.code)
    if shop is None:
        return None
    if joining.asked == "join":
        welcome = Phrase("join-welcome", {"business": shop.business, "address": shop.address})
        who = Phrase("join-who", {"who": said(facts.scheme.privacy.who_gets_what, state.language)})
        return Say((welcome, who, Phrase("join-privacy")), options("-", "join", "yes", "no"))
    if facts.member is None:
        return None
    return say(
        "join-move", *options("-", "join", "move", "stay"), old=facts.member.business, new=shop.business
    )
