"""A server that takes mail from us: how it is named, what it is trusted by, and the way to it.

Nothing here speaks SMTP; that is `smtp`'s.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from enum import StrEnum
from functools import partial
from urllib.parse import unquote, urlsplit

import msgspec

from ace_server import tls
from ace_server.errors import Refused
from ace_server.sentences import sentence

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,254}")

TokenProvider = Callable[[], Awaitable[str]]


class Tls(StrEnum):
    """How a connection is made secret."""

    NONE = "none"  # to this machine only (G-6)
    STARTTLS = "starttls"  # demanded, never left out
    IMPLICIT = "implicit"  # from the first octet


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A server that takes mail from us, and how it knows us."""

    host: str
    port: int
    tls: Tls = Tls.NONE
    user: str = ""  # empty: it asks for no login
    password: str = ""
    token: TokenProvider | None = None  # for XOAUTH2, instead of a password; may raise our errors
    ca_file: str = ""  # trust these certificates and no others
    own_name: str = ""  # how we say hello; empty: the name of this machine

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.tls})"  # no secret in a traceback


def server(
    url: str,
    password: str = "",
    *,
    token: TokenProvider | None = None,
    ca_file: str = "",
) -> Server:
    """Read `smtp://`, `smtps://` or `smtp+starttls://`, each with `USER@HOST:PORT`.

    A user is written as in any URL (`%40` for an at sign). Raises Refused (`bad-url`; `no-tls` for
    a host that is reached without TLS and is not this machine, G-6).
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _bad_url() from None
    rest = parts.path.strip("/") or parts.query or parts.fragment
    if not port or not parts.hostname or rest:
        raise _bad_url()
    if parts.password is not None:
        raise Refused("bad-url", sentence("The password of a mail server is not set in its URL."))
    if parts.scheme == "smtp" and not tls.is_loopback(parts.hostname):
        raise Refused(
            "no-tls",
            sentence("Mail goes to %1 with TLS only: use smtp+starttls or smtps.", parts.hostname),
        )
    secured = {"smtp": Tls.NONE, "smtp+starttls": Tls.STARTTLS, "smtps": Tls.IMPLICIT}
    return Server(
        host=parts.hostname,
        port=port,
        tls=secured[parts.scheme],
        user=unquote(parts.username or ""),
        password=password,
        token=token,
        ca_file=ca_file,
    )


def _bad_url() -> Refused:
    example = "smtp+starttls://user@mail.example.com:587"
    return Refused(
        "bad-url", sentence("A mail server is written like %1, or with smtps or smtp.", example)
    )


def context(server: Server) -> ssl.SSLContext:
    """Trust of the system's authorities, or of its own alone; raises OSError. It reads files."""
    made = ssl.create_default_context(cafile=server.ca_file or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def own_name() -> str:
    """By which this machine says hello. It may be asked for in the network."""
    name = socket.getfqdn()
    return name if _DOMAIN.fullmatch(name) else "localhost"


async def reached(server: Server, threads: Executor | None) -> socket.socket:
    """A connection to the first of its addresses that takes one; raises OSError.

    The loop would do the same, and look the name up in its own threads; here that is None.
    """
    look_up = partial(socket.getaddrinfo, server.host, server.port, type=socket.SOCK_STREAM)
    loop = asyncio.get_running_loop()
    trouble = OSError("it has no address")
    for family, kind, protocol, _, address in await loop.run_in_executor(threads, look_up):
        made = socket.socket(family, kind, protocol)
        try:
            made.setblocking(False)
            await loop.sock_connect(made, address)
        except BaseException as error:
            made.close()
            if not isinstance(error, OSError):
                raise
            trouble = error
        else:
            return made
    raise trouble
