"""Files that come from the server and go to it: attachments, sources of mails, what goes along.

Fetched ones lie in a private folder, as long as their contact is at this desk. All work with files
is done on threads; the connection is `link`'s.
"""

import asyncio
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from mimetypes import guess_type
from pathlib import Path
from typing import Protocol

import aiohttp
import msgspec
from PySide6.QtCore import QCoreApplication

from ace_agent import copies
from ace_agent.sentences import said
from ace_agent.session import Changed, LinkDown, Progress, Refused, Session
from ace_agent.tasks import Tasks
from ace_server import wire

translate = QCoreApplication.translate

MAX_ATTACHMENT_BYTES = 256 * 1024 * 1024
CHUNK = 64 * 1024
MAX_ANSWER_BYTES = 1024 * 1024
"""Of what answers a file that was put into a draft."""
PART = ".part"
"""What the name of a file ends with while it is being fetched."""
EMPTY = 416
"""The status where a file has no first bytes."""


class Asks(Protocol):
    """What asks the server by HTTP, as the person logged in: `link`."""

    def __call__(
        self,
        method: str,
        where: str,
        *,
        named: Mapping[str, str] | None = None,
        data: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Raises LinkDown where nobody is logged in, and what aiohttp raises."""
        ...


class Transfers:
    """Every method that carries a file raises LinkDown or Refused."""

    def __init__(self, session: Session, asks: Asks) -> None:
        self._session = session
        self._asks = asks
        self._tasks = Tasks(lambda reason: None)
        self._folder: Path | None = None
        self._here: set[Path] = set()  # what was fetched
        self._fetching: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)
        session.changed.connect(self._tidy)

    async def stop(self) -> None:
        """Remove every file fetched."""
        await self._tasks.stop()
        folder, self._folder = self._folder, None
        self._here.clear()
        if folder is not None:
            await asyncio.to_thread(_remove_folder, folder)

    # What comes

    async def attachment(
        self, contact: int, attachment: wire.Attachment, progress: Progress | None = None
    ) -> Path:
        """Fetch it into a file that only we can read, named by its place and not by its sender."""
        where = f"/attachments/{contact}/{attachment.position}"
        name = f"{contact}-{attachment.position}"
        return await self._fetched(where, name, attachment.size, progress)

    async def source(self, contact: int, size: int, progress: Progress | None = None) -> Path:
        """Fetch the source of a contact's mail, `size` bytes, into a file that only we can read."""
        return await self._fetched(f"/mails/{contact}/source", f"{contact}-source", size, progress)

    async def _fetched(self, where: str, name: str, size: int, progress: Progress | None) -> Path:
        path = await self._private(name)
        async with self._fetching[path]:
            if path not in self._here:
                await self._fetch(where, size, path, progress)
                self._here.add(path)
        return path

    async def _private(self, name: str) -> Path:
        if self._folder is None:
            made = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="ace-agent-"))  # 0700
            if self._folder is None:
                self._folder = made
            else:  # somebody else was as quick
                await asyncio.to_thread(made.rmdir)
        return self._folder / name

    async def _fetch(self, where: str, size: int, path: Path, progress: Progress | None) -> None:
        if size > MAX_ATTACHMENT_BYTES:
            text = translate("transfers", "This file is too large to be fetched.")
            raise Refused(text, "too-large")
        part = path.with_name(path.name + PART)
        try:
            await self._download(where, size, part, progress)
            await asyncio.to_thread(part.rename, path)
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            text = translate("transfers", "The link was lost while the file was fetched.")
            raise LinkDown(text) from error
        except OSError as error:
            text = translate("transfers", "The file cannot be kept on this machine: %1.")
            raise Refused(text.replace("%1", str(error.strerror))) from error
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _download(self, where: str, size: int, to: Path, progress: Progress | None) -> None:
        async with self._asks("GET", where) as response:
            if response.status != 200:
                raise Refused(_no_file(response.status), "attachment")
            fetched = 0
            with await asyncio.to_thread(to.open, "wb") as file:
                async for chunk in response.content.iter_chunked(CHUNK):
                    fetched += len(chunk)
                    if fetched > size:
                        break
                    await asyncio.to_thread(file.write, chunk)
                    if progress is not None:
                        progress(fetched, size)
        if fetched != size:
            text = translate("transfers", "The file did not come as announced.")
            raise Refused(text, "attachment")

    # What is kept

    def _tidy(self, changed: Changed) -> None:
        """Keep nothing of a contact that has left this desk."""
        if changed.what in ("contact", "desk"):
            gone = [path for path in self._here if not self._is_wanted(path)]
            if gone:
                self._tasks.start(self._remove(gone))

    def _is_wanted(self, path: Path) -> bool:
        """Whether its contact is at this desk, or is the waiting one that is looked at."""
        contact = int(path.name.partition("-")[0])
        return contact in self._session.contacts or contact == self._session.previewed

    async def _remove(self, gone: list[Path]) -> None:
        for path in gone:
            async with self._fetching[path]:
                if path in self._here and not self._is_wanted(path):
                    self._here.discard(path)
                    with suppress(OSError):  # in use on Windows; it goes when the link stops
                        await asyncio.to_thread(path.unlink)

    # What goes

    async def attach(
        self, draft: int, name: str, path: Path, progress: Progress | None = None
    ) -> wire.Attached:
        """Put a file into a draft under this name."""
        where = f"/drafts/{draft}/files"
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
            async with self._asks(
                "POST",
                where,
                named={"name": name},
                data=_pieces(path, size, progress),
                headers={"Content-Type": guess_type(name)[0] or "application/octet-stream"},
            ) as answer:
                text = await answer.content.read(MAX_ANSWER_BYTES)
                return _attached(answer.status, text)
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            words = translate(
                "transfers", "The link was lost while the file was sent. Attach it again."
            )
            raise LinkDown(words) from error
        except OSError as error:
            words = translate("transfers", "The file cannot be read: %1.")
            raise Refused(words.replace("%1", str(error.strerror))) from error

    # Quarantined mails

    async def quarantined_source(self, mail: int, most: int) -> bytes:
        """The first bytes of a quarantined mail."""
        first = {"Range": f"bytes=0-{most - 1}"}
        content = bytearray()
        async with self._source(f"/quarantine/{mail}/source", first) as response:
            if response.status != EMPTY:
                async for chunk in response.content.iter_chunked(CHUNK):
                    content += chunk[: most - len(content)]
                    if len(content) == most:
                        break
        return bytes(content)

    async def export_quarantined(self, mail: int, to: Path) -> None:
        """Save a quarantined mail; where not all of it comes, nothing is saved."""
        part = to.with_name(to.name + PART)
        try:
            async with self._source(f"/quarantine/{mail}/source?export") as response:
                with await asyncio.to_thread(part.open, "wb") as file:
                    async for chunk in response.content.iter_chunked(CHUNK):
                        await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(copies.copy, part, to)
        except OSError as error:
            text = translate("transfers", "The mail was not saved: %1. Choose another place.")
            raise Refused(text.replace("%1", error.strerror or str(error)), "file") from error
        finally:
            with suppress(OSError):
                await asyncio.to_thread(part.unlink, missing_ok=True)

    @asynccontextmanager
    async def _source(
        self, where: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._asks("GET", where, headers=headers) as response:
                if response.status not in (200, 206, EMPTY):
                    raise Refused(_no_source(response.status), "source")
                yield response
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            text = translate("transfers", "The link was lost while the mail was fetched.")
            raise LinkDown(text) from error


async def _pieces(path: Path, size: int, progress: Progress | None) -> AsyncIterator[bytes]:
    """The file from its beginning; `progress` is told how many of its bytes have gone."""
    gone = 0
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
            gone += len(chunk)
            if progress is not None:
                progress(gone, size)


def _remove_folder(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            file.chmod(0o600)  # Windows removes no file that cannot be written
    shutil.rmtree(folder, ignore_errors=True)


# What the server says instead


def _no_source(status: int) -> str:
    if status == 503:
        return translate("transfers", "The server cannot give the mail at present; try again soon.")
    if status == 410:
        return translate("transfers", "The server does not have this mail as it was fetched.")
    return translate("transfers", "This mail is no longer in quarantine.")


def _no_file(status: int) -> str:
    if status == 503:
        return translate("transfers", "The server cannot give the file at present; try again soon.")
    if status == 410:
        return translate("transfers", "The server does not have this file as it came in.")
    return translate(
        "transfers", "The server does not give this file: the contact is not yours now."
    )


def _attached(status: int, text: bytes) -> wire.Attached:
    """The files of the draft, or why it was not taken: the server's own words, if it says."""
    with suppress(msgspec.MsgspecError):
        answer = wire.decode_event(text)
        if isinstance(answer, wire.Attached):
            return answer
        if isinstance(answer, wire.Refusal):
            raise Refused(said(answer.reason), answer.code)
    if status == 413:
        raise Refused(
            translate("transfers", "The file is larger than the server takes."), "too-large"
        )
    if status == 503:
        words = translate(
            "transfers", "The server cannot take the file at present; try again soon."
        )
        raise Refused(words, "unavailable")
    words = translate("transfers", "The server does not take the file: the draft is not here now.")
    raise Refused(words)
