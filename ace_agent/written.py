"""One draft that is open at this desk: as it is typed, and as the server has it.

No widget and no link: `drafts` keeps them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from ace_server import wire
from ace_server.wire import Attachment, Draft, DraftHead

Sending = dict[int, tuple[str, int]]
"""Names of files and how many percent of each have gone, by a number of ours."""


@dataclass(slots=True)
class Written:
    """One draft that is open here."""

    draft: Draft  # as it is typed
    stored: Draft  # as the server has it
    files: list[Attachment]
    senders: list[str]  # that From may be, the preset one first
    templates: list[wire.Template]
    signatures: list[str]  # of each of the senders
    begun: tuple[Draft, int] | None  # as it was composed, with how many files; None: gone on with
    sending: Sending  # files under way
    stored_at: datetime | None = None
    rejected: Draft | None = None  # what the server did not take: not stored again
    why_rejected: str = ""
    trouble: str = ""  # why it is not stored
    tried: Draft | None = None  # what the last Send carried, where its answer may be lost
    unsigned: tuple[str, int] | None = None  # after a signature was taken out, and from where
    is_closing: bool = False  # being sent, put aside or thrown away: nothing is typed any more

    @property
    def is_stored(self) -> bool:
        """Whether the server has all that was typed."""
        return self.draft == self.stored

    def signature(self, sender: str) -> str:
        """What stands below a mail from this address; empty where nothing does."""
        known = dict(zip(self.senders, self.signatures, strict=False))  # an older server tells none
        return known.get(sender, "")

    @property
    def is_touched(self) -> bool:
        """Whether anybody wrote anything into it."""
        if self.begun is None or self.sending:
            return True
        draft, files = self.begun
        return self.draft != draft or len(self.files) != files


MOST = {
    "sender": 1000,
    "to": wire.MOST_ADDRESSES,
    "cc": wire.MOST_ADDRESSES,
    "bcc": wire.MOST_ADDRESSES,
    "subject": 2000,
    "text": wire.LONGEST_MAIL,
}
"""Characters of each part of a draft, as the wire takes them."""


def head(one: Written) -> DraftHead:
    """A draft as a list shows it."""
    draft = one.draft
    return DraftHead(
        id=draft.id,
        kind=draft.kind,
        contact=draft.contact,
        subject=draft.subject,
        to=draft.to,
        saved_at=one.stored_at or EARLIEST,
    )


EARLIEST = datetime.min.replace(tzinfo=UTC)
"""For a draft that was not stored since it was opened: nobody is told when."""
