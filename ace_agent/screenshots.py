"""The pictures in the documents, made by one command and looked at beside the ones before.

The windows are the real ones, and so is the session; what the server says is written here, so that
every picture is the same on every run.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

import msgspec
from PySide6.QtCore import (
    QItemSelectionModel,
    QMessageLogContext,
    QPoint,
    QRect,
    QSize,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from ace_agent import language, loop, theme
from ace_agent.actions import Action, Intervention, Page
from ace_agent.app import Door
from ace_agent.desk import audio
from ace_agent.link import Link
from ace_agent.main_window import MainWindow
from ace_agent.pulse.choice import ChoiceDialog
from ace_agent.session import Progress, Refused, Session
from ace_agent.settings import Settings
from ace_server import wire
from ace_server.wire import Agent, AgentState, Attachment, Contact, Field, State
from resources import path

NOW = datetime(2026, 11, 20, 13, 14, 3, tzinfo=UTC)
WIDE, LAPTOP = QSize(1280, 800), QSize(960, 540)
ZONE = "Europe/Stockholm"
SITE = "The bank"
E = TypeVar("E", bound=wire.Event)


class Spoken(Protocol):
    """What a site calls its own matters in its language."""

    def __call__(self, said: E) -> E: ...


NO_HINTS = "This plugin does not support propagateSizeHints()"  # offscreen windows have no frame

TEXT = """The automatic check wants a person: the income stated and the income registered differ \
by more than a tenth.

The applicant has been a customer since 2009. The car is the security: a Volvo V60 of 2024, from \
the dealer in Uppsala. The dealer holds the car until Friday.

Decide in the bank's page. The page publishes the result to the dealer."""

DISPUTE = """The customer says that the card was in his wallet in Luleå when it was used in a \
shop in Lisbon.

The shop has answered: paid with chip and code. The customer has not lost the card."""

HEARD_MS = 3_400
"""Where the call is that plays, so that every picture of it is the same."""

EXPLANATION = [
    wire.Sentence("%1 has it in hand since %2.", ("Anna Berg", "14:12")),
    wire.Sentence("%1 ends, parks or requeues it.", ("Anna Berg",)),
    wire.Sentence(
        "If the link to the agent is lost for %1 seconds, it returns to its queue.", ("60",)
    ),
]


WHY_NOT = [
    wire.Sentence(
        "It waits in queue %1 as number %2 of %3 since %4.", ("Loan decisions", 2, 14, "14:07")
    ),
    wire.Sentence(
        "%1 lacks %2.", ("Bo Ek", wire.Sentence("skill %1 %2 (has %3)", ("Loans", 5, 4)))
    ),
    wire.Sentence("Skill %1 %2 would help.", ("Loans", 5)),
    wire.Sentence("A supervisor may log %1 in to %2.", ("Bo Ek", "Loan decisions")),
]


def ago(seconds: int) -> datetime:
    """A moment before now."""
    return NOW - timedelta(seconds=seconds)


def fields(outcome: str = "") -> list[Field]:
    """What the loan systems send along."""
    return [
        Field(key="cid", display="Customer no.", value="19701122-4499"),
        Field(key="name", display="Applicant", value="Karin Lindqvist"),
        Field(key="amount", display="Amount", value="245 000 kr"),
        Field(key="dealer", display="Dealer", value="Bilhallen i Uppsala AB"),
        Field(
            key="Outcome",
            display="Outcome",
            value=outcome,
            rule="mandatory",
            choices=["Granted", "Granted with conditions", "Declined", "Customer withdrew"],
        ),
        Field(key="remark", display="Remark", rule="optional", lines=3),
        Field(key="batch", display="batch", value="2026-11-20/07", known=False),
    ]


def loan(state: State, **other: object) -> Contact:
    """The loan application of the acceptance scenario (WI-11)."""
    known = Contact(
        id=123,
        external_id="LOAN-2026-000123",
        medium=wire.Medium.WORK_ITEM,
        state=state,
        entrance="loans",
        task_type="Loan application",
        queue="Loan decisions",
        subject="Loan application 123: Karin Lindqvist, car loan",
        body=TEXT,
        target="https://bank.example/loans/2026/000123?view=decision",
        received_at=ago(310),
        first_queued_at=ago(309),
        accepted_at=ago(109),
        fields=fields(),
        attachments=[
            Attachment(position=0, name="call.wav", media_type="audio/wav", size=672_044),
            Attachment(position=1, name="id-card.png", media_type="image/png", size=48_211),
        ],
    )
    return msgspec.structs.replace(known, **other)


def parked() -> list[Contact]:
    """What waits beside it."""
    return [
        Contact(
            id=118,
            external_id="CARD-88121",
            medium=wire.Medium.WORK_ITEM,
            state=State.PARKED,
            entrance="cards",
            task_type="Card dispute",
            queue="Disputes",
            subject="Disputed purchase, 12 November",
            received_at=ago(5_640),
            parked_at=ago(1_200),
        ),
        Contact(
            id=97,
            external_id="t-20261120-0087",
            medium=wire.Medium.WORK_ITEM,
            state=State.PARKED,
            channel="facebook",
            entrance="facebook",
            task_type="Opening hours",
            queue="Everyone",
            subject="When do you open on Saturday?",
            received_at=ago(9_300),
            parked_at=ago(3_000),
        ),
    ]


def anna(state: AgentState, **other: object) -> Agent:
    """The agent at the desk."""
    known = Agent(
        login="anna",
        name="Anna Berg",
        role=wire.Role.AGENT,
        state=state,
        since=ago(108),
        rights=["park", "requeue", "decline", "extend-wrap-up", "pick-not-ready", "close-waiting"],
        work_level="Loans and cards",
        work_levels=["Loans and cards", "Cards", "Everything"],
    )
    return msgspec.structs.replace(known, **other)


def desk(agent: Agent, *contacts: Contact) -> wire.Desk:
    """Everything the server says of a desk."""
    return wire.Desk(
        number=1,
        now=NOW,
        agent=agent,
        contacts=list(contacts),
        activities=["Lunch", "Meeting", "Training"],
        queues=["Loan decisions", "Everyone", "Mortgages", "Unrouted"],
        waiting_lists=["Disputes", "Bereavements"],
        colleagues=[
            wire.Colleague(login="bo", name="Bo Ek"),
            wire.Colleague(login="cilla", name="Cilla Dahl"),
        ],
    )


