"""What a server's answer means, and how the relay's address is read; without a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.transport import GiveUp, TryLater
from dispatch.transports.smtp_url import Relay, parse_smtp_url
from dispatch.transports.smtp_verdicts import REASON_LIMIT, Stage, verdict_on


@given(st.sampled_from(Stage), st.integers(-1, 999), st.text(max_size=500))
def test_any_answer_has_a_verdict_with_a_short_reason(stage: Stage, code: int, words: str) -> None:
    verdict = verdict_on(stage, code, words)

    assert isinstance(verdict, TryLater | GiveUp)
    assert len(verdict.reason) <= REASON_LIMIT
    assert "\n" not in verdict.reason


@given(st.sampled_from(Stage), st.integers(400, 499), st.text(max_size=50))
def test_no_temporary_answer_ends_a_mail(stage: Stage, code: int, words: str) -> None:
    assert isinstance(verdict_on(stage, code, words), TryLater)


def test_only_an_answer_about_the_recipient_makes_an_address_dead() -> None:
    at_rcpt = verdict_on(Stage.RCPT, 550, "5.1.1 No such user")
    at_data = verdict_on(Stage.DATA, 550, "5.1.1 No such user")

    assert isinstance(at_rcpt, GiveUp)
    assert at_rcpt.address_dead
    assert isinstance(at_data, GiveUp)
    assert not at_data.address_dead


def test_a_number_that_only_looks_like_an_enhanced_code_is_not_read_as_one() -> None:
    verdict = verdict_on(Stage.RCPT, 550, "5.1.1.4 is our address and yours is blocked")

    assert isinstance(verdict, GiveUp)
    assert not verdict.address_dead


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 587)),
        ("smtps://mail.example.org", Relay("mail.example.org", 465, tls_from_start=True)),
        ("smtp://127.0.0.1:1025/", Relay("127.0.0.1", 1025)),
        ("smtp://a%40b.org:p%2Fw%40%3A@m.org:25", Relay("m.org", 25, "a@b.org", "p/w@:")),
        ("smtp://[::1]:2525", Relay("::1", 2525)),
    ],
)
def test_a_relay_is_read_from_its_url(url: str, relay: Relay) -> None:
    assert parse_smtp_url(url) == relay


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "begins with neither smtp://"),
        ("mail.example.org:587", "begins with neither smtp://"),
        ("smtp://", "names no server"),
        ("smtp://mail.example.org:many", "port or host that cannot be read"),
        ("smtp://user:top/secret@mail.example.org", "%2F"),
        ("smtp://user@mail.example.org", "both a user and a password"),
    ],
)
def test_a_relay_that_cannot_be_read_is_explained_without_its_password(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        parse_smtp_url(url)

    assert "secret@" not in str(error.value)
    assert "top" not in str(error.value)


def test_a_password_is_not_shown_with_its_relay() -> None:
    assert "hunter2" not in repr(parse_smtp_url("smtp://me:hunter2@mail.example.org"))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"])
def test_loopback_is_this_machine(host: str) -> None:
    assert Relay(host, 25).on_this_machine


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.1", "localhost.example.org"])
def test_any_other_host_is_not(host: str) -> None:
    assert not Relay(host, 25).on_this_machine
