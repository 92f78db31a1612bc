"""What is done about what was sent: looked at, sent again, written again (EM-10).

What may have arrived already is sent or written a second time only after a question (A-11).
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from ace_agent.desk.again import may_send_again, may_write_again
from ace_agent.desk.correspondence import Correspondence
from ace_agent.desk.sent_dialog import SentDialog
from ace_agent.desk.sent_view import SentView
from ace_agent.sent import SentMails
from ace_agent.session import Session
from ace_agent.tasks import Tasks
from ace_server.wire import OutgoingMail


class SentCommands(QObject):
    """Of one desk."""

    writes = Signal()
    """Something is about to be written: the desk has to be seen."""

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        mail: Correspondence,
        make_view: Callable[[], SentView],
        host: QWidget,
    ) -> None:
        """`host` is what the list stands on, and questions about what is read at the desk."""
        super().__init__(host)
        self._session, self._tasks, self._correspondence = session, tasks, mail
        self._make_view, self._host = make_view, host
        self._dialog: SentDialog | None = None
        self.mails = SentMails.of(session)

    def show_list(self) -> None:
        """Show what was sent lately, beside the window."""
        self.mails.know()
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        view = self._make_view()
        dialog = self._dialog = SentDialog(
            self.mails, view, self._tasks, self._session.now, self._host
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget)
        view.send_again.connect(lambda mail: self.send_again_soon(mail, dialog))
        view.write_again.connect(lambda mail: self.write_again_soon(mail, dialog))
        dialog.show()
        dialog.begin()

    async def send_again(self, mail: OutgoingMail, asker: QWidget | None = None) -> None:
        """Send it once more to whom it did not reach; raises Refused or LinkDown.

        A question stands on `asker`, else on the desk.
        """
        if await may_send_again([mail], asker or self._host):
            await self.mails.send_again(mail.id)
            if self._dialog is not None:
                self._dialog.look()

    async def write_again(self, mail: OutgoingMail, asker: QWidget | None = None) -> None:
        """Begin a draft as it was typed, and show it; raises Refused or LinkDown.

        A question stands on `asker`, else on the desk; the list goes where it was asked there.
        """
        if not await may_write_again(mail, asker or self._host):
            return
        draft = await self._correspondence.drafts.write_again(mail)
        if self._dialog is not None and asker is self._dialog:
            self._dialog.reject()
        self.writes.emit()
        await self._correspondence.go_on(draft)

    def send_again_soon(self, mail: OutgoingMail, asker: QWidget | None = None) -> None:
        """The same, beside everything else; once, however often it is wanted meanwhile."""
        name = f"send mail {mail.id} again"
        if not self._tasks.is_running(name):
            self._tasks.start(self.send_again(mail, asker), name=name)

    def write_again_soon(self, mail: OutgoingMail, asker: QWidget | None = None) -> None:
        """The same, beside everything else; one draft is begun."""
        name = f"write mail {mail.id} again"
        if not self._tasks.is_running(name):
            self._tasks.start(self.write_again(mail, asker), name=name)

    def _forget(self) -> None:
        self._dialog = None
