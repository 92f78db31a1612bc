"""What `/metrics` and `/health` say: numbers and states of this process, never content."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ace_server.clock import Clock
from ace_server.desk.agents import Agents
from ace_server.entrances import Entrances
from ace_server.store import Store

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
