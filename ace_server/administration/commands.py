"""What the administrative commands of `main.py` do, from configure to check.

They work beside a running server: what changes something goes through it, so that it acts at once,
and what only reads disturbs it in nothing. How a command line looks is `main`'s matter.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ace_server.administration import backup as backups
from ace_server.administration import configuration, place, running
from ace_server.administration import mail as kept_mails
from ace_server.clock import SystemClock
from ace_server.concepts import Site
from ace_server.contact import State, medium
from ace_server.desk import explaining
from ace_server.errors import Refused, Unavailable
from ace_server.passwords import Passwords
from ace_server.store import Files, NewerSchema, Seam, Store, directory, engine, ledger
from ace_server.store import contacts as stored_contacts
from ace_server.store.contacts import ContactRow, NewAttachment
from ace_server.store.ledger import MailRow, Outcome
from ace_server.store.reading import reading

STANDARD = "-"

TELL_EVERY = 2.0
"""Seconds between two lines of progress."""


# Which database a data folder has


def database(data: Path, given: str, *, remember: bool = False) -> str:
    """The URL to open: the one given, else the one that the folder remembers, else its own file.

    `remember`: the folder remembers what is given. Raises Refused for a URL with a password, which
    everybody on the machine could read, and Unavailable for one that cannot be opened.
    """
    if not given:
        return place.remembered(data)
    if urlsplit(given).password or "password=" in urlsplit(given).query:
        raise Refused(
            "password-shown",
            "a password does not belong on a command line: leave it out of the URL, and put it"
            " into the environment as PGPASSWORD or into a file named by PGPASSFILE",
        )
    absolute = _absolute(given)
    engine.connect(absolute, data, Seam())
    if remember:
        _make(data)
        _write_private(data / place.FILE, f"{absolute}\n".encode())
    return absolute


def _absolute(url: str) -> str:
    """A path below the current folder would mean another file from elsewhere."""
    match = re.fullmatch(r"sqlite:///(.+)", url)
    return f"sqlite:///{Path(match[1]).absolute().as_posix()}" if match else url


def _make(data: Path) -> None:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write_private(file: Path, content: bytes) -> None:
    new = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
        out.write(content)
    new.replace(file)


# Configuration


def configure(data: Path, url: str, file: str) -> int:
    """Check the file and apply it, through the running server where there is one."""
    return configure_text(data, url, text_of(file), "standard input" if file == STANDARD else file)


def configure_text(data: Path, url: str, text: str, name: str) -> int:
    """The same with a configuration as text; `name` is what its faults are said of."""
    _make(data)
    result = running.through_or_alone(
        data,
        lambda server: _configure_through(server, text),
        lambda: _configure_alone(data, url, text),
    )
    for problem in result.get("problems", ()):
        sys.stderr.write(f"ace: {name}: {problem}\n")
    if result.get("problems"):
        sys.stderr.write("ace: nothing was changed\n")
        return 1
    _tell(result)
    return 0


def text_of(file: str) -> str:
    """A configuration file as text; `-` is standard input. Raises Refused."""
    try:
        raw = sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise Refused("no-file", f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused("no-file", f"{file}, line {line}: not UTF-8, which TOML must be") from error


def laid_over(file: str, current: Site) -> Site:
    """The site that a file would make of another. Raises Refused as `configure` does."""
    if not file:
        return current
    name = "standard input" if file == STANDARD else file
    try:
        site = configuration.assemble(configuration.read(text_of(file)), current)
        problems = configuration.check(site)
    except configuration.Problems as refused:
        problems = list(refused.problems)
    if problems:
        raise Refused("invalid", "\n".join(f"{name}: {problem}" for problem in problems))
    return site


def _configure_through(server: running.Running, text: str) -> dict[str, Any]:
    status, answer = running.ask(server, "POST", "/control/configure", text)
    if status == 503:
        raise Unavailable(" ".join(answer["problems"]))
    return dict(answer)


def _configure_alone(data: Path, url: str, text: str) -> dict[str, Any]:
    store = Store(data, url=url)
    try:
        store.open()
        passwords, stored = Passwords(), store.perform(directory.secrets)
        prepared = configuration.prepare(
            configuration.read(text), passwords.hash, stored, passwords.verify
        )
        applied = store.perform(configuration.apply, prepared, SystemClock().now(), "configure")
    except configuration.Problems as problems:
        return {"problems": [str(one) for one in problems.problems]}
    except NewerSchema as error:
        raise Refused("newer", str(error)) from error
    finally:
        store.close()
    return {
        "changes": applied.changes,
        "toEnter": applied.to_enter,
        "codes": applied.codes,
        "notes": applied.notes,
    }


def _tell(result: dict[str, Any]) -> None:
    lines = list(result.get("changes", ())) or ["nothing changes"]
    lines += [f"still to be entered: {one}" for one in result.get("toEnter", ())]
    lines += [f"one-time code of {who}: {code}" for who, code in result.get("codes", {}).items()]
    lines += result.get("notes", ())
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def export(data: Path, url: str, file: str) -> int:
    """Write the stored configuration as a file that `configure` takes."""
    with reading(data, url):
        text = configuration.export()
    write_text(file, text)
    return 0


def write_text(file: str, text: str) -> None:
    """Write a text to a file for its owner alone; `-` is standard output."""
    if file == STANDARD:
        sys.stdout.buffer.write(text.encode())
    else:
        _write_private(Path(file), text.encode())


class File(msgspec.Struct, frozen=True):
    """An attachment as `contacts --json` shows it."""

    name: str
    size: int  # bytes
    digest: str
    file: str  # below the data folder
    present: bool  # whether it lies there; on PostgreSQL it may lie on another machine


class Listed(msgspec.Struct, frozen=True):
    """A contact as `contacts --json` shows it (interface.md §1)."""

    id: int
    external_id: str
    medium: str
    entrance: str
    state: State
    task_type: str
    queue: str
    agent: str | None
    first_queued_at: datetime | None
    data: dict[str, str]
    attachments: list[File]


def contacts(
    data: Path,
    url: str,
    *,
    state: str | None = None,
    ended_too: bool = False,
    as_json: bool = False,
) -> int:
    """List contacts in order of first queue time, then id, as they are read."""
    wanted = [State(state)] if state else list(State) if ended_too else None
    with reading(data, url):
        rows = (_listed(row, data) for row in stored_contacts.listing(wanted))
        lines = _as_json(rows) if as_json else _as_table(rows)
        for line in lines:
            sys.stdout.buffer.write(line)
    sys.stdout.flush()
    return 0


def _listed(row: ContactRow, data: Path) -> Listed:
    files = Files(data, Seam())
    attachments = [_file(one, files.path(one.digest), data) for one in row.attachments]
    return Listed(
        row.id,
        row.external_id,
        str(medium(row.data)),
        row.entrance,
        row.state,
        row.task_type,
        row.queue,
        row.agent,
        row.first_queued_at,
        row.data,
        attachments,
    )


def _file(one: NewAttachment, path: Path, data: Path) -> File:
    below = path.relative_to(data).as_posix()
    return File(one.name, one.size, one.digest, below, path.is_file())


def _as_json(rows: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    return (encode(row) + b"\n" for row in rows)


TABLE = "{:>7}  {:24} {:9} {:14} {:9} {:18} {:18} {:10} {}\n"


def _as_table(rows: Iterable[Listed]) -> Iterator[bytes]:
    """One line a contact; no values, which may be anything and long."""
    titles = "id", "external id", "medium", "entrance", "state", "task type", "queue", "agent"
    yield TABLE.format(*titles, "first queued").encode()
    for row in rows:
        at = f"{row.first_queued_at:%Y-%m-%d %H:%M:%SZ}" if row.first_queued_at else "-"
        names = row.entrance, str(row.state), row.task_type, row.queue, row.agent
        shown = [printable(name) if name else "-" for name in names]
        yield TABLE.format(row.id, printable(row.external_id), row.medium, *shown, at).encode()


def printable(text: str) -> str:
    """Nothing in it moves the cursor or breaks the line."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


