"""Reports: filed, added to, corrected, taken back; each change leaves a line in the report's history."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from conversations.facts import MemberView, ReportView
from conversations.state import Draft, Place
from storage.tables import Business, Delivery, Member, Photo, Report, ReportEvent, table
from storage.tx import Tx

_report, _photo, _event = table(Report), table(Photo), table(ReportEvent)
_delivery, _business, _member = table(Delivery), table(Business), table(Member)

# No vowels, no look-alikes: read over the telephone, and never a word.
REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
WITHDRAW_WITHIN = timedelta(hours=24)
EDITABLE = "open"


class TooLate(Exception):  # noqa: N818
    """The report cannot be changed like that any more. `why`: acted, late, gone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed: the draft, who files it, and what the scheme says of it."""

    draft: Draft
    member: MemberView
    place: Place
    prefix: str
    language: str
    urgent: bool
    test: bool


def file_report(tx: Tx, filing: Filing) -> Row[Any]:
    """Put a report on file with its photos and the first line of its history; returns the row.

    A draft that is filed already gives the report that it became.
    """
    draft = filing.draft
    if known := by_draft(tx.connection, draft.id):
        return known
    assert draft.category is not None
    tx.connection.execute(
        _report.insert().values(
            reference=_new_reference(tx, filing.prefix),
            draft=draft.id,
            business_id=filing.member.business_id,
            member_id=filing.member.member_id,
            category=draft.category,
            status_at=tx.now,
            test=filing.test,
            words="\n".join(piece.words for piece in draft.words),
            language=filing.language,
            answer=draft.answer or None,
            under_18=draft.under_18,
            name_out=draft.name_out,
            urgent=filing.urgent,
            received_at=draft.started_at,
            filed_at=tx.now,
            **_where(filing.place),
            **_when(draft),
        )
    )
    report = by_draft(tx.connection, draft.id)
    assert report is not None
    _attach_photos(tx, report.id, draft)
    note(tx, report.id, "report_filed", by="reporter", photos=len(draft.photos))
    return report


def _new_reference(tx: Tx, prefix: str) -> str:
    """NT-7K4F; a letter more each time the short ones are getting used up."""
    for attempt in range(64):
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(4 + attempt // 8))
        reference = f"{prefix}-{letters}"
        if not tx.connection.execute(select(_report.c.id).where(_report.c.reference == reference)).first():
            return reference
    raise RuntimeError("no free reference was found")


def _where(place: Place) -> dict[str, Any]:
    return {
        "place": place.name,
        "place_kind": place.kind,
        "place_off_m": place.off_m,
        "lat": place.lat,
        "lon": place.lon,
        "accuracy_m": place.accuracy_m,
    }


def _when(draft: Draft) -> dict[str, Any]:
    if draft.when in ("hour", "today", "before"):
        return {"seen_at": draft.started_at, "seen_at_source": "said", "seen_said": draft.when}
    if draft.photo_at is not None:
        return {"seen_at": draft.photo_at, "seen_at_source": "photo"}
    return {"seen_at": draft.started_at, "seen_at_source": "message"}


def _attach_photos(tx: Tx, report_id: int, draft: Draft) -> None:
    ids = [photo.id for photo in draft.photos]
    if ids:
        tx.connection.execute(update(_photo).where(_photo.c.id.in_(ids)).values(report_id=report_id))


def note(tx: Tx, report_id: int, what: str, *, by: str, **detail: Any) -> int:
    """One line of the report's history; returns its number. What happened is never changed, words may go."""
    line = tx.connection.execute(
        _event.insert().values(
            report_id=report_id, at=tx.now, what=what, by=by, detail=json.dumps(detail, ensure_ascii=False)
        )
    )
    assert line.inserted_primary_key is not None
    return int(line.inserted_primary_key[0])


def by_reference(connection: Connection, reference: str) -> Row[Any] | None:
    """The report's row; the reference may be written in any case."""
    return connection.execute(select(_report).where(_report.c.reference == reference.upper())).first()


