"""Whether the entries of a configuration fit together."""

from pathlib import Path

import msgspec
import pytest

from ace_server.administration import configuration
from ace_server.concepts import ContactDataKey, Site
from tests.administration.sites import BARE, assembled, problems

DATA = Path("tests/data/configuration")

ACCOUNT = '[[work_item_account]]\nname = "loans"\n'
MAIL = '[[mail_account]]\nname = "support"\nfetch = "{}"\n'
SMTP = '[[smtp_server]]\nname = "outgoing"\nurl = "{}"\n'
USER = '[[user]]\nlogin = "anna"\nname = "Anna Berg"\nrole = "agent"\n'
RULE = '[[routing_rule]]\nto = [{ queue = "Unrouted" }]\n'
KEY = '[[contact_data_key]]\nname = "thread"\n'
TYPE = '[[task_type]]\nname = "Loan application"\n'
VALUES = '[[value_set]]\nname = "Outcomes"\nvalues = ["Granted", "Refused"]\n'


def test_nothing_is_wrong_with_an_empty_configuration():
    assert configuration.check(BARE) == []


@pytest.mark.parametrize("file", ["interface_example.toml", "every_field.toml"])
def test_nothing_is_wrong_with(file):
    assert problems((DATA / file).read_text("utf-8")) == []


