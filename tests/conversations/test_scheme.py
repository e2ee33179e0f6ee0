"""The scheme file: what ships, and what an admin reads when something in it is wrong."""

from contextlib import suppress
from datetime import UTC, date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.scheme import Mistake, Scheme, SchemeMistakes, parse, said

SHIPPED = (files("bot") / "schemes" / "northampton.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return parse(SHIPPED)


def mistakes_in(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(SchemeMistakes) as raised:
        parse(text)
    return raised.value.mistakes


def only_mistake_in(text: str) -> str:
    (mistake,) = mistakes_in(text)
    return str(mistake)


def changed(old: str, new: str, *, after: str = "") -> str:
    """The shipped file with the first `old` behind `after` replaced."""
    start = SHIPPED.index(old, SHIPPED.index(after))
    return SHIPPED[:start] + new + SHIPPED[start + len(old) :]


def line_of(text: str, wanted: str, *, after: str = "") -> int:
    return text.count("\n", 0, text.index(wanted, text.index(after))) + 1


# What ships


def test_the_shipped_file_has_no_mistakes_and_is_not_live(scheme: Scheme) -> None:
    assert scheme.about.live is False
    assert scheme.about.reference_prefix == "NT"
    assert scheme.zone == ZoneInfo("Europe/London")


@pytest.mark.parametrize("line", ["live = false", 'reference_prefix = "NT"', 'id = "graffiti"', 'id = "asb"'])
def test_what_others_change_by_line_stands_on_a_line_of_its_own(line: str) -> None:
    assert line in SHIPPED.splitlines()


def test_every_recipient_has_a_placeholder_address_on_a_line_of_its_own(scheme: Scheme) -> None:
    assert len(scheme.recipients) == 4
    for recipient in scheme.recipients:
        assert recipient.email.endswith(".example")
        assert f'email = "{recipient.email}"' in SHIPPED.splitlines()


def test_the_first_seven_kinds_are_those_of_the_first_question(scheme: Scheme) -> None:
    labels = [category.short_label_in("en") for category in scheme.categories[:7]]

    assert labels == [
        "Begging",
        "Street drinking",
        "Someone sleeping rough",
        "Tents or camp",
        "Graffiti",
        "Damage",
        "Dumped rubbish",
    ]
    assert len(scheme.categories) == 19


def test_every_kind_speaks_every_language_and_fits_its_button(scheme: Scheme) -> None:
    for category in scheme.categories:
        for language in scheme.about.languages:
            assert category.label[language]
            assert len(category.short_label_in(language)) <= 24
            assert not category.advice or category.advice[language]
            assert category.question is None or category.question.text[language]


def test_every_route_of_a_kind_leads_to_a_recipient(scheme: Scheme) -> None:
    for category in scheme.categories:
        answers = (
            [None, *(answer.id for answer in category.question.answers)] if category.question else [None]
        )
        for answer in answers:
            assert all(scheme.recipient(recipient) for recipient in category.at_once(answer))


def test_the_council_and_the_partnership_get_everything_but_sleeping_rough_at_once(scheme: Scheme) -> None:
    for category in scheme.categories:
        if category.id != "sleeping_rough":
            assert {"asb", "partnership"} <= set(category.at_once()), category.id


def test_sleeping_rough_goes_to_outreach_and_never_to_the_partnership_or_police_at_once(
    scheme: Scheme,
) -> None:
    rough = scheme.category("sleeping_rough")

    assert rough is not None
    assert rough.at_once() == ("outreach", "asb")
    assert [(copy.recipient, copy.as_) for copy in rough.copy_digest] == [("partnership", "count")]
    police = {recipient.id for recipient in scheme.recipients if recipient.police}
    assert police == {"partnership"}
    assert not police & {recipient for answer in ("now", "night") for recipient in rough.at_once(answer)}
    assert rough.photo == "none"
    assert rough.welfare
    assert not rough.crime


def test_cleaning_is_asked_of_the_street_team_only_when_it_is_needed(scheme: Scheme) -> None:
    category = scheme.category("urination")

    assert category is not None
    assert "street" in category.at_once("yes")
    assert "street" not in category.at_once("no")
    assert "street" not in category.at_once()


def test_kinds_about_people_never_want_a_photo(scheme: Scheme) -> None:
    assert all(category.photo != "wanted" for category in scheme.categories if category.people)


def test_kinds_near_by_are_those_about_things_of_the_street(scheme: Scheme) -> None:
    nearby = {category.id for category in scheme.categories if category.nearby}

    assert nearby == {"graffiti", "damage", "fly_tipping", "needles", "litter"}


def test_fly_tip_sizes_carry_the_codes_of_waste_data_flow(scheme: Scheme) -> None:
    category = scheme.category("fly_tipping")

    assert category is not None
    assert category.question is not None
    assert [answer.code for answer in category.question.answers] == [
        "S00", "S01", "S02", "S03", "S04", "S05", "S06",
    ]  # fmt: skip


def test_every_kind_has_words_for_why_it_may_be_held(scheme: Scheme) -> None:
    for category in scheme.categories:
        assert scheme.privacy.lawful_bases[category.lawful_basis]


@pytest.mark.parametrize("word", ["vagrant", "illegal", "offence", "crime", "przestęp", "infracțiun"])
def test_begging_and_sleeping_rough_are_never_worded_as_an_offence(scheme: Scheme, word: str) -> None:
    for name in ("begging", "sleeping_rough"):
        category = scheme.category(name)
        assert category is not None
        texts = [*category.label.values(), *category.advice.values(), category.officer_name]
        assert not any(word in text.lower() for text in texts)


def test_the_bank_holidays_of_england_are_listed(scheme: Scheme) -> None:
    assert date(2026, 12, 28) in scheme.about.bank_holidays
    assert date(2028, 5, 29) in scheme.about.bank_holidays


def test_an_unknown_id_is_none_because_a_town_may_drop_a_kind(scheme: Scheme) -> None:
    assert scheme.category("busking") is None
    assert scheme.recipient("nobody") is None


def test_equal_files_make_equal_schemes() -> None:
    assert parse(SHIPPED) == parse(SHIPPED)
    assert hash(parse(SHIPPED)) == hash(parse(SHIPPED))


# Texts and hours


def test_a_text_falls_back_to_english_then_to_any() -> None:
    assert said({"en": "Yes", "ro": "Da"}, "ro") == "Da"
    assert said({"en": "Yes", "ro": "Da"}, "lt") == "Yes"
    assert said({"ro": "Da"}, "lt") == "Da"
    assert said({}, "en") == ""


@pytest.mark.parametrize(
    ("moment", "reads"),
    [
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 8, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 28, 12, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 1, 8, 30, tzinfo=UTC), True),
    ],
    ids=["opens", "before", "closed at five", "Saturday", "bank holiday", "summer time"],
)
def test_a_recipient_reads_in_its_hours_on_the_towns_clock(
    scheme: Scheme, moment: datetime, reads: bool
) -> None:
    recipient = scheme.recipient("asb")

    assert recipient is not None
    assert recipient.reads_at(moment, scheme.zone, scheme.about.bank_holidays) is reads


