"""When a contact leaves a stop for the next one (RO-3)."""

import math

import pytest

from ace_server.routing import constraints
from ace_server.routing.constraints import Constraint, Load

LOAD = Load(before=3, waiting=8, logged_in=4, at_work=2, pace=300.0)


@pytest.mark.parametrize(
    ("written", "base", "parameter"),
    [
        ("wait(180)", "wait", 180),
        ("eqt(0)", "eqt", 0),
        ("agentConRatio(1.5)", "agentConRatio", 1.5),
        ("minAvailAgents(2)", "minAvailAgents", 2),
        ("loggedIn(1)", "loggedIn", 1),
        ("wait(12345678)", "wait", 12_345_678),
        ("agentConRatio(123456.789)", "agentConRatio", 123_456.789),
    ],
)
def test_constraint_is_read_and_written(written, base, parameter):
    found = constraints.read(written)
    assert found == Constraint(base, parameter)
    assert str(found) == written


@pytest.mark.parametrize("written", ["", "wait()", "wait(-1)", "wait(1) ", "later(1)", "wait(1.)"])
def test_what_is_no_constraint_is_none(written):
    assert constraints.read(written) is None


def test_time_moves_on_who_waits_for_it_and_the_load_all_others():
    wait, others = (
        Constraint("wait", 60),
        [Constraint(base, 1) for base in ("eqt", "agentConRatio", "minAvailAgents", "loggedIn")],
    )
    assert constraints.wait_seconds(wait) == 60
    assert not constraints.depends_on_load(wait)
    assert not constraints.is_exceeded(wait, LOAD)
    for one in others:
        assert constraints.wait_seconds(one) is None
        assert constraints.depends_on_load(one)
    assert constraints.wait_seconds(None) is None
    assert not constraints.depends_on_load(None)


@pytest.mark.parametrize(
    ("base", "most", "changes"),
    [
        ("eqt", 600, {}),  # 300 s for each of the 3 before it and itself, by two at work
        ("eqt", 300, {"before": 1}),
        ("agentConRatio", 2, {}),
        ("agentConRatio", 0, {"waiting": 0}),
    ],
)
def test_more_than_the_parameter_is_too_much(base, most, changes):
    load = LOAD._replace(**changes)
    assert not constraints.is_exceeded(Constraint(base, most), load)
    assert constraints.is_exceeded(Constraint(base, most - 0.1), load)


@pytest.mark.parametrize(("base", "there"), [("minAvailAgents", 2), ("loggedIn", 4)])
def test_fewer_agents_than_the_parameter_are_too_few(base, there):
    assert not constraints.is_exceeded(Constraint(base, there), LOAD)
    assert constraints.is_exceeded(Constraint(base, there + 1), LOAD)


def test_without_agents_there_is_no_end_of_waiting():
    nobody = LOAD._replace(logged_in=0, at_work=0)
    assert constraints.queue_time(nobody) == constraints.ratio(nobody) == math.inf
    assert constraints.is_exceeded(Constraint("eqt", 99_999_999), nobody)
    assert constraints.is_exceeded(Constraint("agentConRatio", 999_999), nobody)
