"""Which commands of the window are there, and which of them can be done now.

What decides is `actions`, the desk and Pulse: here it becomes visible or not, enabled or not.
"""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence

from ace_agent import actions
from ace_agent.actions import Action, Intervention, Page, Verb
from ace_agent.commands import Command
from ace_agent.desk import mail_words, models, words
from ace_agent.desk.mail_view import MailView
from ace_agent.desk.page import Desk
from ace_agent.pulse.page import BACK, PulsePage
from ace_agent.session import Session
from ace_agent.widgets.buttons import key_text

OF_DRAFT = ("send", "template", "attach", "more-recipients", "discard", "put-aside")
"""Commands that belong to the draft that is shown."""

ZOOM = ("zoom-in", "zoom-out", "zoom-reset")

READING: Mapping[str, Callable[[MailView], None]] = {
    "as-text": lambda view: view.html_at_hand.prefer(text=not view.html_at_hand.shows_text),
    "load-pictures": lambda view: view.html_at_hand.load_pictures(),
    "whole-mail": lambda view: view.html_at_hand.show_whole(),
    "try-again": lambda view: view.try_again(),
    "zoom-in": lambda view: view.html_at_hand.zoom_by(1),
    "zoom-out": lambda view: view.html_at_hand.zoom_by(-1),
    "zoom-reset": lambda view: view.html_at_hand.zoom_to(100),
}
"""Commands that show a mail otherwise, and how."""


