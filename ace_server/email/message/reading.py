"""A raw mail in a file, read in a process that may be killed: `read` is what a worker runs.

It is the one module here that touches files.
"""

import os
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path

from ace_server.email.mail import Mail
from ace_server.email.message.mails import parse
from ace_server.errors import Unavailable


def read(path: Path | str, folder: Path | str) -> Mail:
    """Read the raw mail at `path`; each of its files is a new draft in `folder`.

    A draft has a random name, is for us alone (0600) and is not durable yet. Raises TooDeep, and
    Unavailable where a file cannot be read or written; then none of the drafts is left.
    """
    drafts: list[Path] = []
    try:
        return parse(Path(path).read_bytes(), keep=partial(_write, Path(folder), drafts))
    except BaseException as error:
        for draft in drafts:
            with suppress(OSError):  # what is left is swept when the server starts
                draft.unlink()
        if isinstance(error, OSError):
            raise Unavailable(f"a mail cannot be read or kept: {error.strerror}") from error
        raise


def _write(folder: Path, drafts: list[Path], content: bytes) -> str:
    path = folder / secrets.token_hex(16)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    drafts.append(path)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path.name
