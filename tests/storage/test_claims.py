from datetime import timedelta
from typing import Any

import pytest

from storage import claims
from storage.tx import Tx
from tests.storage.rows import a_row, claim, claimed, later, put, row_of, states


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

    @pytest.mark.parametrize("mark", [claims.mark_failed])
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
