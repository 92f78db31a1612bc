"""The agent's window: status strip, messages, its pages, menus, and a key for every command.

It builds the commands; `offered` says when each can be done, what they do is the pages' and the
session's.
"""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDesktopServices,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ace_agent import actions, commands, icons, language, theme
from ace_agent.actions import Action, Intervention, Page, Verb
from ace_agent.commands import Command, Entry
from ace_agent.desk import mail_words, models, words
from ace_agent.desk.command_list import CommandList
from ace_agent.desk.links import Opener
from ace_agent.desk.mail_view import MailView
from ace_agent.desk.page import Desk
from ace_agent.desk.shown import one_line
from ace_agent.desk.status_strip import StatusStrip
from ace_agent.loop import closed
from ace_agent.offered import READING, ZOOM, Offered, hint
from ace_agent.password_dialog import PasswordDialog
from ace_agent.pulse.board import Board
from ace_agent.pulse.page import BACK, PulsePage
from ace_agent.sentences import filled
from ace_agent.session import Changed, Session
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks
from ace_agent.widgets.bar import Bar
from ace_agent.widgets.buttons import key_text
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.question import Answer, Question, ask
from ace_server.wire import Agent

WIDTH, HEIGHT = 1280, 800
TICK_MS = 500
"""Clocks are looked at twice a second, so that none passes over a second."""

COLUMNS = ("column-1", "column-2", "column-3")
SWITCHES = {
    "sound": "sound",
    "notification": "notification",
    "alert": "alert",
    "reduced-motion": "reduced_motion",
}
"""Commands that switch something on and off, and which of the settings that is."""

THEMES: dict[str, theme.Choice] = {
    "theme-system": "system",
    "theme-light": "light",
    "theme-dark": "dark",
}
"""Commands that choose light or dark, and which."""

LANGUAGES: dict[str, language.Choice] = {
    "language-system": "",
    "language-en": "en",
    "language-sv": "sv",
}
"""Commands that choose a language, and which."""


