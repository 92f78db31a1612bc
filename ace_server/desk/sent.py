"""What became of what an agent wrote: told to its writer, and written again (EM-10).

Also of a mail that is about no contact, which nobody else sees, and of one whose contact has ended.
"""

from datetime import datetime

from ace_server import wire
from ace_server.clock import Clock
from ace_server.desk import mail_view
from ace_server.desk.agents import Agents
from ace_server.desk.desk import Outlet
from ace_server.desk.drafting import Drafting
from ace_server.desk.reading import may_write
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import sentence
from ace_server.store import Store, contacts, drafts, outgoing
from ace_server.store.drafts import DraftRow
from ace_server.store.outgoing import OutgoingRow, Sent

Told = tuple[tuple[int, str], ...]
"""The number and state of each undelivered mail that a writer was told of."""


class SentMails:
    """Lists what was sent, begins it anew, and tells desks what was not delivered."""

    def __init__(self, store: Store, agents: Agents, drafting: Drafting, clock: Clock) -> None:
        self._store = store
        self._agents = agents
        self._drafting = drafting
        self._clock = clock
        self._writers: set[str] = set()  # of whom something stands otherwise
        self._told: dict[str, Told | None] = {}  # None: perhaps something else

    async def listed(self, login: str, command: wire.ListSent) -> wire.SentListed:
        """What this user wrote lately, the newest first. Raises Unavailable."""
        since = self._clock.now() - drafts.KEPT
        found = await self._store.run(outgoing.written, login, since)
        return wire.SentListed(
            request=command.request, mails=[mail_view.outgoing(row) for row in found]
        )

    async def write_again(self, login: str, command: wire.WriteAgain) -> wire.Composed:
        """Begin a draft as this mail was typed. Raises Refused, Unavailable."""
        now = self._clock.now()

        def job() -> DraftRow:
            row = outgoing.get(command.outgoing)
            _demand_writable(row, login, sure=command.sure)
            return drafts.get(drafts.copy(command.outgoing, login, now), login)

        return await self._drafting.composed(command.request, await self._store.run(job))

    # News

    def greet(self, login: str) -> None:
        """Tell this writer everything anew, if there is anything."""
        if self._told.get(login):
            self._told[login] = None
        self._writers.add(login)

    def note(self, login: str) -> None:
        """Something that this user wrote stands otherwise."""
        self._writers.add(login)

    async def tell(self) -> None:
        """Tell the desks of these writers what was not delivered. Raises Unavailable."""
        linked = {desk.row.login for desk in self._agents.desks() if desk.outlet}
        self._writers &= linked  # who comes later is greeted
        self._told = {login: told for login, told in self._told.items() if login in linked}
        since = self._clock.now() - drafts.KEPT
        for login in sorted(self._writers):
            await self._tell(login, since)

    async def _tell(self, login: str, since: datetime) -> None:
        self._writers.discard(login)
        outlet = self._outlet(login)
        try:
            found = await self._store.run(outgoing.undelivered, login, since)
        except Unavailable:
            self._writers.add(login)
            raise
        if outlet is None or self._outlet(login) is not outlet:
            return  # that desk has gone; another one is greeted, and told in the next round
        told = tuple((row.id, row.state.value) for row in found)
        if told != self._told.get(login, ()):
            outlet.send(wire.SentNews(undelivered=[mail_view.outgoing(row) for row in found]))
        self._told[login] = told

    def _outlet(self, login: str) -> Outlet | None:
        desk = self._agents.desk(login)
        return None if desk is None else desk.outlet


def _demand_writable(row: OutgoingRow | None, login: str, *, sure: bool) -> None:
    """Raise Refused unless this user may write it again; a job."""
    is_own = row is not None and row.by == login
    about = None if row is None or row.contact is None else contacts.get(row.contact)
    if row is None or row.kind not in outgoing.WRITTEN or not (is_own or may_write(about, login)):
        raise Refused("not-found", "There is no such mail.")
    if about is not None and not may_write(about, login):
        reason = sentence("This contact is no longer in your hands: who has it writes about it.")
        raise Refused("not-in-hand", reason)
    if row.state is Sent.UNKNOWN and not sure:
        raise Refused("not-now", "This mail may have been sent: whoever got it would get two.")
    if row.state not in (Sent.REFUSED, Sent.WITHDRAWN, Sent.UNKNOWN):
        raise Refused("not-now", "This mail is on its way, or was delivered.")
