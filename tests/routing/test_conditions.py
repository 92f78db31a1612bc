"""Conditions on contact data."""

import pytest

from ace_server.concepts import Match
from ace_server.routing import conditions

DATA = {"Entrance": "loans", "emailCategories": "german;passwordProblem", "cid": ""}


def test_no_condition_fits_every_contact():
    assert conditions.holds({}, {})


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        ("Entrance", "loans"),
        ("cid", ""),
        ("missing", ""),
        ("Entrance", Match(any=True)),
        ("emailCategories", Match(has="PasswordProblem")),
        ("emailCategories", Match(has="german")),
    ],
)
def test_condition_holds(key, condition):
    assert conditions.holds({key: condition}, DATA)


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        ("Entrance", "Loans"),  # equality is exact
        ("Entrance", "loan"),
        ("missing", "loans"),
        ("cid", Match(any=True)),
        ("missing", Match(any=True)),
        ("emailCategories", Match(has="swedish")),
        ("missing", Match(has="german")),
    ],
)
def test_condition_does_not_hold(key, condition):
    assert not conditions.holds({key: condition}, DATA)


def test_all_conditions_must_hold():
    fits = {"Entrance": "loans", "emailCategories": Match(has="german")}
    assert conditions.holds(fits, DATA)
    assert not conditions.holds({**fits, "cid": "1"}, DATA)


def test_containment_ignores_case_in_every_script():
    assert conditions.holds({"subject": Match(has="STRASSE")}, {"subject": "Hauptstraße 1"})


def test_conditions_in_words():
    when = {
        "Entrance": "loans",
        "cid": Match(any=True),
        "emailCategories": Match(has="german"),
        "prio": "",
    }
    assert str(conditions.words(when)) == (
        "Entrance = loans, cid has any value, emailCategories contains german, prio has no value"
    )
    assert str(conditions.words({})) == "every contact"
