"""What may be wrong with the names and addresses of any entry.

Which entries these are asked of is in `checks` and `routing_checks`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ace_server.administration.document import Problem

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def unknown(where: str, what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    """Names of which there is no entry."""
    known = set(known)
    for name in names:
        if name not in known:
            yield Problem(where, f"{what} '{name}' is not configured")


def twice(where: str, what: str, names: Iterable[str]) -> Iterator[Problem]:
    """What stands more than once where once says everything."""
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(where, f"{what} '{name}' stands {count} times")


def addresses(where: str, given: Iterable[str]) -> Iterator[Problem]:
    """What nobody could send mail to."""
    for address in given:
        if not _ADDRESS.fullmatch(address):
            yield Problem(where, f"'{address}' is no mail address")
