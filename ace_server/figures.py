"""What `/metrics` and `/health` say: numbers and states of this process, never content."""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ace_server.clock import Clock
from ace_server.desk.agents import Agents
from ace_server.entrances import Entrances
from ace_server.store import Store
from ace_server.store.mail_counts import IN_LEDGER, IN_OUTBOX, Counts

S = TypeVar("S", bound=str)

LOOK_EVERY = 1.0
"""Seconds for which the free space found is believed."""


class Jobs(Collector):
    """What the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("ace_store_commits", "Commits.", self._store.groups)
        yield CounterMetricFamily("ace_store_jobs", "Jobs in these commits.", self._store.jobs_done)
        yield GaugeMetricFamily("ace_store_waiting", "Jobs waiting.", self._store.waiting())


class Desks(Collector):
    """Gauges read from the core when somebody asks; labels come from the configuration only."""

    def __init__(self, entrances: Entrances, agents: Agents) -> None:
        self._entrances = entrances
        self._agents = agents

    def collect(self) -> Iterable[Metric]:
        contacts = GaugeMetricFamily(
            "ace_contacts", "Contacts not ended.", labels=["entrance", "state"]
        )
        for entrance, (buffered, waiting, in_hand) in self._entrances.figures().items():
            contacts.add_metric([entrance, "buffered"], buffered)
            contacts.add_metric([entrance, "queued"], waiting)
            contacts.add_metric([entrance, "in hand"], in_hand)
        yield contacts
        agents = GaugeMetricFamily("ace_agents", "Agents by state.", labels=["state"])
        for state, number in self._agents.states().items():
            agents.add_metric([state], number)
        yield agents


class Mails(Collector):
    """What of mail is not settled; nothing where nobody has looked lately.

    Of accounts that are not configured any more it is said together, without a name.
    """

    def __init__(
        self, counts: Callable[[], Counts | None], accounts: Callable[[], Collection[str]]
    ) -> None:
        self._counts = counts
        self._accounts = accounts

    def collect(self) -> Iterable[Metric]:
        counts = self._counts()
        if counts is None:
            return
        yield self._by_account(
            GaugeMetricFamily("ace_mails", "Mails not settled.", labels=["account", "outcome"]),
            counts.ledger,
            IN_LEDGER,
        )
        yield self._by_account(
            GaugeMetricFamily(
                "ace_outgoing_mails", "Mails in the outbox.", labels=["account", "state"]
            ),
            counts.outbox,
            IN_OUTBOX,
        )

    def _by_account(
        self, family: GaugeMetricFamily, found: Mapping[tuple[str, S], int], kinds: Iterable[S]
    ) -> Metric:
        named = self._accounts()
        for kind in kinds:
            others = sum(n for (name, one), n in found.items() if one == kind and name not in named)
            for name in named:
                family.add_metric([name, kind], found.get((name, kind), 0))
            family.add_metric(["", kind], others)
        return family


def register(store: Store) -> CollectorRegistry:
    """A registry of this server's own: two servers in one process must not share one."""
    registry = CollectorRegistry()
    registry.register(Jobs(store))
    return registry


class Room:
    """Whether the disk has room above the floor (A-7)."""

    def __init__(self, folder: Path, floor: Callable[[], int], clock: Clock) -> None:
        self._folder = folder
        self._floor = floor
        self._clock = clock
        self._free = 0
        self._looked_at = float("-inf")

    def free(self) -> int:
        """Bytes free on the disk of the data folder, as of a second ago at most."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._free = shutil.disk_usage(self._folder).free
            self._looked_at = now
        return self._free

    def has(self, size: int) -> bool:
        """Whether taking in `size` bytes leaves the floor untouched."""
        return self.free() - size >= self._floor()
