"""From the poster in the staff room to a phone that reports."""

import re
from datetime import timedelta

from conversations import urgency
from conversations.acts import Enrol, NamePhone
from conversations.events import Choice, Command, Enrolled, Event, Media, Refused, Text
from conversations.flows.questions import menu
from conversations.flows.report import danger_line
from conversations.folding import tokens
from conversations.form import option
from conversations.says import Phrase, Say, say
from conversations.state import Joining, State
from conversations.talk import Talk
from conversations.wording import label_of

# No vowels and no look-alikes: nothing rude, nothing misread.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH = 8
MOST_WRONG_CODES = 10
WRONG_CODES_WITHIN = timedelta(hours=1)
LONGEST_NAME = 40

_CODE = re.compile(rf"(?<![A-Za-z0-9])([{CODE_LETTERS}]{{4}})[ -]?([{CODE_LETTERS}]{{4}})(?![A-Za-z0-9])", re.I)
_LOOKS_LIKE_A_CODE = re.compile(r"(?:ntars|join)?\W*[A-Za-z0-9_-]{6,64}\W*", re.I)


def code_in(words: str) -> str | None:
    """The poster's code, wherever it stands in the words; people may write around it."""
    found = _CODE.search(words[:300])
    return (found[1] + found[2]).upper() if found else None


def question(state: State, talk: Talk) -> Say | None:
    """What somebody on the way in is being asked."""
    joining = state.joining
    if joining is None:
        return None
    shop = talk.facts.shop_of(joining.code)
    match joining.asked:
        case "join" if shop:
            scheme = talk.facts.scheme
            return Say(
                text=(
                    Phrase("join-welcome", {"business": shop.business, "address": shop.address}),
                    Phrase("join-who", {"who": _said(scheme.privacy.who_gets_what, state.language)}),
                    Phrase("join-privacy"),
                ),
                options=(option("-", "join", "yes"), option("-", "join", "no")),
            )
        case "move" if shop and talk.facts.member:
            return say(
                "join-move",
                option("-", "join", "move"),
                option("-", "join", "stay"),
                old=talk.facts.member.business,
                new=shop.business,
            )
        case "name":
            return say("join-name", option("-", "join", "skip"), option("-", "join", "shop"))
    return None


def _said(texts: object, language: str) -> str:
    from conversations.scheme_texts import said

    return said(texts, language)  # type: ignore[arg-type]


def ask(talk: Talk) -> None:
    """Put the question of joining, again if need be."""
    asked = question(talk.state, talk)
    if asked:
        talk.says.append(asked)
    else:
        talk.set(joining=None)
        (talk.say("nothing-open", *menu()) if talk.facts.member else stranger(talk))


def try_code(talk: Talk, code: str) -> None:
    """A code from a poster: good, known already, another shop's, or wrong."""
    recent = tuple(at for at in talk.state.wrong_codes if talk.facts.now - at < WRONG_CODES_WITHIN)
    talk.set(wrong_codes=recent)
    if len(recent) >= MOST_WRONG_CODES:
        talk.say("code-pause")
        return
    shop = talk.facts.shop_of(code)
    if shop is None:
        talk.set(wrong_codes=(*recent, talk.facts.now))
        contact = talk.facts.scheme.about.contact
        talk.say("code-wrong", bid=f"{contact.phone}, {contact.email}")
        return
    member = talk.facts.member
    if member and member.business == shop.business:
        talk.set(joining=None)
        talk.say("join-already", *menu(), business=shop.business)
        return
    talk.set(joining=Joining(code, "move" if member else "join"))
    ask(talk)


def tapped(talk: Talk, value: str) -> bool:
    """A button of the way in. False when it is not what is being asked."""
    joining = talk.state.joining
    if joining is None:
        return False
    match joining.asked, value:
        case ("join", "yes") | ("move", "move"):
            talk.act(Enrol(joining.code))
        case "join", "no":
            talk.set(joining=None)
            talk.say("join-not-now")
        case "move", "stay":
            talk.set(joining=None)
            talk.say("join-stay", business=talk.facts.member.business if talk.facts.member else "")
        case "name", "skip":
            _in(talk)
        case "name", "shop":
            talk.act(NamePhone(None))
            _in(talk)
        case _:
            return False
    return True


