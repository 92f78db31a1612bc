"""Mails that could not be made a contact of, and mails that were not delivered (EM-2, EM-10, P4).

Supervisors see all of them: look at them, try them again, export and discard them. What anybody
does here stands in the audit (P10). Nothing is done by itself.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from ace_server import wire
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.desk import mail_view
from ace_server.desk.agents import Agents
from ace_server.errors import IllegalMove, Refused
from ace_server.events import Events, MailChanged, MailDue, MailPending
from ace_server.store import Store, audit, ledger, outgoing
from ace_server.store.ledger import MailRow, Outcome
from ace_server.store.outgoing import OutgoingRow, Sent

PAGE = 200
"""Quarantined mails that one look shows."""


class Quarantine:
    """Answers who sees to the mails that went no further."""

    def __init__(
        self, store: Store, agents: Agents, events: Events, attachments: Attachments, clock: Clock
    ) -> None:
        self._store = store
        self._agents = agents
        self._events = events
        self._attachments = attachments
        self._clock = clock

    # Looking

    async def look(self, command: wire.LookIntoQuarantine, by: str) -> wire.Quarantined:
        """A page of what is kept, the oldest first; with the first, what was not delivered.

        Of a mail about no contact only its writer learns more than that there is one (EM-9). Raises
        Unavailable.
        """

        def job() -> tuple[list[MailRow], list[OutgoingRow]]:
            is_first = command.after == 0
            kept = ledger.quarantined(command.after, PAGE)
            return kept, outgoing.troubled() if is_first else []

        kept, undelivered = await self._store.run(job)
        return wire.Quarantined(
            request=command.request,
            mails=[_kept(row) for row in kept],
            undelivered=[_undelivered(row, by) for row in undelivered],
        )

    async def source(
        self, mail: int, by: str, *, exported: bool = False, settled_too: bool = False
    ) -> Path:
        """Where a quarantined mail's raw bytes lie, as they were fetched; the audit says who asked.

        `settled_too`: of any mail in the ledger. Raises Refused("not-found"), Refused("gone") or
        Unavailable.
        """
        now, verb = self._clock.now(), "exported a mail" if exported else "saw a mail"

        def job() -> str:
            row = ledger.get(mail)
            if row is None or not (settled_too or row.outcome == Outcome.QUARANTINED):
                raise _is_not_there()
            audit.record(now, by, verb, f"mail {mail}")
            return row.digest

        digest = await self._store.run(job)
        path = await self._attachments.path(digest)
        if path is None:
            raise Refused("gone", "The server does not have this mail as it was fetched.")
        return path

    # Doing

    async def retry(self, mails: Sequence[int], by: str) -> list[int]:
        """Let mails be analysed again; which of them were in quarantine.

        Raises Refused("not-found") where none was, and Unavailable.
        """
        now = self._clock.now()

        def job() -> tuple[list[int], set[str]]:
            return _those(ledger.retry(mails, now, by))

        done, accounts = await self._store.run(job)
        for account in sorted(accounts):
            self._events.publish(MailPending(account))
            self._events.publish(MailChanged(account))
        return done

    async def discard(self, mails: Sequence[int], by: str) -> list[int]:
        """Clear mails that nobody needs; which of them were in quarantine.

        Raises Refused("not-found") where none was, and Unavailable.
        """
        now = self._clock.now()

        def job() -> tuple[list[int], set[str]]:
            return _those(ledger.discard(mails, now, by))

        done, accounts = await self._store.run(job)
        for account in sorted(accounts):
            self._events.publish(MailChanged(account))
        return done

    async def send_again(self, login: str, number: int) -> None:
        """Let a mail be sent once more that was refused, or may have been sent.

        A supervisor may do so with any; an agent with one that the agent wrote, or that is about a
        contact in the agent's hands. Raises Refused, Unavailable.
        """
        row = await self._store.run(outgoing.get, number)
        if row is None or not self._may_send(login, row):
            raise Refused("not-found", "There is no such mail.")
        now = self._clock.now()

        def job() -> None:
            outgoing.send_again(number, now, login)
            audit.record(now, login, "sent a mail again", f"outgoing mail {number}")

        try:
            await self._store.run(job)
        except IllegalMove:
            raise Refused(
                "not-now", "This mail is on its way again, or was delivered meanwhile."
            ) from None
        self._events.publish(MailDue(row.account))
        self._events.publish(MailChanged(row.account, row.contact, row.by))

    def _may_send(self, login: str, row: OutgoingRow) -> bool:
        return (
            (bool(row.by) and row.by == login)
            or self._is_allowed(lambda: self._agents.demand(login, wire.LookIntoQuarantine))
            or self._is_allowed(lambda: self._agents.contact_in_hand(login, row.contact or 0))
        )

    def _is_allowed(self, demand: Callable[[], object]) -> bool:
        try:
            demand()
        except Refused:
            return False
        return True


def _those(done: list[int]) -> tuple[list[int], set[str]]:
    """These mails and their accounts; a job."""
    if not done:
        raise _is_not_there()
    found = [ledger.get(mail) for mail in done]
    return done, {row.account for row in found if row is not None}


def _is_not_there() -> Refused:
    return Refused("not-found", "This mail is no longer in quarantine.")


# As it is shown


def _kept(row: MailRow) -> wire.QuarantinedMail:
    return wire.QuarantinedMail(
        id=row.id,
        account=row.account,
        folder=row.folder,
        uid=row.uid,
        size=row.size,
        arrived_at=row.arrived_at,
        fetched_at=row.fetched_at,
        reason=row.why(),
        attempts=row.attempts,
    )


def _undelivered(row: OutgoingRow, by: str) -> wire.OutgoingMail:
    """With what was said about the first address that it did not reach."""
    missed = [one for one in row.recipients if one.state is not Sent.HANDED_OVER] or row.recipients
    shown = msgspec.structs.replace(
        mail_view.outgoing(row),
        to=[one.address for one in missed],
        said=next((one.said for one in missed if one.said is not None), None),
    )
    return shown if row.by == by else mail_view.without_secrets(shown)
