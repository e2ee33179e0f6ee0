"""In danger? Before the first question of a report, and at once on urgent words."""

from conversations import urgency
from conversations.events import Media
from conversations.says import Phrase, Say
from conversations.talk import Talk


def danger_line(talk: Talk) -> Phrase:
    """The 999 line."""
    return Phrase("danger", {"emergency": talk.facts.scheme.about.emergency})


def warn(talk: Talk, words: str = "") -> None:
    """The 999 line: before the first question of a draft, and once more when later words are urgent."""
    draft = talk.state.draft
    if draft is None:
        return
    urgent = urgency.is_urgent(words)
    album = talk.event.album if isinstance(talk.event, Media) else None
    # The answer to an album is that to its last piece, so each of them carries the line.
    again = album is not None and album == draft.warned_album
    if draft.warned and not again and (draft.warned_again or not urgent):
        return
    talk.set_draft(warned=True, warned_again=draft.warned_again or urgent, warned_album=album)
    line = Say(text=(danger_line(talk),))
    if line not in talk.says:
        talk.says.insert(0, line)
