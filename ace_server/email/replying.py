"""What a reply or a forward begins with, before a person writes (EM-9).

What becomes bytes is `writing`'s. Nothing here reads a file, a clock or chance.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set

import msgspec

from ace_server.email.mail import Address, Mail, MailPart, one_line
from ace_server.email.writing import thread, without_doubles

MOST_QUOTED = 100_000
"""Characters of an original that are quoted."""

_PREFIXES = (
    "re|r|ref|rif|res|sv|vs|vl|vb|aw|antw|antwort|ang|wg|fw|fwd|tr|rv|enc|odp|pd|ynt|ilt|atb|bls"
    "|trs|doorst|vá|továbbítás|továbbított|απ|σχετ|πρθ|отв|пересл|回复|回覆|答复|转发|轉寄|返信|転送"
)
_PREFIX = re.compile(
    rf"\s*(?:{_PREFIXES})(?:\.|\s?\[\d{{1,4}}\]|\s?\(\d{{1,4}}\)|\^\d{{1,4}})?\s?[:：]\s*", re.I
)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply or a forward begins with, before a person writes."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str
    text: str  # of the original: quoted, or below its header block
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    parts: tuple[MailPart, ...] = ()  # carried along


def reply(mail: Mail, own: Set[str], *, to_all: bool, attribution: str = "") -> Prepared:
    """An answer to whoever wrote, or to everybody; `own` are the addresses that are ours.

    Who wrote wants the answer at Reply-To, else at From; where both are ourselves, it goes where
    the mail went. Everybody's names come without ours and without doubles. `attribution` is the
    line above the quoted original.
    """
    ours = {address.casefold() for address in own}
    to = (
        without_doubles(mail.reply_to, ours)
        or without_doubles(mail.senders, ours)
        or without_doubles(mail.to, ours)
    )
    cc: list[Address] = []
    if to_all:
        to = without_doubles((*to, *mail.to), ours)
        cc = without_doubles(mail.cc, ours | {one.address.casefold() for one in to})
    return Prepared(
        to=tuple(to),
        cc=tuple(cc),
        subject=f"Re: {bare_subject(mail.subject)}".rstrip(),
        text="\n".join(filter(None, [attribution, quoted(mail.text)])),
        in_reply_to=mail.message_id,
        references=thread(mail),
    )


def forward(mail: Mail, header_lines: Sequence[str]) -> Prepared:
    """The mail to be sent on, below lines that say where it came from, with its attachments."""
    return Prepared(
        subject=f"Fwd: {bare_subject(mail.subject)}".rstrip(),
        text="\n".join([*header_lines, "", mail.text]),
        parts=mail.parts,
    )


def sender_choices(mail: Mail, return_address: str, alternatives: Collection[str]) -> list[str]:
    """Our addresses an answer may come from, the best first (EM-9).

    That is the one the customer wrote to, then the return address, then the alternatives in the
    order of the alphabet; each once, as it is configured.
    """
    in_order = [return_address, *sorted(alternatives, key=str.casefold)]
    ours: dict[str, str] = {}
    for address in filter(None, in_order):
        ours.setdefault(address.casefold(), address)
    written_to = next((one for one in _delivered_to(mail) if one in ours), None)
    first = [ours.pop(written_to)] if written_to is not None else []
    return [*first, *ours.values()]


def bare_subject(subject: str) -> str:
    """A subject without what replies and forwards put before it, in any language."""
    bare = one_line(subject)
    while prefix := _PREFIX.match(bare):
        bare = bare[prefix.end() :]
    return bare


def quoted(text: str) -> str:
    """A text as a reply quotes it: without its signature, one level deeper, cut where it is long.

    What was quoted before stays in one block of `>` (RFC 3676 §4.5).
    """
    lines = text[:MOST_QUOTED].split("\n")
    if len(text) > MOST_QUOTED:
        lines[-1] = "[…]"
    return "\n".join(_deeper(line.rstrip()) for line in _without_signature(lines))


def _deeper(line: str) -> str:
    return f">{line}" if line.startswith(">") or not line else f"> {line}"


def _without_signature(lines: list[str]) -> list[str]:
    mark = next((at for at, line in enumerate(lines) if line.rstrip("\r") == "-- "), len(lines))
    kept = lines[:mark] if any(map(str.strip, lines[:mark])) else lines
    while len(kept) > 1 and not kept[-1].strip():
        kept = kept[:-1]
    return kept


def _delivered_to(mail: Mail) -> Iterator[str]:
    """The addresses the mail was written to; where it names none of ours, it was a blind copy."""
    yield from (one.address.casefold() for one in (*mail.to, *mail.cc))
    for name in ("Delivered-To", "X-Original-To", "Envelope-To"):
        yield from (value.strip(" <>").casefold() for value in mail.all_headers(name))
