"""Whom the load of a place moves on, beside the plainest way to find them (RO-3)."""

from hypothesis import given
from hypothesis import strategies as st

from ace_server.routing.constraints import Constraint, Load, is_exceeded
from ace_server.routing.watching import Watch

CONSTRAINTS = st.sampled_from(
    [
        Constraint("eqt", 300),
        Constraint("eqt", 900),
        Constraint("agentConRatio", 1),
        Constraint("agentConRatio", 2.5),
        Constraint("minAvailAgents", 2),
        Constraint("loggedIn", 1),
    ]
)
CONTACTS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 2), st.none() | CONSTRAINTS), max_size=12
)


def plainly(entries, watched, measure):
    """From the last one up, each asked by itself, with everything counted from scratch."""
    left = sorted(entries)
    for before, entry in reversed([*enumerate(sorted(entries))]):
        until = watched.get(entry[-1])
        if until is not None and is_exceeded(until, measure(before, len(left))):
            left.remove(entry)
            yield entry[-1]


@given(
    contacts=CONTACTS,
    logged_in=st.integers(0, 5),
    paused=st.integers(0, 2),
    gone=st.sets(st.integers(0, 11)),
)
def test_those_leave_whom_the_plainest_way_finds(contacts, logged_in, paused, gone):
    entries = [(first, prio, n, n) for n, (first, prio, _) in enumerate(contacts)]
    watched = {n: until for n, (_, _, until) in enumerate(contacts) if until is not None}
    at_work = max(logged_in - paused, 0)

    def measure(before, waiting):
        return Load(before, waiting, logged_in, at_work, 300.0)

    grown = Watch([], {})
    for entry in reversed(entries):
        grown.add(entry, watched.get(entry[-1]))
    for entry in [one for one in entries if one[-1] in gone]:
        grown.remove(entry, watched.pop(entry[-1], None))
        entries.remove(entry)
    expected = [*plainly(entries, watched, measure)]
    assert grown.leaving(measure) == Watch(entries, watched).leaving(measure) == expected
    assert [grown.before(entry) for entry in sorted(entries)] == [*range(len(entries))]

    stay = Watch([one for one in entries if one[-1] not in expected], watched)
    assert stay.leaving(measure) == []
