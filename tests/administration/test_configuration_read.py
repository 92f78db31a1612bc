"""A configuration file as text: read, or refused with every problem at once."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.administration import configuration
from ace_server.administration.configuration import Problem, Problems
from ace_server.concepts import KINDS, Destination, Match, Queue, SiteFacts, SpecialDay
from ace_server.settings import SystemParameters

DATA = Path("tests/data/configuration")


def refused(text, name="site.toml"):
    """The problems of a file, as lines."""
    with pytest.raises(Problems) as caught:
        configuration.read(text, name=name)
    return [str(problem) for problem in caught.value.problems]


def test_empty_file_says_nothing():
    document = configuration.read("")
    assert document.entries == {}
    assert document.facts is None
    assert document.system is None


def test_file_of_the_interface_is_read():
    text = (DATA / "interface_example.toml").read_text("utf-8")
    document = configuration.read(text)
    assert document.entries["queue"] == (
        Queue(name="Loan decisions", requires={"Loans": 3}),
        Queue(name="Everyone"),
    )
    assert document.entries["routing_rule"][0].to == [
        Destination(queue="Loan decisions", until="wait(180)"),
        Destination(queue="Everyone"),
    ]
    assert document.entries["opening_hours"][0].special == [
        SpecialDay(date=date(2026, 12, 24), open="08:00-12:00")
    ]
    assert document.facts == SiteFacts(time_zone="Europe/Stockholm")
    assert document.system == SystemParameters(workItemPort=8765)


@pytest.mark.parametrize("kind", KINDS)
def test_file_with_every_field_has_every_field(kind):
    entries = configuration.read((DATA / "every_field.toml").read_text("utf-8")).entries[kind]
    for field in msgspec.structs.fields(KINDS[kind]):
        bare = field.default if field.default_factory is msgspec.NODEFAULT else []
        assert any(getattr(entry, field.name) not in (bare, {}) for entry in entries), field.name


def test_kind_without_entries_is_in_the_file():
    assert configuration.read("queue = []").entries == {"queue": ()}


def test_conditions_are_values_or_tables():
    text = """[[task_type_rule]]
    when = { a = "x", b = { has = "y" }, c = { any = true } }
    task_type = "z"
    """
    (rule,) = configuration.read(text).entries["task_type_rule"]
    assert rule.when == {"a": "x", "b": Match(has="y"), "c": Match(any=True)}


def test_file_of_an_editor_that_marks_it_is_read():
    assert configuration.read('\ufeff[site]\r\nname = "Bank"\r\n').facts == SiteFacts(name="Bank")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n[site]\nname =\n", "site.toml, line 3: not TOML: Invalid value"),
        ("[site]\n[site]\n", "site.toml, line 2: not TOML: Cannot declare ('site',) twice"),
        ('a = 1\nb = """\n', "site.toml, line 2: not TOML: Unterminated string"),
        ("[[queue]]\nname = 1979-99-99", "site.toml, line 2: not TOML: "),
    ],
)
def test_wrong_syntax_is_told_with_its_line(text, line):
    (problem,) = refused(text)
    assert problem.startswith(line)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "1" * 5000])
def test_what_no_reader_can_hold_is_refused(text):
    assert refused(text) == ["site.toml: a number is too long, or tables nest too deep"]


