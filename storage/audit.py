"""The audit log: who changed what by hand."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from storage.tables import AuditEntry, table
from storage.tx import Tx

_entries = table(AuditEntry)


def record(tx: Tx, *, by: str, what: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Add a line, in the transaction of the change itself. `what` is past tense: `business_added`."""
    words = json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True)
    statement = insert(_entries).inline()
    tx.connection.execute(statement.values(at=tx.now, by=by, what=what, subject=subject, detail=words))
