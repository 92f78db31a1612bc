"""Mails that an administrator retries, discards or exports: through the running server, or without.

Where none runs, the store is changed; the server that starts next finds it so.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ace_server.administration import running
from ace_server.clock import SystemClock
from ace_server.errors import Refused, Unavailable
from ace_server.store import Files, Seam, audit, directory, ledger, mail_accounts, pieces
from ace_server.store.mail_accounts import Wish
from ace_server.store.reading import writing

BY = "main.py"
"""Who did it, in the audit."""

T = TypeVar("T")
Job = Callable[[Sequence[int], datetime, str], list[int]]


def retry(data: Path, url: str, mails: Sequence[int]) -> list[int]:
    """Let quarantined mails be analysed again; those that were in quarantine.

    Raises Refused where none was, and Unavailable.
    """
    return _change(data, url, mails, "/control/mail/retry", ledger.retry)


def discard(data: Path, url: str, mails: Sequence[int]) -> list[int]:
    """Clear quarantined mails that nobody needs; those that were in quarantine.

    Raises Refused where none was, and Unavailable.
    """
    return _change(data, url, mails, "/control/mail/discard", ledger.discard)


def _change(data: Path, url: str, mails: Sequence[int], path: str, job: Job) -> list[int]:
    def alone() -> list[int]:
        with writing(data, url):
            done = job(list(mails), SystemClock().now(), BY)
            if not done:
                raise _is_not_there(mails)
            return done

    def through(server: running.Running) -> list[int]:
        return [int(mail) for mail in _ask(server, path, mails)["mails"]]

    return _through_or_alone(data, through, alone)


def source(data: Path, url: str, mail: int) -> bytes:
    """The raw bytes of a mail, as they were fetched; the audit tells of it.

    Raises Refused where there is no such mail, or its bytes are gone, and Unavailable.
    """

    def alone() -> bytes:
        with writing(data, url):
            row = ledger.get(mail)
            if row is None:
                raise Refused("not-found", f"there is no mail {mail} in the ledger")
            audit.record(SystemClock().now(), BY, "exported a mail", f"mail {mail}")
            file = Files(data, Seam()).path(row.digest)
            content = file.read_bytes() if file.is_file() else b"".join(pieces.content(row.digest))
            return _as_fetched(content, row.digest)

    def through(server: running.Running) -> bytes:
        file = Path(_ask(server, "/control/mail/export", [mail])["file"])
        return _as_fetched(file.read_bytes(), file.name)

    return _through_or_alone(data, through, alone)


def backfill(data: Path, url: str, account: str, since: date, last: date) -> None:
    """Have mails fetched that arrived from one day to another, both included (EM-2).

    The Email Server that has the account finds it in its next round, beside which this is written.
    Raises Refused for an account that is not configured, and Unavailable.
    """
    if not data.is_dir():
        raise Refused("no-store", f"{data} holds no mail: it is not there")
    if last < since:
        raise Refused("days", f"{last} comes before {since}")
    with writing(data, url):
        if account not in directory.load().mail_accounts:
            raise Refused("not-found", f"there is no mail account {account}")
        now, wish = SystemClock().now(), Wish(since, last + timedelta(days=1))
        mail_accounts.want(account, wish, now)
        days = f"{since} to {last}"
        audit.record(now, BY, "wanted older mails", f"mail_account {account}", detail=days)


def _as_fetched(content: bytes, digest: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != digest:
        raise Refused("gone", "this mail is not kept any more as it was fetched")
    return content


def _through_or_alone(
    data: Path, through: Callable[[running.Running], T], alone: Callable[[], T]
) -> T:
    if not data.is_dir():
        raise Refused("no-store", f"{data} holds no mail: it is not there")
    return running.through_or_alone(data, through, alone)


def _ask(server: running.Running, path: str, mails: Sequence[int]) -> dict[str, Any]:
    status, answer = running.ask(server, "POST", path, msgspec.json.encode(mails).decode())
    if status == 503:
        raise Unavailable(" ".join(answer["problems"]))
    if status != 200:
        raise Refused("mail", " ".join(answer["problems"]))
    return dict(answer)


def _is_not_there(mails: Sequence[int]) -> Refused:
    named = ", ".join(map(str, mails))
    return Refused("not-found", f"not in quarantine: {named}; `main.py mail` lists what there is")
