"""`mail`: mails per second from one IMAP server to contacts, beside what only parses them.

A thousand mails lie in a mailbox of a real Dovecot. Ours is measured from the moment its address is
given to the running server until the last of them is a contact, its ledger row and its raw file
durable. Beside it, where they can be had, django-helpdesk and roundup fetch the same mails by their
own IMAP fetchers, each from a mailbox of its own; and the standard library parses them in one
process (`compat32`), as bytes in memory. What was stored is compared with what was written.
"""

import email
import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time
from typing import Protocol

from benchmarks import machine, mailroom, mails, senders
from benchmarks.mailroom import Mailroom
from benchmarks.mails import Written
from benchmarks.measuring import Comparison, Failed, Goal, Missing, Plan, Result, Side, in_turn
from benchmarks.peers import dovecot, helpdesk
from benchmarks.peers.roundup import Roundup
from benchmarks.processes import running, server
from tests.dovecot import PASSWORD, Dovecot

MAILS = 1000

OURS = "IMAP to contact, ledger and file"
PARSING = "compat32 parsing alone"
HELPDESK = "django-helpdesk"
ROUNDUP = "roundup"

GOALS = {PARSING: Goal(least=0.25), HELPDESK: Goal(least=10), ROUNDUP: Goal(least=15)}
GARBLED = "bodies garbled"

WITHIN = 600.0
"""Seconds that a peer may take for one mailbox."""


class Peer(Protocol):
    """A program that fetches mail."""

    variables: Mapping[str, str]

    def fetching(self, *where: str) -> Sequence[str | Path]:
        """The command that fetches; `where`: host, port, user, password."""
        ...


class Round:
    """One mailbox after the other, each with the same mails."""

    def __init__(self, server: Dovecot, written: Sequence[Written]) -> None:
        self._server = server
        self._written = {mail.subject: mail for mail in written}
        self.garbled: dict[str, list[int]] = {}  # by who fetched, a round each
        self.cpu: dict[str, list[float]] = {}  # seconds for 1,000 mails, likewise

    def user(self) -> str:
        """Somebody whose inbox has them all, delivered to nobody else: no bytes come twice."""
        user = self._server.new_user()
        to = f"Delivered-To: {user}\r\n".encode()
        self._server.deliver(user, *(to + mail.raw for mail in self._written.values()))
        return user

    def ours(self, room: Mailroom) -> float:
        """Mails per second of the running server."""
        user, before = self.user(), machine.cpu_seconds(room.pid)
        began_at = perf_counter()
        room.fetch(user, self._server.url("imap"))
        room.until_settled(user, len(self._written))
        seconds = perf_counter() - began_at
        self._note_cpu(OURS, machine.cpu_seconds(room.pid) - before)
        self._compare(OURS, room.texts(user), mails.is_kept)
        return len(self._written) / seconds

    def theirs(self, label: str, peer: Peer) -> float:
        """Mails per second of another program, which is started beforehand."""
        where = (senders.HOST, str(self._server.ports["imap"]), self.user(), PASSWORD)
        done = subprocess.run(
            peer.fetching(*where),
            env={**os.environ, **peer.variables},
            capture_output=True,
            timeout=WITHIN,
            check=False,
        )
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Failed(f"{label}: {' '.join(last)}")
        found = json.loads(done.stdout.splitlines()[-1])
        self._note_cpu(label, float(found["cpu_seconds"]))
        self._compare(label, dict(found["stored"]), mails.is_legible)
        return len(self._written) / float(found["seconds"])

    def parsing(self) -> float:
        """Mails per second of the standard library's parser."""
        before, began_at = process_time(), perf_counter()
        for mail in self._written.values():
            email.message_from_bytes(mail.raw)
        seconds = perf_counter() - began_at
        self._note_cpu(PARSING, process_time() - before)
        return len(self._written) / seconds

    def _note_cpu(self, label: str, seconds: float) -> None:
        self.cpu.setdefault(label, []).append(seconds * 1000 / len(self._written))

    def _compare(
        self, label: str, stored: Mapping[str, str], is_right: Callable[[Written, str], bool]
    ) -> None:
        """Count what is not what was written. Raises Failed where something is missing."""
        if missing := self._written.keys() - stored.keys():
            raise Failed(f"{label}: {len(missing)} of {len(self._written)} mails are missing")
        wrong = sum(not is_right(mail, stored[key]) for key, mail in self._written.items())
        self.garbled.setdefault(label, []).append(wrong)


def measure(plan: Plan) -> Result:
    """Run it."""
    written = list(mails.mails(plan.size(MAILS, 20)))
    notes: list[str] = []
    with ExitStack() as stack:
        one = Round(stack.enter_context(dovecot.running()), written)
        data = plan.folder / "ours"
        mailroom.prepare(data)
        stack.enter_context(running(server(data), data, mailroom.with_mail_password()))
        room = Mailroom(data)
        sides: dict[str, Callable[[], float]] = {
            OURS: lambda: one.ours(room),
            PARSING: one.parsing,
        }
        for label, make in {} if plan.short else PEERS.items():
            try:
                peer = make(plan.folder / label)
            except Missing as missing:
                notes.append(f"{label}: left out: {missing}")
            else:
                sides[label] = lambda label=label, peer=peer: one.theirs(label, peer)
        found = in_turn(plan, sides)
        cpu = [
            Side(f"CPU seconds for 1,000 mails, {label}", taken[plan.warm_ups :])
            for label, taken in one.cpu.items()
        ]
    return _result(found, cpu, one.garbled, written, notes)


PEERS: Mapping[str, Callable[[Path], Peer]] = {HELPDESK: helpdesk.Fetcher, ROUNDUP: Roundup}


def _result(
    found: dict[str, Side],
    cpu: list[Side],
    garbled: Mapping[str, Sequence[int]],
    written: Sequence[Written],
    notes: list[str],
) -> Result:
    ours = found.pop(OURS)
    for label, rounds in garbled.items():
        goal = f"; goal 0: {'MISSED' if max(rounds) else 'met'}" if label is OURS else ""
        notes.append(f"{GARBLED} by {label}: {max(rounds)} of {len(written)}{goal}")
    size = sum(len(mail.raw) for mail in written) / len(written)
    return Result(
        title=f"mail: {len(written):,} mails of {size / 1000:.0f} kB on average",
        unit="mails per second",
        comparisons=[Comparison(ours, side, GOALS[label]) for label, side in found.items()],
        figures=cpu,
        notes=notes,
    )
