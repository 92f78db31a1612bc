"""A real mail server for the tests of e-mail, started once for all of them."""

from collections.abc import Iterator

import pytest

from tests import dovecot as servers


@pytest.fixture(scope="session")
def dovecot() -> Iterator[servers.Dovecot]:
    """A Dovecot for the whole run; skips, and says so, where there is none."""
    with servers.dovecot() as made:
        if made is None:
            pytest.skip(servers.MISSING)
        yield made


@pytest.fixture
def user(dovecot: servers.Dovecot) -> str:
    """A user of it with an empty mailbox."""
    return dovecot.new_user()
