"""From the poster in the staff room to a phone that reports."""

import re
from datetime import timedelta

from conversations import kinds, urgency
from conversations.acts import Enrol, ForgetMedia, NamePhone
from conversations.events import Command, Event, Media, Text, Unreadable
from conversations.flows import still
from conversations.flows.danger import danger_line
from conversations.flows.joining import joining_question
from conversations.flows.questions import menu
from conversations.flows.typed import command_spoken, is_small_talk, typed_option
from conversations.folding import tokens
from conversations.says import Phrase
from conversations.state import Joining, State
from conversations.talk import Talk

# No vowels and no look-alikes: nothing rude, nothing misread.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH = 8
MOST_WRONG_CODES = 10
WRONG_CODES_WITHIN = timedelta(hours=1)
LONGEST_NAME = 40
MOST_WORDS_OF_A_NAME = 4

_HALF = rf"([{CODE_LETTERS}]{{4}})"
_CODE = re.compile(rf"(?<![A-Za-z0-9]){_HALF}[ -]?{_HALF}(?![A-Za-z0-9])", re.I)
_LOOKS_LIKE_A_CODE = re.compile(r"(?:ntars|join)?\W*[A-Za-z0-9_-]{6,64}\W*", re.I)


def code_in(words: str) -> str | None:
    """The poster's code, wherever it stands in the words; people may write around it."""
    found = _CODE.search(words[:300])
    return (found[1] + found[2]).upper() if found else None


def take(talk: Talk, event: Event) -> bool:
    """What somebody sends who is not enrolled, or is being asked to join. False: not for this flow."""
    if code := _code_of(talk, event):
        try_code(talk, code)
        return True
    joining = talk.state.joining
    if joining is None:
        if talk.facts.member is None:
            stranger(talk, urgent=_is_urgent(event))
            return True
        return False
    if isinstance(event, Text) and not _is_urgent(event) and (data := typed_option(talk, event.words)):
        return tapped(talk, data.rpartition(":")[2])
    if talk.facts.member is None:
        _not_joined_yet(talk, event)
        return True
    if isinstance(event, Unreadable):
        talk.say("unreadable")
        ask(talk)
        return True
    return _while_naming(talk, event) if joining.asked == "name" else _stays(talk)


def _is_urgent(event: Event) -> bool:
    match event:
        case Text():
            return urgency.is_urgent(event.words)
        case Media():
            return urgency.is_urgent(event.caption)
    return False


def _code_of(talk: Talk, event: Event) -> str | None:
    match event:
        case Command(name="start", rest=rest) if rest.strip():
            return code_in(rest) or rest.strip()
        case Text(words=words):
            return _code_meant(talk, words)
    return None


def _code_meant(talk: Talk, words: str) -> str | None:
    """A member's words are a code only when they are nothing else: shops are called all sorts of things."""
    code = code_in(words)
    if talk.facts.member is None:
        said = tokens(words)
        if code is None and said[:1] in (["join"], ["ntars"]) and _LOOKS_LIKE_A_CODE.fullmatch(words):
            return said[-1]
        # Eight characters with a figure among them are a code, even one with letters that no code has.
        alone_code = re.fullmatch(r"\W*([A-Za-z0-9]{4})[ -]?([A-Za-z0-9]{4})\W*", words)
        if code is None and alone_code and any(letter.isdigit() for letter in words):
            return (alone_code[1] + alone_code[2]).upper()
        return code
    alone = code is not None and len(re.sub(r"[^A-Za-z0-9]", "", words)) <= CODE_LENGTH + len("JOIN")
    return code if alone and talk.facts.shop_of(code or "") else None


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
        refused(talk)
        return
    member = talk.facts.member
    if member and member.business == shop.business:
        talk.set(joining=None)
        talk.say("join-already", *menu(), business=shop.business)
        return
    talk.set(joining=Joining(code, "move" if member else "join"))
    ask(talk)


def ask(talk: Talk) -> None:
    """Put the question of joining, again if need be."""
    if asked := joining_question(talk.state, talk.facts):
        talk.says.append(asked)
    else:
        # The code has been withdrawn since.
        refused(talk)


def refused(talk: Talk) -> None:
    """A code that is wrong, used up or withdrawn."""
    talk.set(joining=None)
    contact = talk.facts.scheme.about.contact
    talk.say("code-wrong", bid=f"{contact.phone}, {contact.email}")


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
            _stays(talk)
        case "name", "skip":
            _in(talk)
        case "name", "shop":
            talk.act(NamePhone(None))
            _in(talk)
        case _:
            return False
    return True


def enrolled(talk: Talk) -> None:
    """The phone is the business's: the old shop's drafts and questions stop."""
    old = talk.state
    photos = [
        photo.id for draft in (old.draft, old.discarded) if draft and not draft.of for photo in draft.photos
    ]
    if photos:
        talk.act(ForgetMedia(tuple(photos)))
    talk.state = State(
        language=old.language,
        joining=Joining(old.joining.code if old.joining else "", "name"),
        prompt=old.prompt,
        place_open=old.place_open,
        tapped=old.tapped,
        tapped_at=old.tapped_at,
    )
    still.arm(talk)
    ask(talk)


def _in(talk: Talk) -> None:
    talk.set(joining=None)
    talk.say("join-in", *menu())


def _stays(talk: Talk) -> bool:
    """No answer to "Move it?" is a no, and what was sent instead is taken as usual."""
    talk.set(joining=None)
    talk.say("join-stay", business=talk.facts.member.business if talk.facts.member else "")
    return False


def _not_joined_yet(talk: Talk, event: Event) -> None:
    if _is_urgent(event):
        talk.say_phrases(danger_line(talk))
    asked = joining_question(talk.state, talk.facts)
    if asked is None or (isinstance(event, Command) and event.name in ("start", "menu")):
        ask(talk)
    else:
        talk.say("join-first", *asked.options)


def _while_naming(talk: Talk, event: Event) -> bool:
    if isinstance(event, Text):
        if is_small_talk(event.words, talk.state.language):
            ask(talk)
            return True
        if name := _name_in(talk, event.words):
            talk.act(NamePhone(name))
            _in(talk)
            return True
    # A photo, a pin, a command or an emergency is worth more than a name.
    talk.set(joining=None)
    talk.say("join-in-short")
    return False


def _name_in(talk: Talk, words: str) -> str | None:
    """The words, if they can be a name: not what somebody saw, nor a place, nor a command."""
    name = " ".join(words.split())
    if not name or len(name) > LONGEST_NAME or len(name.split()) > MOST_WORDS_OF_A_NAME:
        return None
    seen = urgency.is_urgent(name) or kinds.guess(name, talk.facts.scheme)
    if seen or talk.facts.gazetteer.mentioned(name) or command_spoken(name, talk.state.language):
        return None
    return name


def stranger(talk: Talk, *, urgent: bool = False) -> None:
    """Somebody not enrolled: what this is, how to join, and where to turn."""
    about = talk.facts.scheme.about
    who = Phrase("stranger", {"short": about.short_name})
    danger = danger_line(talk)
    talk.say_phrases(
        *((danger, who) if urgent else (who, danger)),
        Phrase("stranger-police", {"non_urgent": about.non_urgent}),
        Phrase("stranger-about-you", {"address": about.privacy_email}),
    )


__all__ = [
    "CODE_LENGTH",
    "CODE_LETTERS",
    "ask",
    "code_in",
    "enrolled",
    "refused",
    "stranger",
    "take",
    "tapped",
]