def busy() -> wire.Desk:
    """In the middle of the work."""
    noted = loan(
        State.ACCEPTED,
        note="Called her at noon: the new payslip is in the post.",
        note_by="Bo Ek",
    )
    return desk(anna(AgentState.BUSY), noted, *parked())


def booked() -> wire.Desk:
    """Something has come, and is not accepted yet."""
    waiting = loan(
        State.BOOKED, accepted_at=None, booked_until=NOW + timedelta(seconds=24), attachments=[]
    )
    agent = anna(AgentState.BOOKED, since=ago(6), until=NOW + timedelta(seconds=24))
    return desk(agent, waiting, *parked())


def wrap_up() -> wire.Desk:
    """It is ended; notes can still be made."""
    ended = loan(State.ENDED, ended_at=ago(15), fields=fields("Granted"), attachments=[])
    agent = anna(
        AgentState.WRAP_UP, since=ago(15), until=NOW + timedelta(seconds=45), wrap_up_contact=123
    )
    return desk(agent, ended, *parked())


def queues() -> wire.Queues:
    """What waits at the bank, as Anna's desk says it."""

    def status(
        name: str, waiting: int, oldest: int, at_work: int, **other: object
    ) -> wire.QueueStatus:
        known = wire.QueueStatus(
            name=name,
            waiting=waiting,
            oldest=ago(oldest) if waiting else None,
            agents=at_work + 1,
            at_work=at_work,
        )
        return msgspec.structs.replace(known, **other)

    return wire.Queues(
        now=NOW,
        queues=[
            status("", 1, 630, 1),
            status("Loan decisions", 14, 412, 6),
            status("Everyone", 0, 0, 9),
            status("Mortgages", 7, 1_085, 2, logged_in=False),
            status("Disputes", 12, 5_400, 3, is_list=True),
            status("Bereavements", 2, 1_860, 2, is_list=True),
        ],
    )


def waiting() -> wire.Looked:
    """What waits among the disputes."""
    contacts = (
        ("CARD-88131", "Card dispute", "Disputed purchase, 9 November", 5_400, 3),
        ("CARD-88140", "Card dispute", "Card used after it was blocked", 4_980, 5),
        ("t-20261120-0102", "Card dispute", "I did not buy this", 4_260, 5),
        ("CARD-88152", "Card dispute", "Disputed purchase, 12 November", 3_720, 5),
        ("LOAN-2026-000088", "Loan dispute", "Interest counted twice", 3_060, 2),
        ("CARD-88160", "Card dispute", "Hotel charged twice", 2_520, 5),
        ("CARD-88171", "Card dispute", "Subscription that was ended", 1_980, 5),
        ("CARD-88174", "Card dispute", "Disputed purchase, 17 November", 1_500, 5),
        ("LOAN-2026-000104", "Loan dispute", "Fee that was not agreed", 1_140, 5),
        ("CARD-88180", "Card dispute", "Goods never arrived", 840, 7),
        ("t-20261120-0131", "Card dispute", "Who is this shop", 420, 7),
        ("CARD-88193", "Card dispute", "Disputed purchase, 19 November", 180, 5),
    )
    waiting = [
        wire.WaitingContact(
            id=200 + number,
            external_id=external_id,
            medium=wire.Medium.WORK_ITEM,
            entrance="cards",
            position=number,
            first_queued_at=ago(since),
            channel="facebook" if external_id.startswith("t-") else "",
            task_type=task_type,
            subject=subject,
            prio=prio,
            prioritised=number == 1,
        )
        for number, (external_id, task_type, subject, since, prio) in enumerate(contacts, 1)
    ]
    return wire.Looked(request=0, now=NOW, waiting=len(waiting), contacts=waiting)


def dispute() -> Contact:
    """The first of the disputes, as it is read before it is picked."""
    return Contact(
        id=201,
        external_id="CARD-88131",
        medium=wire.Medium.WORK_ITEM,
        state=State.QUEUED,
        entrance="cards",
        task_type="Card dispute",
        queue="Disputes",
        subject="Disputed purchase, 9 November",
        body=DISPUTE,
        target="https://bank.example/cards/88131",
        received_at=ago(5_402),
        first_queued_at=ago(5_400),
        fields=[
            Field(key="cid", display="Customer no.", value="19680314-2384"),
            Field(key="name", display="Applicant", value="Per Holm"),
            Field(key="amount", display="Amount", value="3 490 kr"),
            Field(key="Outcome", display="Outcome", rule="mandatory", choices=["Refunded"]),
        ],
    )


def supervisor() -> wire.Desk:
    """Who watches, and handles nothing."""
    dagny = anna(
        AgentState.PAUSED,
        login="dagny",
        name="Dagny Sund",
        role=wire.Role.SUPERVISOR,
        since=ago(1_680),
    )
    return desk(dagny)


def figures() -> wire.Figures:
    """A bank at a quarter past two in the afternoon."""
    queues = [
        wire.QueueFigures(queue="Loan decisions", waiting=14, oldest=ago(412), in_hand=6, ended=87),
        wire.QueueFigures(queue="Card matters", waiting=5, oldest=ago(148), in_hand=4, ended=143),
        wire.QueueFigures(queue="Disputes", waiting=2, oldest=ago(51), in_hand=3, ended=28),
        wire.QueueFigures(queue="Everyone", waiting=0, in_hand=1, ended=36),
        wire.QueueFigures(queue="Mortgages", waiting=7, oldest=ago(1_085), in_hand=2, ended=19),
        wire.QueueFigures(queue="Unrouted", ended=2),
        wire.QueueFigures(personal="bo", waiting=1, oldest=ago(630)),
    ]
    return wire.Figures(number=1, now=NOW, buffered=12, queues=queues, agents=_agents())


def in_queue() -> wire.Looked:
    """What waits for a loan decision, a contact that a supervisor has prioritised first."""
    contacts = [
        wire.WaitingContact(
            id=140 + number,
            external_id=external_id,
            medium=medium,
            entrance="loans" if medium is wire.Medium.WORK_ITEM else "loans@bank.example",
            position=number,
            first_queued_at=ago(seconds),
            task_type=task_type,
            subject=subject,
            prio=prio,
            prioritised=number == 1,
        )
        for number, (external_id, medium, task_type, subject, seconds, prio) in enumerate(
            _LINE, start=1
        )
    ]
    return wire.Looked(request=0, now=NOW, waiting=len(contacts), contacts=contacts)


