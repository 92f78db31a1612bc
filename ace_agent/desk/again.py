"""The question before a mail that may have been sent is sent once more: it may arrive twice (A-11).

At the desk and in Pulse it is the same.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ace_agent.desk import mail_words
from ace_agent.widgets.question import Answer, Question, ask
from ace_server.wire import OutgoingMail

translate = QCoreApplication.translate

DO_IT = 1


async def may_send_again(mails: Sequence[OutgoingMail], host: QWidget) -> bool:
    """Whether these are to be sent again; asked where it is not known that they did not arrive."""
    unsure = [mail for mail in mails if mail.state == "unknown"]
    return not unsure or await ask(_question(unsure, host)) == DO_IT


def _question(unsure: Sequence[OutgoingMail], host: QWidget) -> Question:
    named = [mail_words.people(unsure[0].to)] if len(unsure) == 1 else []
    return Question(
        host,
        translate("mails", "Send again what may have been sent?"),
        "\n".join(
            [*named, translate("mails", "It may have arrived already; then it arrives twice.")]
        ),
        [
            Answer(translate("mails", "Leave it"), "primary"),
            Answer(translate("mails", "Send again")),
        ],
    )
