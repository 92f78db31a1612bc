"""Which addresses a mail may be written from, and which comes first (EM-9)."""

from ace_server.concepts import MailAccount, Site, SmtpServer, User
from ace_server.contact import Role
from ace_server.desk import senders
from ace_server.email.mail import Address, Mail

OUT = SmtpServer(name="out", url="smtp://127.0.0.1:25")
ANNA = User(login="anna", name="Anna Berg", role=Role.AGENT)


def choices(name, to=()):
    account = MailAccount(
        name=name,
        fetch="maildir:/x",
        return_address="desk@bank.example",
        alternative_addresses=["zoe@bank.example"],
        smtp="out",
    )
    site = Site(mail_accounts={name: account}, smtp_servers={"out": OUT})
    return senders.choices(site, ANNA, account, Mail(to=tuple(map(Address, to))))


def test_an_account_whose_name_is_an_address_is_written_from_by_it():
    known = ["desk@bank.example", "Help@bank.example", "zoe@bank.example"]
    assert choices("Help@bank.example") == known
    first = ["Help@bank.example", "desk@bank.example", "zoe@bank.example"]
    assert choices("Help@bank.example", ["help@bank.example"]) == first
    assert choices("desk@bank.example") == ["desk@bank.example", "zoe@bank.example"]


def test_a_name_that_is_no_address_is_none():
    assert choices("Customer help") == ["desk@bank.example", "zoe@bank.example"]