class MainWindow(QMainWindow):
    """One window for one agent; it lives as long as the program, or until the language changes."""

    language_chosen = Signal()
    """Another language is wanted: this window keeps its own, and is to be made anew."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        opener: Opener = QDesktopServices.openUrl,
        parent: QWidget | None = None,
    ) -> None:
        """`opener` hands links and copies of attachments to the desktop."""
        super().__init__(parent)
        self.session = session
        self.settings = settings
        self.tasks = Tasks(self.say_trouble)
        self.commands: dict[str, QAction] = {
            command.name: self._make(command) for command in commands.catalogue()
        }
        self.agent_menu = QMenu(self)
        self.pulse = Pulse(self, still=settings.reduced_motion)
        self.strip = StatusStrip(self.commands, self.agent_menu, self.pulse)
        self.link_bar = Bar("caution", "link-down")
        self.notice_bar = Bar("caution", "warning")
        self.trouble_bar = Bar("alarm", "warning", closable=True)
        self.done_bar = Bar("calm", "tick", closable=True)
        self.sent_bar = Bar("alarm", "mail-refused", closable=True)
        self.tip_bar = Bar("calm", "info", closable=True)
        self.desk = Desk(session, self.tasks, self.commands, self.pulse, opener)
        self.desk.sent.mails.keep_in(settings)
        self.board = Board(session, self)
        self.panel = PulsePage(
            session, self.board, settings, self.say_trouble, self.say_done, self.commands
        )
        self.offered = Offered(session, self.commands, self.desk, self.panel)
        self.pages = QStackedWidget()
        self._may_close = False  # whatever is lost then
        self._whose = ""  # the login for which a first page was chosen
        self._added: dict[str, Callable[[], None]] = {}
        self._clock = QTimer(self)
        self._lay_out()
        self.command_list = CommandList(self._find, self)
        self._fill_menus()
        self._connect()
        self._restore()
        self._choose_page()
        self.desk.model.update()
        self._show_messages()
        self._show_sent_news()

    def say_trouble(self, reason: str) -> None:
        """Something was not done: say why, until the next command or Esc."""
        self.trouble_bar.say(reason)

    def say_done(self, sentence: str) -> None:
        """Something was done that is not seen by itself: say so, until the next command or Esc."""
        self.done_bar.say(sentence)

    def show_page(self, page: Page) -> None:
        """Show this page, with the keyboard on it."""
        self._turn_to(page)
        self._refresh_commands()

    def add(self, command: Command, do: Callable[[], None]) -> QAction:
        """One more command, at the end of its menu, for who shows this window elsewhere."""
        self._added[command.name] = do
        action = self.commands[command.name] = self._make(command)
        self._menus[command.menu].addAction(action)
        return action

    async def stop(self) -> None:
        """End what is under way, before the window goes."""
        self._may_close = True
        await self.board.stop()
        await self.panel.stop()
        await self.desk.stop()
        self.desk.attachments.forget()  # before, so that nobody waits for a page
        await self.tasks.stop()

    # Commands

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setCheckable(command.checkable)
        action.setAutoRepeat(command.name in ZOOM)  # a key held down does the rest once
        action.setData(command)
        action.setToolTip(hint(action))
        action.triggered.connect(lambda: self._do(command.name))
        self.addAction(action)
        return action

    def _do(self, name: str) -> None:
        self._unsay()
        if name not in self._coroutines():
            self._plain()[name]()
        elif not (name in self._one_at_a_time() and self.tasks.is_running(name)):
            self.tasks.start(self._coroutines()[name](), name=name)

    def _pause_with(self, activity: str) -> None:
        self._unsay()
        self.tasks.start(self.session.pause(activity))

    def _choose_work_level(self, work_level: str) -> None:
        self._unsay()
        self.tasks.start(self.session.choose_work_level(work_level))

    def _unsay(self) -> None:
        """What was said of the last command is over."""
        self.trouble_bar.say("")
        self.done_bar.say("")

    def _coroutines(self) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        desk = self.desk
        return {
            Verb.ACTIVATE: self.session.activate,
            Verb.PAUSE: self.session.pause,
            Verb.EXTEND_WRAP_UP: self.session.extend_wrap_up,
            Verb.LOG_OUT: self.session.log_out,
            Action.ACCEPT: self._accept,
            Action.DECLINE: lambda: desk.do(Action.DECLINE),
            Action.PARK: lambda: desk.do(Action.PARK),
            Action.RESUME: lambda: desk.do(Action.RESUME),
            Action.REQUEUE: desk.requeue,
            Action.END: desk.end,
            Action.EXPLAIN: desk.explain,
            **self._one_at_a_time(),
            **self.panel.interventions.coroutines(),
            **self.panel.mail_interventions.coroutines(),
            Intervention.PULL: self._pull,
            "pick": desk.pick,
            "queue-log-in": lambda: desk.log_in_to_queue(True),
            "queue-log-out": lambda: desk.log_in_to_queue(False),
            "open-link": desk.open_link,
            "change-password": self._change_password,
            "about": self._about,
        }

    def _one_at_a_time(self) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        """Pressed twice, such a command writes, sends, reports or opens once."""
        desk, mail = self.desk, self.desk.mail
        return {
            Action.REPLY: lambda: desk.write("reply"),
            Action.REPLY_ALL: lambda: desk.write("reply-all"),
            Action.FORWARD: lambda: desk.write("forward"),
            Action.DID_NOT_ARRIVE: self._did_not_arrive,
            "new-mail": self._write_new,
            "drafts": self._choose_draft,
            "send": mail.send,
            "undo-send": mail.undo,
            "attach": mail.attach,
            "discard": mail.discard,
            "put-aside": mail.put_aside,
            "send-again": desk.send_again,
            "write-again": desk.write_again,
            "source": desk.show_source,
            "open-thread": desk.open_thread,
        }

    def _plain(self) -> dict[str, Callable[[], None]]:
        return {
            "copy-data": self.desk.copy_data,
            "template": self.desk.mail.choose_template,
            "more-recipients": self.desk.mail.show_more_recipients,
            "go-to-writing": self._go_to_writing,
            "sent": self.desk.sent.show_list,
            "play": self.desk.attachments.play_or_pause,
            **{name: partial(self._read_so, do) for name, do in READING.items()},
            "work-level": self.strip.open_work_levels,
            "places": self._show_places,
            "commands": self.command_list.ask,
            "filter": self._filter,
            "next-pane": self._next_pane,
            **self._added,
            Intervention.LOOK: self.panel.look_into_queue,
            Intervention.QUARANTINE: self.panel.look_into_quarantine,
            BACK: self.panel.leave,
            Page.DESK: lambda: self.show_page(Page.DESK),
            Page.PULSE: lambda: self.show_page(Page.PULSE),
            **{name: self._switch for name in SWITCHES},
            **{name: self._show_columns for name in COLUMNS},
            **{name: self._set_theme for name in THEMES},
            **{name: self._set_language for name in LANGUAGES},
        }

    def _find(self, typed: str) -> list[Entry]:
        """The commands for the command list; the list itself is none of them."""
        entries = (self._entry(action) for action in self.commands.values() if action.isVisible())
        return commands.find((e for e in entries if e.name != "commands"), typed)

    def _entry(self, action: QAction) -> Entry:
        command: Command = action.data()
        return Entry(
            command.name,
            command.text,
            command.hint,
            key_text(action),
            action.isEnabled(),
            command.icon,
            self._switched(action),
        )

    def _switched(self, action: QAction) -> str:
        if not action.isCheckable():
            return ""
        return self.tr("On") if action.isChecked() else self.tr("Off")

    def _refresh_commands(self) -> None:
        self.offered.refresh(self._shown)
        agent = self.session.agent
        is_granted = agent is not None and bool(actions.granted(agent))
        self._menus["pulse"].menuAction().setVisible(is_granted)
        self._mark_columns()

    def _refresh_interventions(self) -> None:
        self.offered.refresh_interventions(self._shown)

    def _read_so(self, do: Callable[[MailView], None]) -> None:
        view = self.desk.mail_read
        if view is not None:
            do(view)

    def _show_sent_news(self) -> None:
        """What the person wrote and did not arrive, until the person knows."""
        news = self.desk.sent.mails.news
        key = key_text(self.commands["sent"])
        self.sent_bar.say(mail_words.not_delivered(news, key) if news else "")

    # What is seen

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        lasting = (self.link_bar, self.notice_bar, self.sent_bar)
        for part in (self.strip, *lasting, self.trouble_bar, self.done_bar, self.tip_bar):
            column.addWidget(part)
        for each in Page:
            self.pages.addWidget(self._page(each))
        column.addWidget(self.pages, 1)
        self.setCentralWidget(page)
        self.setWindowIcon(icons.application())
        self.resize(QSize(WIDTH, HEIGHT).boundedTo(self.screen().availableSize()))

    def _fill_menus(self) -> None:
        names = {
            "agent": self.tr("&Agent"),
            "contact": self.tr("&Contact"),
            "mail": self.tr("&Mail"),
            "pulse": self.tr("&Pulse"),
            "view": self.tr("&View"),
            "help": self.tr("&Help"),
        }
        self._menus = {name: self.menuBar().addMenu(title) for name, title in names.items()}
        for name, menu in self._menus.items():
            self._fill(menu, name)
        self._fill_agent_menu()
        pages = QActionGroup(self)
        for page in Page:
            pages.addAction(self.commands[page])
        self.commands[Page.DESK].setChecked(True)
        for choices in (THEMES, LANGUAGES):
            one_of_them = QActionGroup(self)
            for name in choices:
                one_of_them.addAction(self.commands[name])

    def _fill(self, menu: QMenu, name: str) -> None:
        menu.setToolTipsVisible(True)
        for action in self.commands.values():
            command: Command = action.data()
            if command.menu == name:
                if command.name in SEPARATED:
                    menu.addSeparator()
                menu.addAction(action)

    def _fill_agent_menu(self) -> None:
        last = ("about", "change-password", Verb.LOG_OUT)
        for names in (tuple(THEMES), tuple(LANGUAGES), tuple(SWITCHES), last):
            self.agent_menu.addSeparator()  # none is seen at the top
            for name in names:
                self.agent_menu.addAction(self.commands[name])

    def _connect(self) -> None:
        self.session.changed.connect(self._follow)
        self.session.refused.connect(self._say_refused)
        self.session.logged_out.connect(self._close_dialogs)
        self.desk.chosen_changed.connect(self._refresh)
        self.desk.sent.writes.connect(self._turn_to_desk)
        self.desk.sent.mails.changed.connect(self._show_sent_news)
        self.sent_bar.closed.connect(self.desk.sent.mails.know)
        self.panel.chosen_changed.connect(self._refresh_interventions)
        self.strip.pause_chosen.connect(self._pause_with)
        self.strip.work_level_chosen.connect(self._choose_work_level)
        self.command_list.chosen.connect(lambda name: self.commands[name].trigger())
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)

    def _follow(self, changed: Changed) -> None:
        self.desk.follow(changed)
        if changed.what == "desk":
            self._choose_page()
        if changed.what in ("link", "notice", "desk"):
            self._show_messages()

    def _choose_page(self) -> None:
        """A first one for who has just logged in; and none that the person may no longer see."""
        agent = self.session.agent
        whose, self._whose = self._whose, agent.login if agent else ""
        if agent is None or self._shown not in actions.PAGES[agent.role]:
            self._turn_to(Page.DESK)
        elif agent.login != whose:
            self._turn_to(actions.first_page(agent.role, len(self.session.contacts)))

    def _show_messages(self) -> None:
        """What lasts: that the link is down, and what the server has to say."""
        self.notice_bar.say(one_line(self.session.notice))
        down = not self.session.link_up and self.session.agent is not None
        since = words.link_down(self.session.link_lost_at, self.session.now())
        self.link_bar.say(since if down else "")

    def _close_dialogs(self) -> None:
        """What is read and asked belongs to who was logged in; those on others go first."""
        for dialog in reversed(self.findChildren(QDialog)):
            if dialog.isVisible():
                dialog.reject()

    def _say_refused(self, contact: int, reason: str) -> None:
        held = self.session.contacts.get(contact)
        if held is None:
            self.say_trouble(reason)
            return
        self.say_trouble(filled(self.tr("%1: %2"), models.title(held), reason))

    def _refresh(self) -> None:
        agent = self.session.agent
        self._refresh_commands()
        self.strip.show_agent(agent, self.session.activities, self.session.now())
        waiting = models.booked(self.session.contacts.values()) is not None
        self.pulse.beat(waiting)
        self.setWindowTitle(self._title(agent))

    def _title(self, agent: Agent | None) -> str:
        if agent is None:
            return self.tr("ACE Agent")
        text = self.tr("%1 – %2 – ACE Agent")
        return filled(text, words.state(agent.state), one_line(agent.name))

    def _tick(self) -> None:
        self.strip.tick(self.session.now())
        self.desk.tick()
        self.panel.tick()

    # What the person does to the window

    @property
    def _shown(self) -> Page:
        """The page that is seen now."""
        return Page.PULSE if self.pages.currentWidget() is self.panel else Page.DESK

    def _page(self, page: Page) -> QWidget:
        return self.panel if page is Page.PULSE else self.desk

    def _turn_to(self, page: Page) -> None:
        if page is not self._shown:
            self.pages.setCurrentWidget(self._page(page))
            self._focus_page()
        self.commands[page].setChecked(True)

    def _focus_page(self) -> None:
        if self._shown is Page.PULSE:
            self.panel.focus()
        else:
            self.desk.focus(self.desk.contacts)

    async def _accept(self) -> None:
        """What is accepted is looked at."""
        await self.desk.accept()
        if self._shown is not Page.DESK:
            self.show_page(Page.DESK)

    async def _did_not_arrive(self) -> None:
        """What was done about it is not seen by itself."""
        self.say_done(await self.desk.did_not_arrive())

    async def _write_new(self) -> None:
        self.show_page(Page.DESK)
        await self.desk.write("new")

    async def _choose_draft(self) -> None:
        self.show_page(Page.DESK)
        await self.desk.mail.choose_draft()

    def _turn_to_desk(self) -> None:
        """Something is written there."""
        self.desk.waiting.close()
        self.show_page(Page.DESK)

    async def _pull(self) -> None:
        """What is pulled is looked at, like what is accepted."""
        contact = await self.panel.interventions.pull()
        if contact is not None:
            self.show_page(Page.DESK)
            self.desk.choose(contact)

    def _go_to_writing(self) -> None:
        self.show_page(Page.DESK)
        self.desk.go_to_writing()
        self._mark_columns()

    def _filter(self) -> None:
        if self._shown is Page.PULSE:
            self.panel.filter()
            return
        if self.desk.looks:
            self.desk.centre.show()
            self.desk.page.filter()
            self._mark_columns()
            return
        self.desk.contacts.show()
        self._mark_columns()
        self.desk.contacts.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.desk.contacts.field.selectAll()

    def _show_places(self) -> None:
        self.desk.show_places()
        self._mark_columns()

    def _next_pane(self) -> None:
        """Strip, columns or tables, what is written, actions, and round again."""
        contacts, centre, data = self.desk.panes()
        mail = self.desk.mail
        desk = (contacts, centre, mail.pane, data, mail.undo_bar, self.desk.bar)
        shown = [p for p in (self.strip, *desk, *self.panel.panes()) if p.isVisible()]
        now = self.focusWidget()
        inside = [n for n, part in enumerate(shown) if now and part.isAncestorOf(now)]
        here = inside[-1] if inside else -1  # what is written stands within a column
        for part in (*shown[here + 1 :], *shown[: here + 1]):
            if self._focus(part):
                return

    def _focus(self, part: QWidget) -> bool:
        if part in self.desk.panes():
            self.desk.focus(part)
        elif part is self.desk.mail.pane:
            self.desk.mail.pane.focus_again()
        else:
            first = next(_reachable(part), None)
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        now = self.focusWidget()
        return now is not None and part.isAncestorOf(now)

    def _show_columns(self) -> None:
        for name, pane in zip(COLUMNS, self.desk.panes(), strict=True):
            pane.setVisible(self.commands[name].isChecked())
        self._mark_columns()

    def _mark_columns(self) -> None:
        """One column always stays."""
        panes, here = self.desk.panes(), self._shown is Page.DESK
        shown = [pane for pane in panes if not pane.isHidden()]
        for name, pane in zip(COLUMNS, panes, strict=True):
            self.commands[name].setChecked(not pane.isHidden())
            self.commands[name].setEnabled(here and (len(shown) > 1 or pane.isHidden()))

    def _set_theme(self) -> None:
        for name, choice in THEMES.items():
            if self.commands[name].isChecked():
                self.settings.theme = choice
        self._dress()

    def _set_language(self) -> None:
        for name, choice in LANGUAGES.items():
            if self.commands[name].isChecked() and choice != self.settings.language:
                self.settings.language = choice
                self.language_chosen.emit()

    def _dress(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, self.settings.theme)

    def _switch(self) -> None:
        for name, setting in SWITCHES.items():
            setattr(self.settings, setting, self.commands[name].isChecked())
        self.pulse.set_still(self.settings.reduced_motion)

    async def _change_password(self) -> None:
        dialog = PasswordDialog(self.session.change_password, self)
        try:
            if await closed(dialog) == PasswordDialog.DialogCode.Accepted:
                self.say_done(self.tr("Your password is changed. Log in with the new one."))
        finally:
            await dialog.stop()
            dialog.deleteLater()

    async def _about(self) -> None:
        text = self.tr("The agent's desk for work items and e-mail, at %1.")
        question = Question(
            self,
            self.tr("ACE Agent"),
            text.replace("%1", self.session.site or self.tr("this site")),
            [Answer(self.tr("Close"), "primary")],
        )
        await ask(question)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_escape = event.key() == Qt.Key.Key_Escape
        if is_escape and (self.trouble_bar.text or self.done_bar.text):
            self._unsay()
        elif is_escape and self.sent_bar.text:
            self.desk.sent.mails.know()
        else:
            super().keyPressEvent(event)

    # What is remembered

    def _restore(self) -> None:
        if self.settings.geometry:
            self.restoreGeometry(QByteArray(self.settings.geometry))
        self.desk.restore_columns(self.settings.columns)
        self.desk.restore(self.settings)
        self.panel.restore()
        hidden = self.settings.view(HIDDEN).decode().split()
        for name, pane in zip(COLUMNS, self.desk.panes(), strict=True):
            pane.setHidden(name in hidden)
        self._mark_columns()
        self.commands[f"theme-{self.settings.theme}"].setChecked(True)
        for name, choice in LANGUAGES.items():
            self.commands[name].setChecked(choice == self.settings.language)
        for name, setting in SWITCHES.items():
            self.commands[name].setChecked(getattr(self.settings, setting))

    def remember(self) -> None:
        """Keep in the settings how the window is arranged."""
        self.settings.geometry = bytes(self.saveGeometry().data())
        self.settings.columns = self.desk.save_columns()
        self.desk.remember(self.settings)
        panes = zip(COLUMNS, self.desk.panes(), strict=True)
        hidden = [name for name, pane in panes if pane.isHidden()]
        self.settings.keep_view(HIDDEN, " ".join(hidden).encode())
        self.panel.remember()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        if self.focusWidget() is None:
            self._focus_page()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        self.remember()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        if self._may_close or not self.desk.mail.drafts.only_here:
            super().closeEvent(event)
            return
        event.ignore()
        if not self.tasks.is_running(CLOSING):
            self.tasks.start(self._close_after_a_question(), name=CLOSING)

    async def _close_after_a_question(self) -> None:
        self.show_page(Page.DESK)
        self._may_close = await self.desk.mail.may_close()
        if self._may_close:
            self.close()


CLOSING = "close the window"
HIDDEN = "hidden-columns"
SEPARATED = frozenset(
    {
        "sound",
        "change-password",
        Action.END,
        Action.REPLY,
        Action.EXPLAIN,
        "send",
        "as-text",
        "zoom-in",
        Intervention.EXPLAIN_WAITING,
        Intervention.PRIORITISE,
        Intervention.EXPLAIN_IN_HAND,
        Intervention.QUARANTINE,
        Page.DESK,
        "filter",
        "column-1",
        "theme-system",
        "language-system",
        "reduced-motion",
    }
)
"""Commands with a line above them in their menu."""


def _reachable(part: QWidget) -> Iterator[QWidget]:
    """What can have the keyboard in this part, in order."""
    widget = part.nextInFocusChain()
    while widget is not None and widget is not part:
        by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if by_tab and part.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
            yield widget
        widget = widget.nextInFocusChain()
