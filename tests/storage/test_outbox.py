from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, insert, select

from storage import claims, outbox
from storage.claims import Claimed
from storage.database import Database
from storage.outbox import NewRow
from storage.tables import Outbox, table
from storage.tx import Tx
from tests.hand_clock import HandClock

_outbox = table(Outbox)


@pytest.fixture
def tx(database: Database, clock: HandClock) -> Iterator[Tx]:
    with database.write(clock()) as transaction:
        yield transaction


def a_row(dedupe: str, tx: Tx, *, in_s: float = 0, expires_s: float | None = None, **other: Any) -> NewRow:
    values = {"kind": "telegram", "lane": "telegram:1", "payload": "{}"} | other
    expiry = None if expires_s is None else tx.now + timedelta(seconds=expires_s)
    return NewRow(dedupe=dedupe, not_before=tx.now + timedelta(seconds=in_s), not_after=expiry, **values)


def put(tx: Tx, *rows: NewRow) -> None:
    outbox.insert(tx, rows)


def later(tx: Tx, **by: float) -> Tx:
    """The same transaction, as if it were later."""
    return Tx(tx.connection, tx.now + timedelta(**by))


def claim(
    tx: Tx, *, room: int = 8, kind: str = "telegram", waits: tuple[str, ...] = ("email",)
) -> list[Claimed]:
    return claims.claim(tx, {kind: room}, waiting_kinds=waits, by="me", until=tx.now + timedelta(seconds=15))


def claimed(tx: Tx, **how: Any) -> list[str]:
    """The dedupe keys of what was claimed."""
    return [row_of(tx, row.id).dedupe for row in claim(tx, **how)]


def row_of(tx: Tx, key: int | str) -> Row[Any]:
    column = _outbox.c.id if isinstance(key, int) else _outbox.c.dedupe
    return tx.connection.execute(select(_outbox).where(column == key)).one()


def states(tx: Tx) -> dict[str, str]:
    rows = tx.connection.execute(select(_outbox.c.dedupe, _outbox.c.state).order_by(_outbox.c.id))
    return {row.dedupe: row.state for row in rows}


class TestInsert:
    def test_the_same_thing_is_put_in_once_for_ever(self, tx: Tx) -> None:
        assert outbox.insert(tx, [a_row("a", tx), a_row("b", tx), a_row("a", tx)]) == 2
        (row, _) = [*claim(tx), None]
        assert row is not None
        claims.mark_sent(tx, row.id, None)

        assert outbox.insert(tx, [a_row("a", tx)]) == 0
        assert states(tx) == {"a": "sent", "b": "due"}

    def test_a_row_has_a_reference_of_its_own_unless_given(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx), a_row("c", tx, reference="ours"))

        references = [row_of(tx, key).reference for key in "abc"]

        assert len(set(references)) == 3
        assert references[2] == "ours"

    def test_nothing_is_put_in_by_nothing(self, tx: Tx) -> None:
        assert outbox.insert(tx, []) == 0

    def test_a_waiting_row_is_replaced_and_silence_starts_anew(self, tx: Tx) -> None:
        put(tx, a_row("first", tx, collapse="album", in_s=1.5))
        put(later(tx, seconds=1), a_row("second", later(tx, seconds=1), collapse="album", in_s=1.5))

        assert states(tx) == {"first": "cancelled", "second": "due"}
        assert row_of(tx, "second").not_before == tx.now + timedelta(seconds=2.5)

    def test_only_the_same_lane_and_key_is_replaced(self, tx: Tx) -> None:
        put(
            tx,
            a_row("a", tx, collapse="album"),
            a_row("b", tx, collapse="other"),
            a_row("c", tx, collapse="album", lane="telegram:2"),
            a_row("d", tx),
        )

        put(tx, a_row("e", tx, collapse="album"))

        assert states(tx) == {"a": "cancelled", "b": "due", "c": "due", "d": "due", "e": "due"}

    def test_of_one_batch_the_last_remains(self, tx: Tx) -> None:
        put(tx, *(a_row(key, tx, collapse="album") for key in "abc"), a_row("d", tx))

        assert states(tx) == {"c": "due", "d": "due"}

    def test_a_repeat_does_not_replace_itself(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, collapse="album"))
        put(tx, a_row("a", tx, collapse="album"))

        assert states(tx) == {"a": "due"}

    def test_what_was_tried_is_not_replaced(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, collapse="album"))
        (row,) = claim(tx)
        put(tx, a_row("b", tx, collapse="album"))
        claims.mark_later(tx, row.id, tx.now, "busy", counts_as_attempt=True)
        put(tx, a_row("c", tx, collapse="album"))

        assert states(tx) == {"a": "due", "b": "cancelled", "c": "due"}

    @pytest.mark.parametrize("batches", [1, 2])
    def test_who_replaces_edits_what_the_replaced_would_have_edited(self, tx: Tx, batches: int) -> None:
        first = a_row("a", tx, collapse="album", also_edit="prompt")
        second = a_row("b", tx, collapse="album", also_edit=first.reference)
        third = a_row("c", tx, collapse="album")

        if batches == 1:
            put(tx, first, second, third)
        else:
            for row in (first, second, third):
                put(tx, row)

        assert row_of(tx, "c").also_edit == "prompt"


