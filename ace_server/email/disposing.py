"""Does to mails on their server what the account says, once their outcome is committed (P3).

A mark in the ledger says to which it was done: each mail is disposed of once, whenever it is
settled, and never again because a process was started anew.
"""

from collections.abc import Callable, Sequence

from ace_server.email.books import Account, AskSettled, Disposed, Question
from ace_server.email.mailbox import Disposal, Mailbox, Way
from ace_server.store.ledger import Seen

MARKED_AT_ONCE = 100
"""Mails in one job of the store (WI-5)."""


def dispose(
    account: Account, mailbox: Mailbox, seen: Seen, ask: Callable[[Question], object]
) -> None:
    """Dispose of what is settled in this folder, page by page. Raises MailboxTrouble.

    The mailbox is in that folder, or closed: disposing closes it where nothing else carries it out
    (POP3), and then it is opened again for the next page.
    """
    way = Way(account.afterwards)
    if way is Way.KEEP:
        return
    while settled := _settled(ask(AskSettled(seen))):
        if not mailbox.is_open:
            mailbox.open()
            if mailbox.folder(seen.folder).uidvalidity != seen.uidvalidity:
                return  # made anew meanwhile: these uids mean something else now
        mailbox.dispose([uid for _, uid in settled], Disposal(way, account.moved_to))
        for start in range(0, len(settled), MARKED_AT_ONCE):
            some = settled[start : start + MARKED_AT_ONCE]
            ask(Disposed([mail for mail, _ in some]))


def _settled(answer: object) -> Sequence[tuple[int, str]]:
    assert isinstance(answer, list)
    return answer