def enrolled(talk: Talk, event: Enrolled) -> None:
    """The phone is the business's: the old shop's drafts and questions stop."""
    assert talk.state.joining is not None
    fresh = State(
        language=talk.state.language,
        joining=Joining(talk.state.joining.code, "name"),
        prompt=talk.state.prompt,
        place_open=talk.state.place_open,
    )
    talk.state = fresh
    ask(talk)


def refused(talk: Talk, event: Refused) -> None:
    talk.set(joining=None)
    contact = talk.facts.scheme.about.contact
    talk.say("code-wrong", bid=f"{contact.phone}, {contact.email}")


def _in(talk: Talk) -> None:
    talk.set(joining=None)
    talk.say("join-in", *menu())


def name_given(talk: Talk, event: Text) -> bool:
    """The words are the phone's name, if they can be one."""
    words = " ".join(event.words.split())
    if not words or len(words) > LONGEST_NAME or urgency.is_urgent(words):
        return False
    talk.act(NamePhone(words))
    _in(talk)
    return True


def take(talk: Talk, event: Event) -> bool:
    """Whatever somebody who is not enrolled sends, or who is being asked to join. False: not for this flow."""
    match event:
        case Command(name="start", rest=rest) if rest.strip():
            try_code(talk, code_in(rest) or rest.strip())
            return True
        case Text(words=words) if code := _code_meant(talk, words):
            try_code(talk, code)
            return True
    if talk.state.joining and talk.state.joining.asked != "name":
        return _while_joining(talk, event)
    if talk.facts.member is None:
        stranger(talk)
        return True
    if talk.state.joining:
        return _while_naming(talk, event)
    return False


def _code_meant(talk: Talk, words: str) -> str | None:
    """A member's words are a code only when they are nothing else: shops are called all sorts of things."""
    code = code_in(words)
    if talk.facts.member is None:
        if code is None and tokens(words)[:1] in (["join"], ["ntars"]) and _LOOKS_LIKE_A_CODE.fullmatch(words):
            return tokens(words)[-1]
        return code
    alone = code is not None and len(re.sub(r"[^A-Za-z0-9]", "", words)) <= CODE_LENGTH + len("JOIN")
    return code if alone and talk.facts.shop_of(code or "") else None


def typed(talk: Talk, words: str) -> str | None:
    """The button of the way in that the words mean."""
    asked = question(talk.state, talk)
    said = tokens(words)
    if asked is None or not said:
        return None
    for index, one in enumerate(asked.options, start=1):
        if tokens(label_of(one.label, talk.state.language)) == said or said == [str(index)]:
            return one.data
    return None


def _while_joining(talk: Talk, event: Event) -> bool:
    if isinstance(event, Text) and (data := typed(talk, event.words)):
        return tapped(talk, data.rpartition(":")[2])
    if isinstance(event, Command) and event.name in ("privacy", "help"):
        return False
    if talk.facts.member is None:
        talk.say_phrases(danger_line(talk))
    ask(talk)
    return True


def _while_naming(talk: Talk, event: Event) -> bool:
    match event:
        case Text():
            if data := typed(talk, event.words):
                return tapped(talk, data.rpartition(":")[2])
            if name_given(talk, event):
                return True
    # A photo, a pin, a command or an emergency is worth more than a name.
    talk.set(joining=None)
    return False


def stranger(talk: Talk) -> None:
    """Somebody not enrolled: what this is, how to join, and where to turn."""
    about = talk.facts.scheme.about
    talk.say_phrases(
        Phrase("stranger", {"scheme": about.name, "short": about.short_name}),
        danger_line(talk),
        Phrase("stranger-police", {"non_urgent": about.non_urgent}),
        Phrase("stranger-join", {"bid": about.contact.phone}),
        Phrase("stranger-about-you", {"address": about.privacy_email}),
    )


__all__ = ["CODE_LENGTH", "CODE_LETTERS", "Choice", "Media", "code_in", "enrolled", "refused", "take", "tapped"]
