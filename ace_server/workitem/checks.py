"""What is checked of a work item against the configuration, and what its content amounts to.

Pure: no network, no file, no clock. The order of the checks among each other is the caller's, as
the interface promises it: entrance, known id, keys and values, attachments.
"""

import binascii
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import unquote

import msgspec

from ace_server.concepts import SENDER_KEYS, SERVER_KEYS, Site, WorkItemAccount
from ace_server.contact import WORK_ITEM_KEY
from ace_server.errors import Refused
from ace_server.settings import MEBIBYTE
from ace_server.workitem.message import Attachment, WorkItem, visible

MAX_INLINE = 7 * MEBIBYTE
"""Bytes of an inline attachment after decoding; what the XML parser can take (trust.md §3)."""

MAX_VALUE = 4000
"""Characters of a value whose key does not set its own length."""

MAX_FILE_NAME = 120

_FORMAT = 1  # of the digest; grows when what is digested changes


class File(Protocol):
    """The bytes of an attachment, wherever they are."""

    @property
    def size(self) -> int: ...

    def digest(self) -> str:
        """SHA-256 in hexadecimal."""
        ...


class Content(msgspec.Struct, frozen=True):
    """The bytes an attachment turned out to have, or what is wrong with them (`fault`)."""

    digest: str
    file: File | None = None
    fault: str = ""


# Entrance


def entrance(item: WorkItem, account: WorkItemAccount, site: Site) -> str:
    """The entrance the item is for, or raise Refused: `unknown-entrance`, `forbidden`."""
    named = account.name if item.entrance is None else item.entrance
    if named not in site.work_item_accounts and named not in site.mail_accounts:
        raise Refused(
            "unknown-entrance", "this entrance is not configured", line=item.entrance_line
        )
    if named != account.name and named not in account.entrances:
        reason = "this account may not use this entrance"
        raise Refused("forbidden", reason, line=item.entrance_line)
    if not account.enabled:
        raise Refused("forbidden", "this account is switched off")
    return named


# Keys and values


def values(item: WorkItem, account: WorkItemAccount, site: Site) -> int:
    """How many keys are stored although they are not configured; or raise Refused.

    Its codes are `no-work-item-key`, `unknown-key` and `bad-value`.
    """
    if not item.data.get(WORK_ITEM_KEY, "").strip():
        line = item.lines.get(WORK_ITEM_KEY, item.data_line)
        raise Refused("no-work-item-key", "the workItem key is missing or empty", line=line)
    unknown = [key for key in item.data if not _is_known(key, site)]
    if unknown and account.unknown_keys != "store":
        reason = f"contact data key '{visible(unknown[0])}' is not configured"
        raise Refused("unknown-key", reason, line=item.lines.get(unknown[0]))
    for key, value in item.data.items():
        _check_value(key, value, item, site)
    return len(unknown)


def _is_known(key: str, site: Site) -> bool:
    return key in site.contact_data_keys or key in SENDER_KEYS or key in SERVER_KEYS


def _check_value(key: str, value: str, item: WorkItem, site: Site) -> None:
    if key in SERVER_KEYS:
        raise _bad_value(key, "is set by the server, not by a sender", item)
    if key == "prio" and not (len(value) == 1 and value in "0123456789"):
        raise _bad_value(key, "takes one digit, 0 (first) to 9", item)
    configured = site.contact_data_keys.get(key)
    _check_length(key, value, configured.max_length if configured else MAX_VALUE, item)
    if configured and configured.value_set:
        allowed = site.value_sets.get(configured.value_set)
        if allowed is None or value not in allowed.values:
            raise _bad_value(key, "has a value that is not in its value set", item)


def _check_length(key: str, value: str, longest: int, item: WorkItem) -> None:
    if len(value) > longest:
        raise _bad_value(key, f"has a value of more than {longest} characters", item)


def _bad_value(key: str, what: str, item: WorkItem) -> Refused:
    return Refused("bad-value", f"key '{visible(key)}' {what}", line=item.lines.get(key))


# Attachments