_ITEM, _MAIL = wire.Medium.WORK_ITEM, wire.Medium.EMAIL
_LINE = (
    ("LOAN-2026-000137", _ITEM, "Loan application", "Car loan, payment today", 96, 5),
    ("LOAN-2026-000124", _ITEM, "Loan application", "Car loan", 412, 3),
    ("LOAN-2026-000126", _ITEM, "Loan application", "Boat loan", 371, 3),
    ("", _MAIL, "Question on a loan", "Can I pay back earlier?", 398, 5),
    ("LOAN-2026-000125", _ITEM, "Loan application", "Car loan", 385, 5),
    ("LOAN-2026-000128", _ITEM, "Loan application", "Private loan, two applicants", 340, 5),
    ("", _MAIL, "Question on a loan", "Re: The papers you asked for", 312, 5),
    ("LOAN-2026-000129", _ITEM, "Loan application", "Car loan", 290, 5),
    ("LOAN-2026-000130", _ITEM, "Loan application", "Renovation of a bathroom", 244, 5),
    ("LOAN-2026-000132", _ITEM, "Loan application", "Car loan", 201, 5),
    ("LOAN-2026-000133", _ITEM, "Change of a loan", "Another due date", 187, 5),
    ("LOAN-2026-000134", _ITEM, "Loan application", "Car loan", 122, 5),
    ("LOAN-2026-000135", _ITEM, "Loan application", "Private loan", 74, 5),
    ("LOAN-2026-000136", _ITEM, "Change of a loan", "Longer term", 31, 7),
)


def _agents() -> list[wire.AgentFigures]:
    people = (
        ("Anna Berg", AgentState.BUSY, 108, 123, "Loan application", 2),
        ("Bo Ek", AgentState.READY, 12, None, "", 0),
        ("Cilla Dahl", AgentState.WRAP_UP, 21, 119, "Card dispute", 0),
        ("Dilan Yilmaz", AgentState.BOOKED, 6, 131, "Loan application", 0),
        ("Elin Nyström", AgentState.BUSY, 431, 108, "Mortgage", 1),
        ("Fredrik Ås", AgentState.BUSY, 64, 127, "Card dispute", 0),
        ("Greta Lind", AgentState.PAUSED, 1_260, None, "", 0),
        ("Hamid Rahimi", AgentState.READY, 45, None, "", 0),
        ("Ida Sandberg", AgentState.BUSY, 200, 125, "Opening hours", 0),
        ("Johan Åkesson", AgentState.LOGGED_OUT, 14_400, None, "", 0),
        ("Karin Öberg", AgentState.LOGGED_OUT, 72_000, None, "", 1),
    )
    return [
        wire.AgentFigures(
            login=name.split()[0].lower(),
            name=name,
            state=state,
            since=ago(since),
            activity="Lunch" if state is AgentState.PAUSED else "",
            contact=contact,
            task_type=task_type,
            parked=parked_too,
        )
        for name, state, since, contact, task_type, parked_too in people
    ]


def with_files() -> wire.Desk:
    """A call to hear and a page to read."""
    sent = [
        Attachment(position=0, name="call.wav", media_type="audio/wav", size=139_364),
        Attachment(position=1, name="id-card.pdf", media_type="application/pdf", size=22_740),
    ]
    text = "The card and the call belong together: hear whether the name is the same."
    return desk(anna(AgentState.BUSY), loan(State.ACCEPTED, body=text, attachments=sent), *parked())


# Mail

SUPPORT = "support@malarbanken.example"
GRACE = "Grace Adeyemi-Clarke <grace@adeyemi-clarke.example>"
LOVISA = "Lovisa Hammar"

MAIL_HTML = """<body style="font-family: Georgia, serif; color: darkslategray">
<p>Dear Mälarbanken,</p>
<p>thank you for the two rates. Before we decide: may we pay back <b>200 000 kr</b> in one sum \
when the fixed time begins, and do these rates hold then? The contract of the flat is attached.</p>
<table border="1" cellpadding="4" cellspacing="0">
<tr><th align="left">Fixed for</th><th>Rate</th><th align="left">Until</th></tr>
<tr><td>three years</td><td>3.14 %</td><td>31 March 2030</td></tr>
<tr><td>five years</td><td>3.42 %</td><td>31 March 2032</td></tr>
</table>
<p>Kind regards, Grace Adeyemi-Clarke<br>
<img src="https://pictures.adeyemi-clarke.example/sign.png" alt="Adeyemi-Clarke, architects"> ·
<img src="https://pictures.adeyemi-clarke.example/prize.png" alt="Timber prize 2025"></p>
</body>"""

MAIL_TEXT = """Dear Mälarbanken,

thank you for the two rates. Before we decide: may we pay back 200 000 kr in one sum when the \
fixed time begins, and do these rates hold then? The contract of the flat is attached.

Kind regards, Grace Adeyemi-Clarke"""

REPLY_TEXT = """Dear Grace Adeyemi-Clarke,

yes, as much as you like, at no cost. Both rates hold until 27 November."""

QUOTED = """

--\x20
Anna Berg, Mälarbanken customer service

2026-11-20 14:05, Grace Adeyemi-Clarke <grace@adeyemi-clarke.example>:
> Dear Mälarbanken,
>
> thank you for the two rates. Before we decide: may we pay back 200 000 kr in one sum when the \
fixed time begins, and do these rates hold then? The contract of the flat is attached.
>
> Kind regards, Grace Adeyemi-Clarke"""

FRAUD = """Hello,

this morning I had a text message that my account would be blocked unless I log in with a link. \
The address was malarbanken-sakerhet.example and the words were not quite right. I believe it is \
fraud, and did not press it.

My husband had already typed his card number. Can you block his card?

Customer no. K-330952

Signe Björkdahl"""

QUESTION = """I stood at the door of your office in Enköping on Saturday, with two children, and \
it was shut. Nothing on your page says so. When are you open?"""

KEPT_SOURCE = """Return-Path: <scan@kontor-kopia.example>
From: "Scanner, third floor" <scan@kontor-kopia.example>
To: support@malarbanken.example
Subject: Scan 2026-11-20 13:02
Date: Fri, 20 Nov 2026 13:02:41 +0100
Message-ID: <20261120130241.7@kontor-kopia.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="level-0"

--level-0
Content-Type: multipart/mixed; boundary="level-1"

--level-1
Content-Type: multipart/mixed; boundary="level-2"

--level-2
Content-Type: multipart/mixed; boundary="level-3"
"""