def test_a_recipient_without_hours_reads_always(scheme: Scheme) -> None:
    always = scheme.recipients[0].model_copy(update={"hours": None})
    night = datetime(2026, 12, 25, 3, 0, tzinfo=UTC)

    assert always.reads_at(night, scheme.zone, scheme.about.bank_holidays)


# Mistakes


def test_five_mistakes_are_told_at_once_each_with_line_place_and_mend() -> None:
    text = changed('owner = "street"', 'owner = "stret"', after='id = "graffiti"')
    text = text.replace('time_zone = "Europe/London"', 'time_zone = "Europe/Northampton"')
    text = text.replace('email = "asb@council.example"', 'emial = "asb@council.example"')
    text = text.replace('photo = "wanted"', 'photo = "wantd"', 1)

    mistakes = [str(mistake) for mistake in mistakes_in(text)]

    graffiti = line_of(text, 'owner = "stret"')
    asb = line_of(text, "[[recipients]]")
    assert mistakes == [
        f'line {line_of(text, "time_zone")}, [scheme]: time_zone "Europe/Northampton" is not a time zone '
        'that we know. Use a name like "Europe/London".',
        f'line {asb}, recipient "asb": "email" is missing. Add a line: email = …',
        f'line {line_of(text, "emial")}, recipient "asb": there is no key "emial". Did you mean "email"?',
        f'line {graffiti}, category "graffiti": owner "stret" is not a recipient. Did you mean "street"?',
        f'line {line_of(text, "wantd")}, category "graffiti": photo "wantd" is not one of the choices. '
        'Did you mean "wanted"?',
    ]


def test_the_exception_prints_all_mistakes() -> None:
    text = changed('reference_prefix = "NT"', 'reference_prefix = "nt-1"')

    with pytest.raises(SchemeMistakes, match="one to four capital letters"):
        parse(text)


def test_broken_toml_is_one_mistake_with_its_line() -> None:
    broken = 'name = "Northampton Town Centre BID'
    text = changed(f'{broken}"', broken)

    assert only_mistake_in(text).startswith(f"line {line_of(text, broken)}, the file: ")


