"""Every desk a person can be at, and the window before it, for tests that look at all of them."""

from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from ace_agent.app import Door
from ace_agent.link import Link
from ace_agent.session import Session
from ace_server.wire import AgentState, Attachment, Colleague, Field, State
from tests.agent.scripted import ANNA, NOW, contact, desk

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
