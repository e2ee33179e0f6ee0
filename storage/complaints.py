"""Data protection complaints: numbered, with the day by which they must be answered."""

from datetime import timedelta

from sqlalchemy import func, select

from storage.tables import Complaint, table
from storage.tx import Tx

_complaint = table(Complaint)

# DPA 2018 s.164A, in force since 19 June 2026: acknowledged within 30 days.
DUE_WITHIN = timedelta(days=30)


def file_complaint(tx: Tx, *, address: str, words: str) -> str:
    """Keep a complaint; returns its number, C-0001 and on."""
    last = tx.connection.execute(select(func.max(_complaint.c.id))).scalar() or 0
    number = f"C-{last + 1:04d}"
    tx.connection.execute(
        _complaint.insert().values(
            number=number, address=address, words=words, at=tx.now, due_at=tx.now + DUE_WITHIN
        )
    )
    return number