def contents(
    attachments: Sequence[Attachment],
    parts: Sequence[tuple[str, File]],
    hold: Callable[[bytes], File],
) -> list[Content]:
    """What each attachment holds. `parts` are those of the request, by Content-ID, in order.

    `hold` gets the bytes of an inline attachment, one after the other.
    """
    named = Counter(name for name, _ in parts)
    by_name = dict(parts)
    found = []
    for attachment in attachments:
        if attachment.href is None:
            found.append(_inline(attachment, hold))
        else:
            found.append(_part(attachment, named, by_name))
    return found


def _inline(attachment: Attachment, hold: Callable[[bytes], File]) -> Content:
    decoded = decode(attachment.text)
    if decoded is None:
        raw = hashlib.sha256(attachment.text.encode()).hexdigest()
        return Content(f"text {raw}", fault="is not base64")
    file = hold(decoded)
    if file.size > MAX_INLINE:
        fault = f"has more than {MAX_INLINE // MEBIBYTE} MiB inline; send it as a part"
        return Content(file.digest(), file, fault)
    return Content(file.digest(), file)


def _part(attachment: Attachment, named: Mapping[str, int], parts: Mapping[str, File]) -> Content:
    href = attachment.href or ""
    name = _part_name(href)
    if attachment.text.strip():
        fault = "has both a text and an href"
    elif not href.startswith("cid:"):
        fault = "has an href that does not begin with cid:"
    elif not name or name not in named:
        fault = "names a part that is missing"
    elif named[name] > 1:
        fault = "names a part that is there twice"
    else:
        return Content(parts[name].digest(), parts[name])
    return Content(f"href {href}", fault=fault)


def _part_name(href: str) -> str:
    return unquote(href.removeprefix("cid:"))


def decode(text: str) -> bytes | None:
    """The bytes of a text in base64, with or without whitespace between; None if it is not that."""
    try:
        packed = text.encode("ascii").translate(None, b" \t\r\n")
        return binascii.a2b_base64(packed, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def attachments(item: WorkItem, found: Sequence[Content], parts: int) -> None:
    """Raise Refused(`bad-attachment`) for the first attachment that cannot be taken.

    `parts` is how many the request has, beside the message itself.
    """
    pairs = zip(item.attachments, found, strict=True)
    for number, (attachment, content) in enumerate(pairs, start=1):
        fault = content.fault or name_fault(attachment.name)
        if fault:
            raise Refused("bad-attachment", f"attachment {number} {fault}", line=attachment.line)
    named = [_part_name(a.href) for a in item.attachments if a.href is not None]
    if len(set(named)) < len(named):
        raise Refused("bad-attachment", "two attachments name the same part")
    if parts > len(named):
        raise Refused("bad-attachment", "there is a part that no attachment names")


_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RESERVED = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL
)


def name_fault(name: str) -> str:
    """Why this is not a plain file name, or nothing: what F-2 cleans in a mail is refused here."""
    if not name:
        return "has no name"
    if len(name) > MAX_FILE_NAME:
        return f"has a name of more than {MAX_FILE_NAME} characters"
    if "/" in name or "\\" in name:
        return "has a name with a slash; give the file name alone"
    if _UNWANTED.search(name):
        return "has a name with control or direction characters"
    if name != unicodedata.normalize("NFC", name):
        return "has a name that is not in Unicode normal form C"
    if name[0] in ".-" or name[-1] in ". ":
        return "has a name that begins with a dot or dash, or ends with a dot or space"
    if _RESERVED.fullmatch(name):
        return "has a name that is reserved on some systems"
    return ""


# Content


def content_digest(item: WorkItem, found: Sequence[Content]) -> str:
    """SHA-256 of all but the entrance, after parsing: equal however it was written (A-3).

    It takes as long as reading the content once more.
    """
    texts = [item.subject, item.body]
    for pair in sorted(item.data.items()):
        texts += pair
    for attachment, content in zip(item.attachments, found, strict=True):
        texts += attachment.name, attachment.media_type, content.digest
    hashed = hashlib.sha256(f"{len(item.data)},{len(found)}:".encode())
    for text in texts:  # one by one: together they may be tens of megabytes
        hashed.update(f"{len(text)}:{text}".encode())
    return hashed.hexdigest()


def digest(entrance: str, content: str) -> str:
    """The digest of a work item: of its entrance, as resolved, and its `content_digest`."""
    return hashlib.sha256(f"{_FORMAT} {content} {entrance}".encode()).hexdigest()
