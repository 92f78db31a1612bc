"""Transfer encodings: what decodes is decoded, and what was wrong is said (C-8, RFC 2045 §6)."""

import binascii
import re

_BROKEN_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*(?:\r?\n|\Z))")
_SOFT_BREAK_BY_CR = re.compile(rb"=[ \t]*\r(?!\n)")
_SOFT_BREAK_BY_BLANKS = re.compile(rb"=[ \t]+(\r?\n)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_WORD = re.compile(r"\s*[\"']?([\w.\-]+)")

_IDENTITY = {"7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none", "identity"}
_UU = {"x-uuencode", "uuencode", "x-uue", "uue"}


def decode(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """The bytes that were encoded, and whether the encoding was damaged or is none at all."""
    word = _WORD.match(encoding)
    name = word[1].lower() if word else "7bit"
    if name == "base64":
        return from_base64(data)
    if name == "quoted-printable":
        return from_quoted_printable(data)
    if name in _UU:
        return _from_uu(data)
    return data, name not in _IDENTITY


def from_base64(data: bytes) -> tuple[bytes, bool]:
    """The bytes of base64, and whether it was damaged."""
    try:
        return binascii.a2b_base64(data.translate(None, b" \t\r\n"), strict_mode=True), False
    except binascii.Error:
        return _from_damaged_base64(data), True


def _from_damaged_base64(data: bytes) -> bytes:
    """What lies between paddings, of those lines that are base64 and no text put behind it."""
    kept = []
    for line in data.splitlines():
        whole = line.strip()
        clean = _NOT_BASE64.sub(b"", whole)
        if len(clean) == len(whole) or (b" " not in whole and len(clean) * 10 >= len(whole) * 9):
            kept.append(clean)
    found = []
    for stretch in b"".join(kept).split(b"="):
        if len(stretch) % 4 == 1:
            stretch = stretch[:-1]  # six bits are no byte
        found.append(binascii.a2b_base64(stretch + b"=" * (-len(stretch) % 4)))
    return b"".join(found)


def from_quoted_printable(data: bytes, *, header: bool = False) -> tuple[bytes, bool]:
    """The bytes of quoted-printable, and whether it was damaged; `header`: of an encoded word."""
    if b"=" not in data and not header:
        return data, False
    damaged = _BROKEN_QP.search(data) is not None
    if damaged:  # the decoder takes a bare CR for the beginning of CR LF, and drops the line
        data = _SOFT_BREAK_BY_CR.sub(b"=\n", data)
    if b"= " in data or b"=\t" in data:
        data = _SOFT_BREAK_BY_BLANKS.sub(rb"=\1", data)
    return binascii.a2b_qp(data, header=header), damaged


def _from_uu(data: bytes) -> tuple[bytes, bool]:
    found, damaged, inside = [], False, False
    for line in data.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() in (b"end", b"`", b""):
            inside = line.strip() != b"end"
        else:
            content, wrong = _uu_line(line)
            found.append(content)
            damaged = damaged or wrong
    if not found:
        return data, True
    return b"".join(found), damaged


def _uu_line(line: bytes) -> tuple[bytes, bool]:
    try:
        return binascii.a2b_uu(line), False
    except binascii.Error:  # some writers end lines with what does not belong there
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:length]), False
    except binascii.Error:
        return b"", True
