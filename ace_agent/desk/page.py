"""The desk: three columns and the action bar, for the contact that is chosen.

While a waiting list is looked into, it stands above the preview, and what is read is the contact
chosen in it; what is in hand stays at the left. The desk follows the session; what is possible is
said by `actions`, what is shown by the columns.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ace_agent import actions
from ace_agent.actions import Action, Hindrance, Verb
from ace_agent.desk import link_view, mail_words, models, requeue, words
from ace_agent.desk.action_bar import ActionBar
from ace_agent.desk.addresses import Address
from ace_agent.desk.attachments import AttachmentsView
from ace_agent.desk.contacts_pane import ContactsPane
from ace_agent.desk.correspondence import Correspondence
from ace_agent.desk.data_pane import DataPane
from ace_agent.desk.explanation import Explanation
from ace_agent.desk.html import Cleaner
from ace_agent.desk.links import Opener
from ace_agent.desk.mail_view import MailView
from ace_agent.desk.places import KINDS, Places
from ace_agent.desk.preview import Preview
from ace_agent.desk.remote_pictures import RemotePictures
from ace_agent.desk.sent_commands import SentCommands
from ace_agent.desk.sent_view import SentView
from ace_agent.desk.waiting import WaitingList
from ace_agent.desk.waiting_page import WaitingPage
from ace_agent.session import Changed, Session
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import key_text
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.question import ask
from ace_server.wire import Agent, Contact, Mail, Writing

log = logging.getLogger(__name__)

WIDTHS = (264, 640, 320)
NARROWEST = (176, 280, 208)
HEIGHTS = (300, 300, 500)
"""Of a waiting list, the preview below it, and what is written below that."""
LOWEST = 132

FOLDED, SHARES, LIST = "folded-places", "centre-sizes", "waiting-list"
"""Under which are remembered: headings that are folded, those heights, the columns of the list."""


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
        self._booked: int | None = None
        self.model = models.Contacts(session, self)
        self.places = Places(session, self)
        self.contacts = ContactsPane(self.model, self.places, commands, pulse)
        self.waiting = WaitingList(session, self)
        self.page = WaitingPage(self.waiting, session.now)
        self.page.table.offer([commands["pick"]])
        self.attachments = AttachmentsView(session, tasks, opener)
        self.mail = Correspondence(session, tasks, commands, self.attachments, self)
        self.sent = SentCommands(session, tasks, self.mail, self._make_sent, self)
        self.cleaner: Cleaner | None = None
        self._settings: Settings | None = None
        self.preview = Preview(self.attachments, self._make_reading, commands[Verb.ACTIVATE])
        self.data = DataPane()
        self.bar = ActionBar(commands)
        self.explanation = Explanation(self.bar.buttons[Action.EXPLAIN], self)
        self.centre = self._make_centre()
        self.columns = self._make_columns()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> Contact | None:
        """The contact at hand that is shown; none while a waiting list is looked into."""
        if self._chosen is None or self.looks:
            return None
        return self._session.contacts.get(self._chosen)

    @property
    def looks(self) -> bool:
        """Whether a waiting list is looked into."""
        return self.waiting.name is not None

    @property
    def read(self) -> Contact | None:
        """The contact that can be read: at hand, or waiting in the list."""
        return self.waiting.contact if self.looks else self.chosen

    def choose(self, contact: int | None) -> None:
        """Show this contact at hand."""
        if contact != self._chosen or self.looks:
            self._chosen = contact
            self.explanation.leave()
            if self.looks:
                self.waiting.close()
            else:
                self.refresh()

    def look(self, name: str) -> None:
        """Look into this waiting list; empty: what waits for this agent alone."""
        self.explanation.leave()
        self.waiting.open(name)
        self.centre.show()
        self.page.focus()

    def follow(self, changed: Changed) -> None:
        """The session says that something changed."""
        self.model.follow(changed)
        self.places.follow(changed)
        if changed.what == "queues":
            self.chosen_changed.emit()

    def tick(self) -> None:
        """Move the times on."""
        self.model.tick()
        self.mail.tick()
        self.places.update()
        self.page.model.tick()

    def refresh(self) -> None:
        """Show everything as the session has it now."""
        contact = self.read
        agent = self._session.agent
        now = self._session.now()
        self._show_preview(contact, self._hint(agent), now)
        self._show_writing()
        editable = bool(contact and agent and actions.editable(contact, agent))
        drafts = self._session.typed.get(contact.id, {}) if contact else {}
        self._show_data(contact, drafts, editable)
        self.bar.say(self._about(contact, agent, now))
        self.bar.pick.offer(self.looks)
        self.contacts.choose(None if self.looks else self._chosen)
        self.chosen_changed.emit()

    def _show_writing(self) -> None:
        """What is written stands below what is read, but not below a list that is looked into."""
        if self.looks:
            self.mail.hide()
        else:
            self.mail.show_contact(self.chosen)

    def _hint(self, agent: Agent | None) -> words.Hint:
        if self.looks:
            return words.nothing_read(self.waiting.gone, self.waiting.trouble, self.waiting.count)
        return words.nothing_here(agent, len(self._session.contacts), self._key(Verb.ACTIVATE))

    def _show_preview(self, contact: Contact | None, hint: words.Hint, now: datetime) -> None:
        """Where the attachment that had the keyboard goes, the list of contacts has it next."""
        had = self._has_keyboard(self.attachments)
        self.preview.show_contact(contact, hint, now, self._waits(contact))
        if had and not self._has_keyboard(self.attachments):
            self._focus_list()

    def _waits(self, contact: Contact | None) -> str:
        """Where the contact waits that is read; empty where it is in hand, or that is not known."""
        name = self.waiting.name
        position = self.waiting.position(contact.id) if contact and name is not None else None
        return words.waits(name or "", position, self.waiting.count) if position else ""

    def _show_data(
        self, contact: Contact | None, drafts: Mapping[str, str], editable: bool
    ) -> None:
        """Where the field that had the keyboard goes away, the list of contacts has it next."""
        had = self._has_keyboard(self.data)
        self.data.show_contact(contact, drafts, editable=editable)
        if had and not self._has_keyboard(self.data):
            self._focus_list()

    def _focus_list(self) -> None:
        self.focus(self.centre if self.looks else self.contacts)

    def _has_keyboard(self, part: QWidget) -> bool:
        now = self.window().focusWidget()
        return now is not None and part.isAncestorOf(now)

    @property
    def hindrance_to_pick(self) -> Hindrance | None:
        """What keeps the agent from picking from the list that is looked into."""
        agent, status = self._session.agent, self.waiting.status
        if agent is None:
            return Hindrance.PAUSED
        return actions.hindrance_to_pick(agent, serves=status is None or status.logged_in)

    @property
    def can_pick(self) -> bool:
        """Whether the chosen one of a list can be taken in hand now."""
        there = self.waiting.chosen is not None and not self.waiting.gone
        return self.looks and there and self.hindrance_to_pick is None

    @property
    def why_no_pick(self) -> str:
        """Why nothing can be picked from the list that is looked into; empty where it can."""
        hindrance = self.hindrance_to_pick if self.looks else None
        if hindrance is None:
            return ""
        keys = self._key(Verb.ACTIVATE), key_text(self._commands["queue-log-in"])
        return words.no_pick(hindrance, *keys)

    def _about(self, contact: Contact | None, agent: Agent | None, now: datetime) -> str:
        if self.looks:
            return self.why_no_pick
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

    def remember(self, settings: Settings) -> None:
        """Keep how what waits is arranged."""
        settings.keep_view(FOLDED, " ".join(sorted(self.places.folded)).encode())
        settings.keep_view(SHARES, bytes(self.centre.saveState().data()))
        settings.keep_view(LIST, self.page.table.save())
        if self.preview.mail is not None:
            self.preview.mail.html.remember(settings)

    def restore(self, settings: Settings) -> None:
        """As it was remembered; as designed where nothing was."""
        folded = settings.view(FOLDED).decode().split()
        self.places.fold(kind for kind in KINDS if kind in folded)
        shares = settings.view(SHARES)
        if not shares or not self.centre.restoreState(QByteArray(shares)):
            self.centre.setSizes(list(HEIGHTS))
        self._settings = settings
        if not self.page.table.restore(settings.view(LIST)):
            self.page.table.sort_by(0)

    async def stop(self) -> None:
        """End what is under way."""
        await self.waiting.stop()
        if self.cleaner is not None:
            self.cleaner.close()

    def panes(self) -> Sequence[QWidget]:
        """The three columns, in order."""
        return (self.contacts, self.centre, self.data)

    def focus(self, pane: QWidget) -> None:
        """Move the keyboard into a column."""
        if pane is self.contacts:
            self.contacts.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif pane is self.centre and self.looks:
            self.page.focus()
        elif pane is self.centre:
            self.preview.focus_first()
        else:
            self.data.focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the waiting list, and from there to the contacts at hand."""
        if event.key() == Qt.Key.Key_Escape and self.looks:
            if self._has_keyboard(self.preview) or self._has_keyboard(self.data):
                self.page.focus()
            else:
                self.waiting.close()
        else:
            super().keyPressEvent(event)

    # Commands

    async def accept(self) -> None:
        """Take the booked contact in hand, whichever is shown."""
        booked = models.booked(self._session.contacts.values())
        if booked is not None:
            await self._session.accept(booked)
            self.choose(booked)

    async def end(self) -> None:
        """End the contact shown; what is still missing is asked for first."""
        contact = self.chosen
        if contact is None:
            return
        missing = actions.missing(contact, self._session.typed.get(contact.id, {}))
        if missing:
            self.data.show()
            self.data.demand(missing)
            name = missing[0].display or missing[0].key
            self.bar.say(self._missing(name, len(missing)), wrong=True)
            return
        if await self.mail.may_leave(contact.id, self.tr("End, and keep the draft")):
            await self._session.end(contact.id)

    async def do(self, action: Action) -> None:
        """Decline, park or resume the contact shown."""
        if self._chosen is None:
            return
        match action:
            case Action.DECLINE:
                await self._session.decline(self._chosen)
            case Action.PARK:
                contact = self._chosen
                if await self.mail.may_leave(contact, self.tr("Park, and keep the draft")):
                    await self._session.park(contact)
            case Action.RESUME:
                await self._session.resume(self._chosen)

    async def requeue(self) -> None:
        """Ask where to, then requeue the contact shown."""
        contact = self._chosen
        if contact is None:
            return
        if not await self.mail.may_leave(contact, self.tr("Requeue, and keep the draft")):
            return
        session = self._session
        targets = models.Targets(session.queues, session.waiting_lists, session.colleagues)
        dialog = requeue.RequeueDialog(targets, self)
        targets.setParent(dialog)
        chosen = await requeue.ask(dialog)
        if chosen is not None:
            await self._session.requeue(contact, chosen.queue, chosen.colleague, chosen.note)

    @property
    def mail_at_hand(self) -> Mail | None:
        """The mail of the contact shown, once it was read."""
        return self.mail.mails.of(self._chosen) if self._chosen is not None else None

    @property
    def mail_read(self) -> MailView | None:
        """What shows the mail that is read, if one is."""
        contact, view = self.read, self.preview.mail
        return view if contact is not None and actions.has_mail(contact) else None

    async def send_again(self) -> None:
        """Send once more what was sent about the mail that is read and did not arrive."""
        view = self.mail_read
        sent = view.last_sent(mail_words.can_be_sent_again) if view is not None else None
        if sent is not None:
            await self.sent.send_again(sent)

    async def write_again(self) -> None:
        """Begin a draft with it instead."""
        view = self.mail_read
        sent = view.last_sent(mail_words.can_be_written_again) if view is not None else None
        if sent is not None:
            await self.sent.write_again(sent)

    async def write(self, kind: Writing) -> None:
        """Write about the contact shown; `new` is about none."""
        if kind == "new":
            await self.mail.compose(kind)
        elif self._chosen is not None:
            await self.mail.compose(kind, self._chosen)

    async def did_not_arrive(self) -> str:
        """Have the mail of the contact shown sent or fetched again; returns what was done."""
        return await self.mail.did_not_arrive(self._chosen) if self._chosen is not None else ""

    async def show_source(self) -> None:
        """Show the mail that is read as it came."""
        if self.read is not None:
            await self.mail.show_source(self.read.id)

    async def pick(self) -> None:
        """Take the contact that is chosen in the list in hand, and show it."""
        picked = await self.waiting.pick()
        if picked is not None:
            self.choose(picked)
            self.focus(self.contacts)

    async def log_in_to_queue(self, logged_in: bool) -> None:
        """Serve the chosen queue or waiting list, or no longer."""
        place = self.contacts.places.chosen
        if place is not None and place.name:
            await self._session.log_in_to_queue(place.name, logged_in)

    def go_to_writing(self) -> None:
        """Move the keyboard to the mail that is written."""
        self._make_room()
        self.mail.go_to_writing()

    def show_places(self) -> None:
        """Move the keyboard to the waiting lists and queues."""
        self.contacts.show()
        self.contacts.places.focus_first()

    async def explain(self) -> None:
        """Say why the contact shown is here."""
        if self._chosen is not None:
            self.explanation.tell(await self._session.explain(self._chosen))

    async def open_link(self) -> None:
        """Open where the contact leads, after a question that shows the whole address."""
        await self._open_address(self.preview.link.address)

    async def open_thread(self) -> None:
        """Open what was said before on a social channel, after the same question (WI-10)."""
        await self._open_address(self.preview.thread_link.address)

    async def _open_address(self, address: Address | None) -> None:
        if address is None:
            return
        answer = await ask(link_view.question(address, self))
        if answer == link_view.COPY:
            QGuiApplication.clipboard().setText(address.full)
        elif answer == link_view.OPEN and not self._open_outside(address.url):
            raise Trouble(self.tr("No browser opened. Copy the address instead."))

    def copy_data(self) -> None:
        """Put all contact data on the clipboard, as text."""
        contact = self.read
        if contact is not None:
            QGuiApplication.clipboard().setText(
                models.as_text(contact, self._session.typed.get(contact.id, {}))
            )

    # Parts

    def _make_centre(self) -> QSplitter:
        centre = QSplitter(Qt.Orientation.Vertical)
        centre.setHandleWidth(1)
        centre.setChildrenCollapsible(False)
        self.page.setMinimumHeight(LOWEST)
        self.preview.setMinimumHeight(LOWEST)
        centre.addWidget(self.page)
        centre.addWidget(self.preview)
        centre.addWidget(self.mail.pane)
        centre.setStretchFactor(1, 1)
        centre.setStretchFactor(2, 1)
        return centre

    def _make_reading(self) -> MailView:
        """What shows a mail, made with the first one: a desk of work items has none of it."""
        self.cleaner = self.cleaner or Cleaner()
        view = MailView(
            self._session,
            self.mail.mails,
            self.mail.drafts,
            self._tasks,
            self.cleaner,
            RemotePictures(),
            self._open_outside,
            self._commands["source"],
        )
        if self._settings is not None:
            view.restore(self._settings)
        view.contact_wanted.connect(self.choose)
        view.changed.connect(self.chosen_changed)
        view.send_again_wanted.connect(self.sent.send_again_soon)
        view.write_again_wanted.connect(self.sent.write_again_soon)
        view.draft_wanted.connect(self.mail.go_on_soon)
        return view

    def _make_sent(self) -> SentView:
        """What shows a mail that was sent."""
        self.cleaner = self.cleaner or Cleaner()
        view = SentView(self._tasks, self.cleaner, RemotePictures(), self._open_outside)
        if self._settings is not None:
            view.html.restore(self._settings)
        return view

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
        column.addWidget(self.mail.undo_bar)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        self.model.updated.connect(self._follow)
        self.contacts.selected.connect(self.choose)
        self.contacts.opened.connect(self._open)
        self.contacts.places.opened.connect(self.look)
        self.contacts.places.chosen_changed.connect(self.chosen_changed)
        self.waiting.changed.connect(self._follow_list)
        self.page.reading_wanted.connect(self.preview.focus_first)
        self.page.picked.connect(self._commands["pick"].trigger)
        self.data.edited.connect(self._session.edit)
        self.data.copy_wanted.connect(self._commands["copy-data"].trigger)
        self.data.rebuilt.connect(self._keep_tab_order)
        self.preview.link.wanted.connect(self._commands["open-link"].trigger)
        self.preview.thread_link.wanted.connect(self._commands["open-thread"].trigger)
        self.mail.mails.changed.connect(self._follow_mail)
        self.mail.drafts.listed.connect(self._follow_drafts)
        self.mail.drafts.changed.connect(self._follow_drafts)
        self.mail.changed.connect(self.chosen_changed)
        self.mail.room_wanted.connect(self._make_room)
        self.mail.contact_wanted.connect(self.choose)
        self.mail.begun.connect(self.preview.bring_up_text)
        self.mail.keyboard_free.connect(self._stop_writing)

    def _follow(self) -> None:
        """Rows are as the session is: choose what is now most at hand, and show it anew."""
        before, self._booked = self._booked, models.booked(self._session.contacts.values())
        self._chosen = models.to_choose(
            self._session.contacts.values(), self._chosen, writes=self.mail.has_keyboard
        )
        self.mail.keep_in_front(self._chosen)
        if self._booked not in (None, before):
            self.waiting.close()  # what has come is looked at first
        self.refresh()

    def _make_room(self) -> None:
        """What is written stands in the middle, and below no list."""
        self.waiting.close()
        self.centre.show()

    def _stop_writing(self) -> None:
        """What was only announced while somebody wrote comes up now."""
        self.focus(self.contacts)
        self.model.follow(Changed("contact"))

    def _follow_mail(self, contact: int) -> None:
        """The mail that is read stands otherwise now."""
        read, mail = self.read, self.preview.mail
        if read is None or read.id != contact:
            return
        if mail is not None and actions.has_mail(read):
            mail.refresh(read, self._session.now())
        self.chosen_changed.emit()

    def _follow_drafts(self) -> None:
        """Something is begun, put aside, sent: but not at each letter that is typed."""
        contact, mail = self.read, self.preview.mail
        if contact is not None and mail is not None and actions.has_mail(contact):
            mail.refresh_lines(contact, self._session.now())

    def _follow_list(self) -> None:
        """The open list is different, or another one, or none is open any more."""
        left = not self.looks and not self.page.isHidden()
        had = left and self._has_keyboard(self.centre)
        self.places.mark_open(self.waiting.name)
        if self.looks:
            if self.page.isHidden():
                self.contacts.places.choose(self.waiting.name or "")
            self.page.follow()
        elif left:
            self.page.field.clear()
        self.page.setVisible(self.looks)
        self.refresh()
        if had:
            self.focus(self.contacts)

    def _open(self, contact: int) -> None:
        """A booked contact that is clicked twice is accepted."""
        if contact == models.booked(self._session.contacts.values()):
            self._commands[Action.ACCEPT].trigger()

    def _keep_tab_order(self) -> None:
        """From the fields the Tab key goes on to the actions."""
        last = [*self.data.values()[-1:], self.bar.pick, *self.bar.buttons.values()]
        for before, after in pairwise(last):
            QWidget.setTabOrder(before, after)

    def _missing(self, name: str, count: int) -> str:
        if count == 1:
            return self.tr("%1 is needed before the contact can be ended.").replace("%1", name)
        text = self.tr("%1 and %n more are needed before the contact can be ended.", "", count - 1)
        return text.replace("%1", name)
