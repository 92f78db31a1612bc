"""Whether the entries of a configuration fit together."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from ace_server.administration import configuration, fitting
from ace_server.concepts import ContactDataKey, Site
from resources import path
from tests.administration.sites import BARE, SITES, assembled, problems

DATA = Path("tests/data/configuration")

ACCOUNT = '[[work_item_account]]\nname = "loans"\n'
MAIL = '[[mail_account]]\nname = "support"\nfetch = "{}"\n'
USER = '[[user]]\nlogin = "anna"\nname = "Anna Berg"\nrole = "agent"\n'
RULE = '[[routing_rule]]\nto = [{ queue = "Unrouted" }]\n'
KEY = '[[contact_data_key]]\nname = "thread"\n'
TYPE = '[[task_type]]\nname = "Loan application"\n'
AREA = '[[organisation_area]]\nname = "Cards"\n'
QUEUE = '[[queue]]\nname = "Card matters"\n'
LIST = '[[waiting_list]]\nname = "Disputes"\n'
LEVEL = '[[work_level]]\nname = "Calm"\nserves = ["Unrouted"]\n'
POINT = '[[escalation_point]]\nname = "To cards"\nto = "Cards"\n'
OF_CARDS = 'area = "Cards"\n'
FROM_MAIL = "when = { EmailSubject = { any = true } }\n"
VALUES = '[[value_set]]\nname = "Outcomes"\nvalues = ["Granted", "Refused"]\n'


def test_nothing_is_wrong_with_an_empty_configuration():
    assert configuration.check(BARE) == []


@pytest.mark.parametrize("file", ["interface_example.toml", "every_field.toml"])
def test_nothing_is_wrong_with(file):
    assert problems((DATA / file).read_text("utf-8")) == []


def test_nothing_is_wrong_with_the_bank_of_the_demonstration():
    assert problems(path("demo/bank.toml").read_text("utf-8")) == []


RIGHT = {
    "secret from the environment": ACCOUNT + 'secret = "env:ACE_LOANS_SECRET"',
    "secret from a file": ACCOUNT + 'secret = "file:/run/secrets/loans"',
    "secret from a file on Windows": ACCOUNT + "secret = 'file:C:\\secrets\\loans'",
    "secret to be entered": ACCOUNT + 'secret = "ask"',
    "literal secret": ACCOUNT + 'secret = "correct horse"',
    "secret out of an export": ACCOUNT
    + 'secret = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNoaGFzaGhhc2g"',
    "literal password": USER + 'password = "correct horse"',
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
    "queue with a group": QUEUE + 'groups = ["Day"]\n[[group]]\nname = "Day"',
    "queue with service levels": QUEUE + "service_level_1 = 5\nservice_level_2 = 5",
    "queue with one service level": QUEUE + "service_level_1 = 5",
    "queue of an area": AREA + QUEUE + OF_CARDS,
    "queue for what has no route in an area": AREA
    + '[[queue]]\nname = "Unrouted (Cards)"\npriority = 1\n'
    + OF_CARDS,
    "list for what has no route": '[system]\nagentDistrOrderEmailIncoming = "waiting list"\n'
    '[[waiting_list]]\nname = "Unrouted list"\nsort = "newest"',
    "template of every agent's own": '[[queue]]\nname = "Personal"\nservice_level_1 = 5',
    "work level with a queue and a list": QUEUE
    + LIST
    + LEVEL.replace('"Unrouted"', '"Card matters", "Disputes"'),
    "user of an area with its work level": AREA
    + USER
    + OF_CARDS
    + 'work_levels = ["Calm"]\n'
    + LEVEL.replace("Unrouted", "Unrouted (Cards)")
    + OF_CARDS,
    "entrance without an area, in a site with areas": AREA + ACCOUNT + USER,
    "same conditions in two areas": AREA
    + RULE
    + '[[routing_rule]]\nto = [{ queue = "Unrouted (Cards)" }]\n'
    + OF_CARDS,
    "task types by the same conditions in two areas": AREA
    + TYPE
    + '[[task_type_rule]]\ntask_type = "Loan application"\n' * 2
    + OF_CARDS,
    "every kind of destination": AREA
    + POINT
    + USER
    + LIST
    + '[[routing_rule]]\nto = [{ queue = "Unrouted", until = "eqt(300)" }, '
    '{ waiting_list = "Disputes", until = "wait(60)" }, { agent = "anna" }, '
    '{ agent = "AgentName" }, { external = "a@b.example" }, { escalation = "To cards" }, '
    '{ end = true, until = "wait(60)" }]',
    "end of what comes by mail": MAIL.format("imaps://me@mail.example")
    + '[[routing_rule]]\nto = [{ end = true }]\nwhen = { Entrance = "support" }',
    "end of what comes by mail and from a system": MAIL.format("imaps://me@mail.example")
    + ACCOUNT.replace("loans", "support of others")
    + '[[routing_rule]]\nto = [{ end = true }]\nwhen = { Entrance = { has = "SUPPORT" } }',
    "end at any entrance": ACCOUNT
    + "[[routing_rule]]\nto = [{ end = true }]\nwhen = { Entrance = { any = true } }",
    "end at an entrance that is to come": ACCOUNT
    + '[[routing_rule]]\nto = [{ end = true }]\nwhen = { Entrance = { has = "support" } }',
    "author and link without a channel": ACCOUNT + 'author_key = "cid"\nlink_key = "workItem"',
    "social media": KEY
    + ACCOUNT
    + 'channel = "x"\npage = "@bank"\nauthor_key = "cid"\nlink_key = "thread"',
    "end of what may be a work item": "[[routing_rule]]\nto = [{ end = true }]\n" + FROM_MAIL,
    "end of what is no work item": "[[routing_rule]]\nto = [{ end = true }]\n"
    'when = { workItem = "" }',
    "search orders of two areas": AREA
    + '[[search_order]]\nkeys = [["cid", "prio"], []]\n' * 2
    + OF_CARDS,
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
    "channel without an author": (
        ACCOUNT + 'channel = "x"\npage = "@bank"\nlink_key = "cid"',
        "work_item_account loans, author_key: channel x needs it",
    ),
    "channel without a link": (
        ACCOUNT + 'channel = "facebook"\npage = "@bank"\nauthor_key = "cid"',
        "work_item_account loans, link_key: channel facebook needs it",
    ),
    "author in a key of the server": (
        ACCOUNT + 'author_key = "EmailFrom"',
        "work_item_account loans, author_key: no sender sets EmailFrom: name another key",
    ),
    "link in a key of the server": (
        ACCOUNT + 'link_key = "TaskType"',
        "work_item_account loans, link_key: no sender sets TaskType: name another key",
    ),
    "page without a channel": (
        ACCOUNT + 'page = "@bank"',
        "work_item_account loans, page: is of a social media channel: write which, in channel",
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
    "unknown queue of a rule": (
        '[[routing_rule]]\nto = [{ queue = "Unrouted" }, { queue = "Gone" }]',
        "routing_rule 1, to 2, queue: queue 'Gone' is not configured",
    ),
    "unknown area": (
        QUEUE + OF_CARDS,
        "queue Card matters, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of an entrance": (
        ACCOUNT + OF_CARDS,
        "work_item_account loans, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a mailbox": (
        MAIL.format("imaps://me@mail.example") + OF_CARDS,
        "mail_account support, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a list": (
        LIST + OF_CARDS,
        "waiting_list Disputes, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a user": (
        USER + OF_CARDS,
        "user anna, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a task type rule": (
        TYPE + '[[task_type_rule]]\ntask_type = "Loan application"\n' + OF_CARDS,
        "task_type_rule 1, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a routing rule": (
        '[[routing_rule]]\nto = [{ agent = "AgentName" }]\n' + OF_CARDS,
        "routing_rule 1, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of a search order": (
        '[[search_order]]\nkeys = [["cid"]]\n' + OF_CARDS,
        "search_order Cards, area: organisation_area 'Cards' is not configured",
    ),
    "unknown area of an escalation point": (
        AREA + POINT + 'area = "Loans"',
        "escalation_point To cards, area: organisation_area 'Loans' is not configured",
    ),
    "escalation into an unknown area": (
        POINT,
        "escalation_point To cards, to: organisation_area 'Cards' is not configured",
    ),
    "escalation into the same area": (
        AREA + POINT + OF_CARDS,
        "escalation_point To cards, to: leads back into organisation_area Cards: name another",
    ),
    "escalation into the same area without a name": (
        POINT.replace('"Cards"', '""'),
        "escalation_point To cards, to: leads back into the area without a name: name another",
    ),
    "unknown skill of a list": (
        LIST + "requires = { Loans = 3 }",
        "waiting_list Disputes, requires: skill 'Loans' is not configured",
    ),
    "unknown group of a queue": (
        QUEUE + 'groups = ["Day"]',
        "queue Card matters, groups: group 'Day' is not configured",
    ),
    "unknown group of a list": (
        LIST + 'groups = ["Day"]',
        "waiting_list Disputes, groups: group 'Day' is not configured",
    ),
    "unknown group of a user": (
        USER + 'groups = ["Day"]',
        "user anna, groups: group 'Day' is not configured",
    ),
    "group twice": (
        '[[group]]\nname = "Day"\n' + QUEUE + 'groups = ["Day", "Day"]',
        "queue Card matters, groups: group 'Day' stands 2 times",
    ),
    "queue and list of one name": (
        QUEUE + LIST.replace("Disputes", "Card matters"),
        "waiting_list Card matters: queue Card matters has this name, too",
    ),
    "list with the name of the template": (
        LIST.replace("Disputes", "Personal"),
        "waiting_list Personal: queue Personal has this name, too",
    ),
    "queue with the name of a list that is there": (
        '[system]\nagentDistrOrderEmailIncoming = "waiting list"\n'
        '[[queue]]\nname = "Unrouted list"',
        "waiting_list Unrouted list: queue Unrouted list has this name, too",
    ),
    "service level 1 above 2": (
        QUEUE + "service_level_1 = 60\nservice_level_2 = 5",
        "queue Card matters, service_level_1: 60 is more than service_level_2, 5, which includes",
    ),
    "service level 1 above 2 of a list": (
        LIST + "service_level_1 = 60\nservice_level_2 = 5",
        "waiting_list Disputes, service_level_1: 60 is more than service_level_2, 5",
    ),
    "service level 1 above 2 of the template": (
        '[[queue]]\nname = "Personal"\nservice_level_1 = 60\nservice_level_2 = 5',
        "queue Personal, service_level_1: 60 is more than service_level_2, 5",
    ),
    "template that demands a skill": (
        '[[skill]]\nname = "Loans"\n[[queue]]\nname = "Personal"\nrequires = { Loans = 3 }',
        "queue Personal, requires: what waits for one agent alone demands nothing: leave it out",
    ),
    "template that demands a group": (
        '[[group]]\nname = "Day"\n[[queue]]\nname = "Personal"\ngroups = ["Day"]',
        "queue Personal, groups: what waits for one agent alone demands nothing: leave it out",
    ),
    "template of one area": (
        AREA + '[[queue]]\nname = "Personal"\n' + OF_CARDS,
        "queue Personal, area: what waits for one agent alone demands nothing: leave it out",
    ),
    "queue for what has no route in another area": (
        AREA + '[[queue]]\nname = "Unrouted (Cards)"',
        "queue Unrouted (Cards), area: contacts of organisation_area Cards that no rule fits wait"
        " here: write area = 'Cards'",
    ),
    "queue for what has no route given to an area": (
        AREA + '[[queue]]\nname = "Unrouted"\n' + OF_CARDS,
        "queue Unrouted, area: contacts of the area without a name that no rule fits wait here:"
        " leave the area out",
    ),
    "list for what has no route given to an area": (
        AREA
        + '[system]\nagentDistrOrderEmailIncoming = "waiting list"\n'
        + '[[waiting_list]]\nname = "Unrouted list"\n'
        + OF_CARDS,
        "waiting_list Unrouted list, area: contacts of the area without a name",
    ),
    "unknown place of a work level": (
        LEVEL.replace("Unrouted", "Gone"),
        "work_level Calm, serves: queue or waiting_list 'Gone' is not configured",
    ),
    "place twice in a work level": (
        LEVEL.replace('"Unrouted"', '"Unrouted", "Unrouted"'),
        "work_level Calm, serves: queue or waiting_list 'Unrouted' stands 2 times",
    ),
    "template in a work level": (
        LEVEL.replace("Unrouted", "Personal"),
        "work_level Calm, serves: 'Personal' is no single queue: write personal = true",
    ),
    "place of another area in a work level": (
        AREA + LEVEL + OF_CARDS,
        "work_level Calm, serves: 'Unrouted' belongs to the area without a name, not to"
        " organisation_area Cards",
    ),
    "unknown work level of a user": (
        USER + 'work_levels = ["Calm"]',
        "user anna, work_levels: work_level 'Calm' is not configured",
    ),
    "work level twice": (
        LEVEL + USER + 'work_levels = ["Calm", "Calm"]',
        "user anna, work_levels: work_level 'Calm' stands 2 times",
    ),
    "work level of another area": (
        AREA + LEVEL + USER + 'work_levels = ["Calm"]\n' + OF_CARDS,
        "user anna, work_levels: 'Calm' belongs to the area without a name, not to"
        " organisation_area Cards",
    ),
    "login that means another": (
        USER.replace('"anna"', '"AgentName"'),
        "user AgentName: in a destination this means whom the contact data name: choose another",
    ),
    "no place in a destination": (
        '[[routing_rule]]\nto = [{ until = "wait(60)" }]',
        "routing_rule 1, to 1: leads nowhere: write queue, waiting_list, agent, external, end or"
        " escalation",
    ),
    "two places in a destination": (
        '[[routing_rule]]\nto = [{ queue = "Unrouted", end = true }]',
        "routing_rule 1, to 1: has queue and end: make each a destination of its own",
    ),
    "queue of a rule that is a list": (
        LIST + '[[routing_rule]]\nto = [{ queue = "Disputes" }]',
        "routing_rule 1, to 1, queue: 'Disputes' is a waiting_list: write waiting_list = 'Disp",
    ),
    "list of a rule that is a queue": (
        '[[routing_rule]]\nto = [{ waiting_list = "Unrouted" }]',
        "routing_rule 1, to 1, waiting_list: 'Unrouted' is a queue: write queue = 'Unrouted'",
    ),
    "unknown list of a rule": (
        '[[routing_rule]]\nto = [{ waiting_list = "Gone" }]',
        "routing_rule 1, to 1, waiting_list: waiting_list 'Gone' is not configured",
    ),
    "template in a rule": (
        '[[routing_rule]]\nto = [{ queue = "Personal" }]',
        "routing_rule 1, to 1, queue: 'Personal' is no single queue: write agent, and whose it is",
    ),
    "queue of another area in a rule": (
        AREA + RULE + OF_CARDS,
        "routing_rule 1, to 1, queue: 'Unrouted' belongs to the area without a name, not to"
        " organisation_area Cards: an escalation point leads there",
    ),
    "list of another area in a rule": (
        AREA + LIST + OF_CARDS + '[[routing_rule]]\nto = [{ waiting_list = "Disputes" }]',
        "routing_rule 1, to 1, waiting_list: 'Disputes' belongs to organisation_area Cards, not to"
        " the area without a name",
    ),
    "unknown agent of a rule": (
        '[[routing_rule]]\nto = [{ agent = "anna" }]',
        "routing_rule 1, to 1, agent: user 'anna' is not configured",
    ),
    "agent of another area in a rule": (
        AREA + USER + OF_CARDS + '[[routing_rule]]\nto = [{ agent = "anna" }]',
        "routing_rule 1, to 1, agent: 'anna' belongs to organisation_area Cards, not to the area"
        " without a name",
    ),
    "wall display as an agent": (
        USER.replace('"agent"', '"wall"') + '[[routing_rule]]\nto = [{ agent = "anna" }]',
        "routing_rule 1, to 1, agent: 'anna' only shows a wall display, and handles nothing",
    ),
    "external address that is none": (
        '[[routing_rule]]\nto = [{ external = "partner" }]',
        "routing_rule 1, to 1, external: 'partner' is no mail address",
    ),
    "end of what comes from a system": (
        ACCOUNT + '[[routing_rule]]\nto = [{ end = true }]\nwhen = { Entrance = "loans" }',
        "routing_rule 1, to 1, end: only work items fit this rule, and an agent alone ends them",
    ),
    "external address for what comes from a system": (
        ACCOUNT
        + '[[routing_rule]]\nto = [{ queue = "Unrouted" }, { external = "a@b.example" }]\n'
        + 'when = { Entrance = "loans" }',
        "routing_rule 1, to 2, external: only work items fit this rule, and they are handled here",
    ),
    "external address for social media, named in part": (
        KEY
        + ACCOUNT.replace("loans", "facebook")
        + 'channel = "facebook"\npage = "Bank"\nauthor_key = "cid"\nlink_key = "thread"\n'
        + MAIL.format("imaps://me@mail.example")
        + '[[routing_rule]]\nto = [{ external = "a@b.example" }]\n'
        + 'when = { Entrance = { has = "Face" } }',
        "routing_rule 1, to 1, external: only work items fit this rule, and they are handled here",
    ),
    "end of work items": (
        "[[routing_rule]]\nto = [{ end = true }]\nwhen = { workItem = { any = true } }",
        "routing_rule 1, to 1, end: only work items fit this rule",
    ),
    "end of work items that hold a text": (
        '[[routing_rule]]\nto = [{ end = true }]\nwhen = { workItem = { has = "bank" } }',
        "routing_rule 1, to 1, end: only work items fit this rule",
    ),
    "end of one work item": (
        '[[routing_rule]]\nto = [{ end = true }]\nwhen = { workItem = "1" }',
        "routing_rule 1, to 1, end: only work items fit this rule",
    ),
    "unknown escalation point": (
        '[[routing_rule]]\nto = [{ escalation = "Out" }]',
        "routing_rule 1, to 1, escalation: escalation_point 'Out' is not configured",
    ),
    "escalation point of another area": (
        AREA + POINT + '[[routing_rule]]\nto = [{ escalation = "To cards" }]\n' + OF_CARDS,
        "routing_rule 1, to 1, escalation: 'To cards' belongs to the area without a name, not to"
        " organisation_area Cards",
    ),
    "unknown key of a search order": (
        '[[search_order]]\nkeys = [["cid"], ["colour"]]',
        "search_order, keys 2: key 'colour' is not configured",
    ),
    "key twice in a search order": (
        '[[search_order]]\nkeys = [["cid", "cid"]]',
        "search_order, keys 1: key 'cid' stands 2 times",
    ),
    "same keys twice in a search order": (
        AREA + '[[search_order]]\nkeys = [["cid", "prio"], ["prio", "cid"]]\n' + OF_CARDS,
        "search_order Cards, keys 2: the same as 1, in whatever order",
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


@given(SITES)
@settings(max_examples=25)
def test_whatever_can_be_written_is_checked_to_its_end(site):
    assert all(str(problem) for problem in configuration.check(site))
    assert all(fitting.notes(site))


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


def test_area_brings_its_queue_and_takes_it_along():
    before = assembled(AREA + QUEUE)
    assert set(before.queues) == {"Unrouted", "Unrouted (Cards)", "Card matters"}
    after = assembled("organisation_area = []", before)
    assert set(after.queues) == {"Unrouted", "Card matters"}
    assert configuration.check(after) == []


def test_queue_of_an_area_that_was_changed_is_not_taken_along_silently():
    changed = '[[queue]]\nname = "Unrouted (Cards)"\npriority = 2\narea = "Cards"'
    before = assembled(AREA + changed)
    assert problems("organisation_area = []", before) == [
        "queue Unrouted (Cards), area: organisation_area 'Cards' is not configured"
    ]


def test_list_for_contacts_without_routing_comes_and_goes_with_its_parameter():
    text = '[system]\nagentDistrOrderEmailIncoming = "{}"'
    listed = assembled(text.format("waiting list"), assembled(AREA))
    assert set(listed.waiting_lists) == {"Unrouted list", "Unrouted list (Cards)"}
    assert assembled(text.format("queue"), listed).waiting_lists == {}


def test_queue_for_contacts_without_routing_can_be_changed():
    assert assembled('[[queue]]\nname = "Unrouted"\npriority = 1').queues["Unrouted"].priority == 1


def test_key_that_exists_anyway_keeps_its_name_on_the_screen():
    text = '[[contact_data_key]]\nname = "cid"\nmax_length = 9\n[[contact_data_key]]\nname = "a"'
    keys = assembled(text, Site()).contact_data_keys
    assert keys["cid"] == ContactDataKey(name="cid", display="Customer no.", max_length=9)
    assert keys["a"].display == ""
