"""The desk: three columns and the action bar, for the contact that is chosen.

It follows the session; what is possible is said by `actions`, what is shown by the columns.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ace_agent import actions
from ace_agent.actions import Action, Verb
from ace_agent.desk import link_view, models, requeue, words
from ace_agent.desk.action_bar import ActionBar
from ace_agent.desk.attachments import AttachmentsView, Opener
from ace_agent.desk.contacts_pane import ContactsPane
from ace_agent.desk.data_pane import DataPane
from ace_agent.desk.explanation import Explanation
from ace_agent.desk.preview import Preview
from ace_agent.session import Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import key_text
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.question import ask
from ace_server.wire import Agent, Contact

log = logging.getLogger(__name__)

WIDTHS = (264, 640, 320)
NARROWEST = (176, 280, 208)


class Desk(QWidget):
    """Everything about the contacts at hand."""

    chosen_changed = Signal()
    """Another contact is chosen, or the chosen one is different."""

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        commands: Mapping[str, QAction],
        pulse: Pulse,
        opener: Opener,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._commands = commands
        self._open_outside = opener
        self._chosen: int | None = None
        self.model = models.Contacts(session, self)
        self.contacts = ContactsPane(self.model, pulse)
        self.attachments = AttachmentsView(session, tasks, opener)
        self.preview = Preview(self.attachments, commands[Verb.ACTIVATE])
        self.data = DataPane()
        self.bar = ActionBar(commands)
        self.explanation = Explanation(self.bar.buttons[Action.EXPLAIN], self)
        self.columns = self._make_columns()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> Contact | None:
        """The contact that is shown."""
        return None if self._chosen is None else self._session.contacts.get(self._chosen)

    def choose(self, contact: int | None) -> None:
        """Show this contact."""
        if contact != self._chosen:
            self._chosen = contact
            self.explanation.leave()
            self.refresh()

    def refresh(self) -> None:
        """Show everything as the session has it now."""
        contact = self.chosen
        agent = self._session.agent
        now = self._session.now()
        hint = words.nothing_here(agent, len(self._session.contacts), self._key(Verb.ACTIVATE))
        self._show_preview(contact, hint, now)
        editable = bool(contact and agent and actions.editable(contact, agent))
        drafts = self._session.drafts.get(contact.id, {}) if contact else {}
        self._show_data(contact, drafts, editable)
        self.bar.say(self._about(contact, agent, now))
        self.contacts.choose(self._chosen)
        self.chosen_changed.emit()

    def _show_preview(self, contact: Contact | None, hint: words.Hint, now: datetime) -> None:
        """Where the attachment that had the keyboard goes, the list of contacts has it next."""
        had = self._has_keyboard(self.attachments)
        self.preview.show_contact(contact, hint, now)
        if had and not self._has_keyboard(self.attachments):
            self.focus(self.contacts)

    def _show_data(
        self, contact: Contact | None, drafts: Mapping[str, str], editable: bool
    ) -> None:
        """Where the field that had the keyboard goes away, the list of contacts has it next."""
        had = self._has_keyboard(self.data)
        self.data.show_contact(contact, drafts, editable=editable)
        if had and not self._has_keyboard(self.data):
            self.focus(self.contacts)

    def _has_keyboard(self, part: QWidget) -> bool:
        now = self.window().focusWidget()
        return now is not None and part.isAncestorOf(now)

    def _about(self, contact: Contact | None, agent: Agent | None, now: datetime) -> str:
        if contact is None or agent is None:
            return ""
        longer = Verb.EXTEND_WRAP_UP in actions.verbs(agent)
        extend = self._key(Verb.EXTEND_WRAP_UP) if longer else ""
        return words.about_state(contact, now, self._key(Verb.ACTIVATE), extend)

    def _key(self, verb: Verb) -> str:
        return key_text(self._commands[verb])

    def save_columns(self) -> bytes:
        """Widths and what is hidden, to be remembered."""
        return bytes(self.columns.saveState().data())

    def restore_columns(self, state: bytes) -> None:
        """As they were remembered; as designed where nothing was."""
        if not state or not self.columns.restoreState(QByteArray(state)):
            self.columns.setSizes(list(WIDTHS))

    def panes(self) -> Sequence[QWidget]:
        """The three columns, in order."""
        return (self.contacts, self.preview, self.data)

    def focus(self, pane: QWidget) -> None:
        """Move the keyboard into a column."""
        if pane is self.contacts:
            self.contacts.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif pane is self.preview:
            self.preview.focus_first()
        else:
            self.data.focus_first()

    # Commands

    async def accept(self) -> None:
        """Take the booked contact in hand, whichever is shown."""
        booked = models.booked(self._session.contacts.values())
        if booked is not None:
            await self._session.accept(booked)

    async def end(self) -> None:
        """End the contact shown; what is still missing is asked for first."""
        contact = self.chosen
        if contact is None:
            return
        missing = actions.missing(contact, self._session.drafts.get(contact.id, {}))
        if missing:
            self.data.show()
            self.data.demand(missing)
            name = missing[0].display or missing[0].key
            self.bar.say(self._missing(name, len(missing)), wrong=True)
            return
        await self._session.end(contact.id)

    async def do(self, action: Action) -> None:
        """Decline, park or resume the contact shown."""
        if self._chosen is None:
            return
        match action:
            case Action.DECLINE:
                await self._session.decline(self._chosen)
            case Action.PARK:
                await self._session.park(self._chosen)
            case Action.RESUME:
                await self._session.resume(self._chosen)

    async def requeue(self) -> None:
        """Ask where to, then requeue the contact shown."""
        contact = self._chosen
        if contact is None:
            return
        targets = models.Targets(self._session.queues, self._session.colleagues)
        dialog = requeue.RequeueDialog(targets, self)
        targets.setParent(dialog)
        chosen = await requeue.ask(dialog)
        if chosen is not None:
            await self._session.requeue(contact, chosen.queue, chosen.colleague, chosen.note)

    async def explain(self) -> None:
        """Say why the contact shown is here."""
        if self._chosen is not None:
            self.explanation.tell(await self._session.explain(self._chosen))

    async def open_link(self) -> None:
        """Open where the contact leads, after a question that shows the whole address."""
        address = self.preview.link.address
        if address is None:
            return
        answer = await ask(link_view.question(address, self))
        if answer == link_view.COPY:
            QGuiApplication.clipboard().setText(address.full)
        elif answer == link_view.OPEN and not self._open_outside(address.url):
            raise Trouble(self.tr("No browser opened. Copy the address instead."))

    def copy_data(self) -> None:
        """Put all contact data on the clipboard, as text."""
        contact = self.chosen
        if contact is not None:
            QGuiApplication.clipboard().setText(
                models.as_text(contact, self._session.drafts.get(contact.id, {}))
            )

    # Parts

    def _make_columns(self) -> QSplitter:
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.setHandleWidth(1)
        columns.setChildrenCollapsible(False)
        for pane, width in zip(self.panes(), NARROWEST, strict=True):
            pane.setMinimumWidth(width)
            columns.addWidget(pane)
        columns.setStretchFactor(1, 1)
        columns.setSizes(list(WIDTHS))
        return columns

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.columns, 1)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        self.model.updated.connect(self._follow)
        self.contacts.selected.connect(self.choose)
        self.contacts.opened.connect(self._open)
        self.data.edited.connect(self._session.edit)
        self.data.copy_wanted.connect(self._commands["copy-data"].trigger)
        self.data.rebuilt.connect(self._keep_tab_order)
        self.preview.link.wanted.connect(self._commands["open-link"].trigger)

    def _follow(self) -> None:
        """Rows are as the session is: choose what is now most at hand, and show it anew."""
        self._chosen = models.to_choose(self._session.contacts.values(), self._chosen)
        self.refresh()

    def _open(self, contact: int) -> None:
        """A booked contact that is clicked twice is accepted."""
        if contact == models.booked(self._session.contacts.values()):
            self._commands[Action.ACCEPT].trigger()

    def _keep_tab_order(self) -> None:
        """From the fields the Tab key goes on to the actions."""
        for before, after in pairwise([*self.data.values()[-1:], *self.bar.buttons.values()]):
            QWidget.setTabOrder(before, after)

    def _missing(self, name: str, count: int) -> str:
        if count == 1:
            return self.tr("%1 is needed before the contact can be ended.").replace("%1", name)
        text = self.tr("%1 and %n more are needed before the contact can be ended.", "", count - 1)
        return text.replace("%1", name)