# Mail


class ListedMail(msgspec.Struct, frozen=True):
    """A mail as `mail --json` shows it (interface.md §1)."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: str
    message_id: str
    digest: str
    outcome: str
    contact: int | None
    reason: str


def mail(data: Path, url: str, *, outcome: str | None = None, as_json: bool = False) -> int:
    """List what became of every mail that was fetched, the oldest first, as it is read (EM-2)."""
    wanted = None if outcome is None else Outcome(outcome)
    with reading(data, url):
        rows = (row for row in ledger.listing() if wanted in (None, row.outcome))
        listed = map(_listed_mail, rows)
        for line in _as_json(listed) if as_json else _mails_as_table(listed):
            sys.stdout.buffer.write(line)
    sys.stdout.flush()
    return 0


def _listed_mail(row: MailRow) -> ListedMail:
    return ListedMail(
        row.id,
        row.account,
        row.folder,
        row.uidvalidity,
        row.uid,
        row.message_id,
        row.digest,
        row.outcome,
        row.contact,
        str(row.why() or ""),
    )


MAIL_TABLE = "{:>7}  {:28} {:12} {:>10} {:11} {:>7}  {}\n"


def _mails_as_table(rows: Iterable[ListedMail]) -> Iterator[bytes]:
    """One line a mail; nothing that is written in it but its reason."""
    yield MAIL_TABLE.format(
        "id", "account", "folder", "uid", "outcome", "contact", "reason"
    ).encode()
    for row in rows:
        shown = [printable(one) for one in (row.account, row.folder, row.uid)]
        contact = "-" if row.contact is None else row.contact
        reason = printable(row.reason) or "-"
        yield MAIL_TABLE.format(row.id, *shown, row.outcome, contact, reason).encode()


def retry_mails(data: Path, url: str, mails: Sequence[int]) -> int:
    """Let quarantined mails be analysed again; 1 where one of them was not in quarantine."""
    return _tell_done(mails, kept_mails.retry(data, url, mails), "is analysed again")


def discard_mails(data: Path, url: str, mails: Sequence[int]) -> int:
    """Clear quarantined mails that nobody needs; 1 where one of them was not in quarantine."""
    return _tell_done(mails, kept_mails.discard(data, url, mails), "is discarded")


def _tell_done(mails: Sequence[int], done: Sequence[int], what: str) -> int:
    sys.stdout.write("".join(f"mail {one} {what}\n" for one in done))
    others = [one for one in mails if one not in done]
    for one in others:
        sys.stderr.write(f"ace: mail {one} is not in quarantine; nothing was done with it\n")
    return int(bool(others))


def backfill_mail(data: Path, url: str, account: str, since: date, last: date) -> int:
    """Have mails of these days fetched that lie before what was fetched."""
    kept_mails.backfill(data, url, account, since, last)
    sys.stdout.write(
        f"mails that arrived at {account} from {since} to {last} are fetched in its next round\n"
    )
    return 0


def export_mail(data: Path, url: str, number: int, file: str) -> int:
    """Write the raw bytes of a mail, as they were fetched; `-` is standard output."""
    content = kept_mails.source(data, url, number)
    if file == STANDARD:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        _write_private(Path(file), content)
    return 0


class Explained(msgspec.Struct, frozen=True):
    """An explanation as `explain --json` shows it."""

    where: str
    why: list[str]
    would_change: list[str]
    mail: list[str]


def explain(data: Path, url: str, contact: int, agent: str = "", *, as_json: bool = False) -> int:
    """Say where a contact is, why, and what would change it (RO-11).

    With an `agent`: why that one has it, or has it not.
    """
    with reading(data, url):
        found = explaining.from_store(contact, directory.load(), SystemClock().now(), agent)
    if as_json:
        why, would_change, mail = (list(map(str, part)) for part in found[1:])
        facts = Explained(str(found.where), why, would_change, mail)
        sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in found.sentences()))
    return 0


# Backup and restore


class Progress:
    """Says on a terminal how far something has come, once it takes a while."""

    def __init__(self) -> None:
        self._next = time.monotonic() + TELL_EVERY
        self._is_seen = sys.stderr.isatty()  # a mail from cron says what failed, and nothing else

    def tell(self, what: str, done: int, of: int) -> None:
        """So many of so many are done."""
        if self._is_seen and time.monotonic() >= self._next:
            sys.stderr.write(f"{what}: {done:,} of {of:,}\n")
            self._next = time.monotonic() + TELL_EVERY


def backup(data: Path, url: str, file: str) -> int:
    """Write a backup of the store, also while its server runs."""
    if file == STANDARD:
        raise Refused("no-file", "a backup goes into a file; give its name")
    taken = backups.take(data, url, Path(file), SystemClock().now(), Progress().tell)
    sys.stdout.write(
        f"{taken.file}: {taken.contacts:,} contacts and {taken.attachments:,} attachments "
        f"as of {taken.made_at:%Y-%m-%d %H:%M:%SZ}, {taken.size:,} bytes\n"
    )
    if taken.not_in_audit:
        sys.stderr.write(
            f"ace: the backup is complete, but not in the audit: {taken.not_in_audit}\n"
        )
    return 0


def restore(data: Path, url: str, file: str, *, replace: bool = False) -> int:
    """Make a store of a backup; with `replace`, what is there is put aside."""
    made = backups.restore(
        data, url, Path(file), SystemClock().now(), replace=replace, tell=Progress().tell
    )
    lines = [
        f"{data}: {made.contacts:,} contacts and {made.attachments:,} attachments "
        f"as of {made.made_at:%Y-%m-%d %H:%M:%SZ}"
    ]
    lines += [f"what was there is kept as {one}" for one in made.kept]
    lines += made.notes
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


# Health


def check(data: Path) -> int:
    """One line for each part of the running server; 1 where something is wrong."""
    servers = running.find_all(data)
    if not servers:
        raise Refused("not-running", f"no server runs on {data}; start one: main.py server")
    return max(_check(server) for server in servers)


def _check(server: running.Running) -> int:
    if server.standby:
        sys.stdout.write("core: standby, another core leads\n")
        return 0
    status, parts = running.ask(server, "GET", "/health")
    for part, state in parts.items():
        shown = state if isinstance(state, str) else json.dumps(state)
        sys.stdout.write(f"{part}: {printable(shown)}\n")
    return 0 if status == 200 else 1