RIGHT = {
    "local mail without TLS": MAIL.format("imap://me@127.0.0.1:1143"),
    "local mail by name": MAIL.format("pop3://me@localhost"),
    "local mail by IPv6": MAIL.format("pop3://me@[::1]:110"),
    "mail with TLS": MAIL.format("imaps://me@mail.example"),
    "folder of mail": MAIL.format("maildir:/var/mail/support"),
    "local SMTP": SMTP.format("smtp://127.0.0.1:1025"),
    "SMTP with TLS": SMTP.format("smtps://mail.example:465"),
    "secret from the environment": ACCOUNT + 'secret = "env:ACE_LOANS_SECRET"',
    "secret from a file": ACCOUNT + 'secret = "file:/run/secrets/loans"',
    "secret from a file on Windows": ACCOUNT + "secret = 'file:C:\\secrets\\loans'",
    "secret to be entered": ACCOUNT + 'secret = "ask"',
    "literal secret": ACCOUNT + 'secret = "correct horse"',
    "secret out of an export": ACCOUNT
    + 'secret = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNoaGFzaGhhc2g"',
    "literal password": USER + 'password = "correct horse"',
    "password of mail from a file": MAIL.format("imaps://me@mail.example")
    + 'password = "file:/run/secrets/mail"',
    "address on this machine": '[system]\nworkItemAddress = "::1"',
    "address elsewhere": '[system]\nworkItemAddress = "0.0.0.0"\nworkItemCertificate = "/a.pem"\n'
    'workItemPrivateKey = "/k.pem"',
    "key that exists anyway": '[[contact_data_key]]\nname = "Outcome"\ndisplay = "Result"\n'
    'value_set = "Outcomes"\n' + VALUES,
    "name on the screen of a key of the server": '[[contact_data_key]]\nname = "EmailFrom"\n'
    'display = "Sender"',
    "resume mark below the bound": ACCOUNT
    + '[[flow_control]]\nentrance = "loans"\nemailBufferMax = 2\nemailBufferMin = 1',
    "locked work item key": '[[layout]]\nfields = [{ key = "workItem", rule = "locked" }]',
    "outcome asked for by the layout": TYPE
    + 'outcome = "mandatory"\n[[layout]]\nfields = [{ key = "Outcome" }]',
    "user who is no administrator": USER,
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(text):
    assert problems(text) == []


WRONG = {
    "space around a name": (
        '[[activity]]\nname = " Lunch"',
        "activity  Lunch: a name has no control characters, and no space at its ends",
    ),
    "line break in a name": (
        '[[activity]]\nname = "Lunch\\n"',
        "activity Lunch\\n: a name has no control characters",
    ),
    "entrance twice": (
        ACCOUNT + '[[mail_account]]\nname = "loans"\nfetch = "imaps://a@mail.example"',
        "work_item_account loans: mail_account loans creates the entrance of this name, too",
    ),
    "colon in an account": (
        '[[work_item_account]]\nname = "a:b"',
        "work_item_account a:b: a name with a colon cannot log in by HTTP Basic",
    ),
    "unknown entrance of an account": (
        ACCOUNT + 'entrances = ["night"]',
        "work_item_account loans, entrances: entrance 'night' is not configured",
    ),
    "unknown key of an account": (
        ACCOUNT + 'author_key = "who"',
        "work_item_account loans, author_key: key 'who' is not configured",
    ),
    "channel without a page": (
        KEY + ACCOUNT + 'channel = "x"\nauthor_key = "thread"\nlink_key = "thread"',
        "work_item_account loans, page: channel x needs it",
    ),
    "short secret": (
        ACCOUNT + 'secret = "short"',
        "work_item_account loans, secret: A secret has at least 8 characters.",
    ),
    "secret from no variable": (
        ACCOUNT + 'secret = "env:ACE LOANS"',
        "work_item_account loans, secret: after env: stands the name of an environment variable",
    ),
    "secret from a path that depends": (
        ACCOUNT + 'secret = "file:secrets/loans"',
        "work_item_account loans, secret: after file: stands a path that begins at the root",
    ),
    "broken hash": (
        ACCOUNT + 'secret = "$argon2id$oops"',
        "work_item_account loans, secret: begins as an Argon2 hash, but is none",
    ),
    "weak password": (
        USER + 'password = "password"',
        "user anna, password: This is one of the commonest passwords. Choose another.",
    ),
    "literal password of mail": (
        MAIL.format("imaps://me@mail.example") + 'password = "correct horse"',
        "mail_account support, password: is needed in clear, so it is not kept here",
    ),
    "literal password of SMTP": (
        SMTP.format("smtps://me@mail.example") + 'password = "correct horse"',
        "smtp_server outgoing, password: is needed in clear, so it is not kept here",
    ),
    "mail without TLS": (
        MAIL.format("imap://me@mail.example"),
        "mail_account support, fetch: imap without TLS is for this machine only: use imaps",
    ),
    "pop3 without TLS": (
        MAIL.format("pop3://me@10.0.0.1"),
        "mail_account support, fetch: pop3 without TLS is for this machine only: use pop3s",
    ),
    "SMTP without TLS": (
        SMTP.format("smtp://mail.example"),
        "smtp_server outgoing, url: smtp without TLS is for this machine only: use smtps",
    ),
    "host is missing": (
        SMTP.format("smtps:///path"),
        "smtp_server outgoing, url: the host is missing",
    ),
    "port that is none": (
        SMTP.format("smtps://mail.example:70000"),
        "smtp_server outgoing, url: not an address: Port out of range 0-65535",
    ),
    "password in an address": (
        SMTP.format("smtps://me:secret@mail.example"),
        "smtp_server outgoing, url: a password never stands in an address",
    ),
    "folder of mail that depends": (
        MAIL.format("maildir:mail"),
        "mail_account support, fetch: the path of a maildir begins at the root",
    ),
    "unknown SMTP server": (
        MAIL.format("imaps://me@mail.example") + 'smtp = "outgoing"',
        "mail_account support, smtp: smtp_server 'outgoing' is not configured",
    ),
    "same folder twice": (
        MAIL.format("imaps://me@mail.example") + 'folders = ["INBOX", "INBOX"]',
        "mail_account support, folders: folder 'INBOX' stands 2 times",
    ),
    "return address that is none": (
        MAIL.format("imaps://me@mail.example") + 'return_address = "support"',
        "mail_account support, return_address: 'support' is no mail address",
    ),
    "other address that is none": (
        MAIL.format("imaps://me@mail.example") + 'alternative_addresses = ["a b@c"]',
        "mail_account support, alternative_addresses: 'a b@c' is no mail address",
    ),
    "address of two entrances": (
        MAIL.format("imaps://me@mail.example")
        + 'return_address = "a@b.example"\n'
        + '[[mail_account]]\nname = "other"\nfetch = "imaps://o@mail.example"\n'
        + 'alternative_addresses = ["A@b.example"]',
        "mail_account other: support has A@b.example, too",
    ),
    "unknown skill of a queue": (
        '[[queue]]\nname = "Loan decisions"\nrequires = { Loans = 3 }',
        "queue Loan decisions, requires: skill 'Loans' is not configured",
    ),
    "unknown skill of a user": (
        USER + "skills = { Loans = 3 }",
        "user anna, skills: skill 'Loans' is not configured",
    ),
    "logins that look alike": (
        USER + USER.replace("anna", "Anna"),
        "user Anna: differs from anna only in capital letters",
    ),
    "mail address of a user": (
        USER + 'email = "anna"',
        "user anna, email: 'anna' is no mail address",
    ),
    "unknown queue of a rule": (
        '[[routing_rule]]\nto = [{ queue = "Unrouted" }, { queue = "Gone" }]',
        "routing_rule 1, to 2, queue: queue 'Gone' is not configured",
    ),
    "unknown key of a rule": (
        RULE + 'when = { colour = "red" }',
        "routing_rule 1, when: key 'colour' is not configured",
    ),
    "unknown task type in a condition": (
        RULE + 'when = { TaskType = "Loan" }',
        "routing_rule 1, when.TaskType: task type 'Loan' is not configured",
    ),
    "unknown entrance in a condition": (
        RULE + 'when = { Entrance = "loan" }',
        "routing_rule 1, when.Entrance: entrance 'loan' is not configured",
    ),
    "condition that asks nothing": (
        RULE + "when = { cid = {} }",
        "routing_rule 1, when.cid: write a value, { has = … } or { any = true }",
    ),
    "condition that asks two things": (
        RULE + 'when = { cid = { has = "1", any = true } }',
        "routing_rule 1, when.cid: write a value, { has = … } or { any = true }",
    ),
    "rules that ask the same": (
        RULE + 'when = { cid = "1", prio = "2" }\n' + RULE + 'when = { prio = "2", cid = "1" }',
        "routing_rule 2, when: the same as of routing_rule 1",
    ),
    "unknown task type of a rule": (
        '[[task_type_rule]]\ntask_type = "Loan"',
        "task_type_rule 1, task_type: task type 'Loan' is not configured",
    ),
    "task type rules that ask the same": (
        TYPE + '[[task_type_rule]]\ntask_type = "Loan application"\n' * 2,
        "task_type_rule 2, when: the same as of task_type_rule 1",
    ),
    "task type before there is one": (
        TYPE + '[[task_type_rule]]\nwhen = { TaskType = "" }\ntask_type = "Loan application"',
        "task_type_rule 1, when.TaskType: a contact has no task type before these rules",
    ),
    "unknown value set": (
        KEY + 'value_set = "Threads"',
        "contact_data_key thread, value_set: value_set 'Threads' is not configured",
    ),
    "values for a key of the server": (
        VALUES + '[[contact_data_key]]\nname = "EmailFrom"\nvalue_set = "Outcomes"',
        "contact_data_key EmailFrom, value_set: the server sets this key, and to anything",
    ),
    "value twice": (
        '[[value_set]]\nname = "Outcomes"\nvalues = ["Granted", "Granted"]',
        "value_set Outcomes, values: value 'Granted' stands 2 times",
    ),
    "outcome beyond the value set": (
        VALUES
        + '[[contact_data_key]]\nname = "Outcome"\nvalue_set = "Outcomes"\n'
        + TYPE
        + 'outcomes = ["Postponed"]',
        "task_type Loan application, outcomes: 'Postponed' is not in the value set of the key",
    ),
    "outcome twice": (
        TYPE + 'outcomes = ["Granted", "Granted"]',
        "task_type Loan application, outcomes: value 'Granted' stands 2 times",
    ),
    "outcome that nobody could give": (
        TYPE + 'outcome = "mandatory"',
        "task_type Loan application, outcome: End asks for one: give outcomes, or a layout",
    ),
    "unknown task type of a layout": (
        '[[layout]]\ntask_type = "Loan"\nfields = [{ key = "cid" }]',
        "layout Loan, task_type: task type 'Loan' is not configured",
    ),
    "unknown key of a layout": (
        '[[layout]]\nfields = [{ key = "colour" }]',
        "layout 1, fields: key 'colour' is not configured",
    ),
    "key twice in a layout": (
        '[[layout]]\nfields = [{ key = "cid" }, { key = "cid" }]',
        "layout 1, fields: key 'cid' stands 2 times",
    ),
    "work item key that an agent could set": (
        '[[layout]]\nfields = [{ key = "cid" }, { key = "workItem" }]',
        'layout 1, fields 2, rule: no agent sets workItem: write rule = "locked"',
    ),
    "key of the server that an agent could set": (
        '[[layout]]\nfields = [{ key = "Entrance", rule = "mandatory" }]',
        'layout 1, fields 1, rule: no agent sets Entrance: write rule = "locked"',
    ),
    "value beyond the value set": (
        VALUES
        + KEY
        + 'value_set = "Outcomes"\n'
        + '[[layout]]\nfields = [{ key = "thread", values = ["Postponed"] }]',
        "layout 1, fields 1, values: 'Postponed' is not in the value set of the key",
    ),
    "hours of an unknown entrance": (
        '[[opening_hours]]\nentrance = "loans"\nmode = "closed"',
        "opening_hours loans, entrance: entrance 'loans' is not configured",
    ),
    "wrong hours": (
        ACCOUNT + '[[opening_hours]]\nentrance = "loans"\nweek = { mon = "9-5" }',
        "opening_hours loans: mon: '9-5' is no span",
    ),
    "bounds of an unknown entrance": (
        '[[flow_control]]\nentrance = "loans"',
        "flow_control loans, entrance: entrance 'loans' is not configured",
    ),
    "resume mark at the bound": (
        ACCOUNT + '[[flow_control]]\nentrance = "loans"\nemailBufferMax = 2\nemailBufferMin = 2',
        "flow_control loans, emailBufferMin: 2 must be less than emailBufferMax, 2",
    ),
    "resume mark above the system's bound": (
        "[system]\nemailBufferMax = 2\nemailBufferMin = 3",
        "system, emailBufferMin: 3 must be less than emailBufferMax, 2",
    ),
    "no time zone": (
        '[site]\ntime_zone = "Europe/Stockhulm"',
        "site, time_zone: there is no time zone 'Europe/Stockhulm'",
    ),
    "path for a time zone": (
        '[site]\ntime_zone = "../etc/passwd"',
        "site, time_zone: there is no time zone '../etc/passwd'",
    ),
    "folder for a time zone": (
        '[site]\ntime_zone = "Europe"',
        "site, time_zone: there is no time zone 'Europe'",
    ),
    "address elsewhere without a certificate": (
        '[system]\nworkItemAddress = "0.0.0.0"',
        "system, workItemAddress: any address but this machine's own needs workItemCertificate",
    ),
    "certificate without its key": (
        '[system]\nworkItemCertificate = "/a.pem"',
        "system, workItemPrivateKey: workItemCertificate needs it",
    ),
    "key without its certificate": (
        '[system]\nagentPrivateKey = "/k.pem"',
        "system, agentCertificate: agentPrivateKey needs it",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(text, expected):
    (problem,) = problems(text)
    assert problem.startswith(expected)


def test_no_sentence_holds_a_word_of_a_secret():
    for text in (ACCOUNT + 'secret = "MARKER"', USER + 'password = "MARKER"'):
        assert "MARKER" not in "".join(problems(text))


def test_key_that_always_exists_cannot_be_missing():
    keys = {name: key for name, key in BARE.contact_data_keys.items() if name != "cid"}
    site = msgspec.structs.replace(BARE, contact_data_keys=keys)
    assert [str(problem) for problem in configuration.check(site)] == [
        "contact_data_key cid: always exists, and cannot be removed"
    ]


# What becomes of a site


def test_kinds_in_the_file_replace_and_the_others_stay():
    before = assembled('[[queue]]\nname = "a"\n[[skill]]\nname = "Loans"\n[site]\nname = "Bank"')
    after = assembled('[[queue]]\nname = "b"\n[system]\nlease = 30', before)
    assert set(after.queues) == {"Unrouted", "b"}
    assert set(after.skills) == {"Loans"}
    assert after.facts == before.facts
    assert after.system.lease == 30
    assert assembled("[system]", after).system.lease == 60


def test_what_always_exists_stays():
    after = assembled("queue = []\ncontact_data_key = []")
    assert set(after.queues) == {"Unrouted"}
    assert after.contact_data_keys == BARE.contact_data_keys


def test_queue_for_contacts_without_routing_can_be_changed():
    assert assembled('[[queue]]\nname = "Unrouted"\npriority = 1').queues["Unrouted"].priority == 1


def test_key_that_exists_anyway_keeps_its_name_on_the_screen():
    text = '[[contact_data_key]]\nname = "cid"\nmax_length = 9\n[[contact_data_key]]\nname = "a"'
    keys = assembled(text, Site()).contact_data_keys
    assert keys["cid"] == ContactDataKey(name="cid", display="Customer no.", max_length=9)
    assert keys["a"].display == ""
