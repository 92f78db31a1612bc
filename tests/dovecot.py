"""A Dovecot of one's own, on loopback, below one folder: a real mail server for tests.

Any name is a user of it, with the password `PASSWORD` or a token that `token` signs. Where Dovecot
is not installed, tests that need it are skipped and say so.
"""

import base64
import grp
import hashlib
import hmac
import json
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import imapclient
from imapclient.imapclient import _literal

USER = "dovecot"
"""Whose it is where this runs as root: its log-in processes refuse root."""

PASSWORD = "secret of the mailbox"
KEY = b"the key of the little token service"

WITHIN = 60.0
LOOK_AGAIN = 0.01
"""Seconds; not a measurement."""

MISSING = (
    "Dovecot is not installed (Debian: dovecot-imapd, dovecot-pop3d, dovecot-lmtpd) or openssl is"
    " not: nothing was proved against a real mail server"
)

MEMORY = Path("/dev/shm")

PORTS = ("imap", "imaps", "pop3", "pop3s", "lmtp")

CONFIGURATION = """
protocols = imap pop3 lmtp
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:~/Maildir
mail_fsync = never
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={base}/keys/
username_attribute = email
"""


class Trouble(Exception):
    """It could not be made or started; the text says why."""


def is_installed() -> bool:
    """Whether all that is needed is there; Debian keeps the programs off the path."""
    libraries = Path("/usr/lib/dovecot")
    needed = (libraries / "imap-login", libraries / "pop3-login", libraries / "lmtp")
    return _program() is not None and all(map(Path.exists, needed)) and bool(_openssl())


def _program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _openssl() -> str | None:
    return shutil.which("openssl")


