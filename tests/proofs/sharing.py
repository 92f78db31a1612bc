"""A bank whose store several processes share."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ace_server.administration import commands
from ace_server.concepts import SiteFacts
from ace_server.passwords import StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store import Store, directory
from tests.proofs.house import PASSWORDS, configure_bank
from tests.proofs.process import PASSWORD

LEASE = 1.0
"""Seconds without a sign of life after which a standby takes over."""

SYSTEM = SystemParameters(
    workItemPort=0, lease=86_400, bookingTimeout=86_400, freeSpaceFloor=0, coreLease=LEASE
)


def make_bank(data: Path, url: str) -> None:
    """A configured data folder that remembers its database."""
    share(data, url)
    store = Store(data, url=url)
    store.open()
    store.perform(configure_bank)
    store.perform(directory.replace_single, "system", SYSTEM)
    users = store.perform(directory.load).users.values()
    store.perform(directory.replace, "user", [replace(user, wrap_up=0.0) for user in users])
    secret = StoredSecret("hash", PASSWORDS.hash(PASSWORD))
    store.perform(directory.set_secret, "user", "anna", secret)
    store.close()


def share(data: Path, url: str) -> None:
    """One more data folder of the same store, as on another machine."""
    commands.database(data, url, remember=True)


def set_lease(data: Path, seconds: float) -> None:
    """Change how long a standby waits."""
    _replace(data, "system", replace(SYSTEM, coreLease=seconds))


def rename(data: Path, name: str) -> None:
    """Change the name of the site."""
    _replace(data, "site", SiteFacts(name=name))


def _replace(data: Path, kind: Any, value: SiteFacts | SystemParameters) -> None:
    """As `configure` does where no core runs on the data folder."""
    store = Store(data, url=commands.database(data, ""))
    store.open()
    store.perform(directory.replace_single, kind, value)
    store.close()
