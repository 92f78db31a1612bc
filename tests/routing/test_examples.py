"""Every file of tests/data/routing is what happens; and what is wrong with one is said."""

import pytest

from tests.routing import examples
from tests.routing.examples import Wrong

CONFIGURATION = """
title = "A contact finds the agent"
rows = ["RO-1"]
why = "It is enough for a test."
{more}
[[work_item_account]]
name = "loans"
[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
"""

HAPPENS = """
[[course.steps]]
at = "09:00"
agent = "anna"
does = "start work"
[[course.steps]]
contact = "a"
arrives = "loans"
"""

BOOKED = '[[course.steps]]\ncontact = "a"\nstate = "booked"\nwith = "anna"\n'


@pytest.mark.parametrize("file", examples.files(), ids=lambda file: file.stem)
def test_example(file):
    examples.play(examples.read(file))


def test_there_are_many():
    assert len(examples.files()) >= 40


def test_the_document_lists_them_all():
    written = examples.DOCUMENT.read_text("utf-8")
    assert written == examples.document(), "run python -m tests.routing.examples"


@pytest.fixture
def write(tmp_path):
    def write(course, more=""):
        file = tmp_path / "one.toml"
        file.write_text(CONFIGURATION.format(more=more) + course, "utf-8")
        return file

    return write


def test_an_example_that_holds_passes(write):
    examples.play(examples.read(write(HAPPENS + BOOKED)))


def test_a_file_that_expects_nothing_is_wrong(write):
    with pytest.raises(Wrong, match=r"one\.toml: nothing is expected"):
        examples.read(write(HAPPENS))


@pytest.mark.parametrize(
    "line", ['state = "accepted"', 'with = "bo"', 'in = "Loans"', 'area = "b"']
)
def test_what_is_not_so_is_said_with_the_line(write, line):
    one = examples.read(write(HAPPENS + f'[[course.steps]]\ncontact = "a"\n{line}\n'))
    with pytest.raises(Wrong, match=r"one\.toml, \*\*a .* But "):
        examples.play(one)


def test_a_list_in_another_order_is_said(write):
    queue = '[[course.steps]]\nplace = "Unrouted"\nwaits = ["a"]\n'
    with pytest.raises(Wrong, match="But it is none"):
        examples.play(examples.read(write(HAPPENS + queue)))


def test_a_reason_that_nobody_gives_is_said(write):
    says = '[[course.steps]]\ncontact = "a"\nsays = ["It is blue."]\n'
    with pytest.raises(Wrong, match="nobody says"):
        examples.play(examples.read(write(HAPPENS + says)))


def test_what_is_refused_unexpectedly_is_said(write):
    again = '[[course.steps]]\nagent = "anna"\ndoes = "be ready"\n'
    with pytest.raises(Wrong, match=r"it is refused \(not-now\)"):
        examples.play(examples.read(write(HAPPENS + again + BOOKED)))


def test_what_should_be_refused_and_is_not_is_said(write):
    accepts = '[[course.steps]]\nagent = "anna"\ndoes = "accept"\nrefused = "not-now"\n'
    with pytest.raises(Wrong, match="it is not refused"):
        examples.play(examples.read(write(HAPPENS + accepts + BOOKED)))


@pytest.mark.parametrize(
    ("more", "course", "key"),
    [
        ('colour = "red"', HAPPENS + BOOKED, "colour"),
        ("", HAPPENS + BOOKED + 'happens = "soon"\n', "happens"),
        ("[site]\nclock = 1\n", HAPPENS + BOOKED, "clock"),
    ],
)
def test_an_unknown_key_is_named_with_its_file(write, more, course, key):
    with pytest.raises(Wrong, match=rf"one\.toml: .*{key}"):
        examples.read(write(course, more))


def test_a_configuration_that_configure_refuses_is_refused(write):
    with pytest.raises(Wrong, match=r"one\.toml: .*'Loans' is not configured"):
        examples.read(write("skills = { Loans = 1 }\n" + HAPPENS + BOOKED))
