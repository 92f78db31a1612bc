"""The router agrees with routing in its plainest form, whatever happens in whatever order.

That form remembers nothing, so a restart at any point changes no later decision; and what is said
of a contact and an agent is what is done (RO-5, RO-6, RO-8, RO-11).
"""

import os
import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ace_server.concepts import Queue, WaitingList
from ace_server.contact import AgentState, State
from ace_server.routing import why_not
from ace_server.routing.facts import AgentFacts, Case
from ace_server.routing.queues import Presence, Waiting
from ace_server.routing.router import Router
from ace_server.routing.serving import Profile
from tests.routing.making import NOW, site
from tests.routing.plain import ALONE, Facts, until

IS_LONG = bool(os.environ.get("ACE_LONG_PROOFS"))

LOGINS = ("anna", "bo", "cilla", "dan")
PLACES = ("a", "b", "c", "list")
ENTRANCES = ("x", "x", "x", "y", "z")

DEMANDS = st.sampled_from([{}, {}, {}, {"Loans": 1}, {"Loans": 2}, {"Swedish": 1}])
SORTS = st.sampled_from(["longest waiting", "priority", "newest"])


def seldom(strategy, usual):
    return st.integers(0, 7).flatmap(lambda n: strategy if n == 7 else st.just(usual))


def a_queue(name):
    return st.builds(
        Queue,
        name=st.just(name),
        requires=DEMANDS,
        groups=seldom(st.just(["Night"]), []),
        priority=st.integers(1, 2),
        weight=st.sampled_from([0.5, 1.0, 2.0]),
        sort=SORTS,
        distribution=seldom(st.just(False), True),
        agents=st.sampled_from(["longest ready", "highest skill"]),
        area=seldom(st.just("North"), ""),
    )


TEMPLATES = st.builds(
    Queue,
    name=st.just("Personal"),
    priority=st.integers(1, 2),
    sort=SORTS,
    distribution=seldom(st.just(False), True),
    agents=st.sampled_from(["longest ready", "highest skill"]),
)
LISTS = st.builds(WaitingList, name=st.just("list"), requires=DEMANDS, sort=SORTS)
SITES = st.builds(
    lambda places, template, mark, order: site(
        template,
        *places.values(),
        system={
            "floodMark": mark,
            "agentDistrOrderEmailIncoming": order,
            "expectedHandlingSeconds": 60.0,
        },
    ),
    st.fixed_dictionaries(
        {"a": a_queue("a"), "b": a_queue("b")}, optional={"c": a_queue("c"), "list": LISTS}
    ),
    TEMPLATES,
    st.sampled_from([0, 1, 1, 2]),
    seldom(st.just("waiting list"), "queue"),
)
PROFILES = st.builds(
    Profile,
    st.sampled_from(LOGINS),
    area=seldom(st.sampled_from(["", "North"]), ""),
    skills=st.sampled_from([{"Loans": 9}, {"Loans": 2, "Swedish": 1}, {"Loans": 1}, {}]),
    groups=st.sampled_from([frozenset({"Night"}), frozenset()]),
    services=seldom(
        st.frozensets(st.sampled_from(["queue", "waiting list"])),
        frozenset({"queue", "waiting list"}),
    ),
    level=seldom(st.frozensets(st.sampled_from(PLACES)), None),
    personal=seldom(st.just(False), True),
    logged=seldom(st.dictionaries(st.sampled_from(PLACES), st.booleans(), max_size=2), {}),
)
UNTIL = st.sampled_from(
    ["", "", "wait(60)", "wait(120)", "eqt(60)", "eqt(120)"]
    + ["agentConRatio(1)", "agentConRatio(0.5)", "minAvailAgents(2)", "loggedIn(1)"]
)
STOPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", *PLACES, *LOGINS]), UNTIL), min_size=1, max_size=3
)
CONTACTS = st.tuples(STOPS, st.integers(4, 5), st.integers(0, 3), st.sampled_from(ENTRANCES))


def happening(**what):
    """A rule after which, as often as not, everything is booked, or moves on, too."""

    def made(does):
        def step(self, *given, then="", **drawn):
            does(self, *given, **drawn)
            if then == "book":
                self.book_all()
            if then == "move on":
                self.move_on()

        step.__name__ = does.__name__
        return rule(then=st.sampled_from(["", "book", "move on"]), **what)(step)

    return made


