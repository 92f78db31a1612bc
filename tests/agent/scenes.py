"""Every desk a person can be at, all that opens over it, and the window before it.

For tests that look at all of them.
"""

from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from ace_agent.actions import Intervention, Page
from ace_agent.app import Door
from ace_agent.desk import addresses, attachment_words, files, link_view
from ace_agent.link import Link
from ace_agent.session import Session
from ace_server import wire
from ace_server.wire import AgentState, Attachment, Colleague, DraftHead, Field, State
from tests.agent.bench import Lists
from tests.agent.post import EMAIL, MAIL, Post, outgoing
from tests.agent.scripted import ANNA, NOW, contact, desk, status, waiting
from tests.agent.standing import Line, waits
from tests.agent.waiting import until

LOAN = contact(
    1,
    task_type="Loan application",
    subject="A car",
    body="x" * 30_000,
    note="Call her.",
    note_by="Bo Ek",
    target="https://bank.example/loans/1",
    fields=[
        Field(key="cid", display="Customer", value="K-1"),
        Field(key="Outcome", display="Outcome", rule="mandatory", choices=["Granted"]),
        Field(key="remark", display="Remark", rule="optional", lines=3),
        Field(key="loanAmount", display="Amount", rule="optional"),
        Field(key="batch", display="batch", value="7", known=False),
    ],
    attachments=[Attachment(position=0, name="call.wav", media_type="audio/wav", size=10)],
)
PARKED = contact(7, state=State.PARKED, target="a reference", external_id="CARD-7")
RIGHTS = ["park", "requeue", "decline", "extend-wrap-up"]


def agent(state, **other):
    return msgspec.structs.replace(ANNA, state=state, rights=RIGHTS, **other)


def replaced(**changes):
    return msgspec.structs.replace(LOAN, **changes)


def busy(*others):
    said = desk(LOAN, *others, agent=agent(AgentState.BUSY))
    colleagues = [Colleague(login="bo", name="Bo Ek")]
    return msgspec.structs.replace(said, colleagues=colleagues)


DESKS = {
    "busy": busy(PARKED),
    "parked": desk(PARKED, agent=agent(AgentState.READY)),
    "booked": desk(
        replaced(state=State.BOOKED, booked_until=NOW + timedelta(seconds=24)),
        agent=agent(AgentState.BOOKED, until=NOW + timedelta(seconds=24)),
    ),
    "wrap-up": desk(
        replaced(state=State.ENDED, ended_at=NOW),
        agent=agent(AgentState.WRAP_UP, wrap_up_contact=1, until=NOW + timedelta(seconds=30)),
    ),
    "paused": desk(agent=agent(AgentState.PAUSED, activity="Lunch")),
    "ready": desk(agent=agent(AgentState.READY)),
}


QUEUES = (
    status("", 1),
    status("Loans", 14),
    status("Cards", logged_in=False),
    status("Disputes", 3, is_list=True, change=1),
)
LEVELS = {"work_level": "Loans and cards", "work_levels": ["Loans and cards", "Cards"]}


async def queues_of(bench):
    """A busy desk that says what waits, with a work level that cannot be changed now."""
    await bench.say(desk(LOAN, PARKED, agent=agent(AgentState.BUSY, **LEVELS)))
    bench.tell(*QUEUES)


async def waiting_list_of(bench):
    """A waiting list is looked into; there is more of it, but nothing can be picked yet."""
    first = waiting(1, prioritised=True)
    Lists(bench.server, Disputes=[first, *(waiting(number) for number in range(2, 61))])
    await bench.say(desk(PARKED, agent=agent(AgentState.PAUSED, **LEVELS)))
    bench.tell(*QUEUES)
    bench.desk.look("Disputes")
    await until(lambda: bench.desk.read is not None)


WAITING = {"queues": queues_of, "waiting list": waiting_list_of}
"""The desk where something waits."""


REFUSED = outgoing(3, state="refused", said=wire.Sentence("550 no such user"))
FULL_MAIL = msgspec.structs.replace(
    MAIL,
    cc=["per@home.example"],
    reply_to=["office@home.example"],
    remarks=[wire.Sentence("A part of this mail was damaged.")],
    outgoing=[outgoing(2, kind="answer"), REFUSED],
    drafts=[DraftHead(id=5, kind="forward", contact=1, subject="Fwd", to="", saved_at=NOW)],
)


async def mail_of(bench):
    """An e-mail in hand with all that can be said about it."""
    Post(bench.server, FULL_MAIL)
    files = [Attachment(position=0, name="a.pdf", media_type="application/pdf", size=10)]
    email = msgspec.structs.replace(EMAIL, follows=7, attachments=files, fields=LOAN.fields)
    await bench.say(desk(email, PARKED, agent=agent(AgentState.BUSY)))
    await until(lambda: bench.desk.mail_at_hand is not None)


async def elsewhere_of(bench):
    """An e-mail that is handled in the agent's own program."""
    sent = outgoing(kind="delivery", to=["anna@bank.example"])
    Post(bench.server, msgspec.structs.replace(MAIL, external="anna@bank.example", outgoing=[sent]))
    await bench.say(desk(EMAIL, agent=agent(AgentState.BUSY)))
    await until(lambda: bench.desk.mail_at_hand is not None)


async def writing_of(bench):
    """A reply with a file and all recipients; something is wrong with it."""
    await mail_of(bench)
    bench.window.commands["reply"].trigger()
    await until(bench.desk.mail.pane.isVisible)
    pane = bench.desk.mail.pane
    pane.show_more(True)
    pane.model.show_draft(
        [Attachment(position=0, name="a.txt", media_type="text/plain", size=3)], {}
    )
    pane.demand("bcc", "nobody is no e-mail address. One looks like name@bank.example.")


