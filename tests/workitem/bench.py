"""A WorkItem Server on a real port with the real store, and a sender that speaks raw HTTP.

No tests.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree
from prometheus_client import CollectorRegistry, generate_latest

from ace_server.admission import InMemory
from ace_server.attachments import Attachments
from ace_server.clock import ManualClock
from ace_server.concepts import (
    SENDER_KEYS,
    SERVER_KEYS,
    UNROUTED,
    ContactDataKey,
    MailAccount,
    Queue,
    Site,
    ValueSet,
    WorkItemAccount,
)
from ace_server.contact import State
from ace_server.entrances import Entrances
from ace_server.events import Events
from ace_server.intake import Intake
from ace_server.passwords import StoredSecret, cheap
from ace_server.settings import SystemParameters
from ace_server.store import Seam, Store, contacts
from ace_server.store.contacts import ContactRow
from ace_server.workitem.connections import Phase
from ace_server.workitem.port import Port

NS = "urn:ace:workitem:1"
SECRET = "correct horse battery"
DATA = Path(__file__).resolve().parent.parent / "data" / "workitem"
PASSWORDS = cheap()
HASH = PASSWORDS.hash(SECRET)

ACCOUNTS = (
    WorkItemAccount(name="loans", receipt=True),
    WorkItemAccount(name="quiet"),
    WorkItemAccount(name="lenient", receipt=True, unknown_keys="store"),
    WorkItemAccount(name="night", receipt=True, entrances=["loans", "support@bank.example"]),
    WorkItemAccount(name="off", enabled=False),
)
KEYS = (
    ContactDataKey(name="loanAmount"),
    ContactDataKey(name="colour", value_set="colours"),
    ContactDataKey(name="short", max_length=5),
)


def bank(**changes: Any) -> Site:
    """A site with every kind of account; `changes` replace fields of it."""
    site = Site(
        system=SystemParameters(workItemPort=0),
        work_item_accounts={account.name: account for account in ACCOUNTS},
        mail_accounts={
            name: MailAccount(name=name, fetch="maildir:/nowhere")
            for name in ("support@bank.example", "other@bank.example")
        },
        queues={UNROUTED: Queue(name=UNROUTED)},
        contact_data_keys={
            key.name: key
            for key in (*(ContactDataKey(name=n) for n in SENDER_KEYS + SERVER_KEYS), *KEYS)
        },
        value_sets={"colours": ValueSet(name="colours", values=["red", "green"])},
    )
    return msgspec.structs.replace(site, **changes)


@dataclass
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """What the answer amounts to: a refusal's code, a receipt's status, or the HTTP status."""
        if self.body.startswith((b"<error", b"<receipt")):
            root = etree.fromstring(self.body)
            return str(root.get("code") or root.get("status"))
        return str(self.status)

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def is_last(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


class Sender:
    """One connection, spoken over byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self, *, seconds: float = 10.0) -> Answer:
        async with asyncio.timeout(seconds):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(head.split(" ", 2)[1])
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:-2])
            }
            length = int(headers.get("content-length", 0))
            return Answer(status, headers, await self.reader.readexactly(length))

    async def at_end(self, *, seconds: float = 10.0) -> bool:
        """Whether the server closes the connection."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.read() == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


class Bench:
    """The server under test, and everything a test wants to change or see."""

    def __init__(self, data: Path, seam: Seam | None = None) -> None:
        self.site = bank()
        self.secrets = {
            ("work_item_account", account.name): StoredSecret(form="hash", value=HASH)
            for account in ACCOUNTS
        }
        self.clock = ManualClock(datetime(2026, 11, 20, 9, 14, 3, 512345, tzinfo=UTC))
        self.seam: Any = seam
        self.store = Store(data, seam=seam)
        self.events = Events()
        self.entrances = Entrances(lambda: self.site, self.clock, self.events)
        admission = InMemory(self.store, self.entrances, self.events)
        self.intake = Intake(
            self.store, lambda: self.site, admission, Attachments(self.store), self.clock
        )
        self.room: Callable[[int], bool] = lambda size: True
        self.is_well = True
        self.port_number = 0
        self.senders: list[Sender] = []
        self.port = self.new_port()

    def new_port(self) -> Port:
        self.registry = CollectorRegistry()
        return Port(
            site=lambda: self.site,
            secrets=lambda: self.secrets,
            intake=self.intake,
            files=self.store.files,
            clock=self.clock,
            passwords=PASSWORDS,
            registry=self.registry,
            room=lambda size: self.room(size),
            health=lambda: (self.is_well, {"server": "ok" if self.is_well else "starting"}),
            metrics=lambda: generate_latest(self.registry),
        )

    async def start(self) -> None:
        self.store.open()
        self.store.start()
        self.port_number = await self.port.start()

    async def stop(self) -> None:
        for sender in self.senders:
            await sender.close()
        await self.port.stop()
        await self.store.stop()
        self.store.close()

    def configure(self, **changes: Any) -> None:
        self.site = msgspec.structs.replace(self.site, **changes)

    def set_system(self, **changes: Any) -> None:
        self.configure(system=msgspec.structs.replace(self.site.system, **changes))

    def set_account(self, name: str, /, **changes: Any) -> None:
        account = msgspec.structs.replace(self.site.work_item_accounts[name], **changes)
        self.configure(work_item_accounts={**self.site.work_item_accounts, name: account})

    # Sending

    async def connect(self, **how: Any) -> Sender:
        sender = Sender(*await asyncio.open_connection("127.0.0.1", self.port_number, **how))
        self.senders.append(sender)
        return sender

    async def raw(self, raw: bytes) -> Answer:
        sender = await self.connect()
        await sender.send(raw)
        answer = await sender.answer()
        await sender.close()
        return answer

    async def post(self, body: bytes | str, **how: Any) -> Answer:
        return await self.raw(request(body, **how))

    # Seeing

    @property
    def is_reading(self) -> bool:
        """Whether the body of a request has begun to arrive and has not ended."""
        return bool(self.port._bodies)

    @property
    def answering(self) -> int:
        """How many requests have arrived whole and wait for their answer."""
        connections = self.port._connections._by_peer.values()
        return sum(one.phase is Phase.ANSWER for peer in connections for one in peer)

    async def until(self, holds: Callable[[], bool], *, seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.001)

    def figure(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    async def contacts(self) -> list[ContactRow]:
        def everything() -> list[ContactRow]:
            return list(contacts.listing(list(State)))

        found: list[ContactRow] = await self.store.run(everything)
        return found

    def files(self) -> list[Path]:
        """Every attachment, kept or half written."""
        folder = self.store.files.path("0" * 64).parent.parent
        return [file for place in (folder, folder.parent / "incoming") for file in _files(place)]


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def basic(account: str = "loans", secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{account}:{secret}".encode()).decode()


def request(
    body: bytes | str = b"",
    *,
    account: str = "loans",
    secret: str = SECRET,
    authorization: str | None = None,
    content_type: str | None = "application/xml",
    method: str = "POST",
    path: str = "/workitem",
    length: int | None = -1,
    headers: dict[str, str] | None = None,
) -> bytes:
    """The bytes of a request. `length` -1: the true one; None: no Content-Length."""
    content = body.encode() if isinstance(body, str) else body
    said = {
        "Host": "localhost",
        "Authorization": basic(account, secret) if authorization is None else authorization,
        "Content-Type": content_type,
        "Content-Length": len(content) if length == -1 else length,
        **(headers or {}),
    }
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in said.items() if value not in (None, "")]
    return "\r\n".join([*lines, "", ""]).encode() + content


def work_item(
    id: str | None = "LOAN-1",
    *,
    entrance: str | None = None,
    data: dict[str, str] | None = None,
    inside: str = "",
    rest: str = "",
) -> str:
    """A message. `inside` comes after the items, `rest` after the contact data."""
    items = {"workItem": "https://bank.example/loans/1", **(data or {})}
    written = "".join(f'<item key="{key}">{value}</item>' for key, value in items.items())
    about = f' id="{id}"' if id is not None else ""
    where = f"<entrance>{entrance}</entrance>" if entrance is not None else ""
    return (
        f'<workItem xmlns="{NS}"{about}>{where}'
        f"<contactData>{written}{inside}</contactData>{rest}</workItem>"
    )


def multipart(
    message: str | bytes,
    *parts: tuple[str, bytes],
    boundary: str = "frontier",
    kind: str = "application/xml",
) -> tuple[bytes, str]:
    """A body with parts by Content-ID, and its Content-Type."""
    content = message.encode() if isinstance(message, str) else message
    pieces = [f"Content-Type: {kind}\r\n\r\n".encode() + content]
    pieces += [
        f"Content-Type: application/octet-stream\r\nContent-ID: <{name}>\r\n\r\n".encode() + part
        for name, part in parts
    ]
    limit = f"--{boundary}".encode()
    body = b"".join(limit + b"\r\n" + piece + b"\r\n" for piece in pieces) + limit + b"--\r\n"
    return body, f'multipart/related; type="application/xml"; boundary="{boundary}"'
