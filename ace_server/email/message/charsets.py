"""Bytes to text, whatever charset they claim: a mail is never lost for its charset (C-7).

What is declared comes first, then UTF-8, then cp1252, then replacement. Only names of charsets are
known here: Python's codecs that are none (hex, zlib, rot13, unicode_escape, idna …) are not found.
"""

import re
from encodings.aliases import aliases

from ace_server.email.message.texts import REPLACEMENT

_CODECS = """
    ascii utf_8 utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le latin_1
    iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10
    iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16
    cp037 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864
    cp865 cp866 cp869 cp874 cp932 cp949 cp950 cp1125 cp1140
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    koi8_r koi8_t koi8_u kz1048 ptcp154 mac_cyrillic mac_greek mac_iceland mac_latin2 mac_roman
    mac_turkish tis_620 hp_roman8 big5 big5hkscs gb2312 gbk gb18030 hz euc_jp euc_jis_2004
    euc_jisx0213 euc_kr johab shift_jis shift_jis_2004 shift_jisx0213 iso2022_jp iso2022_jp_1
    iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr
""".split()

_WIDER = {
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_ext",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "shift_jis": "cp932",
}
"""What goes by a name is often of the wider set that contains it (WHATWG Encoding §4.2)."""

_MORE_NAMES = {
    "ansi": "cp1252",
    "cp65001": "utf_8",
    "iso88598e": "iso8859_8",
    "iso88598i": "iso8859_8",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "macintosh": "mac_roman",
    "unicode11utf8": "utf_8",
    "unicode11utf7": "utf_7",
    "utf8mb3": "utf_8",
    "utf8mb4": "utf_8",
    "win1251": "cp1251",
    "win1252": "cp1252",
    "windows31j": "cp932",
    "windows874": "cp874",
    "windows932": "cp932",
    "windows936": "gb18030",
    "windows949": "cp949",
    "windows950": "cp950",
    "xeucjp": "euc_jp",
    "xeuckr": "cp949",
    "xgbk": "gb18030",
    "xmaccyrillic": "mac_cyrillic",
    "xmacroman": "mac_roman",
    "xsjis": "cp932",
}

_NOISE = re.compile(r"[^a-z0-9]")


def _squashed(name: str) -> str:
    return _NOISE.sub("", name.lower())


def _names() -> dict[str, str]:
    known = set(_CODECS)
    found = {_squashed(alias): codec for alias, codec in aliases.items() if codec in known}
    found |= {_squashed(codec): codec for codec in _CODECS}
    return {name: _WIDER.get(codec, codec) for name, codec in found.items()} | _MORE_NAMES


_NAMES = _names()

_UTF_8_FIRST = {"ascii", "latin_1", "cp1252", "iso8859_15", "utf_8"}
"""UTF-8 is never right by chance, and much of it is said to be something Western."""

_WIDE = {"utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"}
_MANY_NAMES = re.compile(r"""\s*["']?(?:charset=)?["']?([^\s;,(*"']*)""", re.IGNORECASE)

_LEFT_OVER = {
    code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)
}
"""What Windows writes where ISO 8859 has controls."""


def codec_of(name: str | None) -> str | None:
    """The codec that reads what this charset name stands for; None where it is no charset."""
    first = _MANY_NAMES.match(name or "")
    return _NAMES.get(_squashed(first[1])) if first else None


def decode(data: bytes, declared: str | None = None) -> tuple[str, bool]:
    """The text of some bytes, and whether what was declared was right; nothing is a right one."""
    codec = codec_of(declared)
    right = codec is not None or not declared
    if codec in _WIDE and not _may_be_wide(data):
        codec, right = None, False
    if codec in (None, "ascii") and b"\x1b$" in data:  # nothing else begins like this
        return data.decode("iso2022_jp_ext", "replace"), False
    if codec == "utf_16":
        codec = _utf_16(data)
    if codec is not None and codec not in _UTF_8_FIRST:
        text = _strictly(data, codec)
        if text is not None:
            return text, True
    text = _strictly(data, "utf_8")
    if text is not None:
        said = codec in (None, "utf_8") or data.isascii()
        return text, right and said
    if codec is not None:
        text = _nearly(data, codec)
        if text is not None:
            return text, True
    text = _nearly(data, "utf_8")
    if text is not None:
        return text, False
    return data.decode("cp1252", "replace"), False


def _may_be_wide(data: bytes) -> bool:
    """Whether it can be UTF-16 or UTF-32: without a NUL hardly any text is."""
    return b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _utf_16(data: bytes) -> str:
    """Which of both it is where no mark says so: most texts have NUL in their high bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf_16"
    return "utf_16_be" if data[::2].count(0) > data[1::2].count(0) else "utf_16_le"


def _strictly(data: bytes, codec: str) -> str | None:
    """The text, if every byte of it is of this charset."""
    try:
        return _tidy(data.decode(codec), codec)
    except UnicodeDecodeError:
        return None


def _nearly(data: bytes, codec: str) -> str | None:
    """The text, if it is of this charset but for a few bytes: cut off, or put in by others."""
    text = data.decode(codec, "replace")
    wrong = text.count(REPLACEMENT)
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    if wrong and wrong >= foreign - wrong:
        return None
    return _tidy(text, codec)


def _tidy(text: str, codec: str) -> str:
    """Without the mark of the encoding, and with what Windows writes where ISO has controls."""
    if codec == "latin_1" or codec.startswith("iso8859"):
        return text.translate(_LEFT_OVER)
    return text.removeprefix("\ufeff")