def mail_fields(sender: str, categories: str, outcomes: list[str]) -> list[Field]:
    """What the analysis of a mail found, and what is filled in."""
    return [
        Field(key="cid", display="Customer no.", value="K-411706", rule="optional"),
        Field(key="EmailFrom", display="From", value=sender),
        Field(key="emailCategories", display="Categories", value=categories),
        Field(key="Outcome", display="Outcome", rule="mandatory", choices=outcomes),
        Field(key="remark", display="Remark", rule="optional", lines=3),
    ]


def email(**other: object) -> Contact:
    """A mail in hand, which follows up one that is parked."""
    known = Contact(
        id=142,
        external_id="M-2047",
        medium=wire.Medium.EMAIL,
        state=State.ACCEPTED,
        entrance=SUPPORT,
        task_type="Question by mail",
        queue="Mail",
        subject="Re: Rate of our home loan from January",
        body=MAIL_TEXT,
        sender=GRACE,
        follows=131,
        received_at=ago(540),
        first_queued_at=ago(538),
        accepted_at=ago(109),
        fields=mail_fields(GRACE, "loan", ["Answered", "Customer called back", "Nothing to do"]),
        attachments=[
            Attachment(
                position=0,
                name="contract-of-the-flat.pdf",
                media_type="application/pdf",
                size=184_320,
            ),
        ],
    )
    return msgspec.structs.replace(known, **other)


def first_question() -> Contact:
    """What the mail in hand follows up."""
    return Contact(
        id=131,
        external_id="M-2011",
        medium=wire.Medium.EMAIL,
        state=State.PARKED,
        entrance=SUPPORT,
        task_type="Question by mail",
        queue="Mail",
        subject="Rate of our home loan from January",
        sender=GRACE,
        received_at=ago(8_400),
        parked_at=ago(6_900),
    )


def sent(number: int, kind: str, to: str, **other: object) -> wire.OutgoingMail:
    """A mail that the next server took, unless it is said otherwise."""
    known: dict[str, object] = {
        "id": number,
        "kind": kind,
        "state": "handed over",
        "to": [to],
        "created_at": ago(537),
        "due_at": ago(537),
        "settled_at": ago(535),
        "contact": 142,
    }
    return wire.OutgoingMail(**(known | other))  # type: ignore[arg-type]  # what is said of it


def fraud() -> Contact:
    """A mail in the hands of an agent who reads mail in a program of her own."""
    return email(
        id=151,
        external_id="M-2056",
        subject="A text message that claims to be from you",
        task_type="Suspected fraud",
        queue="Suspected fraud",
        body=FRAUD,
        sender="Signe Björkdahl <signe.bjorkdahl@epost.example>",
        follows=None,
        attachments=[],
        fields=[
            Field(key="cid", display="Customer no.", value="K-330952", rule="optional"),
            *mail_fields(
                "Signe Björkdahl <signe.bjorkdahl@epost.example>",
                "fraud",
                ["Card blocked", "Customer called back", "Nothing to do"],
            )[1:],
        ],
    )


def frida() -> wire.Desk:
    """A desk whose mail is read and answered elsewhere (EM-7)."""
    agent = anna(AgentState.BUSY, login="frida", name="Frida Ek", work_level="", work_levels=[])
    return desk(agent, fraud())


def post(contact: int) -> wire.Mail:
    """The mail of a contact, with what was sent about it."""
    if contact == fraud().id:
        return wire.Mail(
            contact=contact,
            senders=[fraud().sender],
            to=[SUPPORT],
            subject=fraud().subject,
            arrived_at=ago(540),
            text=FRAUD,
            size=2_210,
            external="frida.ek@granskning.example",
            outgoing=[
                sent(71, "answer", "signe.bjorkdahl@epost.example"),
                sent(72, "delivery", "frida.ek@granskning.example", settled_at=ago(105)),
            ],
        )
    return wire.Mail(
        contact=contact,
        senders=[GRACE],
        to=[SUPPORT],
        subject=email().subject,
        arrived_at=ago(540),
        text=MAIL_TEXT,
        html=MAIL_HTML,
        size=196_608,
        outgoing=[sent(61, "answer", "grace@adeyemi-clarke.example")],
    )


def reply() -> wire.Draft:
    """An answer, as it begins."""
    return wire.Draft(
        id=9,
        kind="reply",
        contact=142,
        sender=SUPPORT,
        to=GRACE,
        subject=email().subject,
        text=QUOTED,
    )


def about_to_go() -> wire.OutgoingMail:
    """The same, for a moment before it goes."""
    return sent(
        9,
        "reply",
        "grace@adeyemi-clarke.example",
        state="queued",
        by="anna",
        created_at=NOW,
        due_at=NOW + timedelta(seconds=9),
        settled_at=None,
    )


def mailing() -> wire.Desk:
    """A mail is in hand, and what it follows up is parked beside it."""
    return desk(anna(AgentState.BUSY), email(), first_question(), *parked()[1:])


def social() -> wire.Desk:
    """A message from the bank's page, which is handled here and answered there (WI-10)."""
    thread = "https://facebook.example/malarbanken/posts/4471902"
    contact = Contact(
        id=160,
        external_id="t-20261120-0131",
        medium=wire.Medium.WORK_ITEM,
        state=State.ACCEPTED,
        channel="facebook",
        entrance="facebook",
        task_type="Social media",
        queue="Social media",
        subject="Closed on Saturdays?",
        body=QUESTION,
        target="https://bank.example/facebook/t-20261120-0131",
        sender=LOVISA,
        thread=thread,
        received_at=ago(260),
        first_queued_at=ago(259),
        accepted_at=ago(109),
        fields=[
            Field(key="author", display="Author", value=LOVISA),
            Field(key="thread", display="Thread", value=thread),
            Field(key="cid", display="Customer no.", rule="optional"),
            Field(
                key="Outcome",
                display="Outcome",
                rule="mandatory",
                choices=["Answered", "Nothing to do"],
            ),
            Field(key="remark", display="Remark", rule="optional", lines=3),
        ],
    )
    return desk(anna(AgentState.BUSY), contact, first_question(), parked()[0])


