"""The question before what may have arrived goes out once more: it may arrive twice (A-11).

In the mail, in the list of what was sent and in Pulse it is the same.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ace_agent.desk import mail_words
from ace_agent.widgets.question import Answer, Question, ask
from ace_server.wire import OutgoingMail

translate = QCoreApplication.translate

DO_IT = 1
"""The place of the answer that does it; the first one leaves all as it is."""


async def may_send_again(mails: Sequence[OutgoingMail], host: QWidget) -> bool:
    """Whether these are to be sent again; asked where it is not known that they did not arrive."""
    title = translate("mails", "Send again what may have been sent?")
    return await _is_sure(mails, title, translate("mails", "Send again"), host)


async def may_write_again(mail: OutgoingMail, host: QWidget) -> bool:
    """Whether a draft is to be begun with it; asked as above."""
    title = translate("mails", "Write again what may have been sent?")
    return await _is_sure([mail], title, translate("mails", "Write again"), host)


async def _is_sure(mails: Sequence[OutgoingMail], title: str, doing: str, host: QWidget) -> bool:
    unsure = [mail for mail in mails if mail.state == "unknown"]
    if not unsure:
        return True
    named = [mail_words.people(unsure[0].to)] if len(unsure) == 1 else []
    twice = translate("mails", "It may have arrived already; then it arrives twice.")
    answers = [Answer(translate("mails", "Leave it"), "primary"), Answer(doing)]
    return await ask(Question(host, title, "\n".join([*named, twice]), answers)) == DO_IT
