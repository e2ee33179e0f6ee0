"""What people are told about their data, and what they can do about it."""

from datetime import timedelta

from conversations.acts import Complain, Leave, SendData
from conversations.events import Complained, Text
from conversations.flows import still
from conversations.flows.questions import go_on, question_now
from conversations.form import option, options
from conversations.says import Phrase
from conversations.scheme_texts import said
from conversations.talk import Talk

# A button that erases is good for that long after the question was put.
LEAVE_WITHIN = timedelta(minutes=10)


def show(talk: Talk) -> None:
    """The notice itself, open to strangers; what is held and what can be done, to members."""
    scheme, language = talk.facts.scheme, talk.state.language
    about, member = scheme.about, talk.facts.member
    phrases = [Phrase("privacy-notice", {"notice": said(scheme.privacy.notice, language)})]
    if about.urls.privacy:
        phrases.append(Phrase("privacy-more", {"url": about.urls.privacy}))
    requests = {"address": about.privacy_email, "regulator": about.regulator_name}
    phrases.append(Phrase("privacy-requests", {**requests}))
    values = ["complain"]
    if member:
        phrases.append(_held(talk))
        values = ["data", "leave", "complain"]
    buttons = options("-", "privacy", *values)
    if question_now(talk.state, talk.facts):
        buttons += (option("-", "menu", "on"),)
    talk.say_phrases(*phrases, options=buttons)


def _held(talk: Talk) -> Phrase:
    member = talk.facts.member
    assert member is not None
    if member.shop_phone:
        return Phrase("privacy-held-shop", {"business": member.business})
    return Phrase(
        "privacy-held",
        {
            "business": member.business,
            "name": member.name or Phrase("privacy-no-name"),
            "reports": len(talk.facts.my_reports()),
        },
    )


def tapped(talk: Talk, value: str) -> bool:
    """A button of the notice."""
    member = talk.facts.member
    asked, at = talk.state.leaving_at, talk.event.at
    match value:
        case "complain":
            talk.set(writing="complaint", writing_at=at)
            go_on(talk)
        case "data" if member:
            talk.act(SendData())
            talk.say("privacy-data-asked-shop" if member.shop_phone else "privacy-data-asked")
        case "leave" if member:
            talk.set(leaving_at=at)
            key = "leave-ask-shop" if member.shop_phone else "leave-ask"
            talk.say(key, *options("-", "privacy", "gone", "stay"), business=member.business)
        case "gone" if member and asked and at - asked <= LEAVE_WITHIN:
            still.left(talk, Leave(erase=not member.shop_phone))
        case "stay":
            talk.set(leaving_at=None)
            talk.say("leave-stayed")
        case _:
            return False
    return True


def complained(talk: Talk, event: Text) -> None:
    """The words of a complaint."""
    talk.set(writing=None)
    talk.act(Complain(event.words))


def complaint_filed(talk: Talk, event: Complained) -> None:
    """It has a number, and what happens next."""
    about = talk.facts.scheme.about
    values = {"regulator": about.regulator_name, "url": about.regulator_url}
    talk.say("complaint-filed", number=event.number, **values)