class TestTakingBack:
    def test_a_newer_turn_drops_what_waits_for_silence(self, tx: Tx) -> None:
        waiting = a_row("waiting", tx, collapse="album", in_s=1.5, also_edit="prompt")
        put(tx, waiting, a_row("plain", tx, in_s=1.5), a_row("due", tx, collapse="x"))
        put(tx, a_row("elsewhere", tx, collapse="album", in_s=1.5, lane="telegram:2"))

        (dropped,) = outbox.drop_waiting(tx, ["telegram:1", "telegram:3"])

        assert (dropped.reference, dropped.also_edit) == (waiting.reference, "prompt")
        assert states(tx)["waiting"] == "cancelled"
        assert list(states(tx).values()).count("due") == 3

    def test_a_row_never_tried_is_taken_back_and_another_is_not(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx))
        claim(tx)

        assert not outbox.cancel(tx, "a")
        assert outbox.cancel(tx, "b")
        assert not outbox.cancel(tx, "b")
        assert states(tx) == {"a": "sending", "b": "cancelled"}

    def test_a_lane_is_cleared_of_some_kinds(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx), a_row("c", tx, kind="other"))
        claim(tx)

        assert len(outbox.cancel_lane_rows(tx, "telegram:1", ["telegram"])) == 1
        assert states(tx) == {"a": "sending", "b": "cancelled", "c": "due"}

    def test_a_row_is_moved_up_and_never_back(self, tx: Tx) -> None:
        row = a_row("a", tx, in_s=120)
        put(tx, row)

        assert outbox.move_up(tx, tx.now, dedupe="a")
        assert not outbox.move_up(tx, tx.now + timedelta(seconds=5), reference=row.reference)
        assert claimed(tx) == ["a"]