def mail_accounts() -> list[wire.MailAccountFigures]:
    """Four mailboxes of the bank: one that a person has to see to, one with mails that ask."""

    def account(name: str, state: str, **other: object) -> wire.MailAccountFigures:
        known: dict[str, object] = {"account": name, "state": state, "fetched_at": ago(12)}
        return wire.MailAccountFigures(**(known | other))  # type: ignore[arg-type]

    stopped = wire.Sentence(
        "%1 refuses the log in: check user and password.", ("mail.malarbanken.example",)
    )
    budget = wire.Sentence(
        "This address got %1 automatic answers in %2 seconds: that is the most.", (5, 3_600)
    )
    withheld = wire.WithheldAnswer(
        at=ago(600),
        said=wire.Sentence("No automatic answer to %1: %2", ("robot@grossist.example", budget)),
    )
    return [
        account(SUPPORT, "idle", quarantined=3, undelivered=2),
        account("loans@malarbanken.example", "fetching", on_server=48, pending=12),
        account("cards@malarbanken.example", "stopped", fetched_at=ago(4_380), trouble=stopped),
        account("trade@malarbanken.example", "idle", withheld=[withheld]),
    ]


def quarantined() -> wire.Quarantined:
    """What went no further, and what was not delivered."""

    def kept(number: int, reason: str, size: int, came: int) -> wire.QuarantinedMail:
        return wire.QuarantinedMail(
            id=number,
            account=SUPPORT,
            folder="INBOX",
            uid=str(4_470 + number),
            size=size,
            arrived_at=ago(came),
            fetched_at=ago(came - 3),
            reason=wire.Sentence(reason),
            attempts=3,
        )

    unknown = wire.Sentence(
        "%1 refused the mail for good: %2", ("mx.gammal.example", "550 5.1.1 User unknown")
    )
    lost = wire.Sentence(
        "The connection to %1 was lost before it answered: the mail may have been sent. "
        "It is not sent again by itself.",
        ("mx.post.example",),
    )
    return wire.Quarantined(
        request=0,
        mails=[
            kept(1, "It has more parts inside each other than can be read.", 18_400, 4_280),
            kept(2, "Reading it has ended its process several times.", 2_411_724, 3_060),
            kept(3, "Reading it takes too long.", 9_120_300, 1_200),
        ],
        undelivered=[
            sent(
                81,
                "reply",
                "kerstin.aberg@gammal.example",
                state="refused",
                subject="Your new card",
                by="anna",
                created_at=ago(2_410),
                settled_at=ago(2_400),
                said=unknown,
            ),
            sent(
                82,
                "answer",
                "isak.nyqvist@post.example",
                state="unknown",
                subject="Your password",
                created_at=ago(905),
                settled_at=ago(900),
                said=lost,
            ),
        ],
    )


SWEDISH = {
    MAIL_HTML: """<body style="font-family: Georgia, serif; color: darkslategray">
<p>Hej Mälarbanken,</p>
<p>tack för de två räntorna. Innan vi bestämmer oss: får vi lösa <b>200 000 kr</b> på en gång när \
bindningstiden börjar, och gäller räntorna då? Köpekontraktet bifogas.</p>
<table border="1" cellpadding="4" cellspacing="0">
<tr><th align="left">Bunden i</th><th>Ränta</th><th align="left">Till</th></tr>
<tr><td>tre år</td><td>3,14 %</td><td>31 mars 2030</td></tr>
<tr><td>fem år</td><td>3,42 %</td><td>31 mars 2032</td></tr>
</table>
<p>Vänliga hälsningar, Grace Adeyemi-Clarke<br>
<img src="https://pictures.adeyemi-clarke.example/sign.png" alt="Adeyemi-Clarke, arkitekter"> ·
<img src="https://pictures.adeyemi-clarke.example/prize.png" alt="Träpriset 2025"></p>
</body>""",
    MAIL_TEXT: """Hej Mälarbanken,

tack för de två räntorna. Innan vi bestämmer oss: får vi lösa 200 000 kr på en gång när \
bindningstiden börjar, och gäller räntorna då? Köpekontraktet bifogas.

Vänliga hälsningar, Grace Adeyemi-Clarke""",
    REPLY_TEXT: """Hej Grace Adeyemi-Clarke,

ja, så mycket ni vill och utan kostnad. Räntorna gäller till den 27 november.""",
    QUOTED: """

--\x20
Anna Berg, Mälarbankens kundservice

2026-11-20 14:05, Grace Adeyemi-Clarke <grace@adeyemi-clarke.example>:
> Hej Mälarbanken,
>
> tack för de två räntorna. Innan vi bestämmer oss: får vi lösa 200 000 kr på en gång när \
bindningstiden börjar, och gäller räntorna då? Köpekontraktet bifogas.
>
> Vänliga hälsningar, Grace Adeyemi-Clarke""",
    FRAUD: """Hej,

i morse fick jag ett SMS där det stod att mitt konto spärras om jag inte loggar in med en länk. \
Adressen var malarbanken-sakerhet.example och språket inte riktigt rätt. Jag tror att det är \
bedrägeri och har inte klickat.

Min man hann dessvärre skriva in sitt kortnummer. Kan ni spärra hans kort?

Kundnr K-330952

Signe Björkdahl""",
    QUESTION: """Jag stod utanför ert kontor i Enköping i lördags, med två barn, och det var \
stängt. Det står ingenting om det på er sida. När har ni öppet?""",
    "Re: Rate of our home loan from January": "Sv: Räntan på vårt bolån från januari",
    "Rate of our home loan from January": "Räntan på vårt bolån från januari",
    "A text message that claims to be from you": "SMS som säger sig komma från er",
    "Question by mail": "Fråga per mejl",
    "Mail": "Mejl",
    "loan": "lån",
    "fraud": "bedrägeri",
    "Suspected fraud": "Misstänkt bedrägeri",
    "contract-of-the-flat.pdf": "köpekontrakt.pdf",
    "Social media": "Sociala medier",
    "Closed on Saturdays?": "Stängt på lördagar?",
    "From": "Från",
    "Categories": "Kategorier",
    "Author": "Författare",
    "Thread": "Tråd",
    "Answered": "Besvarat",
    "Customer called back": "Kunden uppringd",
    "Nothing to do": "Ingen åtgärd",
    "Card blocked": "Kortet spärrat",
    "terms-2026.pdf": "villkor-2026.pdf",
    TEXT: """Den automatiska kontrollen vill ha en människa: den uppgivna och den registrerade \
inkomsten skiljer sig med mer än en tiondel.

Den sökande har varit kund sedan 2009. Bilen är säkerheten: en Volvo V60 från 2024, från \
bilhandlaren i Uppsala. Han håller på bilen till fredag.

Fatta beslutet på bankens sida. Den meddelar bilhandlaren resultatet.""",
    DISPUTE: """Kunden säger att kortet låg i hans plånbok i Luleå när det användes i en butik i \
Lissabon.

Butiken har svarat: betalt med chip och kod. Kunden har inte blivit av med kortet.""",
    "Loan application 123: Karin Lindqvist, car loan": "Låneansökan 123: Karin Lindqvist, billån",
    "Loan application": "Låneansökan",
    "Loan decisions": "Lånebeslut",
    "Card dispute": "Kortreklamation",
    "Loan dispute": "Lånereklamation",
    "Mortgages": "Bolån",
    "Bereavements": "Dödsfall",
    "Loans and cards": "Lån och kort",
    "Cards": "Kort",
    "Everything": "Allt",
    "Disputed purchase, 9 November": "Bestritt köp, 9 november",
    "Disputed purchase, 17 November": "Bestritt köp, 17 november",
    "Disputed purchase, 19 November": "Bestritt köp, 19 november",
    "Card used after it was blocked": "Kortet använt efter spärr",
    "I did not buy this": "Det här har jag inte köpt",
    "Interest counted twice": "Räntan räknad två gånger",
    "Hotel charged twice": "Hotellet debiterat två gånger",
    "Subscription that was ended": "Prenumeration som är avslutad",
    "Fee that was not agreed": "Avgift som inte är avtalad",
    "Goods never arrived": "Varorna kom aldrig fram",
    "Who is this shop": "Vilken butik är det här",
    "cards": "kort",
    "Refunded": "Återbetalat",
    "Disputes": "Reklamationer",
    "Disputed purchase, 12 November": "Bestritt köp, 12 november",
    "Opening hours": "Öppettider",
    "When do you open on Saturday?": "När öppnar ni på lördag?",
    "Everyone": "Alla",
    "Unrouted": "Övrigt",
    "Called her at noon: the new payslip is in the post.": "Ringde henne klockan tolv: den nya "
    "lönespecifikationen är på väg med posten.",
    "Customer no.": "Kundnummer",
    "Applicant": "Sökande",
    "Amount": "Belopp",
    "Dealer": "Bilhandlare",
    "Outcome": "Resultat",
    "Granted": "Beviljat",
    "Granted with conditions": "Beviljat med villkor",
    "Declined": "Avslaget",
    "Customer withdrew": "Kunden drog sig ur",
    "Remark": "Anmärkning",
    "loans": "lån",
    "Meeting": "Möte",
    "Training": "Utbildning",
    SITE: "Banken",
}
"""What the bank calls its own matters, which no translation of ours does."""


