"""/help: danger first, then how it works and whom to ask."""

from conversations.flows.questions import menu
from conversations.flows.report import danger_line
from conversations.says import Phrase
from conversations.talk import Talk


def show(talk: Talk) -> None:
    about = talk.facts.scheme.about
    talk.say_phrases(
        danger_line(talk),
        Phrase("help-deaf"),
        Phrase("help-police", {"non_urgent": about.non_urgent}),
        Phrase("help-how"),
        Phrase("help-commands"),
        Phrase("help-bid", {"name": about.contact.name, "phone": about.contact.phone, "email": about.contact.email}),
        options=menu()[:1] if talk.state.draft is None else (),
    )