class Routing(RuleBasedStateMachine):
    """The router beside its plain form; the facts are kept here, as the store would keep them."""

    def __init__(self):
        super().__init__()
        self.facts = Facts(site(), NOW)
        self.router = Router(self.facts.site)
        self.onward = {}  # contact, and the stops that are left
        self.agents = {}  # contact, and who had it
        self.places = 0
        self.settled = False

    @initialize(
        first=SITES,
        profiles=st.lists(PROFILES, min_size=3, max_size=5),
        contacts=st.lists(CONTACTS, min_size=2, max_size=8),
    )
    def begin(self, first, profiles, contacts):
        self.configure(first)
        for contact in contacts:
            self.arrive(contact)
        for profile in profiles:
            self.serve(profile)
            self.be(profile.login, Presence.AT_WORK, ready=True)

    # What happens

    @precondition(lambda self: self.places % 4 == 3)  # seldom: it makes everything new
    @happening(changed=SITES)
    def configure(self, changed):
        self.facts.site = changed
        self.router.configure(changed)
        self.settled = False

    @happening(contact=CONTACTS)
    def arrive(self, contact):
        stops, prio, minutes, entrance = contact
        self.places += 1
        since = self.facts.now - timedelta(minutes=minutes)
        one = Waiting(self.places, "", self.places, prio, since, entrance=entrance)
        self.onward[one.contact] = list(stops)
        self._go_on(one)

    @happening(contacts=st.lists(CONTACTS, min_size=2, max_size=5))
    def many_arrive(self, contacts):
        for contact in contacts:
            self.arrive(contact)

    @happening()
    def all_become_ready(self):
        for login in self.facts.profiles:
            self.be(login, Presence.AT_WORK, ready=True)

    def _go_on(self, one):
        """To the next stop, as its rule has it: time and load count, where it is not the last."""
        place, written = self.onward[one.contact].pop(0)
        is_last = not self.onward[one.contact]
        named = "" if is_last or not written else written
        is_wait = named.startswith("wait")
        self._put(
            replace(
                one,
                queue="" if place in LOGINS else place,
                personal=place if place in LOGINS else "",
                moves_on_at=self.facts.now + timedelta(seconds=until(named).parameter)
                if is_wait
                else None,
                until=until(named) if named and not is_wait else None,
            )
        )

    def _put(self, one):
        self.facts.held.pop(one.contact, None)
        self.facts.waits[one.contact] = replace(one)
        self.router.add(replace(one))
        self.settled = False

    def _a_waiting(self, data):
        return data.draw(st.sampled_from(sorted(self.facts.waits)))

    def _a_held(self, data):
        return data.draw(st.sampled_from(sorted(self.facts.held)))

    @precondition(lambda self: self.facts.waits)
    @happening(data=st.data(), first=st.booleans())
    def prioritise(self, data, first):
        self._put(replace(self.facts.waits[self._a_waiting(data)], prioritised=first))

    @precondition(lambda self: self.facts.waits)
    @happening(data=st.data(), place=st.sampled_from(PLACES))
    def move_by_hand(self, data, place):
        one = self.facts.waits[self._a_waiting(data)]
        self._put(replace(one, queue=place, personal="", moves_on_at=None, until=None))

    @precondition(lambda self: self.facts.waits)
    @happening(data=st.data())
    def close(self, data):
        contact = self._a_waiting(data)
        del self.facts.waits[contact]
        self.router.discard(contact)

    @precondition(lambda self: self.facts.waits)
    @happening(data=st.data(), login=st.sampled_from(LOGINS))
    def pick(self, data, login):
        contact = self._a_waiting(data)
        self._hold(contact, login)
        self.router.discard(contact)
        self._tell(login)

    def _hold(self, contact, login):
        one = self.facts.waits.pop(contact)
        self.facts.held[contact] = one.entrance, login
        self.facts.last[login] = one.entrance
        self.agents[contact] = one

    def _tell(self, login):
        """The agent as the store has it now."""
        facts = self.facts
        if login in facts.profiles:
            self.router.agent(
                facts.profiles[login],
                facts.presence[login],
                ready=login in facts.ready,
                last=facts.last.get(login, ""),
            )

    @precondition(lambda self: self.facts.held)
    @happening(data=st.data())
    def end(self, data):
        del self.facts.held[self._a_held(data)]

    @precondition(lambda self: self.facts.held)
    @happening(data=st.data())
    def return_to_the_old_place(self, data):
        """A booking was not accepted in time: the agent is paused, the contact keeps its age."""
        contact = self._a_held(data)
        _, login = self.facts.held[contact]
        if login in self.facts.profiles:
            self.be(login, Presence.PAUSED, ready=False)
        self._put(self.agents[contact])

    @precondition(lambda self: self.facts.held)
    @happening(data=st.data(), stops=STOPS)
    def requeue(self, data, stops):
        contact = self._a_held(data)
        self.onward[contact] = list(stops)
        self._go_on(self.agents[contact])

    @happening(profile=PROFILES)
    def serve(self, profile):
        """Other skills, another work level, a log-in to a queue."""
        login = profile.login
        self.facts.profiles[login] = profile
        self.facts.presence.setdefault(login, Presence.AT_WORK)
        self._tell(login)
        self.settled = False

    @happening(
        login=st.sampled_from(LOGINS),
        presence=st.sampled_from([Presence.AT_WORK] * 3 + [Presence.PAUSED, Presence.OUT]),
        ready=st.sampled_from([True, True, True, False]),
    )
    def be(self, login, presence, ready):
        facts = self.facts
        if login not in facts.profiles:
            return
        is_ready = ready and presence is Presence.AT_WORK
        facts.presence[login] = presence
        if is_ready and login not in facts.ready:
            facts.ready.append(login)
            self.settled = False
        if not is_ready and login in facts.ready:
            facts.ready.remove(login)
        self._tell(login)

    @happening(seconds=st.sampled_from([1, 60, 120]))
    def wait(self, seconds):
        self.facts.now += timedelta(seconds=seconds)

    @happening(pace=st.dictionaries(st.sampled_from(PLACES), st.sampled_from([10.0, 60.0, 500.0])))
    def measure_the_pace(self, pace):
        self.facts.pace = pace
        self.router.take_pace(pace)

    @rule(seed=st.integers(0, 5))
    def restart(self, seed):
        self.router = self._made_anew(seed)

    def _made_anew(self, seed=0):
        """A router told of the facts alone, in no particular order."""
        facts, order = self.facts, random.Random(seed)
        made = Router(facts.site)
        contacts = sorted(facts.waits)
        order.shuffle(contacts)
        for login in sorted(
            facts.profiles, key=lambda one: facts.ready.index(one) if one in facts.ready else 9
        ):
            made.agent(
                facts.profiles[login],
                facts.presence[login],
                ready=login in facts.ready,
                last=facts.last.get(login, ""),
            )
        for contact in contacts:
            made.add(facts.copy_of(contact))
        made.take_pace(facts.pace)
        return made

    # What follows

    @rule()
    def book_one(self):
        self._carry_out(next(self.router.bookings(self.facts.now), None))

    @rule()
    def book_all(self):
        for booking in self.router.bookings(self.facts.now):
            self._carry_out(booking)
        self._carry_out(None)
        self.settled = True

    def _carry_out(self, booking):
        assert booking == self.facts.decision()
        if booking is not None:
            self._judge(booking)
            self._hold(booking.contact, booking.agent)
            self.facts.ready.remove(booking.agent)

    @rule()
    def move_on(self):
        """First what agents can have; then those leave who are to, until the rest may stay."""
        self.book_all()
        while expected := self.facts.leaving():
            found = self.router.moving_on(self.facts.now)
            assert sorted(found) == sorted(expected)
            for contact in found:
                self._go_on(self.facts.waits[contact])
        assert self.router.moving_on(self.facts.now) == []

    # What is said

    def _facts_of(self, login):
        is_ready = login in self.facts.ready
        return AgentFacts(
            profile=self.facts.profiles[login],
            name=login,
            state=AgentState.READY if is_ready else AgentState.BUSY,
            since=self.facts.now,
        )

    def _case(self, contact, agents):
        one = self.facts.waits[contact]
        return Case(
            now=self.facts.now,
            site=self.facts.site,
            state=State.QUEUED,
            entrance=one.entrance,
            data={},
            contact=contact,
            queue=one.queue,
            personal=one.personal,
            agents=agents,
        )

    def _judge(self, booking):
        """What is done is what would have been said just before."""
        before, facts = self._made_anew(), self.facts
        agents = [self._facts_of(login) for login in facts.profiles]
        last, best = facts.way()[-1]
        goes_round = facts.goes_to(best) != last  # nobody gets what goes to them
        for contact in facts.waits:
            case = self._case(contact, agents)
            for agent in agents:
                judged = why_not.verdict(before.index, case, agent, facts.now)
                gets = judged.gets(contact)
                if (contact, agent.login) == booking:
                    assert gets or (goes_round and judged.first == contact)
                elif not gets:
                    assert why_not.explain(before.index, case, agent).why

    @rule()
    def ask_why_not(self):
        """Asking changes nothing, and when all is settled everybody waits for a reason."""
        agents = [self._facts_of(login) for login in self.facts.profiles]
        for contact in self.facts.waits:
            case = self._case(contact, agents)
            for agent in agents:
                judged = why_not.verdict(self.router.index, case, agent, self.facts.now)
                said = why_not.explain(self.router.index, case, agent)
                assert said.why
                best = self.facts.best(agent.login)
                assert judged.first == (best.contact if best else None)
                if self.settled:
                    assert not judged.gets(contact)
                    about_to = [one for one in said.why if "about to" in one.text]
                    assert not about_to

    # What is true whatever happened

    @invariant()
    def nobody_stands_beside_what_fits(self):
        if self.settled:
            beside = [
                (login, one.contact)
                for login in self.facts.ready
                for one in self.facts.waits.values()
                if self.facts.has(login, one) == "booked"
            ]
            assert not beside

    @invariant()
    def no_contact_is_in_two_places(self):
        lines = self.router.index.all_lines()
        there = sorted(one.contact for line in lines for one in line.in_order())
        assert there == sorted(self.facts.waits)
        assert not set(there) & set(self.facts.held)

    @invariant()
    def index_is_what_the_facts_say(self):
        index, facts = self.router.index, self.facts
        for queue, personal in [*((name, "") for name in PLACES), *(("", one) for one in LOGINS)]:
            there = facts.in_order(queue, personal)
            in_order = [one.contact for one in there]
            assert [one.contact for one in index.in_queue(queue, personal)] == in_order
            assert index.count(queue, personal) == len(in_order)
            line = index.known_line(queue, personal)
            if line is not None:
                page = [one.contact for one in line.page(1, 3)]
                assert page == in_order[1:4]
                held = [facts.waits[contact] for contact in in_order]
                longest = min(held, key=lambda one: one.place, default=None)
                assert line.oldest() == (longest and longest.first_queued_at)
            top = index.top(queue, personal)
            assert (top.contact if top else None) == (in_order[0] if in_order else None)
            for before, one in enumerate(there):
                assert index.position(one.contact) == before + 1
                held = index.waiting(one.contact)
                assert self.router.load(held) == facts.load(one, before, len(there))
        for entrance in ENTRANCES:
            assert index.floods.is_flood(entrance) == facts.is_flood(entrance)
        for login in facts.profiles:
            assert index.passes_by(login) == facts.passes_by(login)
        assert index.ready_agents() == facts.ready
        for login in facts.profiles:
            serves = {place for place in PLACES if facts.serves(login, place)}
            assert set(index.serves(login)) == serves
            booked = {place for place in serves if facts.serves(login, place) == "booked"}
            own = facts.serves(login, ALONE)
            assert {line.key for line in index.lines(login)} == {
                *((place, "") for place in booked),
                *([("", login)] if own == "booked" else []),
            }


Routing.TestCase.settings = settings(
    max_examples=10_000 if IS_LONG else 200, stateful_step_count=50 if IS_LONG else 30
)
test_router_decides_as_its_plain_form_does = Routing.TestCase
