"""What counts against an automatic answer, by every bound it is held to (D-1, D-2)."""

from datetime import timedelta

import pytest

from ace_server.concepts import MailAccount, Site
from ace_server.email.answering import spent
from ace_server.email.answers import Spent
from ace_server.store import Store
from tests.store.mailing import ACCOUNT, OTHER, put_out
from tests.store.making import AT

MARIA, OLLE, ROBOT = "maria@customer.example", "olle@customer.example", "desk@robot.example"
HOUR = timedelta(hours=1)


@pytest.fixture
def store(data):
    made = Store(data)
    made.open()
    yield made
    made.close()


def answered(store, to, *, account=ACCOUNT, at=AT):
    return put_out(store, to, kind="answer", by="", correspondent=to, account=account, at=at)


def test_answers_count_by_correspondent_domain_account_and_in_all(store):
    entry = MailAccount(name=ACCOUNT, fetch="imap://localhost", answer_budget="5/3h")
    site = Site(mail_accounts={ACCOUNT: entry})
    answered(store, MARIA, at=AT - 4 * HOUR)
    answered(store, MARIA, at=AT - 2 * HOUR)
    for to in (MARIA, OLLE, ROBOT, ROBOT):
        answered(store, to)
    answered(store, MARIA, account=OTHER)
    assert store.perform(spent, "Maria+7@Customer.Example", ACCOUNT, site, AT) == Spent(
        to_correspondent=2, to_domain=3, by_account=4, in_all=5
    )
    put_out(store, OLLE)
    assert store.perform(spent, MARIA, ACCOUNT, site, AT).knows_domain