def as_it_is(said: E) -> E:
    """The bank speaks English."""
    return said


def in_swedish(said: E) -> E:
    """The same in a Swedish bank."""
    return msgspec.convert(_translated(msgspec.to_builtins(said)), type(said))


def _translated(part: object) -> object:
    match part:
        case dict():
            return {
                key: value if key == "key" else _translated(value) for key, value in part.items()
            }
        case list():
            return [_translated(value) for value in part]
        case str():
            return SWEDISH.get(part, part)
    return part


class Server:
    """Stands at the other end: answers, and gives the attachments."""

    def __init__(self, folder: Path, spoken: Spoken) -> None:
        self._spoken = spoken
        self._picture = folder / "picture.png"
        _id_card().save(str(self._picture))
        self._files = {name: path(f"demo/{name}") for name in ("call.wav", "id-card.pdf")}

    async def ask(self, command: wire.Command) -> wire.Event:
        if isinstance(command, wire.Explain):
            sentences = WHY_NOT if command.agent else EXPLANATION
            return wire.Explained(request=0, sentences=sentences)
        if isinstance(command, wire.Look):
            lists = {place.name for place in self._spoken(queues()).queues if place.is_list}
            return self._spoken(waiting() if command.queue in lists else in_queue())
        if isinstance(command, wire.Preview):
            return self._spoken(wire.Previewed(request=0, contact=dispute()))
        return self._about_mail(command)

    def _about_mail(self, command: wire.Command) -> wire.Event:
        match command:
            case wire.ReadMail():
                return self._spoken(wire.MailRead(request=0, mail=post(command.contact)))
            case wire.Compose():
                return self._spoken(wire.Composed(request=0, draft=reply(), senders=[SUPPORT]))
            case wire.SendMail():
                return self._spoken(wire.MailQueued(request=0, outgoing=about_to_go()))
            case wire.LookIntoQuarantine(after=after):
                found = quarantined()
                rest = [mail for mail in found.mails if mail.id > after]
                return msgspec.structs.replace(found, mails=rest)
        return wire.Done(request=0)

    async def attachment(
        self, contact: int, attachment: Attachment, progress: Progress | None
    ) -> Path:
        return self._files.get(attachment.name, self._picture)

    async def source(self, contact: int, size: int, progress: Progress | None) -> Path:
        raise Refused("It is only a picture.")

    async def attach(
        self, draft: int, name: str, path: Path, progress: Progress | None
    ) -> wire.Attached:
        terms = Attachment(
            position=0,
            name="terms-2026.pdf",
            media_type="application/pdf",
            size=path.stat().st_size,
        )
        return self._spoken(wire.Attached(request=0, files=[terms]))

    async def quarantined_source(self, mail: int, most: int) -> bytes:
        return KEPT_SOURCE.encode()

    async def export_quarantined(self, mail: int, to: Path) -> None:
        raise Refused("It is only a picture.")


def _id_card() -> QImage:
    """A picture to show among the attachments: a card, drawn."""
    ink, paper, tint = (
        QColor(c) for c in (theme.LIGHT.secondary, theme.LIGHT.surface, theme.LIGHT.accent_tint)
    )
    image = QImage(560, 340, QImage.Format.Format_RGB32)
    image.fill(tint)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper)
    painter.drawRoundedRect(28, 76, 170, 220, 10, 10)
    painter.setBrush(QColor(theme.LIGHT.outline))
    painter.drawEllipse(QPoint(113, 150), 42, 42)
    painter.drawEllipse(QRect(43, 206, 140, 160).intersected(QRect(43, 206, 140, 180)))
    painter.setBrush(QColor(theme.LIGHT.accent))
    painter.drawRoundedRect(28, 28, 504, 24, 6, 6)
    painter.setBrush(ink)
    for row, width in enumerate((260, 180, 220, 120, 200)):
        painter.drawRoundedRect(226, 86 + 42 * row, width, 12, 6, 6)
    painter.end()
    return image


