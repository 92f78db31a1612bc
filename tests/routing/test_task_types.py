"""The table of task type rules (RO-2)."""

from ace_server.concepts import Match, TaskTypeRule
from ace_server.routing.task_types import task_type

RULES = (
    TaskTypeRule(
        when={"Entrance": "support@bank.example", "emailCategories": Match(has="passwordProblem")},
        task_type="Reset password",
    ),
    TaskTypeRule(when={"Entrance": "support@bank.example"}, task_type="Support"),
    TaskTypeRule(when={"cid": Match(any=True)}, task_type="Known customer"),
)


def test_first_rule_that_fits_wins():
    data = {"Entrance": "support@bank.example", "emailCategories": "PasswordProblem", "cid": "1"}
    assert task_type(data, RULES) == "Reset password"


def test_later_rule_fits_where_an_earlier_does_not():
    assert task_type({"Entrance": "support@bank.example"}, RULES) == "Support"
    assert task_type({"Entrance": "loans", "cid": "1"}, RULES) == "Known customer"


def test_no_rule_gives_no_task_type():
    assert task_type({"Entrance": "loans"}, RULES) == ""
    assert task_type({"Entrance": "loans"}, ()) == ""
