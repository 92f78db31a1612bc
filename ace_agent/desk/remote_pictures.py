"""The remote pictures of one mail, fetched when a person asks for them (E-2).

By http and https only, from public addresses only, without cookies, cache or referrer. A name is
looked up first and the address found is the one that is connected to: a name that answers
differently the second time leads nowhere else.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtNetwork import (
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
)

from ace_agent.desk.pictures import FORMATS

MOST = 50
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 16_000_000
WIDEST, HIGHEST = 1_600, 4_000  # pixels that are kept of one
PATIENCE = 10.0
"""Seconds for one picture, its redirections with it."""

MOST_TURNS = 4
"""Redirections of one picture."""

REDIRECTED = (301, 302, 303, 307, 308)
AT_ONCE = 6

Allowed = Callable[[str], bool]
"""Whether something may be fetched from this IP address."""

PORTS = {"http": 80, "https": 443}
ENCODED = QUrl.ComponentFormattingOption.FullyEncoded


def is_public(address: str) -> bool:
    """Whether it is nobody's own: not private, loopback, link-local, nor another in disguise."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # with a zone, for instance: link-local
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found not in PUBLIC_6 or found.sixtofour or found.teredo:
            return False
    elif found in EVERYBODYS_4:
        return False
    return found.is_global and not found.is_multicast


PUBLIC_6 = ipaddress.ip_network("2000::/3")
"""What is given out; beside it stand IPv4 addresses in an IPv6 form."""

EVERYBODYS_4 = ipaddress.ip_network("192.88.99.0/24")
"""Relays into 6to4."""


class _Failed(Exception):
    """This picture is not to be had."""


class RemotePictures:
    """Fetches; made for one window, and closed with it."""

    def __init__(self, *, allowed: Allowed = is_public, patience: float = PATIENCE) -> None:
        """`patience` is in seconds."""
        self._allowed = allowed
        self._patience = patience
        self._network = QNetworkAccessManager()
        self._network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))

    async def load(self, addresses: Iterable[str]) -> dict[str, QImage]:
        """The pictures that are to be had, by their addresses; a few at a time."""
        turn = asyncio.Semaphore(AT_ONCE)
        wanted = list(dict.fromkeys(addresses))[:MOST]
        found = await asyncio.gather(*(self._load(address, turn) for address in wanted))
        return {
            address: image
            for address, image in zip(wanted, found, strict=True)
            if image is not None
        }

    async def _load(self, address: str, turn: asyncio.Semaphore) -> QImage | None:
        async with turn:
            try:
                async with asyncio.timeout(self._patience):
                    content = await self._content(QUrl(address, QUrl.ParsingMode.StrictMode))
            except (TimeoutError, _Failed):
                return None
            return await asyncio.to_thread(decoded, content)

    async def _content(self, url: QUrl) -> bytes:
        for _ in range(MOST_TURNS + 1):
            reply = self._network.get(await self._request(url))
            try:
                content = await _whole(reply)
                target = _target(reply)
                if target is None:
                    return content
                url = url.resolved(target)
            finally:
                reply.deleteLater()
        raise _Failed

    async def _request(self, url: QUrl) -> QNetworkRequest:
        """To the address that its host has now, if that is allowed."""
        host, scheme = url.host(ENCODED), url.scheme()
        if not url.isValid() or scheme not in PORTS or not host:
            raise _Failed
        address = await self._address(host, url.port(PORTS[scheme]))
        there = QUrl(url)
        there.setUserInfo("")
        there.setFragment("")
        there.setHost(address)
        request = QNetworkRequest(there)
        request.setPeerVerifyName(host)
        for name, value in _headers(url, host):
            request.setRawHeader(name, value)
        for attribute, setting in ATTRIBUTES:
            request.setAttribute(attribute, setting)
        return request

    async def _address(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise _Failed from error
        addresses = [str(place[0]) for *_, place in found]
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise _Failed  # a name with a private address among its own is up to something
        return addresses[0]


ATTRIBUTES = (
    (QNetworkRequest.Attribute.RedirectPolicyAttribute, 0),  # ours: each place is looked at
    (QNetworkRequest.Attribute.CookieLoadControlAttribute, 1),  # none
    (QNetworkRequest.Attribute.CookieSaveControlAttribute, 1),
    (QNetworkRequest.Attribute.AuthenticationReuseAttribute, 1),
    (QNetworkRequest.Attribute.CacheLoadControlAttribute, 0),  # always from the network
    (QNetworkRequest.Attribute.CacheSaveControlAttribute, False),
    (QNetworkRequest.Attribute.Http2AllowedAttribute, False),  # it would take the address as name
)


def _headers(url: QUrl, host: str) -> list[tuple[bytes, bytes]]:
    name = f"[{host}]" if ":" in host else host
    if url.port() >= 0:
        name = f"{name}:{url.port()}"
    return [
        (b"Host", name.encode("ascii", "replace")),
        (b"Accept", b"image/png,image/jpeg,image/gif,image/webp,image/bmp"),
        (b"Accept-Encoding", b"identity"),  # nothing is unpacked
        (b"Accept-Language", b"en"),
        (b"User-Agent", b"Mozilla/5.0"),
    ]


def _target(reply: QNetworkReply) -> QUrl | None:
    """Where it redirects to, or None: it is the picture; raises _Failed for what is neither."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    target = reply.header(QNetworkRequest.KnownHeaders.LocationHeader)
    if status in REDIRECTED and isinstance(target, QUrl):
        return target
    if status == 200 and reply.error() == QNetworkReply.NetworkError.NoError:
        return None
    raise _Failed


async def _whole(reply: QNetworkReply) -> bytes:
    """What it answers, up to the limit; raises _Failed past it."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    content = bytearray()

    def read() -> None:
        content.extend(reply.readAll().data())
        if len(content) > MOST_BYTES:
            end()

    def end() -> None:
        if not ended.done():
            ended.set_result(None)

    reply.setReadBufferSize(2 * MOST_BYTES)
    reply.readyRead.connect(read)
    reply.finished.connect(end)
    try:
        await ended
        content.extend(reply.readAll().data())
        if len(content) > MOST_BYTES:
            raise _Failed
        return bytes(content)
    finally:
        with suppress(RuntimeError):  # gone with the window
            reply.readyRead.disconnect(read)
            reply.finished.disconnect(end)
            if not reply.isFinished():
                reply.abort()


def decoded(content: bytes) -> QImage | None:
    """The picture, no larger than is kept; None for what is none. Slow: call it on a thread."""
    form = next((name for sign, at, name in FORMATS if content.startswith(sign, at)), None)
    if form is None:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(form))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isEmpty() or size.width() * size.height() > MOST_PIXELS:
        return None
    if size.width() > WIDEST or size.height() > HIGHEST:
        room = QSize(WIDEST, HIGHEST)
        kept = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(kept.expandedTo(QSize(1, 1)))
    image = reader.read()
    return None if image.isNull() else image
