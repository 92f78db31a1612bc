"""Account Server: gives each mail account to an Email Server that is at work, and watches them.

There is one, beside the core. An Email Server that gives no sign of life any more loses its
accounts to the others, and what it had in hand to be sent may have been sent (EM-11, A-11).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from math import ceil

from ace_server.clock import Clock
from ace_server.concepts import MailAccount, Site
from ace_server.events import AccountsAssigned, Configured, Events
from ace_server.rounds import Rounds
from ace_server.store import Store, mail_accounts, outgoing

log = logging.getLogger(__name__)

BEATS = 4
"""How often an Email Server gives a sign of life in the time after which it counts as gone."""


class AccountServer:
    """Assigns the accounts, anew whenever something changed."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        events: Events,
        clock: Clock,
        *,
        beside: str = "",
    ) -> None:
        """`beside` is the Email Server of this process, which is at work as long as this is."""
        self._beside = beside
        self._store = store
        self._site = site
        self._events = events
        self._clock = clock
        self._beats: dict[str, tuple[int, float]] = {}  # the last one, and its age in seconds
        self._looked_at: float | None = None  # monotonic
        self._rounds = Rounds(
            "account server",
            self.look,
            every=lambda: interval(site()),
            meanwhile="mail accounts stay with the Email Servers that have them",
        )
        events.subscribe(Configured, lambda _: self._rounds.wake())

    async def start(self) -> None:
        """Begin to watch."""
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Watch no more; the accounts stay where they are."""
        await self._rounds.stop()

    async def look(self) -> None:
        """Look once who is at work, and give the accounts out. Raises Unavailable."""
        beats = await self._store.run_behind(mail_accounts.beats)
        alive = self._alive(beats)
        given = await self._store.run_behind(mail_accounts.states)
        held = {name: state.server for name, state in given.items()}
        wanted = assignment(list(self._site().mail_accounts.values()), held, alive)
        gone = sorted(given.keys() - wanted.keys())
        silent = sorted(beats.keys() - set(alive))
        if wanted != held or silent:
            await self._store.run_behind(self._carry_out, wanted, gone, silent)
            for name in silent:
                log.warning(
                    "the Email Server %s gives no sign of life; its accounts go to others", name
                )
            self._events.publish(AccountsAssigned())

    def _alive(self, beats: Mapping[str, int]) -> list[str]:
        """The servers whose last sign of life is new enough, by this process's own clock.

        While nobody could look, nobody could give one either.
        """
        now, site = self._clock.monotonic(), self._site()
        since = 0.0 if self._looked_at is None else now - self._looked_at
        passed, self._looked_at = min(since, 2 * interval(site)), now
        before, self._beats = self._beats, {}
        for name, beat in beats.items():
            last, age = before.get(name, (beat, 0.0))
            self._beats[name] = (beat, age + passed if beat == last else 0.0)
        patience = site.system.coreLease
        return sorted(
            name for name, (_, age) in self._beats.items() if name == self._beside or age < patience
        )

    def _carry_out(
        self, wanted: Mapping[str, str], gone: Sequence[str], silent: Sequence[str]
    ) -> None:
        now = self._clock.now()
        for name in silent:
            outgoing.recover(name, now)
            mail_accounts.leave(name)
        mail_accounts.assign(wanted, now)
        mail_accounts.forget(gone)


def interval(site: Site) -> float:
    """Seconds between two signs of life, and between two looks for them."""
    return site.system.coreLease / BEATS


def assignment(
    accounts: Sequence[MailAccount], held: Mapping[str, str], alive: Sequence[str]
) -> dict[str, str]:
    """Which account goes to which server; to none where its own, or any, is not at work.

    An account that names its server waits for that one. The others stay where they are as long as
    that one is at work and has no more than its share; else they go where there are the fewest, so
    that a server which comes, or comes back, gets its share.
    """
    wanted: dict[str, str] = {}
    for account in accounts:
        if account.server:
            wanted[account.name] = account.server if account.server in alive else ""
    free = [account.name for account in accounts if not account.server]
    most = ceil(len(free) / len(alive)) if alive else 0
    counts = dict.fromkeys(alive, 0)
    for name in free:
        server = held.get(name, "")
        if counts.get(server, most) < most:
            wanted[name] = server
            counts[server] += 1
    for name in free:
        if name not in wanted:
            wanted[name] = min(counts, key=lambda one: counts[one], default="")
            if wanted[name]:
                counts[wanted[name]] += 1
    return wanted
