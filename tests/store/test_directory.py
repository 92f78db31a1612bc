"""The configuration, kept and read back: every kind of entry, the single tables, the secrets."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ace_server.concepts import (
    KINDS,
    PERSONAL,
    UNROUTED,
    UNROUTED_LIST,
    Activity,
    AnswerRow,
    AnswerText,
    AutomaticAnswer,
    Concept,
    ContactDataKey,
    Destination,
    DiscardRule,
    EscalationPoint,
    FlowControl,
    Group,
    KeywordCategory,
    Layout,
    LayoutField,
    MachineSubject,
    MailAccount,
    MailTemplate,
    Match,
    OauthClient,
    OpeningHours,
    OrganisationArea,
    Pattern,
    PatternPart,
    Queue,
    RoutingRule,
    SearchOrder,
    Site,
    SiteFacts,
    Skill,
    SmtpServer,
    SpecialDay,
    TaskType,
    TaskTypeRule,
    User,
    ValueSet,
    WaitingList,
    WorkItemAccount,
    WorkLevel,
    unrouted,
)
from ace_server.contact import Role
from ace_server.passwords import StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store import Store, directory

SECRET = "marker-of-a-secret"

ENTRIES: dict[str, list[Concept]] = {
    "organisation_area": [OrganisationArea(name="Cards"), OrganisationArea(name="Bolån")],
    "work_item_account": [
        WorkItemAccount(name="loans", receipt=True, entrances=["night"], rate="100/1m"),
        WorkItemAccount(
            name="page",
            enabled=False,
            channel="facebook",
            page="@bank",
            author_key="author",
            link_key="thread",
            unknown_keys="store",
        ),
    ],
    "mail_account": [
        MailAccount(
            name="support@bank.example",
            fetch="imaps://support@mail.example",
            return_address="support@bank.example",
            alternative_addresses=["help@bank.example"],
            folders=("INBOX", "Ärenden"),
            smtp="outgoing",
            poll_seconds=1,
            answer_budget="0",
        ),
        MailAccount(
            name="cards@bank.example",
            fetch="imap+starttls://cards%40bank.example@mail.example",
            oauth="provider",
            ca_file="/etc/ace/ca.pem",
            server="north",
            since=datetime.date(2026, 11, 20),
            afterwards="move",
            moved_to="Hämtat",
            omits_return_path=True,
            signature="{AgentName}\nBanken",
        ),
    ],
    "smtp_server": [
        SmtpServer(name="outgoing", url="smtps://mail.example"),
        SmtpServer(
            name="provider",
            url="smtp+starttls://cards@mail.example",
            oauth="provider",
            ca_file="/etc/ace/ca.pem",
        ),
    ],
    "oauth_client": [
        OauthClient(
            name="provider", token_url="https://login.example/token", client_id="ace", scope="mail"
        )
    ],
    "mail_template": [
        MailTemplate(name="Saknas", area="Cards", text="Något saknas.\n\n{AgentName}"),
        MailTemplate(name="Tack", text="Tack!"),
    ],
    "skill": [Skill(name="Loans"), Skill(name="Åland")],
    "group": [Group(name="Day"), Group(name="Night")],
    "queue": [
        Queue(name="Loans", requires={"Loans": 3}, priority=2, weight=1.5),
        Queue(
            name="Card matters",
            area="Cards",
            groups=["Day"],
            sort="newest",
            distribution=False,
            agents="highest skill",
            service_level_1=5,
            service_level_2=60,
        ),
    ],
    "waiting_list": [
        WaitingList(name="Disputes", area="Cards", requires={"Loans": 1}, sort="priority"),
        WaitingList(name="Letters", groups=["Night"], service_level_2=525_600),
    ],
    "work_level": [
        WorkLevel(name="Busy", serves=["Loans"], personal=False),
        WorkLevel(name="All cards", area="Cards", serves=["Card matters", "Disputes"]),
    ],
    "task_type": [
        TaskType(name="Loan", outcomes=["granted", "denied"], outcome="mandatory", wrap_up=0),
        TaskType(name="Long", wrap_up="unlimited"),
        TaskType(name="Plain"),
    ],
    "task_type_rule": [
        TaskTypeRule(when={"Entrance": "loans", "cid": Match(any=True)}, task_type="Loan"),
        TaskTypeRule(when={"subject": Match(has="night")}, task_type="Long", comment="for now"),
        TaskTypeRule(task_type="Plain"),
    ],
    "routing_rule": [
        RoutingRule(
            when={"TaskType": "Loan"},
            to=[Destination(queue="Loans", until="wait(180)"), Destination(queue=UNROUTED)],
        ),
        RoutingRule(to=[Destination(queue="Loans")]),
        RoutingRule(
            area="Cards",
            to=[
                Destination(waiting_list="Disputes", until="agentConRatio(2.5)"),
                Destination(agent="AgentName"),
                Destination(external="cards@bank.example"),
                Destination(end=True),
                Destination(escalation="Out of cards"),
            ],
        ),
    ],
    "search_order": [
        SearchOrder(keys=[["Entrance", "TaskType"], []]),
        SearchOrder(area="Cards", keys=[["cid"]]),
    ],
    "escalation_point": [EscalationPoint(name="Out of cards", area="Cards", to="")],
    "user": [
        User(
            login="anna",
            name="Anna Berg",
            role=Role.AGENT,
            skills={"Loans": 7},
            email="anna@bank.example",
            rights=("decline",),
            wrap_up="unlimited",
            area="Cards",
            groups=["Day"],
            services=("waiting list",),
            work_levels=["All cards"],
        ),
        User(login="root", name="Rut", role=Role.ADMINISTRATOR, locked=True, wrap_up=12.5),
    ],
    "contact_data_key": [
        ContactDataKey(name="loanAmount", display="Amount", value_set="Amounts", max_length=12)
    ],
    "value_set": [ValueSet(name="Amounts", values=["small", "large"])],
    "layout": [
        Layout(fields=[LayoutField(key="cid")]),
        Layout(
            task_type="Loan",
            fields=[LayoutField(key="loanAmount", rule="mandatory", lines=2, values=["small"])],
        ),
    ],
    "opening_hours": [
        OpeningHours(
            entrance="loans",
            week={"mon-thu": "08:00-12:00, 13:00-17:00"},
            special=[SpecialDay(date=datetime.date(2026, 12, 24), open="08:00-12:00")],
        ),
        OpeningHours(entrance="page", mode="closed"),
    ],
    "activity": [Activity(name="Lunch")],
    "flow_control": [FlowControl(entrance="loans", emailBufferMax=10, emailBufferMin=0)],
    "keyword_category": [KeywordCategory(name="loan", active=False, keywords=["lån*", "-bil"])],
    "pattern": [
        Pattern(
            name="Civic number",
            keys=["SSN"],
            parts=[PatternPart(type="digit", least=6, most=8), PatternPart(type="any")],
            save_to="cid",
        )
    ],
    "answer_text": [AnswerText(name="English", subject="Hello", text="Thank you.\n")],
    "automatic_answer": [
        AutomaticAnswer(
            name="Support",
            mode="conditional",
            rows=[AnswerRow(when={"cid": Match(any=True)}, text="English")],
            original="before",
        )
    ],
    "machine_subject": [MachineSubject(name="Frånvaro"), MachineSubject(name="x", active=False)],
    "discard_rule": [
        DiscardRule(
            name="Scanner", when={"cid": Match(any=True)}, flags=["automatic"], active=False
        )
    ],
}


def of_kind(site: Site, kind: str) -> list[Concept]:
    """The entries of a kind in a site, without what always exists."""
    return directory.configured(site, kind)


def test_every_kind_of_entry_is_tried_here() -> None:
    assert set(ENTRIES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_entries_are_read_back_as_they_were_stored_and_in_their_order(
    store: Store, kind: str
) -> None:
    store.perform(directory.replace, kind, ENTRIES[kind])
    assert of_kind(store.perform(directory.load), kind) == ENTRIES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_replacing_a_kind_leaves_none_of_its_entries_and_touches_no_other_kind(
    store: Store, kind: str
) -> None:
    for each, entries in ENTRIES.items():
        store.perform(directory.replace, each, entries)
    store.perform(directory.replace, kind, [])
    site = store.perform(directory.load)
    assert {each: of_kind(site, each) for each in KINDS} == ENTRIES | {kind: []}


def test_a_site_is_the_same_after_a_restart(store: Store, make_store: Callable[[], Store]) -> None:
    for kind, entries in ENTRIES.items():
        store.perform(directory.replace, kind, entries)
    before = store.perform(directory.load)
    store.close()
    store = make_store()
    store.open()
    assert store.perform(directory.load) == before


def test_the_single_tables_are_read_back(store: Store) -> None:
    facts = SiteFacts(name="The bank", time_zone="Europe/Stockholm")
    system = SystemParameters(workItemPort=0, bookingTimeout=5.5, freeSpaceFloor=0)
    store.perform(directory.replace_single, "site", facts)
    store.perform(directory.replace_single, "system", system)
    site = store.perform(directory.load)
    assert (site.facts, site.system) == (facts, system)


def test_a_single_table_is_stored_once(store: Store) -> None:
    for name in ("first", "second"):
        store.perform(directory.replace_single, "site", SiteFacts(name=name))
    assert store.perform(directory.load).facts.name == "second"


def test_an_empty_store_is_a_site_with_what_always_exists(store: Store) -> None:
    site = store.perform(directory.load)
    assert list(site.queues) == [UNROUTED]
    assert {"workItem", "cid", "prio", "Outcome"} <= set(site.contact_data_keys)
    assert not site.users


def test_the_queue_for_what_has_no_route_may_be_changed(store: Store) -> None:
    mine = Queue(name=UNROUTED, priority=1)
    store.perform(directory.replace, "queue", [mine])
    assert store.perform(directory.load).queues == {UNROUTED: mine}


def test_every_area_has_a_queue_of_its_own_for_what_has_no_route(store: Store) -> None:
    store.perform(directory.replace, "organisation_area", [OrganisationArea(name="Cards")])
    site = store.perform(directory.load)
    assert site.areas == ("", "Cards")
    assert site.queues == {
        "Unrouted": Queue(name="Unrouted", priority=9),
        "Unrouted (Cards)": Queue(name="Unrouted (Cards)", area="Cards", priority=9),
    }
    assert site.waiting_lists == {}


def test_what_has_no_route_goes_into_a_list_where_the_site_says_so(store: Store) -> None:
    system = SystemParameters(agentDistrOrderEmailIncoming="waiting list")
    store.perform(directory.replace, "organisation_area", [OrganisationArea(name="Cards")])
    store.perform(directory.replace_single, "system", system)
    site = store.perform(directory.load)
    assert site.waiting_lists == {
        "Unrouted list": WaitingList(name="Unrouted list"),
        "Unrouted list (Cards)": WaitingList(name="Unrouted list (Cards)", area="Cards"),
    }
    assert set(site.queues) == {"Unrouted", "Unrouted (Cards)"}, "what waits there already stays"
    for area in site.areas:
        assert unrouted(area, site.system) in site.waiting_lists


def test_the_list_for_what_has_no_route_may_be_changed(store: Store) -> None:
    mine = WaitingList(name=UNROUTED_LIST, sort="newest")
    system = SystemParameters(agentDistrOrderEmailIncoming="waiting list")
    store.perform(directory.replace_single, "system", system)
    store.perform(directory.replace, "waiting_list", [mine])
    assert store.perform(directory.load).waiting_lists == {UNROUTED_LIST: mine}


def test_the_template_of_every_agents_own_is_no_queue_and_may_be_changed(store: Store) -> None:
    assert store.perform(directory.load).personal == Queue(name=PERSONAL)
    mine = Queue(name=PERSONAL, priority=2)
    store.perform(directory.replace, "queue", [mine, Queue(name="Loans")])
    site = store.perform(directory.load)
    assert site.personal == mine
    assert set(site.queues) == {UNROUTED, "Loans"}
    assert directory.configured(site, "queue") == [Queue(name="Loans"), mine]
    store.perform(directory.replace, "queue", [])
    assert store.perform(directory.load).personal == Queue(name=PERSONAL)


@pytest.mark.parametrize(
    "entry",
    [
        WorkItemAccount(name="loans", secret=SECRET),
        MailAccount(name="a@b.example", fetch="imaps://a@b.example", password=SECRET),
        SmtpServer(name="outgoing", url="smtps://a@b.example", password=SECRET),
        OauthClient(name="p", token_url="https://b.example", client_id="ace", secret=SECRET),
        User(login="anna", name="Anna", role=Role.AGENT, password=SECRET),
    ],
    ids=lambda entry: entry.kind,
)
def test_a_secret_is_no_part_of_what_is_stored_of_an_entry(
    store: Store, data: Path, entry: Concept
) -> None:
    store.perform(directory.replace, entry.kind, [entry])
    (found,) = of_kind(store.perform(directory.load), entry.kind)
    assert found == replace(entry, **{KINDS[entry.kind].secret_field: ""})
    store.close()
    for file in data.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_secrets_are_kept_by_kind_and_name(store: Store) -> None:
    mine = StoredSecret("hash", "$argon2id$…")
    other = StoredSecret("env", "ACE_LOANS_SECRET")
    store.perform(directory.set_secret, "user", "loans", mine)
    store.perform(directory.set_secret, "work_item_account", "loans", other)
    assert store.perform(directory.secrets) == {
        ("user", "loans"): mine,
        ("work_item_account", "loans"): other,
    }


def test_a_secret_that_is_set_again_is_the_new_one(store: Store) -> None:
    for form in ("code", "hash"):
        store.perform(directory.set_secret, "user", "anna", StoredSecret(form, form))
    assert store.perform(directory.secrets) == {("user", "anna"): StoredSecret("hash", "hash")}


def test_a_removed_secret_is_gone_and_others_stay(store: Store) -> None:
    for login in ("anna", "bengt"):
        store.perform(directory.set_secret, "user", login, StoredSecret("ask"))
    store.perform(directory.remove_secret, "user", "anna")
    assert list(store.perform(directory.secrets)) == [("user", "bengt")]
