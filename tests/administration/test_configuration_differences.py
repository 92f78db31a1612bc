"""What changes between two configurations, in lines for a person."""

from ace_server.administration import configuration
from tests.administration.sites import BARE, assembled

BEFORE = """
[[work_item_account]]
name = "loans"

[[queue]]
name = "Loan decisions"

[[skill]]
name = "Loans"

[[task_type]]
name = "Loan application"

[[routing_rule]]
when = { TaskType = "Loan application" }
to = [{ queue = "Loan decisions" }]

[[routing_rule]]
to = [{ queue = "Unrouted" }]

[[layout]]
fields = [{ key = "cid" }]

[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
"""


def differences(after, before=BEFORE):
    return configuration.differences(assembled(before), assembled(after))


def test_nothing_differs_from_itself():
    assert differences(BEFORE) == []
    assert configuration.differences(BARE, BARE) == []


def test_added_and_removed_entries():
    after = BEFORE.replace('name = "Loan decisions"', 'name = "Decisions"')
    assert differences(after) == ["queue Loan decisions: removed", "queue Decisions: added"]


def test_value_before_and_after():
    after = BEFORE.replace('name = "Loan decisions"', 'name = "Loan decisions"\npriority = 2')
    assert differences(after) == ["queue Loan decisions: priority 1 -> 2"]


def test_texts_truths_and_nothing():
    after = BEFORE.replace('role = "agent"', 'role = "agent"\nlocked = true\nemail = "a@b.example"')
    assert differences(after) == [
        "user anna: email none -> a@b.example",
        "user anna: locked false -> true",
    ]
    wrapped = BEFORE.replace('role = "agent"', 'role = "agent"\nwrap_up = 20')
    assert differences(wrapped) == ["user anna: wrap_up none -> 20.0"]


def test_tables_and_lists_only_changed():
    after = BEFORE.replace('role = "agent"', 'role = "agent"\nskills = { Loans = 3 }\nrights = []')
    assert differences(after) == ["user anna: skills changed", "user anna: rights changed"]


def test_long_and_strange_values_are_cut_and_cleaned():
    after = BEFORE.replace(
        'to = [{ queue = "Unrouted" }]',
        f'comment = "{"x" * 100}\\u202e\\n"\nto = [{{ queue = "Unrouted" }}]',
    )
    (line,) = differences(after)
    assert line == f"routing_rule (every contact): comment none -> {'x' * 60}…"
    short = after.replace("x" * 100, "x")
    assert differences(short) == ["routing_rule (every contact): comment none -> x\ufffd\ufffd"]


def test_rules_are_known_by_their_conditions():
    after = BEFORE.replace('to = [{ queue = "Loan decisions" }]', 'to = [{ queue = "Unrouted" }]')
    assert differences(after) == ["routing_rule (TaskType = Loan application): to changed"]
    without = BEFORE.replace('[[routing_rule]]\nto = [{ queue = "Unrouted" }]\n', "")
    assert differences(without) == ["routing_rule (every contact): removed"]


def test_rules_are_known_by_their_area_too():
    of_cards = '[[routing_rule]]\narea = "Cards"\nto = [{ end = true }]\n'
    after = f'[[organisation_area]]\nname = "Cards"\n{BEFORE}{of_cards}'
    assert differences(after) == [
        "organisation_area Cards: added",
        "queue Unrouted (Cards): added",
        "routing_rule of Cards (every contact): added",
    ]
    changed = of_cards.replace("to =", 'comment = "for now"\nto =')
    assert differences(after.replace(of_cards, changed), after) == [
        "routing_rule of Cards (every contact): comment none -> for now"
    ]


def test_template_of_every_agents_own_is_told_when_it_is_changed():
    changed = BEFORE + '[[queue]]\nname = "Personal"\npriority = 2\n'
    assert differences(changed) == ["queue Personal: priority 1 -> 2"]
    assert differences(BEFORE, changed) == ["queue Personal: priority 2 -> 1"]


def test_search_order_of_the_area_without_a_name_has_none():
    assert differences('[[search_order]]\nkeys = [["cid"]]', "") == ["search_order: added"]


def test_order_of_rules_matters():
    first, second = BEFORE.split("[[routing_rule]]")[1:]
    second, rest = second.split("[[layout]]")
    head = BEFORE.split("[[routing_rule]]")[0]
    after = f"{head}[[routing_rule]]{second}[[routing_rule]]{first}[[layout]]{rest}"
    assert differences(after) == ["every routing_rule: order changed"]


def test_layout_for_every_task_type_has_no_name():
    after = BEFORE.replace('key = "cid"', 'key = "cid", lines = 2')
    assert differences(after) == ["layout: fields changed"]


def test_single_tables():
    assert differences('[site]\nname = "Bank"\n[system]\nbookingTimeout = 30', "") == [
        "site: name none -> Bank",
        "system: bookingTimeout 60.0 -> 30.0",
    ]


def test_secrets_are_no_difference():
    after = BEFORE.replace('name = "loans"', 'name = "loans"\nsecret = "env:ACE_LOANS"')
    assert differences(after) == []