class TestClaim:
    def test_of_a_lane_one_at_a_time_in_order(self, tx: Tx) -> None:
        put(tx, *(a_row(key, tx) for key in "abc"))

        for key in "abc":
            (row,) = claim(tx)
            assert row_of(tx, row.id).dedupe == key
            assert claim(tx) == []
            assert claims.mark_sent(tx, row.id, f"provider {key}")

        assert claim(tx) == []
        assert row_of(tx, "a").provider_id == "provider a"

    def test_lanes_go_side_by_side_as_far_as_there_is_room(self, tx: Tx) -> None:
        put(tx, *(a_row(f"{lane}", tx, lane=f"telegram:{lane}") for lane in range(5)))

        assert claimed(tx, room=3) == ["0", "1", "2"]
        assert claimed(tx, room=3) == ["3", "4"]

    def test_only_the_kinds_with_room_are_claimed(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx, kind="email", lane="x"))

        assert claimed(tx, kind="email") == ["b"]

    def test_a_claimed_row_says_who_has_it_and_how_long(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, payload="words"))

        (row,) = claim(tx)

        found = row_of(tx, "a")
        assert (found.state, found.claimed_by) == ("sending", "me")
        assert found.claimed_until == tx.now + timedelta(seconds=15)
        assert (row.created_at, row.not_before, row.first_tried_at) == (tx.now, tx.now, tx.now)
        assert row.payload == "words"
        assert "words" not in repr(row)

    def test_a_row_whose_time_has_not_come_holds_nothing_back(self, tx: Tx) -> None:
        put(tx, a_row("reminder", tx, in_s=60), a_row("answer", tx))

        assert claimed(tx) == ["answer"]

    def test_unless_its_kind_waits(self, tx: Tx) -> None:
        put(
            tx,
            a_row("forward", tx, kind="email", lane="r", in_s=120),
            a_row("photos", tx, kind="email", lane="r"),
        )

        assert claimed(tx, kind="email") == []
        assert claimed(later(tx, seconds=120), kind="email") == ["forward"]

    def test_nothing_sets_out_while_a_later_one_is_on_its_way(self, tx: Tx) -> None:
        put(tx, a_row("reminder", tx, in_s=60), a_row("answer", tx))
        (answer,) = claim(tx)

        assert claimed(later(tx, seconds=60)) == []
        claims.mark_sent(tx, answer.id, None)
        assert claimed(later(tx, seconds=60)) == ["reminder"]

    def test_a_row_that_waits_for_its_next_try_blocks_its_own_lane_only(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx), a_row("c", tx, lane="telegram:2"))
        row = claim(tx)[0]
        claims.mark_later(tx, row.id, tx.now + timedelta(seconds=5), "busy", counts_as_attempt=True)

        assert claimed(tx) == []
        put(tx, a_row("d", tx, lane="telegram:3"))
        assert claimed(tx) == ["d"]
        assert claimed(later(tx, seconds=5)) == ["a"]

    @pytest.mark.parametrize("mark", [claims.mark_failed, claims.mark_cancelled])
    def test_a_failed_or_cancelled_head_blocks_nothing(self, tx: Tx, mark: Any) -> None:
        put(tx, a_row("a", tx), a_row("b", tx))

        (row,) = claim(tx)

        assert mark(tx, row.id, "no such address")
        assert claimed(tx) == ["b"]

    def test_an_expired_row_is_cancelled_and_blocks_nothing(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, expires_s=60), a_row("b", tx, expires_s=3600), a_row("c", tx))

        at = later(tx, seconds=61)

        assert claimed(at) == ["b"]
        assert states(tx) == {"a": "cancelled", "b": "sending", "c": "due"}
        assert row_of(tx, "a").error == "expired"

    def test_a_row_that_expires_between_two_tries_blocks_nothing(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, expires_s=60), a_row("b", tx))
        (row,) = claim(tx)
        claims.mark_later(tx, row.id, tx.now + timedelta(seconds=300), "busy", counts_as_attempt=True)

        assert claimed(later(tx, seconds=59)) == []
        assert claimed(later(tx, seconds=61)) == ["b"]

    def test_what_has_no_end_is_sent_however_late(self, tx: Tx) -> None:
        put(tx, a_row("a", tx))

        assert claimed(later(tx, days=400)) == ["a"]

    def test_many_expired_rows_do_not_take_the_room_of_the_living(self, tx: Tx) -> None:
        put(tx, *(a_row(f"old {n}", tx, lane=f"telegram:{n}", expires_s=1) for n in range(20)))
        put(tx, a_row("new", tx, lane="x"))

        assert claimed(later(tx, seconds=2), room=1) == ["new"]

    def test_looking_finds_what_claiming_would(self, tx: Tx) -> None:
        put(tx, a_row("a", tx, in_s=5))

        assert not claims.may_claim(tx, ["telegram"], waiting_kinds=[])
        assert claims.next_due(tx, ["telegram", "email"]) == tx.now + timedelta(seconds=5)
        assert claims.may_claim(later(tx, seconds=5), ["telegram"], waiting_kinds=[])
        assert claims.next_due(later(tx, seconds=5), ["telegram"]) is None
        assert claims.due_counts(later(tx, seconds=5), ["telegram", "email"]) == {"telegram": 1, "email": 0}
        assert states(tx) == {"a": "due"}


