"""What people are told about their data, and what they can do about it."""

from conversations.acts import Complain, Leave, SendData
from conversations.events import Filed, Text
from conversations.flows.questions import go_on
from conversations.form import option
from conversations.says import Phrase
from conversations.scheme_texts import said
from conversations.talk import Talk


def show(talk: Talk) -> None:
    """The notice itself, open to strangers; what is held and what can be done, to members."""
    scheme, language = talk.facts.scheme, talk.state.language
    member = talk.facts.member
    phrases = [Phrase("privacy-notice", {"notice": said(scheme.privacy.notice, language)})]
    if url := scheme.about.urls.privacy:
        phrases.append(Phrase("privacy-more", {"url": url}))
    phrases.append(
        Phrase(
            "privacy-requests",
            {"address": scheme.about.privacy_email, "regulator": scheme.about.regulator_name},
        )
    )
    options = [option("-", "privacy", "complain")]
    if member:
        key = "privacy-held-shop" if member.shop_phone else "privacy-held"
        phrases.append(
            Phrase(
                key,
                {
                    "business": member.business,
                    "name": member.name or Phrase("privacy-no-name"),
                    "reports": len(talk.facts.my_reports()),
                },
            )
        )
        options = [option("-", "privacy", "data"), option("-", "privacy", "leave"), *options]
    talk.say_phrases(*phrases, options=tuple(options))


def tapped(talk: Talk, value: str) -> bool:
    """A button of the notice."""
    member = talk.facts.member
    match value:
        case "complain":
            talk.set(writing="complaint")
            go_on(talk)
        case "data" if member:
            talk.act(SendData())
            talk.say("privacy-data-asked")
        case "leave" if member:
            key = "leave-ask-shop" if member.shop_phone else "leave-ask"
            options = (option("-", "privacy", "gone"), option("-", "privacy", "stay"))
            talk.say(key, *options, business=member.business)
        case "gone" if member:
            talk.act(Leave(erase=not member.shop_phone))
            talk.set(draft=None, pending=(), discarded=None, discarded_at=None, sent=None, writing=None)
            talk.say("left", business=member.business)
        case "stay":
            talk.say("leave-stayed")
        case _:
            return False
    return True


def complained(talk: Talk, event: Text) -> None:
    """The words of a complaint."""
    talk.set(writing=None)
    talk.act(Complain(event.words))


def complaint_filed(talk: Talk, event: Filed) -> None:
    about = talk.facts.scheme.about
    talk.say(
        "complaint-filed",
        number=event.reference,
        regulator=about.regulator_name,
        url=about.regulator_url,
    )
