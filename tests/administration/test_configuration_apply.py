"""A configuration applied to a store: all of it or nothing, and what is in use stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ace_server.administration import configuration
from ace_server.administration.applying import NO_ADMINISTRATOR
from ace_server.administration.configuration import Applied, Problems
from ace_server.attachments import put
from ace_server.concepts import KINDS
from ace_server.contact import State
from ace_server.passwords import Passwords, StoredSecret, cheap
from ace_server.store import Store, audit, contacts, directory, ledger, outgoing
from ace_server.store.contacts import Placement
from ace_server.store.ledger import NewMail, Outcome, Seen
from ace_server.store.outgoing import NewOutgoing, Recipient
from tests.administration.sites import BARE
from tests.store import making

DATA = Path("tests/data/configuration")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)

LOANS = """
[[work_item_account]]
name = "loans"
secret = "env:ACE_LOANS_SECRET"

[[queue]]
name = "Loans"

[[queue]]
name = "Everyone"

[[task_type]]
name = "Loan application"
"""
PEOPLE = """
[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
password = "file:/run/secrets/anna"

[[user]]
login = "eva"
name = "Eva Ek"
role = "administrator"
password = "file:/run/secrets/eva"
"""


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    opened = Store(data)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return cheap()


@pytest.fixture
def configure(store, passwords):
    """`configure(text)`: prepare and apply it, as the server does."""

    def configure(text: str) -> Applied:
        stored = store.perform(directory.secrets)
        document = configuration.read(text)
        prepared = configuration.prepare(document, passwords.hash, stored, passwords.verify)
        return store.perform(configuration.apply, prepared, AT, "eva")

    return configure


@pytest.fixture
def refused(configure, store):
    """`refused(text)`: the problems for which it is not applied; nothing changes."""

    def refused(text: str) -> list[str]:
        before = everything(store)
        with pytest.raises(Problems) as caught:
            configure(text)
        assert everything(store) == before
        return [str(problem) for problem in caught.value.problems]

    return refused


def everything(store):
    return store.perform(
        lambda: (directory.load(), directory.secrets(), audit.rows(), contacts.in_use())
    )


def secret(store, kind, name) -> StoredSecret | None:
    return store.perform(directory.secrets).get((kind, name))


def test_configuration_is_in_force_and_in_the_audit(store, configure):
    applied = configure(LOANS + PEOPLE)
    assert applied.changes == [
        "work_item_account loans: added",
        "queue Loans: added",
        "queue Everyone: added",
        "task_type Loan application: added",
        "user anna: added",
        "user eva: added",
    ]
    assert (applied.to_enter, applied.codes, applied.notes) == ([], {}, [])
    site = store.perform(directory.load)
    assert set(site.queues) == {"Unrouted", "Loans", "Everyone"}
    rows = store.perform(audit.rows)
    assert [(row.at, row.actor, row.action) for row in rows] == [(AT, "eva", "configured")] * 6
    assert (rows[0].object, rows[0].detail) == ("work_item_account loans", "added")


def test_every_field_is_stored(store, configure):
    text = (DATA / "every_field.toml").read_text("utf-8")
    configure(text)
    wanted = configuration.assemble(configuration.read(text), BARE)
    site = store.perform(directory.load)
    assert configuration.differences(site, wanted) == []
    assert not any(
        getattr(entry, concept.secret_field)
        for kind, concept in KINDS.items()
        if concept.secret_field
        for entry in site.entries(kind)
    )


def test_export_of_everything_changes_nothing(store, configure):
    configure((DATA / "every_field.toml").read_text("utf-8"))
    exported = store.perform(configuration.export)
    before = everything(store)
    applied = configure(exported)
    assert applied.changes == []
    assert everything(store) == before
    assert store.perform(configuration.export) == exported


def test_export_makes_the_same_configuration_elsewhere(store, configure, tmp_path, passwords):
    configure(LOANS + PEOPLE)
    exported = store.perform(configuration.export)
    other = Store(tmp_path / "other")
    other.open()
    prepared = configuration.prepare(configuration.read(exported), passwords.hash)
    other.perform(configuration.apply, prepared, AT, "eva")
    assert other.perform(configuration.export) == exported
    other.close()


def test_same_file_twice_changes_nothing(configure):
    literal = PEOPLE.replace("file:/run/secrets/anna", "correct horse battery")
    configure(LOANS + literal)
    again = configure(LOANS + literal)
    assert again.changes == []


def test_kinds_that_are_not_in_the_file_stay(store, configure):
    configure(LOANS + PEOPLE)
    applied = configure('[[activity]]\nname = "Lunch"')
    assert applied.changes == ["activity Lunch: added"]
    assert set(store.perform(directory.load).users) == {"anna", "eva"}


def test_removed_entries_are_gone_with_their_secrets(store, configure):
    configure(LOANS + PEOPLE)
    applied = configure("work_item_account = []")
    assert applied.changes == ["work_item_account loans: removed"]
    assert secret(store, "work_item_account", "loans") is None
    assert secret(store, "user", "anna") is not None


def test_single_tables_are_stored(store, configure):
    applied = configure('[site]\nname = "Bank"\n[system]\nbookingTimeout = 30\nworkItemPort = 0')
    assert applied.changes == [
        "site: name none -> Bank",
        "system: workItemPort 8765 -> 0",
        "system: bookingTimeout 60.0 -> 30.0",
    ]
    assert applied.notes == ["workItemPort acts from the next start of the server on"]
    site = store.perform(directory.load)
    assert (site.facts.name, site.system.bookingTimeout) == ("Bank", 30)


def test_key_that_exists_anyway_keeps_its_name_in_the_store(store, configure):
    configure('[[contact_data_key]]\nname = "cid"\nmax_length = 9')
    assert store.perform(directory.load).contact_data_keys["cid"].display == "Customer no."


def test_wrong_configuration_changes_nothing(refused):
    assert refused(
        '[[queue]]\nname = "Loans"\nrequires = { Loans = 3 }\n'
        '[[user]]\nlogin = "anna"\nname = "Anna"\nrole = "agent"\npassword = "short"'
    ) == [
        "user anna, password: A password has at least 8 characters.",
        "queue Loans, requires: skill 'Loans' is not configured",
    ]


# Secrets


def test_literal_secrets_are_stored_as_hashes(store, configure, passwords):
    configure(
        '[[work_item_account]]\nname = "loans"\nsecret = "correct horse"\n'
        '[[user]]\nlogin = "eva"\nname = "Eva"\nrole = "administrator"\npassword = "battery staple"'
    )
    for (kind, name), literal in {
        ("work_item_account", "loans"): "correct horse",
        ("user", "eva"): "battery staple",
    }.items():
        stored = secret(store, kind, name)
        assert stored is not None and stored.form == "hash"
        assert passwords.verify(stored.value, literal)


def test_references_are_stored_as_they_are(store, configure):
    configure(LOANS + PEOPLE)
    assert secret(store, "work_item_account", "loans") == StoredSecret("env", "ACE_LOANS_SECRET")
    assert secret(store, "user", "anna") == StoredSecret("file", "/run/secrets/anna")


def test_hash_out_of_an_export_is_stored_as_it_is(store, configure, passwords):
    hashed = passwords.hash("correct horse")
    configure(f'[[work_item_account]]\nname = "loans"\nsecret = "{hashed}"')
    assert secret(store, "work_item_account", "loans") == StoredSecret("hash", hashed)


def test_changed_secret_is_told_and_a_new_entry_is_enough(configure):
    assert configure(LOANS).changes[0] == "work_item_account loans: added"
    other = configure(LOANS.replace("ACE_LOANS_SECRET", "OTHER"))
    assert other.changes == ["work_item_account loans: secret changed"]


@pytest.mark.parametrize("line", ['secret = "ask"', ""])
def test_secret_that_is_not_given_stays(store, configure, line):
    configure(LOANS)
    applied = configure(LOANS.replace('secret = "env:ACE_LOANS_SECRET"', line))
    assert (applied.changes, applied.to_enter) == ([], [])
    assert secret(store, "work_item_account", "loans") == StoredSecret("env", "ACE_LOANS_SECRET")


@pytest.mark.parametrize("line", ['secret = "ask"', ""])
def test_account_without_a_secret_is_still_to_be_given_one(configure, line):
    text = LOANS.replace('secret = "env:ACE_LOANS_SECRET"', line)
    assert configure(text).to_enter == ["work_item_account loans: secret"]
    assert configure(text).to_enter == ["work_item_account loans: secret"]
    assert configure(LOANS).to_enter == []


def test_mail_server_may_need_no_password(store, configure):
    text = '[[smtp_server]]\nname = "outgoing"\nurl = "smtp://127.0.0.1:1025"\n'
    applied = configure(text)
    assert applied.to_enter == []
    assert applied.notes == []
    assert configure(text + 'password = "ask"').to_enter == ["smtp_server outgoing: password"]


MAIL = '[[mail_account]]\nname = "support"\nfetch = "{}"\n'
OUT = '[[smtp_server]]\nname = "outgoing"\nurl = "{}"\n'
CLIENT = (
    '[[oauth_client]]\nname = "provider"\ntoken_url = "https://login.example"\nclient_id = "a"\n'
)


@pytest.mark.parametrize(
    ("text", "to_enter"),
    [
        (MAIL.format("imaps://me@mail.example"), ["mail_account support: password"]),
        (MAIL.format("maildir:/var/mail/support"), []),
        (OUT.format("smtps://me@mail.example"), ["smtp_server outgoing: password"]),
        (CLIENT + MAIL.format("imaps://me@mail.example") + 'oauth = "provider"', []),
        (CLIENT + OUT.format("smtps://me@mail.example") + 'oauth = "provider"', []),
        (CLIENT + 'secret = "ask"', ["oauth_client provider: secret"]),
    ],
    ids=["mail", "maildir", "SMTP with a user", "mail by OAuth", "SMTP by OAuth", "client"],
)
def test_password_of_mail_is_still_to_be_entered_where_one_is_needed(configure, text, to_enter):
    assert configure(text).to_enter == to_enter


def test_user_without_a_password_gets_a_code_once(store, configure, passwords):
    text = '[[user]]\nlogin = "eva"\nname = "Eva"\nrole = "administrator"\n'
    applied = configure(text)
    assert set(applied.codes) == {"eva"}
    stored = secret(store, "user", "eva")
    assert stored is not None and stored.form == "code"
    assert passwords.verify(stored.value, applied.codes["eva"])
    assert configure(text).codes == {}
    assert configure(text + 'password = "ask"').codes == {}
    assert secret(store, "user", "eva") == stored


def test_codes_are_made_for_nobody_else(store, passwords):
    """Hashing is slow: of a thousand users only the new ones may cost any."""
    hashed = []

    def hash(given):
        hashed.append(given)
        return passwords.hash(given)

    document = configuration.read('[[user]]\nlogin = "eva"\nname = "Eva"\nrole = "agent"\n')
    stored = {("user", "eva"): StoredSecret("env", "EVA")}
    assert configuration.prepare(document, hash, stored).codes == {}
    assert hashed == []


def test_code_that_is_not_needed_in_the_end_is_not_shown(store, configure, passwords):
    text = '[[user]]\nlogin = "eva"\nname = "Eva"\nrole = "administrator"\n'
    document = configuration.read(text)
    prepared = configuration.prepare(document, passwords.hash)  # without what is stored
    configure(text + 'password = "env:EVA"')
    applied = store.perform(configuration.apply, prepared, AT, "eva")
    assert applied.codes == {}
    assert secret(store, "user", "eva") == StoredSecret("env", "EVA")


def test_user_who_lost_the_password_meanwhile_is_refused(store, passwords):
    document = configuration.read('[[user]]\nlogin = "eva"\nname = "Eva"\nrole = "agent"\n')
    stored = {("user", "eva"): StoredSecret("env", "EVA")}
    prepared = configuration.prepare(document, passwords.hash, stored)
    with pytest.raises(Problems, match="user eva: was changed meanwhile"):
        store.perform(configuration.apply, prepared, AT, "eva")


def test_secrets_leave_no_trace_in_clear(store, configure, data):
    configure((DATA / "every_field.toml").read_text("utf-8"))
    store.close()
    assert all(b"MARKER" not in file.read_bytes() for file in data.rglob("*") if file.is_file())


# What is in use


@pytest.fixture
def in_use(store, configure):
    """A bank with a contact that is not ended."""
    configure(LOANS + PEOPLE)
    return making.add(store)


def without(name):
    """The file without one of its entries."""
    head, *entries = (LOANS + PEOPLE).split("[[")
    return head + "".join(f"[[{entry}" for entry in entries if f'"{name}"' not in entry)


def test_queue_with_contacts_is_refused_by_name(in_use, refused):
    assert refused(without("Loans")) == [
        "queue Loans: cannot be removed: contacts that are not ended belong to it"
    ]


def test_waiting_list_with_contacts_is_refused_by_name(store, configure, refused):
    configure('[[waiting_list]]\nname = "Disputes"\n[[waiting_list]]\nname = "Letters"')
    making.add(store, placement=Placement(queue="Disputes"))
    assert refused('[[waiting_list]]\nname = "Letters"') == [
        "waiting_list Disputes: cannot be removed: contacts that are not ended belong to it"
    ]


def test_list_for_what_has_no_route_stays_while_contacts_wait_in_it(store, configure, refused):
    configure('[system]\nagentDistrOrderEmailIncoming = "waiting list"')
    making.add(store, placement=Placement(queue="Unrouted list"))
    assert refused("[system]") == [
        "waiting_list Unrouted list: cannot be removed: contacts that are not ended belong to it"
    ]
    applied = configure('[system]\n[[waiting_list]]\nname = "Unrouted list"')
    assert applied.changes == [
        "system: agentDistrOrderEmailIncoming waiting list -> queue",
    ]
    assert set(store.perform(directory.load).waiting_lists) == {"Unrouted list"}
    configure('[system]\nagentDistrOrderEmailIncoming = "waiting list"')
    assert refused("[system]") != []
    applied = configure('[system]\nagentDistrOrderEmailIncoming = "waiting list"\nfloodMark = 1')
    assert applied.changes == ["system: floodMark 50 -> 1"]


def test_queue_may_become_a_waiting_list_with_its_contacts(in_use, configure):
    assert configure(without("Loans") + '[[waiting_list]]\nname = "Loans"').changes == [
        "queue Loans: removed",
        "waiting_list Loans: added",
    ]


AREAS = """
[[organisation_area]]
name = "Cards"

[[organisation_area]]
name = "Savings"

[[work_item_account]]
name = "cards"
area = "Cards"
secret = "env:ACE_CARDS"
"""


def test_area_with_contacts_is_refused_by_name(store, configure, refused):
    configure(AREAS)
    waits = Placement(queue="Unrouted", area="Cards")
    making.add(store, entrance="cards", account="cards", placement=waits)
    assert refused("organisation_area = []\n" + AREAS[AREAS.index("[[work") :]) == [
        "work_item_account cards, area: organisation_area 'Cards' is not configured",
        "organisation_area Cards: cannot be removed: contacts that are not ended are of it",
    ]


def test_area_that_contacts_have_come_to_is_refused_by_name(store, configure, refused):
    configure(AREAS)
    waits = Placement("Unrouted (Savings)", area="Savings")
    making.add(store, entrance="cards", account="cards", placement=waits)
    assert refused('[[organisation_area]]\nname = "Cards"') == [
        "organisation_area Savings: cannot be removed: contacts that are not ended are of it",
        "queue Unrouted (Savings): cannot be removed: contacts that are not ended belong to it",
    ]


def test_area_that_is_not_in_use_is_removed_with_its_queue(configure):
    configure(AREAS)
    assert configure('[[organisation_area]]\nname = "Cards"').changes == [
        "organisation_area Savings: removed",
        "queue Unrouted (Savings): removed",
    ]


def test_what_is_there_anyway_is_not_stored(store, configure):
    """Or it would outlive the area that it belongs to."""
    configure(AREAS + '[[queue]]\nname = "Unrouted (Savings)"\narea = "Savings"\npriority = 9')
    configure('[[organisation_area]]\nname = "Cards"')
    assert set(store.perform(directory.load).queues) == {"Unrouted", "Unrouted (Cards)"}


def test_account_with_contacts_is_refused_by_name(in_use, refused):
    assert refused("work_item_account = []") == [
        "work_item_account loans: cannot be removed: contacts that are not ended came in there"
    ]


def test_mail_account_with_contacts_is_refused_by_name(store, configure, refused):
    configure('[[mail_account]]\nname = "support"\nfetch = "imaps://a@mail.example"')
    making.add(store, entrance="support", account="support")
    assert refused("mail_account = []") == [
        "mail_account support: cannot be removed: contacts that are not ended came in there"
    ]


# Mail that is under way

SUPPORT = """
[[smtp_server]]
name = "outgoing"
url = "smtp://127.0.0.1:1025"

[[mail_account]]
name = "support"
fetch = "maildir:/var/mail/support"
smtp = "outgoing"
"""


@pytest.fixture
def fetched(store, configure):
    """The number of a mail of a configured account that is not analysed yet."""
    configure(SUPPORT)
    digest = keep(store, b"From: a@b.example\r\n\r\n")
    new = NewMail("1", 21, None, digest)
    (mail,) = store.perform(ledger.note, Seen("support", "INBOX", 1), [new], AT)
    return mail


def keep(store, content):
    draft = store.files.draft()
    draft.write(content)
    digest = draft.keep()
    put(store, digest)
    return digest


def test_mail_account_is_not_removed_before_its_mails_are_analysed(fetched, refused):
    assert refused("mail_account = []") == [
        "mail_account support: cannot be removed: mail that was fetched is not analysed yet"
    ]


def test_mail_account_is_not_removed_before_its_quarantine_is_cleared(
    store, fetched, configure, refused
):
    store.perform(ledger.settle, fetched, Outcome.QUARANTINED, AT)
    assert refused("mail_account = []") == [
        "mail_account support: cannot be removed: mail is in its quarantine: try or discard it"
        " first"
    ]
    store.perform(ledger.discard, [fetched], AT, "eva")
    assert configure("mail_account = []").changes == ["mail_account support: removed"]


@pytest.fixture
def queued(store, configure):
    """The number of a mail that leaves by a configured account."""
    configure(SUPPORT)
    digest = keep(store, b"From: support@bank.example\r\n\r\n")
    to = (Recipient("a@b.example"),)
    new = NewOutgoing(kind="new", account="support", sender="", recipients=to, digest=digest)
    return store.perform(outgoing.add, new, AT)


def test_mail_account_is_not_removed_before_its_mails_have_left(store, queued, configure, refused):
    assert refused("mail_account = []") == [
        "mail_account support: cannot be removed: mail that it sends has not left yet"
    ]
    store.perform(outgoing.withdraw, queued, "", AT)
    assert configure("mail_account = []").changes == ["mail_account support: removed"]


def test_mail_account_keeps_its_server_until_its_mails_have_left(store, queued, configure, refused):
    without_server = SUPPORT.replace('smtp = "outgoing"\n', "")
    assert refused(without_server) == [
        "mail_account support, smtp: cannot be removed: mail that leaves by it has not left yet"
    ]
    other = SUPPORT.replace('"outgoing"', '"other"')
    assert "mail_account support: smtp outgoing -> other" in configure(other).changes
    store.perform(outgoing.withdraw, queued, "", AT)
    assert "mail_account support: smtp other -> none" in configure(without_server).changes


def test_servers_that_an_account_names_are_not_removed(configure, refused):
    client = (
        '[[oauth_client]]\nname = "provider"\ntoken_url = "https://login.example"\n'
        'client_id = "ace"\n'
    )
    fetch = 'fetch = "imaps://me@mail.example"\noauth = "provider"\n'
    configure(SUPPORT.replace('fetch = "maildir:/var/mail/support"\n', fetch) + client)
    assert refused("smtp_server = []\noauth_client = []") == [
        "mail_account support, oauth: oauth_client 'provider' is not configured",
        "mail_account support, smtp: smtp_server 'outgoing' is not configured",
    ]


# What else is in use


def test_task_type_with_contacts_is_refused_by_name(in_use, refused):
    assert refused("task_type = []") == [
        "task_type Loan application: cannot be removed: contacts that are not ended are of it"
    ]


def test_user_with_a_contact_in_hand_is_refused_by_name(store, in_use, refused):
    store.perform(
        contacts.move, in_use.contact_id, State.QUEUED, State.BOOKED, "booked", AT, agent="anna"
    )
    assert refused(without("anna")) == [
        "user anna: cannot be removed: contacts that are not ended are in this user's hands"
    ]


def test_what_is_not_in_use_is_removed(in_use, configure):
    assert configure(without("Everyone")).changes == ["queue Everyone: removed"]
    assert configure(without("anna")).changes == ["queue Everyone: added", "user anna: removed"]


@pytest.mark.parametrize(
    "people",
    [
        without("eva"),
        PEOPLE.replace('role = "administrator"', 'role = "supervisor"'),
        PEOPLE.replace('role = "administrator"', 'role = "administrator"\nlocked = true'),
        "user = []",
    ],
    ids=["removed", "another role", "locked", "nobody left"],
)
def test_last_administrator_stays(configure, refused, people):
    configure(PEOPLE)
    assert refused(people) == [
        "user eva: is the last administrator who can log in, and stays one until there is another"
    ]


def test_administrator_may_be_followed_by_another(configure):
    configure(PEOPLE)
    applied = configure(PEOPLE.replace('"eva"', '"ida"').replace("secrets/eva", "secrets/ida"))
    assert applied.changes == ["user eva: removed", "user ida: added"]


def test_site_without_an_administrator_is_told_so(configure):
    applied = configure((DATA / "interface_example.toml").read_text("utf-8"))
    assert applied.notes == [NO_ADMINISTRATOR]


def test_users_and_mail_accounts_that_do_not_fit_together_are_noted(configure):
    notes = configure(SUPPORT + PEOPLE).notes
    assert notes == [
        "mail_account support: return_address is missing; these users have no e-mail address, and"
        " so answer mail in ACE Agent: anna, eva"
    ]
    assert configure('[[activity]]\nname = "Lunch"').notes == notes
    answered = SUPPORT + 'return_address = "support@bank.example"\n'
    assert configure(answered).notes == []
