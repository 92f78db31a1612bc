"""Which rows name which kept files: what no row names may be removed, and no backup has it.

A file is named by its content, so several rows may name the same one. Every function is a job.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from peewee import fn

from ace_server.store.models import Attachment, DraftFile, FetchedMail, Outgoing, rows

PAGE = 500
"""Rows read at a time."""

_NAMING: Sequence[tuple[Any, Any, str]] = (
    (Attachment, Attachment.contact, "contact"),
    (FetchedMail, FetchedMail.id, "mail"),
    (Outgoing, Outgoing.id, "outgoing mail"),
    (DraftFile, DraftFile.draft, "draft"),
)
"""The tables that name files, what tells their rows apart, and what such a row is."""


def unnamed(digests: Sequence[str]) -> list[str]:
    """Those of the kept files that nothing names."""
    used: set[str] = set()
    for model, _, _ in _NAMING:
        listed = model.select(model.digest).where(model.digest.in_(list(digests)))
        used.update(digest for (digest,) in rows(listed.distinct()))
    return [digest for digest in digests if digest not in used]


def files() -> Iterator[tuple[str, str]]:
    """Each kept file that is named, by digest, and something that names it, such as `contact 7`."""
    last = ""
    while found := _page(last):
        yield from found
        last = found[-1][0]


def _page(after: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for model, key, kind in _NAMING:
        query = (
            model.select(model.digest, fn.MIN(key))
            .where(model.digest > after)
            .group_by(model.digest)
            .order_by(model.digest)
            .limit(PAGE)
        )
        for digest, number in rows(query):
            found.setdefault(digest, f"{kind} {number}")
    return sorted(found.items())[:PAGE]