class Dovecot:
    """One server. Its plain ports are for loopback; `ca_file` is whom its certificate is from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = str(folder / "cert.pem")
        self.ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        owner = pwd.getpwnam(USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._owner = owner
        self._group = grp.getgrgid(owner.pw_gid).gr_name

    def make(self) -> None:
        """Write its configuration, its keys and its certificate. Raises Trouble."""
        for name in ("run", "state", "mail", "keys/default/HS256"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        values = {
            "base": self.folder,
            "user": self._owner.pw_name,
            "group": self._group,
            "uid": self._owner.pw_uid,
            "gid": self._owner.pw_gid,
            "password": f"{{PLAIN.b64}}{base64.b64encode(PASSWORD.encode()).decode()}",
            **self.ports,
        }
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        (self.folder / "oauth2.conf").write_text(TOKENS.format(**values))
        key = self.folder / "keys/default/HS256/default"
        key.write_text(base64.b64encode(KEY).decode())
        self._make_certificate()
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _make_certificate(self) -> None:
        names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
        made = subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", names]
            + ["-keyout", str(self.folder / "key.pem"), "-out", self.ca_file],
            capture_output=True,
            timeout=WITHIN,
        )
        if made.returncode:
            raise Trouble(made.stderr.decode(errors="replace"))

    def start(self) -> None:
        """Start it; it takes connections when this returns. Raises Trouble."""
        rootless = os.geteuid() != 0
        self._process = subprocess.Popen(
            [str(_program()), "-F", "-c", str(self.folder / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=None if rootless else self._owner.pw_uid,
            group=None if rootless else self._owner.pw_gid,
            extra_groups=None if rootless else [],
            cwd="/",
            start_new_session=True,
        )
        deadline = time.monotonic() + WITHIN
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Trouble(self.log()[-2000:])
            time.sleep(LOOK_AGAIN)  # it has no other way to say that it is ready

    def _is_ready(self) -> bool:
        try:
            for name in PORTS:
                socket.create_connection(("127.0.0.1", self.ports[name]), WITHIN).close()
        except OSError:
            return False
        return True

    def log(self) -> str:
        """What it has logged."""
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """Stop it where it runs, with all its connections."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(signal.SIGTERM)
            process.wait(WITHIN)

    def kill(self) -> None:
        """kill -9 of all its processes, where it runs; `start` may follow."""
        if self._process is not None:
            process, self._process = self._process, None
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(WITHIN)

    # Users, and what lies in their mailboxes

    def url(self, scheme: str) -> str:
        """Where it is, in the form that a mail account has: `imap`, `imaps`, `imap+starttls` …"""
        return f"{scheme}://127.0.0.1:{self.ports[scheme.removesuffix('+starttls')]}"

    def new_user(self) -> str:
        """The name of a user whose mailbox is empty."""
        return f"box{next(self._numbers)}@ace.test"

    def token(self, user: str, *, expires_in: float = 600, key: bytes = KEY) -> str:
        """An access token with which the user logs in (a JWT signed by HS256)."""
        claims = {"email": user, "sub": user, "exp": int(time.time() + expires_in)}
        signed = b".".join(_base64url(part) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        signature = hmac.digest(key, signed, hashlib.sha256)
        return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()

    @contextmanager
    def client(self, user: str, folder: str | None = None) -> Iterator[Any]:
        """Another client of this user: an IMAPClient, in a folder that it may change."""
        client = imapclient.IMAPClient("127.0.0.1", self.ports["imap"], ssl=False, timeout=WITHIN)
        try:
            client.login(user, PASSWORD)
            if folder is not None:
                client.select_folder(folder)
            yield client
        finally:
            client.shutdown()

    def deliver(
        self,
        user: str,
        *mails: bytes,
        folder: str = "INBOX",
        flags: Iterable[bytes] = (),
        at: datetime | None = None,
    ) -> list[str]:
        """Put mails into a folder, byte for byte, as another client does; their uids (APPEND).

        A folder that is not there is made. What it gives out ends its lines with CR and LF.
        """
        with self.client(user) as client:
            if folder != "INBOX" and not client.folder_exists(folder):
                client.create_folder(folder)
            client.select_folder(folder)
            first = client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"]
            given: dict[str, object] = {"flags": list(flags)} | ({"date": at} if at else {})
            for start in range(0, len(mails), 500):
                part = mails[start : start + 500]
                client.multiappend(folder, [{"msg": _literal(mail), **given} for mail in part])
            client.noop()
            found = client.search(["UID", f"{first}:*"]) if mails else []
            return [str(uid) for uid in found if uid >= first]

    def deliver_by_lmtp(
        self, user: str, *mails: bytes, sender: str = "customer@example.org"
    ) -> None:
        """Put mails into the inbox as a mail server does: Return-Path and Received are added."""
        with smtplib.LMTP("127.0.0.1", self.ports["lmtp"]) as lmtp:
            for mail in mails:
                lmtp.sendmail(sender, [user], mail)

    def flags(self, user: str, folder: str = "INBOX") -> dict[str, set[bytes]]:
        """The flags of all mails by uid, without `\\Recent`, which nobody can keep."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["FLAGS"])
            return {str(uid): set(row[b"FLAGS"]) - {b"\\Recent"} for uid, row in found.items()}

    def maildir(self, user: str) -> Path:
        """The folder where the mailbox of a user lies."""
        return self.folder / "mail" / user / "Maildir"


@contextmanager
def dovecot() -> Iterator[Dovecot | None]:
    """One that runs, in memory where that is to be had; None where it is not installed.

    Raises Trouble where it cannot be made or started.
    """
    if not is_installed():
        yield None
        return
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="ace-dovecot-", dir=place))
    made = Dovecot(folder)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.kill()  # stopping takes it a second
        shutil.rmtree(folder, ignore_errors=True)


def as_served(mail: bytes) -> bytes:
    """A mail as every mail server gives it out: its lines end with CR and LF."""
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _base64url(part: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def _free_ports(wanted: int) -> list[int]:
    probes = [socket.socket() for _ in range(wanted)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
