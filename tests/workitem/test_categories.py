"""Keywords and patterns run on work items, too (EM-3), and never against their sender (WI-3)."""

from ace_server.concepts import (
    ContactDataKey,
    KeywordCategory,
    Pattern,
    PatternPart,
    Site,
    WorkItemAccount,
)
from ace_server.workitem.categories import MOST_SEARCHED, Categories

FRAUD = KeywordCategory(name="fraud", keywords=["stolen"])
CUSTOMER = Pattern(
    name="Customer", keys=["customer"], parts=[PatternPart(type="digit", least=4)], save_to="cid"
)


def site(**changes):
    facts = {
        "work_item_accounts": {"loans": WorkItemAccount(name="loans")},
        "contact_data_keys": {"cid": ContactDataKey(name="cid")},
        "keyword_categories": {"fraud": FRAUD},
        "patterns": {"Customer": CUSTOMER},
    }
    return Site(**(facts | changes))


def added(here, data, body="", subject=""):
    return Categories(lambda: here).added(data, "loans", subject, body)


def test_a_work_item_gets_its_categories_and_what_patterns_find():
    found = added(site(), {"workItem": "x"}, "My card was stolen. Customer: 1234")
    assert found == {"workItem": "x", "emailCategories": "fraud", "cid": "1234"}


def test_the_subject_is_searched_as_well():
    assert added(site(), {}, subject="stolen") == {"emailCategories": "fraud"}


def test_what_the_sender_gave_stays():
    assert added(site(), {"cid": "9999"}, "customer 1234") == {"cid": "9999"}


def test_what_takes_long_is_not_searched_to_its_end():
    assert added(site(), {}, " " * MOST_SEARCHED + "stolen") == {}


def test_the_rules_are_those_of_the_configuration_in_force():
    here = site(keyword_categories={})
    categories = Categories(lambda: here)
    assert categories.added({}, "loans", "", "stolen") == {}
    here = site()
    assert categories.added({}, "loans", "", "stolen") == {"emailCategories": "fraud"}


def test_another_area_has_rules_of_its_own():
    account = WorkItemAccount(name="loans", area="North")
    here = site(work_item_accounts={"loans": account})
    assert added(here, {}, "stolen") == {}
