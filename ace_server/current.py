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

    def site(self) -> Site:
        """The configuration."""
        return self._site

    def secrets(self) -> Secrets:
        """Hashes and references, by kind and name."""
        return self._secrets

    def load(self) -> None:
        """Read it in the calling thread, before the store's own is started."""
        self._site, self._secrets = self._store.perform(_read)

    async def reload(self) -> None:
        """Read it anew and tell everybody."""
        self._site, self._secrets = await self._store.run(_read)
        self._events.publish(Configured(self._site))


def _read() -> tuple[Site, Secrets]:
    return directory.load(), directory.secrets()
