"""The configuration in force: one immutable Site at a time, and the stored secrets beside it."""

from ace_server.concepts import Site
from ace_server.events import Configured, Events
from ace_server.store import Store, directory
from ace_server.store.directory import Secrets


class Current:
    """What the services look up; `reload` after every change."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store = store
        self._events = events
        self._site = Site()
        self._secrets: Secrets = {}
        self._generation = -1

    def site(self) -> Site:
        """The configuration."""
        return self._site

    def generation(self) -> int:
        """The number of the configuration; the stored one has another when it was changed."""
        return self._generation

    def secrets(self) -> Secrets:
        """Hashes and references, by kind and name."""
        return self._secrets

    def load(self) -> None:
        """Read it in the calling thread, before the store's own is started."""
        self._take(self._store.perform(_read))

    async def reload(self) -> None:
        """Read it anew and tell everybody."""
        self._take(await self._store.run(_read))
        self._events.publish(Configured(self._site))

    async def is_outdated(self) -> bool:
        """Whether the stored one is another: some other process changed it."""
        return await self._store.run(directory.generation) != self._generation

    def _take(self, read: tuple[int, Site, Secrets]) -> None:
        self._generation, self._site, self._secrets = read


def _read() -> tuple[int, Site, Secrets]:
    return directory.generation(), directory.load(), directory.secrets()
