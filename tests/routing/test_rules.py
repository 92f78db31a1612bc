"""Where a contact goes (RO-3, RO-4, RO-7)."""

import pytest

from ace_server.concepts import (
    UNROUTED,
    UNROUTED_LIST,
    Destination,
    EscalationPoint,
    Queue,
    RoutingRule,
    SearchOrder,
    User,
    WaitingList,
)
from ace_server.contact import Role
from ace_server.routing import rules
from ace_server.routing.constraints import Constraint
from ace_server.routing.rules import WHILE_LOGGED_IN, Onward, Route, Stop
from tests.routing import making

LOANS = Destination(queue="Loan decisions", until="wait(180)")
EVERYONE = Destination(queue="Everyone")
DISPUTES = Destination(waiting_list="Disputes", until="agentConRatio(1.5)")
AT_LOANS = Stop("Loan decisions", until=Constraint("wait", 180))
AT_EVERYONE = Stop("Everyone")
WORK_ITEM = {"workItem": "https://bank.example/1"}

PLACES = (
    *making.unrouted("", "North"),
    Queue(name="Loan decisions"),
    Queue(name="Everyone"),
    WaitingList(name="Disputes"),
)


def user(login, name, **more):
    return User(login=login, name=name, role=more.pop("role", Role.AGENT), **more)


USERS = {
    one.login: one
    for one in (
        user("anna", "Anna Berg"),
        user("bo", "Bo Ek"),
        user("bo2", "Bo Ek"),
        user("cilla", "Cilla", locked=True),
        user("wall", "Wall", role=Role.WALL),
        user("dan", "Dan", services=()),
        user("eva", "Eva", area="North"),
    )
}


def site(*routing_rules, places=PLACES, **more):
    return making.site(*places, routing_rules=tuple(routing_rules), users=USERS, **more)


def to(*destinations, area="", **when):
    return RoutingRule(when=when, to=list(destinations), area=area)


def test_first_rule_that_fits_gives_the_stops():
    bank = site(
        to(EVERYONE, Entrance="night"),
        to(LOANS, DISPUTES, EVERYONE, TaskType="Loan application"),
        to(EVERYONE),
    )
    route = rules.route({"Entrance": "loans", "TaskType": "Loan application"}, bank)
    at_disputes = Stop("Disputes", until=Constraint("agentConRatio", 1.5))
    assert route == Route(1, (AT_LOANS, at_disputes, AT_EVERYONE))
    assert rules.route({"Entrance": "loans"}, bank) == Route(2, (AT_EVERYONE,))


@pytest.mark.parametrize(
    ("area", "order", "place"),
    [
        ("", "queue", UNROUTED),
        ("North", "queue", f"{UNROUTED} (North)"),
        ("", "waiting list", UNROUTED_LIST),
        ("North", "waiting list", f"{UNROUTED_LIST} (North)"),
    ],
)
def test_contact_without_a_rule_goes_to_its_areas_place_for_it(area, order, place):
    bank = site(system={"agentDistrOrderEmailIncoming": order})
    assert rules.route({"Entrance": "loans"}, bank, area) == Route(None, (Stop(place),))


def test_each_area_has_its_own_rules():
    bank = site(to(EVERYONE, area="North"), to(LOANS))
    assert rules.route({}, bank) == Route(1, (AT_LOANS,))
    assert rules.route({}, bank, "North") == Route(0, (AT_EVERYONE,))


def test_rules_are_asked_combination_by_combination():
    entrance, both, other = to(EVERYONE, Entrance="x"), to(LOANS, Entrance="x", cid="1"), to(LOANS)
    second = to(LOANS, Entrance="y")
    bank = site(
        entrance, other, both, second,
        search_orders={"": SearchOrder(keys=[["cid", "Entrance"], ["Entrance"], ["cid"]])},
    )  # fmt: skip
    asked = [number for number, _ in rules.in_search_order(bank)]
    assert asked == [2, 0, 3, 1]
    assert rules.route({"Entrance": "x", "cid": "1"}, bank).rule == 2
    assert rules.route({"Entrance": "x"}, bank).rule == 0
    assert [number for number, _ in rules.in_search_order(bank, "North")] == []


def test_combination_that_stands_twice_counts_where_it_stands_first():
    bank = site(
        to(LOANS, cid="1"), to(EVERYONE, Entrance="x"),
        search_orders={"": SearchOrder(keys=[["Entrance"], ["cid"], ["Entrance"]])},
    )  # fmt: skip
    assert rules.route({"cid": "1", "Entrance": "x"}, bank).rule == 1


def test_destination_whose_place_is_gone_is_left_out():
    bank = site(to(LOANS, DISPUTES, EVERYONE), places=[Queue(name="Everyone")])
    assert rules.route({}, bank) == Route(0, (AT_EVERYONE,))


def test_rule_whose_places_are_all_gone_has_no_stop():
    bank = site(to(LOANS, Destination(agent="nobody")), places=making.unrouted(""))
    assert rules.route({}, bank) == Route(0, ())


# One agent alone


def test_contact_waits_for_the_agent_of_the_destination():
    route = rules.route({}, site(to(Destination(agent="anna", until="wait(60)"), EVERYONE)))
    assert route.stops == (Stop(personal="anna", until=Constraint("wait", 60)), AT_EVERYONE)


