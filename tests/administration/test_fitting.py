"""Which users and mail accounts do not fit together (EM-7)."""

from ace_server.administration import fitting
from tests.administration.sites import assembled

AREA = '[[organisation_area]]\nname = "Cards"\n'
OF_CARDS = 'area = "Cards"\n'
OUT = '[[smtp_server]]\nname = "outgoing"\nurl = "smtps://mail.example"\n'
BY_OUT = 'smtp = "outgoing"\n'
HERE = "these users have no e-mail address, and so answer mail in ACE Agent"
ELSEWHERE = "these users handle mail in their own program, and none can be sent on to them"


def account(name="support"):
    return f'[[mail_account]]\nname = "{name}"\nfetch = "imaps://{name}@mail.example"\n'


def user(login="anna", role="agent"):
    return f'[[user]]\nlogin = "{login}"\nname = "A"\nrole = "{role}"\n'


WITH_ADDRESS = 'email = "anna@bank.example"\n'


def notes(text):
    return list(fitting.notes(assembled(OUT + text)))


def test_user_without_an_address_needs_a_return_address_and_a_server():
    assert notes(account() + user()) == [
        f"mail_account support: return_address and smtp are missing; {HERE}: anna"
    ]
    assert notes(account() + BY_OUT + user()) == [
        f"mail_account support: return_address is missing; {HERE}: anna"
    ]
    assert notes(account() + BY_OUT + 'return_address = "a@bank.example"\n' + user()) == []


def test_user_with_an_address_needs_no_return_address_but_a_server_to_send_on():
    assert notes(account() + BY_OUT + user() + WITH_ADDRESS) == []
    assert notes(account() + user() + WITH_ADDRESS) == [
        f"mail_account support: smtp is missing; {ELSEWHERE}: anna"
    ]


def test_both_ways_stand_side_by_side():
    assert notes(account() + user() + WITH_ADDRESS + user("bo")) == [
        f"mail_account support: return_address and smtp are missing; {HERE}: bo",
        f"mail_account support: smtp is missing; {ELSEWHERE}: anna",
    ]


def test_many_users_and_accounts_are_one_line():
    accounts = "".join(account(f"a{number}") for number in range(7))
    users = "".join(user(f"u{number}") for number in range(1000))
    assert notes(accounts + users) == [
        "mail_account a0, a1, a2, a3, a4 and 2 more: return_address and smtp are missing;"
        f" {HERE}: u0, u1, u2, u3, u4 and 995 more"
    ]


def test_accounts_and_users_of_different_areas_need_nothing_of_each_other():
    assert notes(AREA + account() + user() + OF_CARDS) == []
    assert notes(AREA + account() + OF_CARDS + user()) == []
    assert notes(AREA + account() + OF_CARDS + user() + OF_CARDS) != []


def test_who_handles_no_contacts_needs_nothing():
    assert notes(account() + user(role="wall")) == []
    assert notes(account() + user() + "locked = true\n") == []
    assert notes(account() + user("eva", "administrator") + "services = []\n") == []


def test_no_mail_account_needs_nothing():
    assert notes(user()) == []
