"""Words of danger and of children, in every shipped language at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.urgency import is_urgent, mentions_child


@pytest.mark.parametrize(
    "words",
    [
        "He has a knife",
        "man with KNIVES outside",
        "gun!",
        "held up at knifepoint",
        "my colleague is hurt",
        "they have weapons",
        "there is a fire in the bin",
        "shop on fire",
        "she is bleeding",
        "he's unconscious",
        "not breathing",
        "she isn't breathing",
        "isn’t breathing",
        "I think it's an overdose",
        "someone overdosed in the doorway",
        "he was stabbed",
        "stabbing in gold street",
        "attacked by two men",
        "robbery at the jewellers",
        "we've just been robbed",
        "help me",
        "child alone by the church",
        "child on her own in the market",
        "lost child",
        "he threatened to kill me",
        "the man collapsed",
        "fire exit is blocked and there is a fire",
        "k\u200bnife",
        # Romanian
        "are un cuțit",
        "are un cutit",
        "cuțitul e în mână",
        "are o armă",
        "foc la magazin",
        "incendiu",
        "sângerează",
        "e inconștient",
        "nu respiră",
        "nu mai respira",
        "supradoză",
        "a fost înjunghiat",
        "m-a atacat",
        "jaf armat",
        "ajutați-mă",
        "ajuta-ma!",
        "copil singur pe stradă",
        # Polish
        "ma nóż",
        "z nozem",
        "ma broń",
        "pożar",
        "pali się",
        "krwawi",
        "jest nieprzytomny",
        "nieprzytomna kobieta",
        "nie oddycha",
        "przedawkował",
        "dźgnął go",
        "zaatakowali mnie",
        "napad na sklep",
        "rozbój",
        "pomocy!",
        "ratunku",
        "dziecko samo przy drodze",
    ],
)
def test_words_of_danger_are_noticed_in_every_language(words: str) -> None:
    assert is_urgent(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "fire exit blocked by bags",
        "the fire door is damaged",
        "rubbish outside the gun shop",
        "nail gun left on the pavement",
        "screenshot of the tag",
        "fireworks again",
        "bags dumped by the market again, rats",
        "red tag on the shutter, came up overnight",
        "person begging by the cash machine",
        "someone sleeping in a doorway",
        "can you help me",
        "help me report graffiti",
        "focus on the left wall",
        "foc de artificii",
        "ajutor",
        "pomoc",
        "nożyczki na chodniku",
        "wyjście pożarowe zablokowane",
        "zabiera worki",
        "porwane worki",
        "bojkot sklepu",
        "not in danger, no emergency",
        "🙂",
    ],
)
def test_everyday_words_are_no_alarm(words: str) -> None:
    assert not is_urgent(words)


@pytest.mark.parametrize(
    "words",
    [
        "two children drinking",
        "a schoolboy",
        "schoolgirls in uniform",
        "some kids",
        "teenagers shouting",
        "he looks under 18",
        "about 15 years old",
        "a 15-year-old",
        "15yo with a can",
        "un copil",
        "doi băieți",
        "are vreo 15 ani",
        "dziecko",
        "nastolatkowie",
        "chłopiec",
        "ma 15 lat",
    ],
)
def test_words_for_someone_under_18_are_noticed(words: str) -> None:
    assert mentions_child(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "man drinking by the market",
        "in fața magazinului",
        "minor damage to the door",
        "he is 45 years old",
        "for 3 years",
        "it began 3 years ago",
        "de 3 ani",
        "od 3 lat",
        "15 bags",
        "the elevator",
        "just kidding",
        "baby clothes dumped",
    ],
)
def test_everyday_words_are_no_child(words: str) -> None:
    assert not mentions_child(words)


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    assert is_urgent(text) in (True, False)
    assert mentions_child(text) in (True, False)


@settings(deadline=None)
@given(st.text(max_size=50), st.text(max_size=50))
def test_danger_is_noticed_anywhere_in_a_text(before: str, after: str) -> None:
    assert is_urgent(f"{before}\nrobbery nie oddycha\n{after}")