class TestMarks:
    def test_a_row_that_is_not_on_its_way_is_not_marked(self, tx: Tx) -> None:
        put(tx, a_row("a", tx))

        assert not claims.mark_sent(tx, 1, None)
        assert not claims.mark_later(tx, 1, tx.now, "", counts_as_attempt=True)
        assert not claims.mark_failed(tx, 1, "")
        assert not claims.mark_doubtful(tx, 1, tx.now, "")
        assert not claims.mark_cancelled(tx, 1, "")
        assert states(tx) == {"a": "due"}

    def test_an_attempt_is_counted_unless_it_was_the_kinds_fault(self, tx: Tx) -> None:
        put(tx, a_row("a", tx))

        (row,) = claim(tx)
        claims.mark_later(tx, row.id, row.not_before, "refused", counts_as_attempt=False)
        assert (row_of(tx, "a").attempts, row_of(tx, "a").first_tried_at) == (0, None)

        (row,) = claim(later(tx, seconds=9))
        claims.mark_later(tx, row.id, row.not_before, "busy", counts_as_attempt=True)
        assert (row_of(tx, "a").attempts, row_of(tx, "a").first_tried_at) == (
            1,
            tx.now + timedelta(seconds=9),
        )

    def test_a_row_in_doubt_is_overtaken_by_a_newer_one_that_is_ready(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("later", tx, in_s=60))
        (row,) = claim(tx)
        claims.mark_doubtful(tx, row.id, tx.now + timedelta(seconds=3), "no answer")

        assert claims.overtaken(tx, ["telegram"]) == []
        put(tx, a_row("b", tx))
        assert [found.id for found in claims.overtaken(tx, ["telegram"])] == [row.id]
        assert claims.overtaken(tx, ["whatsapp"]) == []

        claims.mark_failed(tx, row.id, "overtaken")
        assert claimed(tx) == ["b"]

    def test_a_row_in_doubt_is_claimed_again_with_its_doubts(self, tx: Tx) -> None:
        put(tx, a_row("a", tx))
        (row,) = claim(tx)
        claims.mark_doubtful(tx, row.id, tx.now + timedelta(seconds=3), "no answer")

        assert claim(later(tx, seconds=2)) == []
        (again,) = claim(later(tx, seconds=3))
        assert (again.id, again.doubts, again.attempts) == (row.id, 1, 1)

    def test_after_a_crash_what_was_on_its_way_is_in_doubt(self, tx: Tx) -> None:
        put(tx, a_row("a", tx), a_row("b", tx, lane="telegram:2"), a_row("c", tx))
        claim(tx)

        stranded = claims.recover(tx)

        assert [row.id for row in stranded] == [1, 2]
        assert claims.recover(tx) == []
        assert claims.doubtful(tx, ["telegram"]) == stranded
        assert states(tx) == {"a": "doubtful", "b": "doubtful", "c": "due"}


class TestLookingAfter:
    def fail(self, tx: Tx, *keys: str) -> None:
        put(tx, *(a_row(key, tx, lane=key, expires_s=60) for key in keys))
        for row in claim(tx):
            claims.mark_failed(tx, row.id, "no such address")

    def test_a_failed_row_is_tried_as_if_never_tried(self, tx: Tx) -> None:
        self.fail(tx, "a", "b", "c")

        assert outbox.retry(tx, row_of(tx, "b").id) == 1
        assert states(tx) == {"a": "failed", "b": "due", "c": "failed"}
        assert outbox.retry(tx) == 2

        rows = claim(later(tx, hours=2))
        assert [(row.attempts, row.doubts) for row in rows] == [(0, 0)] * 3

    def test_what_was_sent_is_not_retried(self, tx: Tx) -> None:
        put(tx, a_row("a", tx))
        (row,) = claim(tx)
        claims.mark_sent(tx, row.id, None)

        assert outbox.retry(tx, row.id) == 0

    def test_the_list_and_the_counts_show_what_is_open_or_failed(self, tx: Tx) -> None:
        self.fail(tx, "a")
        put(tx, a_row("b", tx), a_row("c", tx), a_row("d", tx, lane="done"))
        sent = claim(tx)[1]
        claims.mark_sent(tx, sent.id, None)

        assert [(line.id, line.state, line.error) for line in outbox.list_open(tx)] == [
            (1, "failed", "no such address"),
            (2, "sending", None),
            (3, "due", None),
        ]
        assert len(outbox.list_open(tx, limit=1)) == 1
        assert outbox.counts(tx) == {
            ("telegram", "failed"): 1,
            ("telegram", "sending"): 1,
            ("telegram", "due"): 1,
        }


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


def test_times_are_kept_to_the_millisecond(tx: Tx) -> None:
    moment = datetime(2026, 11, 24, 9, 0, 0, 123000, tzinfo=tx.now.tzinfo)
    put(tx, NewRow(kind="email", lane="l", dedupe="a", payload="", not_before=moment))

    assert row_of(tx, "a").not_before == moment
