"""A sending system: hands work items in over HTTP, and takes note of what it was told."""

import base64
import io
from dataclasses import dataclass, replace
from typing import Self
from xml.etree import ElementTree

import aiohttp

NAMESPACE = "urn:ace:workitem:1"
ACCOUNT = "loans"
SECRET = "the-secret-of-loans"

MARK_BODY = "MARKER-OF-A-BODY"
MARK_SUBJECT = "MARKER-OF-A-SUBJECT"
MARK_DATA = "MARKER-OF-CONTACT-DATA"
"""Texts that no log and no file but the store's may ever show (T10)."""


@dataclass(frozen=True)
class Answer:
    """What a sender was told; status 0: nothing, the connection broke."""

    status: int
    contact: int = 0
    state: str = ""
    repeated: bool = False
    code: str = ""
    retry_after: str = ""  # seconds, as the header says it

    @property
    def is_receipt(self) -> bool:
        return self.status == 200


def message(external_id: str, *, entrance: str = "", attachment: bytes | None = None) -> bytes:
    """A work item; an attachment goes inline."""
    inline = ""
    if attachment is not None:
        text = base64.b64encode(attachment).decode()
        inline = f'<attachment name="call.wav" mediaType="audio/wav">{text}</attachment>'
    named = f"<entrance>{entrance}</entrance>" if entrance else ""
    return (
        f'<workItem xmlns="{NAMESPACE}" id="{external_id}">{named}<contactData>'
        f'<item key="workItem">https://bank.example/loans/{external_id}</item>'
        f'<item key="cid">{MARK_DATA}</item></contactData>'
        f"<subject>{MARK_SUBJECT}</subject><body>{MARK_BODY}</body>{inline}</workItem>"
    ).encode()


EDGE = "an-edge-between-parts"
IN_PARTS = f'multipart/related; type="application/xml"; boundary="{EDGE}"'


def in_parts(external_id: str, attachment: bytes) -> bytes:
    """A work item whose attachment goes as a part, of media type `IN_PARTS`."""
    file = '<attachment name="call.wav" mediaType="audio/wav" href="cid:call"/>'
    item = message(external_id).replace(b"</workItem>", f"{file}</workItem>".encode())
    edge = f"\r\n--{EDGE}".encode()
    xml = edge + b"\r\nContent-Type: application/xml\r\n\r\n" + item
    return xml + edge + b"\r\nContent-ID: <call>\r\n\r\n" + attachment + edge + b"--\r\n"


class Sender:
    """One sending system with its connections."""

    def __init__(self, port: int, *, account: str = ACCOUNT, seconds: float = 30.0) -> None:
        self.port = port
        self._session = aiohttp.ClientSession(
            headers={"Authorization": aiohttp.encode_basic_auth(account, SECRET)},
            timeout=aiohttp.ClientTimeout(total=seconds),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def send(self, raw: bytes, media_type: str = "application/xml") -> Answer:
        """Hand in a message."""
        try:
            async with self._session.post(
                f"http://127.0.0.1:{self.port}/workitem",
                data=io.BytesIO(raw),
                headers={"Content-Type": media_type},
            ) as response:
                answer = _answer(response.status, await response.read())
                return replace(answer, retry_after=response.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, OSError):
            return Answer(0)


def _answer(status: int, body: bytes) -> Answer:
    if not body.startswith(b"<"):
        return Answer(status)
    root = ElementTree.fromstring(body)
    return Answer(
        status,
        contact=int(root.get("contact", "0")),
        state=root.get("status", ""),
        repeated=root.get("repeated") == "true",
        code=root.get("code", ""),
    )