class Offered:
    """The commands of one window."""

    def __init__(
        self, session: Session, commands: Mapping[str, QAction], desk: Desk, panel: PulsePage
    ) -> None:
        self._session, self._commands = session, commands
        self._desk, self._panel = desk, panel
        self._shown = Page.DESK

    def refresh(self, shown: Page) -> None:
        """Show and enable what has its place on this page, as everything is now."""
        self._shown = shown
        agent, contact = self._session.agent, self._desk.chosen
        seen = contact is not None and self._shown is Page.DESK  # nothing is done to what is not
        mail = self._desk.mail_at_hand
        possible = (
            actions.enabled(contact, agent, mail) if contact and agent and seen else frozenset()
        )
        booked = models.booked(self._session.contacts.values()) is not None
        read = self._desk.read if self._shown is Page.DESK else None
        for action in Action:
            self._commands[action].setEnabled(action in possible)
        for action in actions.MAIL_ONLY:
            self._commands[action].setVisible(action in possible)
        self._commands[Action.ACCEPT].setEnabled(booked)
        verbs = actions.verbs(agent) if agent else frozenset()
        for verb in Verb:
            self._commands[verb].setEnabled(verb in verbs)
        self._give_the_key(Verb.ACTIVATE in verbs)
        self._commands["change-password"].setEnabled(agent is not None)
        has_link = self._desk.preview.link.address is not None
        self._commands["open-link"].setEnabled(read is not None and has_link)
        self._commands["play"].setEnabled(read is not None and self._desk.attachments.can_play)
        self._commands["copy-data"].setEnabled(bool(read and read.fields))
        self._refresh_mail()
        self._refresh_reading()
        self._refresh_what_waits()
        self._refresh_pages()

    def _refresh_mail(self) -> None:
        """What is written, and what is read; what has no place now is not there."""
        agent, here, mail = self._session.agent, self._shown is Page.DESK, self._desk.mail
        for name in ("new-mail", "drafts", "sent"):
            self._commands[name].setEnabled(agent is not None and actions.may_write(agent))
        one = mail.written if here and not mail.pane.isHidden() else None
        for name in OF_DRAFT:
            self._commands[name].setVisible(one is not None)
            self._commands[name].setEnabled(one is not None and not one.is_closing)
        can_undo = mail.drafts.undoable(self._session.now()) is not None
        read = self._desk.read if here else None
        has_source = read is not None and mail.mails.of(read.id) is not None
        has_thread = read is not None and self._desk.preview.thread_link.address is not None
        shown = {
            "undo-send": can_undo,
            "go-to-writing": agent is not None and mail.has_open,
            "source": has_source,
            "open-thread": has_thread,
        }
        for name, there in shown.items():
            self._commands[name].setVisible(there)
            self._commands[name].setEnabled(there)

    def _refresh_reading(self) -> None:
        """What can be done with the mail that is read; the rest has no place now."""
        view = self._desk.mail_read if self._shown is Page.DESK else None
        possible: set[str] = set()
        if view is not None:
            html = view.html_at_hand
            can_be = {
                "as-text": html.has_two_faces,
                "load-pictures": html.can_load,
                "whole-mail": html.can_show_whole,
                "try-again": view.can_try_again,
                "send-again": view.last_sent(mail_words.can_be_sent_again) is not None,
                "write-again": view.last_sent(mail_words.can_be_written_again) is not None,
            }
            possible = {*ZOOM, *(name for name, there in can_be.items() if there)}
            self._commands["as-text"].setChecked(html.shows_text)
        for name in (*READING, "send-again", "write-again"):
            self._commands[name].setVisible(name in possible)
            self._commands[name].setEnabled(name in possible)

    def _refresh_what_waits(self) -> None:
        """Picking, queues and the work level; what cannot be done says why."""
        agent, here = self._session.agent, self._shown is Page.DESK
        self._commands["pick"].setEnabled(here and self._desk.can_pick)
        self._say_why_not("pick", self._desk.why_no_pick)
        place = self._desk.contacts.places.chosen if here else None
        for name, served in (("queue-log-in", False), ("queue-log-out", True)):
            can_be_done = place is not None and bool(place.name) and place.logged_in is served
            self._commands[name].setEnabled(can_be_done)
        self._commands["places"].setEnabled(here and bool(self._desk.places.rows))
        held = self._session.contacts.values()
        kept = actions.hindrance_to_choose_work_level(agent, held) if agent else None
        has_choice = agent is not None and bool(agent.work_levels)
        self._commands["work-level"].setVisible(has_choice)
        self._commands["work-level"].setEnabled(has_choice and kept is None)
        self._say_why_not("work-level", words.no_work_level(kept) if kept else "")

    def _say_why_not(self, name: str, reason: str) -> None:
        """Behind what a command does: why it cannot be done now."""
        action = self._commands[name]
        action.setToolTip(f"{hint(action)}\n{reason}" if reason else hint(action))

    def _refresh_pages(self) -> None:
        agent = self._session.agent
        pages = actions.PAGES[agent.role] if agent else ()
        for page in Page:
            self._commands[page].setEnabled(page in pages)
            self._commands[page].setVisible(page in pages and len(pages) > 1)
        self.refresh_interventions(self._shown)

    def refresh_interventions(self, shown: Page) -> None:
        """Only what can be done in Pulse: something else is chosen there."""
        agent, here = self._session.agent, shown is Page.PULSE
        granted = actions.granted(agent) if agent else frozenset()
        possible = self._panel.possible() if here else frozenset()
        for each in Intervention:
            self._commands[each].setVisible(each in granted)
            self._commands[each].setEnabled(each in possible)
        self._commands[BACK].setVisible(bool(granted))
        self._commands[BACK].setEnabled(here and self._panel.is_inside)

    def _give_the_key(self, to_activate: bool) -> None:
        """F9 activates where one can activate, and else pauses; both at once would do nothing."""
        command: Command = self._commands[Verb.PAUSE].data()
        keys = command.keys[1:] if to_activate else command.keys
        wanted = [QKeySequence(key) for key in keys]
        if self._commands[Verb.PAUSE].shortcuts() != wanted:
            self._commands[Verb.PAUSE].setShortcuts(wanted)


def hint(action: QAction) -> str:
    """What a command does, and its key."""
    command: Command = action.data()
    key = key_text(action)
    return f"{command.hint} ({key})" if key else command.hint
