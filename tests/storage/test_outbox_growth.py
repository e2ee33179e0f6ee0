from typing import Any

import pytest
from sqlalchemy import insert

from storage import claims, outbox
from storage.tables import Outbox, table
from storage.tx import Tx
from tests.storage.rows import a_row, claim, put

_outbox = table(Outbox)


class TestGrowth:
    """What was sent long ago costs nothing."""

    def sql_of(self, tx: Tx) -> dict[str, str]:
        dialect = tx.connection.dialect
        return {
            "heads": claims._heads(frozenset({"email"})).sql(dialect),
            "next": claims._NEXT.sql(dialect),
            "count": claims._COUNT.sql(dialect),
            "doubt": claims._ANY_DOUBT.sql(dialect),
            "replace": outbox._REPLACE.sql(dialect),
            "drop": outbox._DROP_WAITING._of(4).sql(dialect),
        }

    @pytest.mark.parametrize(
        ("statement", "indexes"),
        [
            ("heads", ["ix_outbox_due", "ix_outbox_open"]),
            ("next", ["ix_outbox_due"]),
            ("count", ["ix_outbox_due"]),
            ("doubt", ["ix_outbox_doubtful"]),
            ("replace", ["ix_outbox_open"]),
            ("drop", ["ix_outbox_open"]),
        ],
    )
    def test_the_partial_indexes_are_used(self, tx: Tx, statement: str, indexes: list[str]) -> None:
        sql = self.sql_of(tx)[statement]
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (0,) * sql.count("?")).all()
        steps = [step.detail for step in plan]

        for index in indexes:
            assert any(index in step for step in steps), steps
        assert not any(step.startswith("SCAN") and "INDEX" not in step for step in steps if "outbox" in step)
        assert not any("TEMP B-TREE" in step for step in steps)

    @pytest.mark.parametrize("ask", [outbox.counts, outbox.list_open, claims.recover])
    def test_core_statements_use_them_too(self, tx: Tx, ask: Any) -> None:
        assert self.steps_of(tx, ask) < 20_000

    def test_a_hundred_thousand_sent_rows_cost_a_claim_nothing(self, tx: Tx) -> None:
        self.put_sent(tx, 100_000)
        put(tx, *(a_row(str(number), tx, lane=f"telegram:{number}") for number in range(8)))

        assert self.steps_of(tx, claim) < 20_000
        assert self.steps_of(tx, lambda tx: put(tx, a_row("c", tx, collapse="x"))) < 20_000
        assert self.steps_of(tx, lambda tx: outbox.drop_waiting(tx, ["telegram:1"])) < 20_000
        assert self.steps_of(tx, outbox.counts) < 20_000
        assert self.steps_of(tx, lambda tx: claims.overtaken(tx, ["telegram"])) < 20_000

    def put_sent(self, tx: Tx, number: int) -> None:
        row = {"kind": "telegram", "lane": "telegram:1", "payload": "{}", "state": "sent"}
        times = dict.fromkeys(("not_before", "created_at", "sent_at"), tx.now)
        rows = [row | times | {"dedupe": f"s{n}", "reference": f"r{n}"} for n in range(number)]
        tx.connection.execute(insert(_outbox), rows)

    def steps_of(self, tx: Tx, do: Any) -> int:
        """How many steps SQLite's machine takes for it, in thousands rounded down: no clock is asked."""
        driver = tx.connection.connection.dbapi_connection
        assert driver is not None
        ticks = [0]

        def tick() -> int:
            ticks[0] += 1
            return 0

        driver.set_progress_handler(tick, 1000)
        do(tx)
        driver.set_progress_handler(None, 0)
        return ticks[0] * 1000