# Taking pictures


class Camera:
    """One window at a time, painted into a picture."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._folder = folder
        self._work = work
        self._settings = Settings(work / "settings.ini")

    def window(self, said: wire.Desk, size: QSize = WIDE, spoken: Spoken = as_it_is) -> MainWindow:
        """The window of a desk of which the server said this."""
        session = Session(monotonic=lambda: 0.0)
        server = Server(self._work, spoken)
        session.connect_to(server, server)
        session.receive(wire.Welcome(version=1, site=SITE, first_start=False))
        session.receive(spoken(said))
        session.receive(spoken(queues()))
        self._settings.reduced_motion = True
        self._settings.geometry = b""
        self._settings.columns = b""
        window = MainWindow(session, self._settings, opener=lambda url: True)
        window.resize(size)
        window.show()
        return window

    async def take(
        self, name: str, widget: QWidget, at_last: Callable[[], None] | None = None
    ) -> None:
        """Save one picture, once everything that was asked for is there; `at_last` moves it."""
        for _ in range(20):
            await asyncio.sleep(0.01)
        if at_last is not None:
            at_last()
        picture = widget.grab()
        for dialog in widget.findChildren(QDialog):
            if dialog.isVisible():
                _lay_over(picture, dialog.grab())
        picture.save(str(self._folder / f"{name}.png"))

    async def close(self, window: MainWindow) -> None:
        """Put the window away."""
        for dialog in window.findChildren(QDialog):
            dialog.reject()
        await asyncio.sleep(0)
        await window.stop()
        await window.session.stop()
        window.close()
        window.deleteLater()


def _lay_over(picture: QPixmap, upper: QPixmap) -> None:
    """A dialog in the middle, with a line round it, since nothing else draws its frame."""
    room = picture.deviceIndependentSize().toSize()
    size = upper.deviceIndependentSize().toSize()
    corner = QPoint((room.width() - size.width()) // 2, (room.height() - size.height()) // 3)
    painter = QPainter(picture)
    painter.drawPixmap(corner, upper)
    painter.setPen(QColor(theme.LIGHT.outline))
    painter.drawRect(QRect(corner, size).adjusted(-1, -1, 0, 0))
    painter.end()


async def _take_all(folder: Path, work: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    camera = Camera(folder, work)
    choices: tuple[theme.Choice, ...] = ("light", "dark")
    for choice in choices:
        theme.apply(app, choice)
        if app.devicePixelRatio() > 1:
            await _take_desks(camera, f"200-{choice}", LAPTOP, most=1)
            await _take_waiting(camera, f"200-{choice}", LAPTOP)
            await _take_panel(camera, f"200-{choice}", LAPTOP)
            await _take_mail(camera, f"200-{choice}", LAPTOP)
            await _take_quarantine(camera, f"200-{choice}", LAPTOP)
            continue
        await _take_desks(camera, choice, WIDE)
        await _take_waiting(camera, choice, WIDE)
        await _take_panel(camera, choice, WIDE)
        await _take_interventions(camera, choice)
        await _take_link_down(camera, choice)
        await _take_attachments(camera, choice)
        await _take_questions(camera, choice)
        await _take_log_in(camera, choice, work)
        await _take_mail(camera, choice, WIDE)
        await _take_others_mail(camera, choice)
        await _take_quarantine(camera, choice, WIDE)
    theme.apply(app, "light")
    language.speak(app, language.LANGUAGES["sv"])
    if app.devicePixelRatio() > 1:
        await _take_desks(camera, "sv-200-light", LAPTOP, in_swedish, most=3)
        await _take_waiting(camera, "sv-200-light", LAPTOP, in_swedish)
        await _take_mail(camera, "sv-200-light", LAPTOP, in_swedish)
        return
    await _take_desks(camera, "sv-light", WIDE, in_swedish)
    await _take_waiting(camera, "sv-light", WIDE, in_swedish)
    await _take_questions(camera, "sv-light", in_swedish)
    await _take_log_in(camera, "sv-light", work, SWEDISH[SITE])
    await _take_mail(camera, "sv-light", WIDE, in_swedish)
    await _take_others_mail(camera, "sv-light", in_swedish)


async def _take_desks(
    camera: Camera,
    ending: str,
    size: QSize,
    spoken: Spoken = as_it_is,
    most: int | None = None,
) -> None:
    for name, said in islice(_desks(), most):
        window = camera.window(said, size, spoken)
        await camera.take(f"{name}-{ending}", window)
        await camera.close(window)


def _desks() -> Iterator[tuple[str, wire.Desk]]:
    yield "desk", busy()
    yield "booked", booked()
    yield "wrap-up", wrap_up()
    yield "paused", desk(anna(AgentState.PAUSED, activity="Lunch"))
    yield "ready", desk(anna(AgentState.READY))


async def _take_waiting(
    camera: Camera, ending: str, size: QSize, spoken: Spoken = as_it_is
) -> None:
    """A waiting list is looked into, with nothing in hand."""
    window = camera.window(desk(anna(AgentState.READY), *parked()), size, spoken)
    for _ in range(5):
        await asyncio.sleep(0.01)
    window.desk.look(spoken(queues()).queues[-2].name)
    await camera.take(f"waiting-list-{ending}", window)
    await camera.close(window)


async def _take_panel(camera: Camera, ending: str, size: QSize) -> None:
    window = camera.window(supervisor(), size)
    window.show_page(Page.PULSE)
    await asyncio.sleep(0)
    window.session.receive(figures())
    await camera.take(f"pulse-{ending}", window)
    await _look_into_a_queue(window)
    await camera.take(f"queue-{ending}", window)
    window.commands[Intervention.WHY_NOT].trigger()
    await _until(window.commands[Intervention.WHY_NOT].isEnabled)
    await _until(lambda: bool(window.findChildren(ChoiceDialog)))
    choice = window.findChildren(ChoiceDialog)[0]
    choice.field.setText("Bo")
    choice.accept()
    await camera.take(f"why-not-{ending}", window)
    await camera.close(window)


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for what was asked for to be on the screen."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def _take_interventions(camera: Camera, choice: str) -> None:
    """What a supervisor is asked, over the queue."""
    for name in (Intervention.MOVE, Intervention.CLOSE):
        window = camera.window(supervisor())
        window.show_page(Page.PULSE)
        await asyncio.sleep(0)
        window.session.receive(figures())
        await _look_into_a_queue(window)
        window.commands[name].trigger()
        await camera.take(f"{name}-{choice}", window)
        await camera.close(window)


CHOSEN = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


async def _look_into_a_queue(window: MainWindow) -> None:
    """The one with the most in it, with the second contact chosen."""
    panel = window.panel
    while not panel.queue_model.rows:
        await asyncio.sleep(0.01)
    panel.queues.setCurrentIndex(panel.queue_model.place(("Loan decisions", "")))
    window.commands[Intervention.LOOK].trigger()
    while not panel.queue_view.model.rows:
        await asyncio.sleep(0.01)
    second = panel.queue_view.model.index(1, 0)
    panel.queue_view.table.selectionModel().setCurrentIndex(
        second, CHOSEN
    )  # whatever keys are held


async def _take_link_down(camera: Camera, choice: str) -> None:
    window = camera.window(busy())
    window.session.edit(123, "remark", "Waits for the payslip of October.")
    window.session.set_link(False)
    window.desk.refresh()
    await camera.take(f"link-down-{choice}", window)
    await camera.close(window)


async def _take_attachments(camera: Camera, choice: str) -> None:
    """A PDF is shown while a call plays, to nobody's ear."""
    window = camera.window(with_files())
    shown = window.desk.attachments
    sound = shown.player.audio
    sound.ear = audio.buffers
    while not shown.model.rows:
        await asyncio.sleep(0.01)
    call, page = shown.model.rows
    await shown.show_here(call)
    await shown.show_here(page)
    while not (sound.duration and shown.viewer.is_drawn):
        await asyncio.sleep(0.01)
    await camera.take(f"attachments-{choice}", window, lambda: sound.seek(HEARD_MS))
    await camera.close(window)


