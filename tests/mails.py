"""Mails in the ledger and in the outbox, for tests of what is seen of them."""

from datetime import UTC, datetime

from ace_server.sentences import sentence
from ace_server.store import ledger, mail_accounts, outgoing
from ace_server.store.ledger import NewMail, Outcome, Seen
from ace_server.store.mail_accounts import Fetching
from ace_server.store.outgoing import NewOutgoing, Recipient, Sent

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
SUPPORT = "support@bank.example"
RAW = b"Subject: =?hex?Q?x?=\r\n\r\nNobody can read this.\r\n"
TOO_DEEP = sentence("It has more than 100 parts within each other.")
NO_MAILBOX = sentence("The server on the other side said: %1", "550 no such mailbox")


def keep(store, raw=RAW):
    """The digest of bytes that are durable."""
    draft = store.files.draft()
    draft.write(raw)
    return draft.keep()


def quarantine(digest, *, uid="1", account=SUPPORT, on_server=1):
    """A job: a mail was fetched and could not be made a contact of; its number."""
    seen = Seen(account, "INBOX", 7, last_uid=0, on_server=on_server)
    (mail,) = ledger.note(seen, [NewMail(uid, len(RAW), NINE, digest)], NINE)
    ledger.begin([mail])
    ledger.settle(mail, Outcome.QUARANTINED, NINE, message_id=f"<{uid}@x>", reason=TOO_DEEP)
    return mail


def refuse(digest, *, account=SUPPORT, by="", contact=None, state=Sent.REFUSED):
    """A job: a mail was sent, and not taken; its number."""
    number = outgoing.add(
        NewOutgoing(
            kind="reply",
            account=account,
            sender=account,
            recipients=(Recipient("lisa@home.example"), Recipient("gone@home.example")),
            digest=digest,
            subject="Your loan",
            contact=contact,
            by=by,
        ),
        NINE,
    )
    outgoing.claim([account], "node", NINE, 1)
    became = [
        Recipient("lisa@home.example", Sent.HANDED_OVER),
        Recipient("gone@home.example", state, NO_MAILBOX),
    ]
    outgoing.settle(number, "node", became, NINE, retry_at=NINE)
    return number


def stop(account=SUPPORT):
    """A job: somebody has to see to an account."""
    said = sentence("The mail server %1 refuses the password.", "mail.example")
    mail_accounts.tell(account, Fetching.STOPPED, NINE, trouble=said)
