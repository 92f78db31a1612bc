"""Does to mails on their server what the account says, once their outcome is committed (P3).

A mark in the ledger says to which it was done: each mail is disposed of once, whenever it is
settled, and never again because a process was started anew.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from ace_server.email.books import Account, AskSettled, Disposed, Question
from ace_server.email.mailbox import Disposal, Mailbox, MailboxTrouble, Way
from ace_server.store.ledger import Seen

MARKED_AT_ONCE = 100
"""Mails in one job of the store (WI-5)."""


def dispose(
    account: Account, mailbox: Mailbox, seen: Seen, ask: Callable[[Question], object]
) -> None:
    """Dispose of what is settled in this folder, page by page. Raises MailboxTrouble.

    The mailbox is in that folder, or closed: disposing closes it where nothing else carries it out
    (POP3), and then it is opened again for the next page. Mails that the server refuses keep no
    other: their trouble is raised when all were seen to.
    """
    how = Disposal(Way(account.afterwards), account.moved_to)
    if how.way is Way.KEEP:
        return
    refusal: MailboxTrouble | None = None
    after = 0
    while settled := _settled(ask(AskSettled(seen, after))):
        if not mailbox.is_open:
            mailbox.open()
            if mailbox.folder(seen.folder).uidvalidity != seen.uidvalidity:
                break  # made anew meanwhile: these uids mean something else now
        refused = _refused(mailbox, [uid for _, uid in settled], how)
        kept = () if refused is None else refused.uids
        _mark([mail for mail, uid in settled if uid not in kept], ask)
        if refused is not None and not refused.lasting:
            raise refused
        refusal = refusal or refused
        after, _ = settled[-1]
    if refusal is not None:
        if not mailbox.is_open:
            with suppress(MailboxTrouble):
                mailbox.open()  # for what else is to be fetched
        raise refusal


def _refused(mailbox: Mailbox, uids: Sequence[str], how: Disposal) -> MailboxTrouble | None:
    """Dispose of these; what kept some of them, if the others are known to be disposed of."""
    try:
        mailbox.dispose(uids, how)
    except MailboxTrouble as trouble:
        if not trouble.uids:
            raise
        return trouble
    return None


def _mark(mails: Sequence[int], ask: Callable[[Question], object]) -> None:
    for start in range(0, len(mails), MARKED_AT_ONCE):
        ask(Disposed(mails[start : start + MARKED_AT_ONCE]))


def _settled(answer: object) -> Sequence[tuple[int, str]]:
    assert isinstance(answer, list)
    return answer
