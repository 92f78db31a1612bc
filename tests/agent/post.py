"""The mail at the other end of a bench: a mail to read, drafts that are kept, an outbox."""

from datetime import timedelta

import msgspec

from ace_server import wire
from ace_server.wire import Attachment, Draft, DraftHead, Mail, OutgoingMail
from tests.agent.bench import Server
from tests.agent.scripted import NOW, contact

SECONDS = 10
"""In which a mail can be taken back."""

EMAIL = contact(
    1,
    medium=wire.Medium.EMAIL,
    external_id="<1@home.example>",
    task_type="Card question",
    subject="My card",
    sender="Karin Lindqvist <karin@home.example>",
    body="It was declined.",
    fields=[],
)
MAIL = Mail(
    contact=1,
    senders=["Karin Lindqvist <karin@home.example>"],
    to=["support@bank.example"],
    subject="My card",
    arrived_at=NOW,
    text="It was declined.",
    size=400,
)
TEMPLATES = [
    wire.Template(name="Card opened", text="Your card is open again."),
    wire.Template(name="Who are you", text="What is your customer number?"),
]


def outgoing(number: int = 7, **other: object) -> OutgoingMail:
    """A reply to Karin, handed over."""
    known: dict[str, object] = {
        "id": number,
        "kind": "reply",
        "state": "handed over",
        "to": ["karin@home.example"],
        "created_at": NOW,
        "due_at": NOW,
        "contact": 1,
    }
    return OutgoingMail(**(known | other))


class Post:
    """Answers what is asked about mail, and notes nothing that `Server` does not."""

    def __init__(self, server: Server, mail: Mail = MAIL) -> None:
        self.mail = mail
        self.drafts: dict[int, Draft] = {}
        self.files: dict[int, list[Attachment]] = {}
        self.sent: dict[int, Draft] = {}
        self.signatures: list[str] = []
        server.answers |= {
            wire.ReadMail: lambda _: wire.MailRead(request=0, mail=self.mail),
            wire.DidNotArrive: self._press,
            wire.Compose: self._compose,
            wire.OpenDraft: lambda command: self._composed(command.draft),
            wire.SaveDraft: self._save,
            wire.DiscardDraft: self._discard,
            wire.Detach: self._detach,
            wire.SendMail: self._send,
            wire.UndoSend: self._undo,
            wire.ListDrafts: lambda _: wire.DraftsListed(request=0, drafts=self.heads()),
            "attach": self._attach,
        }

    def heads(self) -> list[DraftHead]:
        """What is kept here."""
        return [
            DraftHead(
                id=one.id,
                kind=one.kind,
                contact=one.contact,
                subject=one.subject,
                to=one.to,
                saved_at=NOW,
            )
            for one in self.drafts.values()
        ]

    def _press(self, _: wire.DidNotArrive) -> wire.MailRead:
        pressed = self.mail.pressed + 1
        external = self.mail.external if pressed < 2 else ""
        self.mail = msgspec.structs.replace(self.mail, pressed=pressed, external=external)
        return wire.MailRead(request=0, mail=self.mail)

    def _compose(self, command: wire.Compose) -> wire.Composed:
        number = 10 + len(self.drafts) + len(self.sent)
        is_reply = command.kind in ("reply", "reply-all")
        self.drafts[number] = Draft(
            id=number,
            kind=command.kind,
            contact=command.contact,
            sender="support@bank.example",
            to="Karin Lindqvist <karin@home.example>" if is_reply else "",
            subject="Re: My card" if is_reply else "",
            text=f"{self._signed()}\n\n> It was declined." if is_reply else "",
        )
        return self._composed(number)

    def _signed(self) -> str:
        return f"\n\n-- \n{self.signatures[0]}" if self.signatures else ""

    def _composed(self, number: int) -> wire.Composed:
        return wire.Composed(
            request=0,
            draft=self.drafts[number],
            files=self.files.get(number, []),
            senders=["support@bank.example", "cards@bank.example"],
            signatures=self.signatures,
            templates=TEMPLATES,
        )

    def _save(self, command: wire.SaveDraft) -> wire.Done:
        self.drafts[command.draft.id] = command.draft
        return wire.Done(request=0)

    def _discard(self, command: wire.DiscardDraft) -> wire.Done:
        del self.drafts[command.draft]
        return wire.Done(request=0)

    def _attach(self, draft: int, name: str, path: object) -> wire.Attached:
        held = self.files.setdefault(draft, [])
        held.append(Attachment(position=len(held), name=name, media_type="text/plain", size=3))
        return wire.Attached(request=0, files=[*held])

    def _detach(self, command: wire.Detach) -> wire.Attached:
        held = self.files[command.draft]
        self.files[command.draft] = [one for one in held if one.position != command.position]
        return wire.Attached(request=0, files=self.files[command.draft])

    def _send(self, command: wire.SendMail) -> wire.MailQueued:
        """What was sent just so is answered in the same way again."""
        if self.sent.get(command.draft.id) != command.draft:
            del self.drafts[command.draft.id]
        self.sent[command.draft.id] = command.draft
        queued = outgoing(
            command.draft.id,
            state="queued",
            to=[command.draft.to],
            due_at=NOW + timedelta(seconds=SECONDS),
            contact=command.draft.contact,
        )
        return wire.MailQueued(request=0, outgoing=queued)

    def _undo(self, command: wire.UndoSend) -> wire.Composed:
        self.drafts[command.outgoing] = self.sent.pop(command.outgoing)
        return self._composed(command.outgoing)