@pytest.mark.parametrize("login", ["cilla", "wall", "dan", "nobody", "eva"])
def test_nobody_is_waited_for_who_can_have_no_contact_of_the_area(login):
    data = {"AgentName": login}
    for destination in (Destination(agent=login), Destination(agent="AgentName")):
        bank = site(to(destination, EVERYONE))
        assert rules.route(data, bank).stops == (AT_EVERYONE,)
    assert rules.route(data, site(to(EVERYONE))).stops == (AT_EVERYONE,)


def test_named_agent_is_waited_for_before_all_else_while_logged_in():
    bank = site(to(LOANS, cid="1"), to(EVERYONE, area="North"))
    alone = Stop(personal="anna", until=WHILE_LOGGED_IN)
    named = {"AgentName": " Anna Berg ", "cid": "1", **WORK_ITEM}
    assert rules.route(named, bank).stops == (alone, AT_LOANS)
    assert rules.route({"AgentName": "anna", **WORK_ITEM}, bank).stops == (alone, Stop(UNROUTED))
    of_north = Stop(personal="eva", until=WHILE_LOGGED_IN)
    data = {"AgentName": "eva", **WORK_ITEM}
    assert rules.route(data, bank, "North").stops == (of_north, AT_EVERYONE)


def test_email_waits_for_the_agent_it_names_for_a_while_only():
    first = rules.onward({"AgentName": "anna"}, site(to(EVERYONE)), "", 0)
    assert (first.stop.personal, first.until, first.wait_seconds) == ("anna", WHILE_LOGGED_IN, 900)


def test_name_that_two_have_names_nobody():
    assert rules.route({"AgentName": "Bo Ek"}, site(to(EVERYONE))).stops == (AT_EVERYONE,)
    assert rules.route({"AgentName": "bo2"}, site(to(EVERYONE))).stops[0].personal == "bo2"


def test_rule_says_itself_where_the_named_agent_stands():
    bank = site(to(EVERYONE, Destination(agent="AgentName")))
    assert rules.route({"AgentName": "anna"}, bank).stops == (AT_EVERYONE, Stop(personal="anna"))


# What a work item passes by

AWAY = Destination(external="desk@bank.example", until="wait(5)")
END = Destination(end=True)


def test_contact_that_names_nobody_is_not_routed_by_a_rule_for_named_agents():
    bank = site(to(Destination(agent="AgentName")))
    assert rules.route({"AgentName": "nobody"}, bank).stops == (Stop(UNROUTED),)


def test_mail_is_sent_away_or_ended():
    sent = Stop(external="desk@bank.example", until=Constraint("wait", 5))
    assert rules.route({}, site(to(AWAY, END))).stops == (sent, Stop(ends=True))
    assert not sent.waits and not Stop(ends=True).waits


def test_work_item_passes_by_what_is_for_mail():
    assert rules.route(WORK_ITEM, site(to(AWAY, EVERYONE, END))).stops == (AT_EVERYONE,)
    assert rules.route(WORK_ITEM, site(to(AWAY, END))) == Route(0, (Stop(UNROUTED),))


# Onward


def test_contact_goes_from_stop_to_stop():
    bank = site(to(LOANS, DISPUTES, EVERYONE))
    first, second, third = (rules.onward({}, bank, "", number) for number in range(3))
    assert first == Onward(AT_LOANS, 0, "", False)
    assert (first.wait_seconds, first.until) == (180, None)
    assert (second.wait_seconds, second.until) == (None, Constraint("agentConRatio", 1.5))
    assert third == Onward(AT_EVERYONE, 2, "", True)
    assert rules.onward({}, bank, "", 3) is None


@pytest.mark.parametrize("until", ["wait(180)", "eqt(5)"])
def test_nothing_moves_a_contact_on_from_its_last_stop(until):
    last = rules.onward({}, site(to(Destination(queue="Everyone", until=until))), "", 0)
    assert last.is_last
    assert last.wait_seconds is last.until is None


def point(name, area, to):
    return name, EscalationPoint(name=name, area=area, to=to)


def test_escalation_goes_on_with_the_rules_of_the_other_area():
    up = Destination(escalation="up")
    bank = site(
        to(LOANS, up, cid="1"),
        to(up),
        to(EVERYONE, LOANS, area="North"),
        escalation_points=dict([point("up", "", "North")]),
    )
    assert rules.route({}, bank).stops == (Stop(area="North"),)
    assert rules.onward({"cid": "1"}, bank, "", 0) == Onward(AT_LOANS, 0, "", False)
    assert rules.onward({"cid": "1"}, bank, "", 1) == Onward(AT_EVERYONE, 0, "North", False)
    assert rules.onward({}, bank, "", 0) == Onward(AT_EVERYONE, 0, "North", False)
    gone = site(to(up, EVERYONE))
    assert rules.route({}, gone).stops == (AT_EVERYONE,)


def test_no_contact_goes_in_circles():
    up, down = Destination(escalation="up"), Destination(escalation="down")
    points = dict([point("up", "", "North"), point("down", "North", "")])
    bank = site(to(up), to(down, area="North"), escalation_points=points)
    assert rules.onward({}, bank, "", 0) == Onward(Stop(UNROUTED), 0, "", True)
    north = Stop(f"{UNROUTED} (North)")
    assert rules.onward({}, bank, "North", 0) == Onward(north, 0, "North", True)