def by_draft(connection: Connection, draft: str) -> Row[Any] | None:
    """The report that a draft became."""
    return connection.execute(select(_report).where(_report.c.draft == draft)).first()


def by_id(connection: Connection, report_id: int) -> Row[Any]:
    """The report's row; raises when there is none."""
    return connection.execute(select(_report).where(_report.c.id == report_id)).one()


def add_words(tx: Tx, report: Row[Any], words: str, *, edited: bool) -> int:
    """The reporter's later words are kept behind the first ones, which stay as they were.

    Returns the number of the history's line that has them alone.
    """
    _touch(tx, report, words=f"{report.words}\n{words}".strip())
    return note(tx, report.id, "words_changed" if edited else "words_added", by="reporter", words=words)


def words_of_line(connection: Connection, line: int) -> str:
    """The words that were added in this line of a history; empty once they were taken back."""
    detail = connection.execute(select(_event.c.detail).where(_event.c.id == line)).scalar()
    return str(json.loads(detail or "{}").get("words", ""))


def change_kind(tx: Tx, report: Row[Any], *, category: str, answer: str | None, under_18: str | None) -> None:
    """Another category under the same reference, until somebody acts. Raises TooLate."""
    _still_the_reporters(report)
    _touch(tx, report, category=category, answer=answer or None, under_18=under_18)
    note(tx, report.id, "kind_changed", by="reporter", was=report.category, now=category)


def withdraw(tx: Tx, report: Row[Any], *, by: str = "reporter") -> None:
    """Taken back: what the reporter said goes; kind, street and day stay. Raises TooLate."""
    _still_the_reporters(report)
    if tx.now - report.filed_at > WITHDRAW_WITHIN:
        raise TooLate("late")
    place = "" if report.place_kind == "typed" else report.place
    _touch(
        tx, report, words="", answer=None, under_18=None, place=place, lat=None, lon=None, accuracy_m=None,
        status="cancelled", status_at=tx.now, withdrawn_at=tx.now,
    )  # fmt: skip
    # The lines that repeat the words go with them.
    tx.connection.execute(
        update(_event)
        .where(_event.c.report_id == report.id, _event.c.what.in_(("words_added", "words_changed")))
        .values(detail="{}")
    )
    note(tx, report.id, "report_withdrawn", by=by)


def told_late(tx: Tx, report: Row[Any]) -> None:
    """The reporter knows that the owner does not have it yet."""
    _touch(tx, report, late_told_at=tx.now)
    note(tx, report.id, "reporter_told_late", by="service")


def _still_the_reporters(report: Row[Any]) -> None:
    if report.withdrawn_at is not None:
        raise TooLate("gone")
    if report.acted_at is not None or report.status != EDITABLE:
        raise TooLate("acted")


def _touch(tx: Tx, report: Row[Any], **changes: Any) -> None:
    """Change the row if it is still the one that was read; raises TooLate("acted") when it is not."""
    guarded = update(_report).where(_report.c.id == report.id, _report.c.version == report.version)
    if tx.connection.execute(guarded.values(version=report.version + 1, **changes)).rowcount != 1:
        raise TooLate("acted")


def _accepted_at() -> Any:
    """When the server of whoever owns it now took the first mail."""
    return (
        select(func.min(_delivery.c.settled_at))
        .where(
            _delivery.c.report_id == _report.c.id,
            _delivery.c.owner,
            _delivery.c.part.like("new%"),
            _delivery.c.state == "accepted",
        )
        .scalar_subquery()
    )


def address_of(connection: Connection, report_id: int) -> str | None:
    """Where its reporter is to be reached; None once that phone has left."""
    query = (
        select(_member.c.address)
        .join(_report, _report.c.member_id == _member.c.id)
        .where(_report.c.id == report_id, _member.c.left_at.is_(None))
    )
    found: str | None = connection.execute(query).scalar()
    return found


def view(connection: Connection, reference: str, member_id: int) -> ReportView | None:
    """A report of this phone's own."""
    return _one_view(connection, member_id, _report.c.reference == reference.upper())