async def _take_questions(camera: Camera, choice: str, spoken: Spoken = as_it_is) -> None:
    names = (Action.REQUEUE, Action.EXPLAIN, "open-link", "commands", "change-password", Action.END)
    for name in names:
        window = camera.window(busy(), spoken=spoken)
        for _ in range(5):
            await asyncio.sleep(0.01)
        window.commands[name].trigger()
        await camera.take(f"{name}-{choice}", window)
        await camera.close(window)


async def _take_mail(camera: Camera, ending: str, size: QSize, spoken: Spoken = as_it_is) -> None:
    """A mail is read, answered, and about to go."""
    window = camera.window(mailing(), size, spoken)
    mail, drafts = window.desk.mail, window.desk.mail.drafts
    await _until_read(window)
    await camera.take(f"mail-{ending}", window)
    window.commands[Action.REPLY].trigger()
    while not mail.pane.isVisible():
        await asyncio.sleep(0.01)
    mail.pane.insert(SWEDISH[REPLY_TEXT] if spoken is in_swedish else REPLY_TEXT)
    await drafts.attach(reply().id, [path("demo/id-card.pdf")])
    await drafts.flush()
    await camera.take(f"reply-{ending}", window)
    if size == WIDE:
        window.commands["send"].trigger()
        while not mail.undo_bar.isVisible():
            await asyncio.sleep(0.01)
        await camera.take(f"undo-{ending}", window)
    await camera.close(window)


async def _take_others_mail(camera: Camera, choice: str, spoken: Spoken = as_it_is) -> None:
    """What is answered elsewhere: in a program of one's own, and on a social channel."""
    for name, said in (("own-program", frida()), ("social", social())):
        window = camera.window(said, spoken=spoken)
        if name == "own-program":
            await _until_read(window)
        await camera.take(f"{name}-{choice}", window)
        await camera.close(window)


async def _until_read(window: MainWindow) -> None:
    """The mail in hand is there, and formatted where it has a form."""
    while window.desk.mail_at_hand is None:
        await asyncio.sleep(0.01)
    mail = window.desk.preview.mail
    assert mail is not None  # it is made for the first mail
    while not mail.html.is_settled:
        await asyncio.sleep(0.01)


async def _take_quarantine(camera: Camera, ending: str, size: QSize) -> None:
    """How the mail accounts are doing, and a mail that went no further."""
    window = camera.window(supervisor(), size)
    window.show_page(Page.PULSE)
    await asyncio.sleep(0)
    panel = window.panel
    window.session.receive(msgspec.structs.replace(figures(), mail_accounts=mail_accounts()))
    await camera.take(f"mail-accounts-{ending}", window)
    window.commands[Intervention.QUARANTINE].trigger()
    while not panel.quarantine.is_known:
        await asyncio.sleep(0.01)
    window.commands[Intervention.SHOW_SOURCE].trigger()
    while not panel.quarantine_view.detail.text.isVisible():
        await asyncio.sleep(0.01)
    await camera.take(f"quarantine-{ending}", window)
    await camera.close(window)


async def _take_log_in(camera: Camera, choice: str, work: Path, site: str = SITE) -> None:
    settings = Settings(work / "log-in.ini")
    settings.last_login = "anna"
    link = Link(Session())
    door = Door(link, settings, None)
    door.log_in()
    link.welcomed.emit(wire.Welcome(version=1, site=site, first_start=False))
    door.show()
    await camera.take(f"log-in-{choice}", door)
    await door.stop()
    door.close()
    door.deleteLater()


def main(folder: Path) -> int:
    """Render every picture into the folder, at 100 % and at 200 %; returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    return max(_render_apart(folder, scale) for scale in ("1", "2"))


def _render_apart(folder: Path, scale: str) -> int:
    """The scale is read once, when a program starts."""
    command = [sys.executable, "-m", "ace_agent.screenshots", str(folder)]
    more = {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen", "TZ": ZONE}
    return subprocess.run(command, env=os.environ | more, check=False).returncode


def render(folder: Path) -> int:
    """Render the pictures of this process's scale; returns the exit code."""
    qInstallMessageHandler(_log)
    app = QApplication(sys.argv[:1])
    language.speak(app, language.LANGUAGES["en"])

    async def take(close: asyncio.Event) -> int:
        with TemporaryDirectory() as work:
            await _take_all(folder, Path(work))
        return 0

    return loop.run(app, take)


def _log(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and text != NO_HINTS:
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(render(Path(sys.argv[1])))
