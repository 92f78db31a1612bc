"""Forms of a fixed layout become contact data (EM-3, WI-2)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.concepts import (
    SERVER_KEYS,
    ContactDataKey,
    MailAccount,
    Pattern,
    PatternPart,
    Site,
    ValueSet,
)
from ace_server.email.analysis import analyse, categorise, pattern, prepare
from ace_server.email.analysis.rules import Form, Part
from tests.email.making import mail

CIVIC = [
    PatternPart(type="digit", least=6, most=8),
    PatternPart(type="literal", text="-", optional=True, save=False),
    PatternPart(type="digit", least=4),
]
KEY = ContactDataKey(name="ssn", max_length=20)


def site(*patterns, keys=(KEY,), **given):
    return Site(
        patterns={str(number): one for number, one in enumerate(patterns)},
        contact_data_keys={key.name: key for key in keys},
        **given,
    )


def found(text, parts, *, keys=("SSN",), separators=(), **given):
    entry = Pattern(
        name="x", keys=list(keys), separators=list(separators), parts=parts, save_to="ssn"
    )
    return categorise(text, prepare(site(entry, **given), "")).get("ssn")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SSN: 771122-4499", "7711224499"),
        ("ssn:771122-4499.", "7711224499"),
        ("My SSN 19771122-4499, thank you", "197711224499"),
        ("SSN\t:\n 7711224499", "7711224499"),
        ("SSN: none\nSSN: 771122-4499\nSSN: 881122-4499", "7711224499"),
        ("SSN SSN: 771122-4499", "7711224499"),
        ("XSSN: 771122-4499", None),
        ("SSN: 771122-44991", None),
        ("SSN: 771122-4499b", None),
        ("SSN: 77112-4499", None),
        ("SSN; 771122-4499", None),
        ("SSN771122-4499", None),
        ("SSN: ７７１１２２-４４９９", None),
        ("", None),
    ],
)
def test_civic_number(text, value):
    assert found(text, CIVIC) == value


def one(type, **given):
    return [PatternPart(type=type, **given)]


@pytest.mark.parametrize(
    ("parts", "text", "value"),
    [
        (one("capital", least=2), "SSN: AB", "AB"),
        (one("capital", least=2), "SSN: ab", None),
        (one("letter", least=1, most=9), "SSN: aBc-1", "aBc"),
        (one("letter", least=1, most=9), "SSN: Åsa", None),
        (one("alphanumeric", least=1, most=9), "SSN: a1B2", "a1B2"),
        (one("any", least=1, most=9), "SSN: a #1 å\nnext", "a #1 å"),
        (one("literal", text="kr."), "SSN: KR.", "KR."),
        (one("literal", text="ab", least=2, most=3), "SSN: ababab", "ababab"),
        (one("literal", text="ab", least=2, most=3), "SSN: ab", None),
        ([*one("digit"), *one("whitespace", most=3), *one("digit")], "SSN: 1 \n2", "1 \n2"),
        ([*one("digit"), *one("whitespace", least=0, most=3)], "SSN: 1  ", "1"),
        (one("digit", save=False), "SSN: 1", None),
        (one("digit", least=0, most=3), "SSN: x", None),
        (one("digit", least=4, optional=True), "SSN: 12", None),
    ],
)
def test_types_of_parts(parts, text, value):
    assert found(text, parts) == value


def test_parts_of_one_type_share_what_is_there():
    parts = [*one("digit", least=6, most=8), *one("digit", least=4)]
    assert found("SSN: 7711224499", parts) == "7711224499"


@pytest.mark.parametrize(
    ("text", "given", "value"),
    [
        ("Your order no.  is = 7", {"keys": ["order no."], "separators": ["is ="]}, "7"),
        ("order\nno. # 7", {"keys": ["Order no."], "separators": ["=", "#"]}, "7"),
        ("order 7", {"keys": ["order"], "separators": [" "]}, "7"),
        ("order: 7", {"keys": ["order"], "separators": [" "]}, None),
        ("#order 7", {"keys": ["#", "#order"]}, "7"),
        ("a a a: 7", {"keys": ["a a"]}, "7"),
    ],
)
def test_keys_and_separators(text, given, value):
    assert found(text, one("digit"), **given) == value


def test_value_must_fit_its_key():
    text = "SSN: 123 SSN: 12"
    digits = one("digit", least=1, most=5)
    assert found(text, digits, keys=("SSN",)) == "123"
    short = Pattern(name="x", keys=["SSN"], parts=digits, save_to="short")
    keys = (ContactDataKey(name="short", max_length=2),)
    assert categorise(text, prepare(site(short, keys=keys), "")) == {"short": "12"}
    keys = (ContactDataKey(name="short", value_set="two"),)
    sets = {"two": ValueSet(name="two", values=["12"])}
    assert categorise(text, prepare(site(short, keys=keys, value_sets=sets), "")) == {"short": "12"}
    assert categorise(text, prepare(site(short, keys=()), "")) == {}


def test_first_pattern_that_finds_something_wins_its_key():
    patterns = [
        Pattern(name=name, keys=[name], parts=one("digit"), save_to="ssn", active=is_active)
        for name, is_active in [("off", False), ("a", True), ("b", True), ("c", True)]
    ]
    text = "off: 0 c: 3 b: 2"
    assert categorise(text, prepare(site(*patterns), "")) == {"ssn": "2"}
    assert categorise(text, prepare(site(*patterns), "Cards")) == {}


@pytest.mark.parametrize("key", ["workItem", *SERVER_KEYS])
def test_no_pattern_sets_what_the_server_sets(key):
    """Whatever is configured: the check refuses it, and so does what the steps go by."""
    forbidden = Pattern(name="x", keys=["SSN"], parts=one("digit"), save_to=key)
    rules = prepare(site(forbidden, keys=(ContactDataKey(name=key),)), "")
    assert rules.forms == ()
    assert "workItem" not in analyse(mail("SSN: 1"), rules).data


def test_mail_is_searched_in_subject_and_text():
    entry = Pattern(name="x", keys=["SSN"], parts=CIVIC, save_to="ssn")
    rules = prepare(site(entry), "")
    assert analyse(mail("SSN: 771122-4499"), rules).data["ssn"] == "7711224499"
    assert analyse(mail("", "SSN: 771122-4499"), rules).data["ssn"] == "7711224499"


def test_own_addresses_are_those_of_every_account():
    account = MailAccount(
        name="Loans@bank.example", fetch="imaps://x@y", return_address="a+b@Bank.Example"
    )
    rules = prepare(Site(mail_accounts={"x": account}), "Cards")
    assert rules.own_addresses == {"loans@bank.example", "a@bank.example"}


# The cost is bounded


def runs(count):
    """Runs of one type side by side, then what never comes: the worst for whoever tries again."""
    run = Part("digit", "", 0, 40, False, True)
    return (*[run] * count, Part("literal", "!", 1, 1, False, True))


def test_each_part_is_tried_once_at_each_place():
    search = pattern.Search(runs(10), "1" * 500)
    assert search.value(0) is None
    places = 10 * 40 + 1
    assert len(search._failed) <= 11 * places
    assert search.steps <= 41 * 11 * places  # each place is asked for by at most 41 others
    again = search.steps
    assert search.value(0) is None
    assert search.steps == again + 1  # it is known to fail


def test_search_ends_after_so_many_steps():
    form = Form(("SSN",), (), runs(19), "ssn", 100, None)
    hostile = f"SSN: {'1' * 1000} " * 500
    search = pattern.Search(form.parts, hostile)
    for at in range(0, 5000, 7):
        search.value(at)
    assert search.steps >= pattern.MOST_STEPS
    assert pattern.find(form, f"{hostile} SSN: 1!") is None


# It never matches outside its definition

CLASSES = {"digit": "[0-9]", "capital": "[A-Z]", "letter": "[A-Za-z]", "literal": "-"}
PARTS = st.lists(
    st.builds(
        lambda kind, least, more, optional: Part(
            kind, "-" if kind == "literal" else "", least, max(1, least + more), optional, True
        ),
        st.sampled_from(list(CLASSES)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def as_expression(parts):
    """The plainest form of the definition; it may try as often as it likes."""
    pieces = (
        f"(?:{CLASSES[part.type]}{{{part.least},{part.most}}}){'?' if part.optional else ''}"
        for part in parts
    )
    return re.compile("".join(pieces) + r"(?!(?<=[A-Za-z0-9])[A-Za-z0-9])")


@given(PARTS, st.text("aB1-", max_size=8))
def test_value_is_what_the_plainest_form_of_the_definition_matches(parts, text):
    search = pattern.Search(tuple(parts), f":{text}")
    plainest = as_expression(parts).match(f":{text}", 1)
    assert search.value(1) == (plainest[0] if plainest else None)
