"""What holds for every turn, whatever was said in it."""

import msgspec

from conversations.events import Complained, Done, Enrolled, Event, FetchFailed, Filed, Media, Refused, Woke
from conversations.flows.questions import question_now
from conversations.folding import tokens
from conversations.says import Phrase, Say
from conversations.talk import Talk
from conversations.wording import label_of

ALBUM_SILENCE_S = 1.5
NEWS_KEEPS_S = 2 * 24 * 3600

# Buttons that may be typed as well; more of them are no menu.
_MOST_OFFERED = 12


def close_turn(talk: Talk) -> None:
    """Put away the place keyboard, remember what was offered, and answer an album once."""
    _close_place(talk)
    _remember_offer(talk)
    if isinstance(talk.event, Media) and talk.event.album:
        _answer_once(talk, talk.event.album)
    if _tells_news(talk.event):
        talk.says[:] = [msgspec.structs.replace(one, expires_s=NEWS_KEEPS_S) for one in talk.says]


def _tells_news(event: Event) -> bool:
    """A question is of no use hours later; what became of a report is."""
    late = isinstance(event, Woke) and event.subject.startswith("late:")
    return late or isinstance(event, Filed | Complained | Enrolled | Refused | Done | FetchFailed)


def _close_place(talk: Talk) -> None:
    """When the place question is answered or gone, what the channel put up for it goes too."""
    if not talk.says:
        return
    if talk.says[-1].wants_place:
        talk.set(place_open=True)
        return
    if not talk.state.place_open:
        return
    asked = question_now(talk.state, talk.facts)
    if asked is not None and asked.wants_place:
        return
    talk.set(place_open=False)
    for index, one in enumerate(talk.says):
        if not one.options:
            # What settles it goes out by itself, so it comes first.
            talk.says.insert(0, msgspec.structs.replace(talk.says.pop(index), settles_place=True))
            return
    talk.says.insert(0, Say(text=(Phrase("place-closed"),), settles_place=True))


def _remember_offer(talk: Talk) -> None:
    """The buttons said last that are no question of the draft's, so that their labels can be typed."""
    if not talk.says:
        return
    options = next((one.options for one in reversed(talk.says) if one.options), ())
    draft, language = talk.state.draft, talk.state.language
    if (
        draft is not None
        and options
        and options[0].data.startswith(draft.id)
        and ":nudge:" not in options[0].data
    ):
        options = ()
    offered = tuple(
        (one.data, " ".join(tokens(label_of(one.label, language)))) for one in options[:_MOST_OFFERED]
    )
    if offered != talk.state.offered:
        talk.set(offered=offered)


def _answer_once(talk: Talk, album: str) -> None:
    """An album is many messages and one answer: the last one's, when no more come."""
    talk.says[:] = [
        one
        if one.settles_place
        else msgspec.structs.replace(one, collapse=f"album:{album}", delay_s=ALBUM_SILENCE_S)
        for one in talk.says
    ]
