"""Flow control with hysteresis (RO-9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.concepts import FlowControl, Site
from ace_server.routing import flow
from ace_server.routing.flow import Gate, Limits
from ace_server.settings import SystemParameters

NUMBERS = st.integers(0, 20)


def test_entrance_has_the_limits_of_the_system():
    site = Site(system=SystemParameters(emailBufferMax=100, emailBufferMin=20))
    assert flow.limits(site, "loans") == Limits(most=100, most_active=0, resume=20)


def test_entrance_may_have_limits_of_its_own():
    own = FlowControl(entrance="loans", emailBufferMax=0, emailBufferMaxActive=5)
    site = Site(
        system=SystemParameters(emailBufferMax=100, emailBufferMin=20), flow_controls={"loans": own}
    )
    assert flow.limits(site, "loans") == Limits(most=0, most_active=5, resume=20)
    assert flow.limits(site, "night") == Limits(most=100, most_active=0, resume=20)


def test_entrance_without_limits_lets_everything_in():
    assert Gate(Limits()).admit(10**9, 10**9)


@pytest.mark.parametrize(("total", "active"), [(4, 0), (5, 0), (0, 2), (0, 3)])
def test_entrance_at_a_bound_lets_nothing_in(total, active):
    assert not Gate(Limits(most=4, most_active=2)).admit(total, active)


def test_full_entrance_lets_in_again_when_drained():
    gate = Gate(Limits(most=10, resume=3))
    assert gate.admit(9, 9)
    assert not gate.admit(10, 10)
    assert not gate.admit(4, 4)
    assert gate.admit(3, 3)
    assert gate.admit(9, 9)


def test_without_a_resume_mark_room_is_enough():
    gate = Gate(Limits(most=10))
    assert not gate.admit(10, 0)
    assert gate.admit(9, 0)


def test_resume_mark_above_a_bound_does_not_open_a_full_entrance():
    assert not Gate(Limits(most_active=2, resume=5)).admit(2, 2)


@given(limits=st.builds(Limits, NUMBERS, NUMBERS, NUMBERS), totals=st.lists(NUMBERS))
def test_gate_is_shut_from_a_bound_until_drained(limits, totals):
    gate, shut = Gate(limits), False
    for total in totals:
        if limits.full(total, total):
            shut = True
        elif limits.drained(total):
            shut = False
        assert gate.admit(total, total) is not shut
        assert gate.is_shut is shut
