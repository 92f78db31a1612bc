"""What tells this installation from every other one. Every function is a job."""

import secrets

from ace_server.store.models import Secret, rows

_KIND, _NAME = "installation", "trace"


def trace_key() -> bytes:
    """The key by which a mail of ours is known again when it comes back (C-14); made once."""
    here = (Secret.kind == _KIND) & (Secret.name == _NAME)
    found = rows(Secret.select(Secret.value).where(here))
    if not found:
        made = {"kind": _KIND, "name": _NAME, "form": "key", "value": secrets.token_hex(32)}
        Secret.insert(made).on_conflict_ignore().execute()
        found = rows(Secret.select(Secret.value).where(here))
    return bytes.fromhex(found[0][0])