def test_a_file_that_ends_too_early_names_its_last_line() -> None:
    (mistake,) = mistakes_in('[scheme]\nname = """never closed\n')

    assert mistake.line is not None


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        (
            changed('"partnership"]', '"partnership", "polise"]', after='id = "graffiti"'),
            'category "graffiti": copy_now "polise" is not a recipient. Recipients: asb, street',
        ),
        (
            changed('recipient = "street", when = "yes"', 'recipient = "street", when = "yess"'),
            'category "urination": when "yess" is not an answer of the question. Did you mean "yes"?',
        ),
        (
            changed('id = "litter"', 'id = "graffiti"'),
            'category "graffiti": id "graffiti" is used twice. Give each its own id.',
        ),
        (changed('id = "hate"', 'id = "Hate!"'), 'id "Hate!" has the wrong shape. Use at most 24 of a to z'),
        (changed('label.pl = "Graffiti"\n', ""), '"label" has no words in "pl". Add a line: label.pl = …'),
        (
            changed('label_short.en = "Damage"\n', ""),
            "label.en has 34 characters, a button shows 24. Add a line: label_short.en = …",
        ),
        (
            changed('label_short.en = "Damage"', 'label_short.en = "Damage to the street, house"'),
            '"label_short.en" has 27 characters, at most 24 fit. Shorten it.',
        ),
        (
            changed('advice.en = "Owners', f'advice.en = "{"Owners " * 20}'),
            '"advice.en" has 189 characters, at most 160 fit. Shorten it.',
        ),
        (
            changed('en = "Car boot"', 'en = "The boot of a large car"'),
            '"label.en" has 23 characters, at most 20 fit. Shorten it.',
        ),
        (changed('lawful_basis = "crime"', 'lawful_basis = "crimes"'), 'Did you mean "crime"?'),
        (
            changed('email = "asb@council.example"', 'email = "asb at council"'),
            'email "asb at council" has the wrong shape. Write it like name@example.org.',
        ),
        (changed("live = false", 'live = "no way"'), '"live" should be true or false, not \'no way\'.'),
        (
            changed('name = "Gold Street"', 'name = "Drapery"'),
            'place "Drapery": "Drapery" stands here twice. Put all its points into one place.',
        ),
        (changed('weekly_on = "mon"', 'weekly_on = "monday"'), 'Did you mean "mon"?'),
        (changed('at = "07:30"', 'at = "half seven"'), 'at "half seven" should be a time of day'),
        (changed("[[52.24014,", "[[152.24014,"), 'place "Abington Square": "lat" is wrong'),
        (changed('languages = ["en", "ro", "pl"]', 'languages = ["ro", "pl"]'), 'add "en"'),
        (changed("question.free_text = true\n", ""), "the question has no answers"),
        (changed("tolerance_m = 150", 'tolerance_m = "wide"'), "should be a whole number, not 'wide'."),
        (changed("2026-12-25", '"Christmas"'), "should be a date, not 'Christmas'. Write it like 2026-12-25"),
        (changed('["grafit*"', '["*!"'), 'words.ro has "*!", which begins with no word'),
        (changed("[scheme]\n", "[about]\n"), 'there is no key "about". Known keys: scheme, area'),
        (changed("[training]\n", "[trainning]\n"), 'there is no key "trainning". Did you mean "training"?'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_mend(text: str, said_of_it: str) -> None:
    mistakes = mistakes_in(text)

    assert said_of_it in "\n".join(str(mistake) for mistake in mistakes)
    assert all(mistake.line or mistake.where in ("[training]", "[scheme]") for mistake in mistakes)


def test_a_boundary_of_two_points_is_no_area() -> None:
    start = SHIPPED.index("boundary = [")
    end = SHIPPED.index("]\n# A pin", start)
    text = f"{SHIPPED[:start]}boundary = [[52.2, -0.9], [52.3, -0.9]{SHIPPED[end:]}"

    assert only_mistake_in(text).endswith('"boundary" has 2 entries, at least 3 are needed. Add more.')


def test_a_point_that_is_no_point_is_told_on_its_line() -> None:
    text = changed("[52.2424, -0.8993]", '["52.2424", -0.8993]')

    assert "should be a point: [latitude, longitude] in degrees" in only_mistake_in(text)


def test_a_list_whose_only_entry_is_wrong_is_one_mistake() -> None:
    text = changed("[52.23679, -0.89906]", '["north", -0.89906]')

    assert "\"lat\" should be a number, not 'north'" in only_mistake_in(text)


def test_lines_are_right_behind_long_texts_and_arrays() -> None:
    text = changed("seats = 20", 'seats = "twenty"')

    (mistake,) = mistakes_in(text)

    assert mistake.line == line_of(text, 'seats = "twenty"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "categories = 3",
        "categories = [1, 2]",
        "scheme = []\nrecipients = {}\narea = 1",
        "[[categories]]\nid = 7\nlabel = 'x'\nquestion = 3\ncopy_now = 'asb'",
        "[scheme]\nlanguages = 'en'\n[area]\nplaces = [[]]",
    ],
)
def test_a_file_of_quite_another_shape_is_refused_with_mistakes(text: str) -> None:
    assert mistakes_in(text)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_scheme_or_a_list_of_mistakes(text: str) -> None:
    assert mistakes_in(text)


@settings(deadline=None)
@given(st.integers(0, len(SHIPPED)), st.text(max_size=5), st.integers(0, 40))
def test_any_slip_of_the_keyboard_is_a_scheme_or_a_list_of_mistakes(at: int, typed: str, gone: int) -> None:
    with suppress(SchemeMistakes):
        parse(SHIPPED[:at] + typed + SHIPPED[at + gone :])
