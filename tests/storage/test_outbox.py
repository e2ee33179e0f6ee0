from datetime import datetime, timedelta

import pytest

from storage import claims, outbox
from storage.outbox import NewRow
from storage.tx import Tx
from tests.storage.rows import a_row, claim, claimed, later, put, row_of, states


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


def test_times_are_kept_to_the_millisecond(tx: Tx) -> None:
    moment = datetime(2026, 11, 24, 9, 0, 0, 123000, tzinfo=tx.now.tzinfo)
    put(tx, NewRow(kind="email", lane="l", dedupe="a", payload="", not_before=moment))

    assert row_of(tx, "a").not_before == moment
