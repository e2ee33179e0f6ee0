"""/help: danger first, then how it works and whom to ask."""

from conversations.flows.danger import danger_line
from conversations.flows.questions import back_to_it
from conversations.form import options
from conversations.says import Phrase
from conversations.talk import Talk


def show(talk: Talk) -> None:
    """How it works, in one screen."""
    about = talk.facts.scheme.about
    last = back_to_it(talk) if talk.facts.member else ()
    talk.say_phrases(
        danger_line(talk),
        Phrase("help-how" if talk.facts.member else "help-how-stranger"),
        Phrase("help-commands" if talk.facts.member else "help-commands-stranger"),
        Phrase("help-police", {"non_urgent": about.non_urgent}),
        options=(*options("-", "menu", "deaf", "bid"), *last),
    )


def deaf(talk: Talk) -> None:
    """How to reach help without hearing or speaking."""
    about = talk.facts.scheme.about
    talk.say("help-deaf", emergency=about.emergency, non_urgent=about.non_urgent)


def bid(talk: Talk) -> None:
    """Whom to ask in person."""
    contact = talk.facts.scheme.about.contact
    talk.say("help-bid", name=contact.name, phone=contact.phone, email=contact.email)
