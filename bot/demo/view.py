"""Phones and mails as the page's script wants them: plain JSON, nothing to work out."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.demo import letters
from bot.demo.bot_api import BotApi
from bot.demo.chats import Button, ChatMessage
from bot.demo.limits import Json
from bot.demo.mailbox import Received
from bot.demo.phone import Phone
from bot.demo.town import Recipient


@dataclass(frozen=True)
class Act:
    """The last thing that somebody did on a demo phone."""

    who: str
    what: str
    at: float


def phone_view(phone: Phone, invited: bool, api: BotApi) -> Json:
    """One phone: its chat and what can be pressed."""
    pending = [tap for tap in api.cloud.taps.values() if tap.chat is phone.chat and not tap.answered]
    answered = [tap for tap in api.cloud.taps.values() if tap.chat is phone.chat and tap.notice]
    return {
        "id": phone.chat.id,
        "name": phone.chat.user["first_name"],
        "started": phone.chat.started,
        "blocked": phone.chat.blocked,
        "invited": invited,
        "messages": [message_view(message, api) for message in phone.messages],
        "keyboard": [[_button(key) for key in row] for row in phone.reply_keyboard or []],
        "pending": [f"{_pressed(tap.update)}:{tap.data}" for tap in pending],
        "notice": answered[-1].notice if answered else "",
        "commands": api.cloud.settings.get("commands all_private_chats en")
        or api.cloud.settings.get("commands all_private_chats")
        or api.cloud.settings.get("commands default", []),
    }


def _pressed(update: Json) -> int:
    return int(update["callback_query"]["message"]["message_id"])


def message_view(message: ChatMessage, api: BotApi) -> Json:
    """One bubble."""
    payload = message.payload
    quoted = payload.get("reply_to_message", {})
    attached = api.cloud.files.by_id(message.file_id) if message.file_id else None
    return {
        "id": message.id,
        "who": message.who,
        "kind": message.kind,
        "text": message.text,
        "at": message.at,
        "edited": message.edited,
        "silent": message.silent,
        "order": message.order,
        "buttons": [[_button(button) for button in row] for row in message.buttons],
        "file": f"/file/{attached.path}" if attached else None,
        "name": payload.get("document", {}).get("file_name", ""),
        "place": payload.get("location"),
        "quote": quoted.get("text") or quoted.get("caption") or "",
        "album": payload.get("media_group_id", ""),
    }


def _button(button: Button) -> Json:
    return {
        "text": button.text,
        "data": button.data,
        "url": button.url,
        "copies": button.copies,
        "style": button.style,
    }


def inboxes(recipients: Iterable[Recipient]) -> list[Json]:
    """Three pigeonholes: the council's teams, those who sit with the police, and everybody else."""
    known = list(recipients)
    council = [one for one in known if not one.police]
    police = [one for one in known if one.police]
    return [
        {"id": "council", "title": _title(council, "Council"), "who": _teams(council)},
        {"id": "police", "title": _title(police, "Police"), "who": _teams(police)},
        {"id": "others", "title": "BID and members", "who": []},
    ]


def _title(recipients: list[Recipient], default: str) -> str:
    return _capital(recipients[0].known_as) if recipients else default


def _teams(recipients: list[Recipient]) -> list[Json]:
    return [{"email": one.email, "name": one.name, "short": _short(one)} for one in recipients]


def _short(recipient: Recipient) -> str:
    """Which team of the council; those who sit with the police go by their own name."""
    team = "" if recipient.police else recipient.name.partition(", ")[2]
    return _capital(team or recipient.known_as)


def _capital(words: str) -> str:
    bare = words.removeprefix("the ")
    return bare[:1].upper() + bare[1:]


def strip(acts: list[Act], mails: list[Received]) -> Json | None:
    """What just happened: the last act that mails followed, and how long each took."""
    for act in reversed(acts):
        later = next((other.at for other in acts if other.at > act.at), None)
        followed = [
            mail
            for mail in mails
            if act.at <= mail.received_at and (later is None or mail.received_at < later)
        ]
        if followed:
            return {
                "who": act.who,
                "what": act.what,
                "at": act.at,
                "mails": [
                    {"to": mail.rcpt_tos[0], "seconds": round(mail.received_at - act.at, 2)}
                    for mail in followed
                ],
            }
    return None


def mail_lists(mails: list[Received]) -> list[Json]:
    """All mails, newest first."""
    return [letters.summary(number, mail) for number, mail in enumerate(mails)][::-1]
