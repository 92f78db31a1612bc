"""The pictures that came with a mail and that its HTML shows among its words."""

import asyncio
import logging
from collections.abc import Sequence

from PySide6.QtGui import QImage

from ace_agent.desk import pictures
from ace_agent.desk.showable import Unreadable
from ace_agent.session import Session
from ace_agent.tasks import Trouble
from ace_server.wire import Attachment

log = logging.getLogger(__name__)

MOST = 50
"""Pictures of one mail that are fetched; the others stay among its attachments."""


def named(html: str, attachments: Sequence[Attachment]) -> list[Attachment]:
    """Those of the attachments that the HTML shows."""
    lower = html.lower()
    found = [
        one
        for one in attachments
        if one.content_id
        and one.media_type in pictures.MEDIA_TYPES
        and one.size <= pictures.MOST_BYTES
        and f"cid:{one.content_id.lower()}" in lower
    ]
    return found[:MOST]


class InlinePictures:
    """The pictures of one mail, by their content ids."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._images: dict[str, QImage] = {}

    def of(self, content_id: str) -> QImage | None:
        """The picture of this name, once it is here."""
        return self._images.get(content_id.lower())

    async def fetch(self, contact: int, attachments: Sequence[Attachment]) -> bool:
        """Fetch them; what cannot be had is left out. Returns whether there are any."""
        for one in attachments:
            try:
                path = await self._session.attachment(contact, one.position)
                image = await asyncio.to_thread(pictures.read, path)
            except (Trouble, Unreadable) as trouble:
                log.debug("contact %s: a picture is not shown: %s", contact, trouble)
                continue
            self._images[one.content_id.lower()] = image
        return bool(self._images)