async def sent_of(bench):
    """A reply that can still be taken back."""
    await mail_of(bench)
    bench.window.commands["reply"].trigger()
    await until(bench.desk.mail.pane.isVisible)
    bench.window.commands["send"].trigger()
    await until(bench.desk.mail.undo_bar.isVisible)


async def templates_of(bench):
    """The prepared texts over a reply."""
    await mail_of(bench)
    bench.window.commands["reply"].trigger()
    await until(bench.desk.mail.pane.isVisible)
    bench.window.commands["template"].trigger()
    await until(bench.desk.mail.chooser.isVisible)


async def social_of(bench):
    """A message from a social channel (WI-10)."""
    social = replaced(
        channel="facebook", sender="Elin Ek", thread="https://facebook.com/t/1", attachments=[]
    )
    await bench.say(desk(social, agent=agent(AgentState.BUSY)))


MAIL_SCENES = {
    "mail": mail_of,
    "elsewhere": elsewhere_of,
    "writing": writing_of,
    "sent": sent_of,
    "templates": templates_of,
    "social": social_of,
}
"""The desk with an e-mail, or a social contact, in hand."""


PANELS = ("commands", "explain")
DIALOGS = ("requeue", "change-password", "open-link", "about")
"""The commands that open one, over a busy desk."""


async def panel_of(bench, command):
    """The panel that a command opens."""
    bench.server.answers[wire.Explain] = wire.Explained(
        request=0, sentences=[wire.Sentence("It was put into Everyone by hand.")]
    )
    await bench.say(busy())
    bench.window.commands[command].trigger()
    panel = {"commands": bench.window.command_list, "explain": bench.desk.explanation}[command]
    await until(panel.isVisible)
    return panel


@asynccontextmanager
async def dialog_of(bench, command):
    """The dialog that a command opens."""
    await bench.say(busy())
    bench.window.commands[command].trigger()
    dialog = await bench.dialog()
    yield dialog
    dialog.reject()
    await until(lambda: not bench.dialogs())


INTERVENTIONS = (Intervention.WHY_NOT, Intervention.MOVE, Intervention.CLOSE)
"""The commands that open a dialog, over a queue that a supervisor looks into."""

SUPERVISOR = msgspec.structs.replace(
    agent(AgentState.READY, login="dagny", name="Dagny Sund", role=wire.Role.SUPERVISOR),
    rights=[*RIGHTS, "close-waiting"],
)


async def queue_of(bench, *waiting):
    """What a supervisor sees who looks into a queue; with the first contact chosen."""
    bench.server.answers[wire.Look] = Line(Loans=list(waiting))
    said = desk(agent=SUPERVISOR)
    await bench.say(msgspec.structs.replace(said, waiting_lists=["Complaints"]))
    bench.window.show_page(Page.PULSE)
    await until(lambda: bench.server.last(wire.Watch))
    bench.session.receive(
        wire.Figures(
            number=1,
            now=NOW,
            buffered=0,
            queues=[wire.QueueFigures(queue="Loans", waiting=len(waiting))],
            agents=[wire.AgentFigures(login="bo", name="Bo Ek", state=AgentState.READY, since=NOW)],
        )
    )
    panel = bench.window.panel
    await until(panel.queue_model.rowCount)
    panel.queues.setCurrentIndex(panel.queue_model.index(0, 0))
    bench.window.commands[Intervention.LOOK].trigger()
    await until(lambda: panel.waiting.is_known)
    return panel.queue_view


async def explained_queue_of(bench):
    """The same with a contact explained."""
    bench.server.answers[wire.Explain] = wire.Explained(
        request=0, sentences=[wire.Sentence("It waits for an agent with the skill.")]
    )
    await queue_of(bench, waits(1))
    bench.window.commands[Intervention.EXPLAIN_WAITING].trigger()
    await until(bench.window.panel.why.isVisible)
    return bench.window.panel.why


@asynccontextmanager
async def intervention_of(bench, command):
    """The dialog that a command opens over a queue."""
    await queue_of(bench, waits(1), waits(2))
    bench.window.commands[command].trigger()
    dialog = await bench.dialog()
    yield dialog
    dialog.reject()
    await until(lambda: not bench.dialogs())


async def warnings_of(bench):
    """Each question before something risky, open until the next is asked for."""
    await bench.say(busy())
    kind = files.Kind("macro document", "program")
    address = addresses.read("http://someone@xn--80ak6aa92e.example/")
    for question in (
        attachment_words.question("a.docm", kind, bench.desk.attachments),
        link_view.question(address, bench.desk),
    ):
        question.open()
        yield question
        question.reject()
        question.deleteLater()


def pages_of(door, trouble):
    """The name of each page before the desk, which is shown until the next is asked for."""
    pages = {
        "waiting": door.wait,
        "trouble": lambda: door.say_trouble(trouble),
        "first start": door.begin,
        "how to go on": lambda: door.first_start._pages.setCurrentIndex(1),
        "log in": door.log_in,
        "one-time code": door.log_in_page.new_password.show,
    }
    for name, show in pages.items():
        show()
        yield name


@asynccontextmanager
async def door_of(settings, embedded=None):
    """The window before the desk, without a server."""
    link = Link(Session())
    door = Door(link, settings, embedded)
    door.show()
    try:
        yield link, door
    finally:
        await door.stop()
        door.close()
        door.deleteLater()
