"""A mail from its mailbox to the answer at its sender: the whole program, by keys and by clicks."""

import email
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from ace_agent.actions import Action
from ace_server.wire import AgentState, State
from tests.agent.waiting import until
from tests.flow import bank as banks
from tests.smtp_sink import sink

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
"""What the store keeps of mail is checked on each engine elsewhere."""

pytestmark = [
    ON_SQLITE,
    pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True),
]

SUPPORT = "support@bank.example"
KARIN = "karin@home.example"
ANNA = "anna@bank.example"

QUESTION = f"""\
Return-Path: <{KARIN}>
From: Karin Lindqvist <{KARIN}>
To: {SUPPORT}
Subject: My card
Message-ID: <card-1@home.example>
Date: Thu, 26 Nov 2026 12:00:00 +0000

It was declined in the shop.
""".replace("\n", "\r\n").encode()

MAIL = """
[[mail_account]]
name = "{support}"
fetch = "maildir:{maildir}"
return_address = "{support}"
smtp = "outgoing"
poll_seconds = 1
signature = "{{AgentName}}, the bank"

[[smtp_server]]
name = "outgoing"
url = "{smtp}"

[[mail_template]]
name = "New card"
text = "A new card is on its way to you."

[[queue]]
name = "Mail"

[[routing_rule]]
when = {{ Entrance = "{support}" }}
to = [{{ queue = "Mail" }}]
"""


@asynccontextmanager
async def office(data, monkeypatch, *, address="", undo=0.0):
    """A bank with a mailbox and where its mail ends; `address`: Anna's own, for mail (EM-7)."""
    maildir = data.parent / "mailbox"
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    async with sink() as outside:
        more = MAIL.format(support=SUPPORT, maildir=maildir, smtp=outside.url())
        text = banks.BANK + more
        if address:
            text = text.replace('login = "anna"\n', f'login = "anna"\nemail = "{address}"\n', 1)
        monkeypatch.setattr(banks, "BANK", text)
        async with banks.bank(data, undoSeconds=undo) as site, site.window() as anna:
            (maildir / "new" / "1.mail").write_bytes(QUESTION)
            await anna.accepted()
            await until(lambda: anna.main.desk.mail_at_hand is not None)
            yield anna, outside


def seen(anna):
    """The mail as the desk has it."""
    return anna.main.desk.mail_at_hand


def button(anna, name):
    """The button of this name that is seen; None where there is none."""
    found = anna.main.findChildren(QAbstractButton)
    return next((one for one in found if one.isVisible() and one.accessibleName() == name), None)


def click(anna, name):
    QTest.mouseClick(button(anna, name), Qt.MouseButton.LeftButton)


def test_mail_is_read_answered_and_ended_by_keyboard_alone(run, data, monkeypatch):
    async def flow():
        async with office(data, monkeypatch) as (anna, outside):
            assert seen(anna).senders == [f"Karin Lindqvist <{KARIN}>"]
            await until(anna.main.commands[Action.REPLY].isVisible)
            await anna.press(Qt.Key.Key_R, CTRL)
            pane = anna.main.desk.mail.pane
            await until(pane.isVisible)
            for letter in "SORRY":
                await anna.press(getattr(Qt.Key, f"Key_{letter}"))
            await anna.press(Qt.Key.Key_Return, CTRL | SHIFT)
            await outside.arrived(1)
            await until(lambda: [one.state for one in seen(anna).outgoing] == ["handed over"])
            await anna.press(Qt.Key.Key_Return, CTRL)
            await until(lambda: not anna.session.contacts or anna.state != AgentState.BUSY)
        (sent,) = outside.received
        assert (sent.sender, sent.recipients) == (SUPPORT, (KARIN,))
        mail = email.message_from_bytes(sent.content)
        assert mail["In-Reply-To"] == "<card-1@home.example>"
        text = mail.get_payload(decode=True).decode()
        assert text.startswith("sorry") and "Anna Berg, the bank" in text
        assert "> It was declined in the shop." in text

    run(flow())


def test_mail_is_answered_by_clicks_and_taken_back_before_it_leaves(run, data, monkeypatch):
    async def flow():
        async with office(data, monkeypatch, undo=60.0) as (anna, outside):
            await until(anna.main.commands[Action.REPLY].isVisible)
            click(anna, "Reply")
            pane = anna.main.desk.mail.pane
            await until(pane.isVisible)
            click(anna, "Send")
            await until(lambda: button(anna, "Undo") is not None)
            assert [one.state for one in seen(anna).outgoing] == ["queued"]
            click(anna, "Undo")
            await until(lambda: pane.isVisible() and button(anna, "Undo") is None)
            assert not outside.received

    run(flow())


def test_mail_of_an_agent_with_an_address_goes_there_once_and_again_on_request(
    run, data, monkeypatch
):
    async def flow():
        async with office(data, monkeypatch, address=ANNA) as (anna, outside):
            await outside.arrived(1)
            assert seen(anna).external == ANNA
            assert not anna.main.commands[Action.REPLY].isVisible()
            await until(anna.main.commands[Action.DID_NOT_ARRIVE].isVisible)
            click(anna, "Did not arrive")
            await outside.arrived(2)
            await until(lambda: seen(anna).pressed == 1)
            click(anna, "Did not arrive")
            await until(lambda: seen(anna).external == "")  # it is handled here from now on
            await until(anna.main.commands[Action.REPLY].isVisible)
            assert anna.contact(State.ACCEPTED) is not None
        first, again = outside.received[:2]
        for one in (first, again):
            assert one.recipients == (ANNA,)
            assert email.message_from_bytes(one.content)["Resent-To"] == ANNA
            assert QUESTION.split(b"\r\n\r\n")[1] in one.content

    run(flow())