WRONG = {
    "unknown table": ("[[quue]]", "quue: there is no such table; did you mean 'queue'?"),
    "unknown table like nothing": ("[zzz]", "zzz: there is no such table"),
    "unknown field": (
        '[[queue]]\nname = "a"\nprioriti = 1',
        "queue a: there is no field 'prioriti'; did you mean 'priority'?",
    ),
    "missing field": ("[[queue]]\npriority = 1", "queue 1: name is missing"),
    "one for many": (
        '[queue]\nname = "a"',
        "queue: is a list of entries: write [[queue]], not [queue]",
    ),
    "many for one": ("[[site]]", "site: stands once: write [site], not [[site]]"),
    "single value": ("site = 1", "site: 1 is not a table with `name`, `time_zone`"),
    "single values": ("queue = [1]", "queue 1: 1 is not a table with `name`, `area`, `requires`,"),
    "wrong type": ("[[queue]]\nname = 7", "queue 1, name: 7 is not text of 1 to 128 characters"),
    "empty name": ('[[queue]]\nname = ""', 'queue 1, name: "" is not text of 1 to 128 characters'),
    "out of bounds": (
        '[[queue]]\nname = "a"\npriority = 10',
        "queue a, priority: 10 is not a whole number from 1 to 9",
    ),
    "beyond a number": (
        '[[queue]]\nname = "a"\nweight = 0',
        "queue a, weight: 0 is not a number above 0 and up to 1 000 000",
    ),
    "no number": (
        "[system]\nlease = nan",
        "system, lease: NaN is not a number above 0 and up to 86 400",
    ),
    "infinite": (
        "[system]\nlease = inf",
        "system, lease: Infinity is not a number above 0 and up to 86 400",
    ),
    "too large for the store": (
        "[system]\nemailBufferMax = 99999999999999999999",
        "system, emailBufferMax: 99999999999999999999 is not a whole number from 0 to 10 000 000",
    ),
    "no truth": (
        '[[user]]\nlogin = "a"\nname = "A"\nrole = "agent"\nlocked = "no"',
        'user a, locked: "no" is not `true` or `false`',
    ),
    "none of the choices": (
        '[[user]]\nlogin = "a"\nname = "A"\nrole = "boss"',
        'user a, role: "boss" is not one of "agent", "supervisor", "administrator", "wall"',
    ),
    "pattern": (
        '[[user]]\nlogin = "a b"\nname = "A"\nrole = "agent"',
        'user a b, login: "a b" is not 1 to 64 letters A to Z, digits and `._@-`',
    ),
    "in a table": (
        '[[queue]]\nname = "a"\nrequires = { Loans = 12 }',
        "queue a, requires.Loans: 12 is not a whole number from 1 to 9",
    ),
    "in a list of tables": (
        '[[routing_rule]]\nto = [{ queue = "a" }, { queue = "b", until = "later" }]',
        'routing_rule 1, to 2, until: "later" is not a constraint such as `wait(180)`, `eqt(300)`,',
    ),
    "in a condition": (
        '[[routing_rule]]\nwhen = { cid = { hs = "1" } }\nto = [{ queue = "a" }]',
        "routing_rule 1, when.cid: there is no field 'hs'; did you mean 'has'?",
    ),
    "no condition": (
        '[[routing_rule]]\nwhen = { cid = 1 }\nto = [{ queue = "a" }]',
        "routing_rule 1, when.cid: 1 is not text or a table with `has`, `any`",
    ),
    "empty list": (
        "[[routing_rule]]\nto = []",
        "routing_rule 1, to: is empty; one is needed at least",
    ),
    "no list": ("[[routing_rule]]\nto = {}", "routing_rule 1, to: a table is not a list; each is"),
    "list for a text": ('[[activity]]\nname = ["a"]', "activity 1, name: a list is not text"),
    "time for a date": (
        '[[opening_hours]]\nentrance = "a"\nspecial = [{ date = 2026-12-24T08:00:00 }]',
        'opening_hours a, special 1, date: "2026-12-24 08:00:00" is not a date',
    ),
    "invisible end": ('[[activity]]\nname = "a\\u0000"', "activity 1, name: holds a NUL character"),
    "long value": (
        f'[[activity]]\nname = "{"a" * 200}"',
        f'activity {"a" * 200}, name: "{"a" * 59}… is not text of 1 to 128 characters',
    ),
    "same name twice": (
        '[[queue]]\nname = "a"\n[[queue]]\nname = "b"\n[[queue]]\nname = "a"',
        "queue a: stands 2 times; name must differ",
    ),
    "same login twice": (
        '[[user]]\nlogin = "a"\nname = "A"\nrole = "agent"\n' * 2,
        "user a: stands 2 times; login must differ",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_fault_is_told_with_table_entry_and_field(text, expected):
    (problem,) = refused(text)
    assert problem.startswith(expected)


def test_secret_of_a_wrong_type_is_not_repeated():
    text = '[[work_item_account]]\nname = "loans"\nsecret = 87654321'
    assert refused(text) == ["work_item_account loans, secret: must be text"]


def test_all_problems_are_told_at_once():
    assert refused((DATA / "many_faults.toml").read_text("utf-8")) == [
        "queue Loan decisions: there is no field 'require'; did you mean 'requires'?",
        "queue Loan decisions, priority: 0 is not a whole number from 1 to 9",
        "queue 2: name is missing",
        "site, time_zone: 1 is not text",
        "sites: there is no such table; did you mean 'site'?",
    ]


def test_refusal_holds_every_problem_as_a_line():
    problems = Problems([Problem("queue a", "is wrong"), Problem("queue b", "is wrong, too")])
    assert problems.code == "invalid"
    assert problems.reason == "queue a: is wrong\nqueue b: is wrong, too"


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        configuration.read(text)
    except Problems as refusal:
        assert refusal.problems