def view_of_draft(connection: Connection, draft: str, member_id: int) -> ReportView | None:
    """The report that a draft of this phone became."""
    return _one_view(connection, member_id, _report.c.draft == draft)


def _one_view(connection: Connection, member_id: int, which: Any) -> ReportView | None:
    query = select(_report, _accepted_at().label("accepted_at")).where(
        which, _report.c.member_id == member_id
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    photos = connection.execute(
        select(_photo.c.id).where(
            _photo.c.report_id == row.id,
            _photo.c.state.in_(("waiting", "kept")),
            _photo.c.kind.in_(("photo", "image_file")),
        )
    ).scalars()
    return _to_view(row, mine=True, photos=tuple(photos))


def latest_of_phone(connection: Connection, member_id: int, limit: int = 10) -> tuple[ReportView, ...]:
    """The phone's own reports, newest first."""
    return _views(connection, _report.c.member_id == member_id, limit, mine=True)


def open_of_phone(connection: Connection, member_id: int) -> list[Row[Any]]:
    """The phone's reports on which nobody has acted yet."""
    query = select(_report).where(_report.c.member_id == member_id, _report.c.withdrawn_at.is_(None))
    return list(connection.execute(query.where(_report.c.status == EDITABLE).order_by(_report.c.id)))


def latest_of_business(
    connection: Connection, business_id: int, hidden: frozenset[str], limit: int = 10
) -> tuple[ReportView, ...]:
    """The business's reports, newest first, without words and without the categories in `hidden`."""
    which = (_report.c.business_id == business_id) & _report.c.category.not_in(hidden)
    return _views(connection, which, limit, mine=False)


def _views(connection: Connection, which: Any, limit: int, *, mine: bool) -> tuple[ReportView, ...]:
    query = (
        select(_report, _accepted_at().label("accepted_at"))
        .where(which)
        .order_by(_report.c.filed_at.desc(), _report.c.id.desc())
        .limit(limit)
    )
    return tuple(_to_view(row, mine=mine) for row in connection.execute(query))


def _to_view(row: Row[Any], *, mine: bool, photos: tuple[str, ...] = ()) -> ReportView:
    return ReportView(
        reference=row.reference,
        category=row.category,
        status=row.status,
        place=row.place,
        filed_at=row.filed_at,
        mine=mine,
        draft=row.draft,
        words=row.words if mine else "",
        photos=photos,
        acted=row.acted_at is not None,
        withdrawn=row.withdrawn_at is not None,
        test=row.test,
        name_out=row.name_out,
        late_told=row.late_told_at is not None,
        owner_accepted_at=_aware(row.accepted_at),
        under_18=row.under_18,
    )


def _aware(value: Any) -> datetime | None:
    """min() of an Instant keeps its type on both databases; None where nothing was accepted."""
    return value if value is None or isinstance(value, datetime) else None


def listed(connection: Connection) -> list[tuple[Row[Any], str, int]]:
    """Every report with its business's name and number of photos, oldest first, for the admin's list."""
    return [(row, row.business, row.photos) for row in connection.execute(_listing().order_by(_report.c.id))]


def listed_one(connection: Connection, reference: str) -> tuple[Row[Any], str, int] | None:
    """One line of that list; the reference may be written in any case."""
    row = connection.execute(_listing().where(_report.c.reference == reference.upper())).first()
    return (row, row.business, row.photos) if row else None


def _listing() -> Any:
    photos = (
        select(func.count())
        .where(_photo.c.report_id == _report.c.id, _photo.c.state.in_(("waiting", "kept")))
        .scalar_subquery()
    )
    return select(_report, _business.c.name.label("business"), photos.label("photos")).join(
        _business, _business.c.id == _report.c.business_id
    )


def history(connection: Connection, report_id: int) -> list[Row[Any]]:
    """The report's history, oldest first."""
    return list(
        connection.execute(select(_event).where(_event.c.report_id == report_id).order_by(_event.c.id))
    )
