"""Where a contact goes (RO-3)."""

import pytest

from ace_server.concepts import UNROUTED, Destination, Queue, RoutingRule, Site
from ace_server.routing import rules
from ace_server.routing.rules import Route

LOANS = Destination(queue="Loan decisions", until="wait(180)")
EVERYONE = Destination(queue="Everyone")


def site(*routing_rules, queues=("Loan decisions", "Everyone", UNROUTED)):
    return Site(
        queues={name: Queue(name=name) for name in queues}, routing_rules=tuple(routing_rules)
    )


def test_first_rule_that_fits_gives_the_destinations():
    bank = site(
        RoutingRule(when={"Entrance": "night"}, to=[EVERYONE]),
        RoutingRule(when={"TaskType": "Loan application"}, to=[LOANS, EVERYONE]),
        RoutingRule(when={}, to=[EVERYONE]),
    )
    route = rules.route({"Entrance": "loans", "TaskType": "Loan application"}, bank)
    assert route == Route(1, (LOANS, EVERYONE))
    assert rules.route({"Entrance": "loans"}, bank) == Route(2, (EVERYONE,))


def test_contact_without_a_rule_goes_to_the_queue_for_it():
    assert rules.route({"Entrance": "loans"}, site()) == Route(None, (Destination(queue=UNROUTED),))


def test_destination_whose_queue_is_gone_is_left_out():
    bank = site(RoutingRule(when={}, to=[LOANS, EVERYONE]), queues=("Everyone",))
    assert rules.route({}, bank) == Route(0, (EVERYONE,))


def test_rule_whose_queues_are_all_gone_has_no_destination():
    bank = site(RoutingRule(when={}, to=[LOANS]), queues=(UNROUTED,))
    assert rules.route({}, bank) == Route(0, ())


@pytest.mark.parametrize(("until", "seconds"), [("", None), ("wait(0)", 0), ("wait(180)", 180)])
def test_seconds_at_a_destination(until, seconds):
    assert rules.wait_seconds(Destination(queue="Everyone", until=until)) == seconds
