"""Attachments: the name that is shown, and what kind of file it is.

Names and contents are foreign: nothing here runs, unpacks or opens one (F-2 to F-4).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale

translate = QCoreApplication.translate


LONGEST_NAME = 120  # characters
HEAD = 40_000  # bytes that tell the kind; a disk image says so at 32,769
ID3_HEADER = 10  # bytes; of a footer, too
ID3_HAS_FOOTER = 0x10

RESERVED = {"con", "prn", "aux", "nul"} | {f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10)}
REMOVED = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
FORBIDDEN = re.compile(r'[<>:"|?*]')

ENDINGS = {
    "program": "exe com scr pif msi msp msix appx cpl dll sys ocx bin run apk app deb rpm jar jnlp "
    "appimage pkg xll gadget application",
    "script": "js jse vb vbs vbe ws wsf wsh wsc sct ps1 psm1 bat cmd sh bash csh zsh ksh fish "
    "py pyw pl rb php lua ahk hta msc reg scf inf applescript scpt command terminal workflow",
    "shortcut": "lnk url desktop webloc library-ms search-ms searchconnector-ms rdp appref-ms "
    "settingcontent-ms iqy slk",
    "disk image": "iso img vhd vhdx dmg wim",
    "web page": "html htm xhtml mht mhtml shtml chm",
    "drawing": "svg svgz",
    "macro document": "docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm one mdb accdb",
    "old document": "doc dot xls xlt xla ppt pot pps rtf",
    "office document": "docx xlsx pptx odt ods odp",
    "archive": "zip 7z rar gz tgz bz2 xz tar cab",
    "picture": "png jpg jpeg gif bmp webp tif tiff ico heic",
    "audio": "wav mp3 ogg oga opus flac m4a aac wma amr",
    "video": "mp4 mov avi mkv webm",
    "text": "txt log csv md ini json xml",
    "pdf": "pdf",
    "mail": "eml msg",
}
BY_NAME = {ending: kind for kind, endings in ENDINGS.items() for ending in endings.split()}
BY_CONTENT: tuple[tuple[int, bytes, str], ...] = (
    (0, b"#!AMR", "audio"),  # before what it looks like
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"#!", "script"),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", "shortcut"),
    (0, b"[InternetShortcut]", "shortcut"),
    (0, b"[Desktop Entry]", "shortcut"),
    (32769, b"CD001", "disk image"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old document"),
    (0, b"{\\rtf", "old document"),
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF8", "picture"),
    (0, b"BM", "picture"),
    (0, b"II*\x00", "picture"),
    (0, b"MM\x00*", "picture"),
    *((0, b"\xff" + bytes([second]), "audio") for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xF1, 0xF9)),
    (0, b"OggS", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
    (0, b"Rar!", "archive"),
    (0, b"7z\xbc\xaf", "archive"),
    (0, b"\x1f\x8b", "archive"),
)
RIFF = frozenset({b"RIFF", b"RIFX", b"RF64", b"BW64"})
FORMS = {b"WAVE": "audio", b"WEBP": "picture", b"AVI ": "video"}
"""What a RIFF file holds. Behind anything else the same bytes may stand in a playlist."""

BRANDS = {b"heic": "picture", b"heix": "picture", b"mif1": "picture", b"avif": "picture"}
"""What the families of files that begin alike (ISO 14496-12, `ftyp`) hold, where they say so."""

MARKUP = (
    (re.compile(rb"\A\s*@echo\s+off\b", re.I), "script"),
    (re.compile(rb"<svg[\s>]", re.I), "drawing"),
    (re.compile(rb"<(!doctype html|html|head|body|script|iframe|meta)[\s>]", re.I), "web page"),
)
DANGEROUS = frozenset(
    {
        "program",
        "script",
        "shortcut",
        "disk image",
        "web page",
        "drawing",
        "macro document",
        "old document",
    }
)
"""What can do harm by being opened: only after a second question (F-4)."""

ZIPPED = frozenset({"archive", "office document", "macro document", "program"})
"""Kinds whose files are zip archives; nothing is unpacked to tell which (F-3)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is by its name and by its content; empty: not known."""

    by_name: str
    by_content: str

    @property
    def is_dangerous(self) -> bool:
        """Whether it could run. The name chooses the program: one that is not known may too."""
        return not self.by_name or self.by_name in DANGEROUS or self.by_content in DANGEROUS

    @property
    def needs_a_question(self) -> bool:
        """Whether opening it asks a second time (F-4)."""
        return self.is_dangerous or self.differs

    @property
    def differs(self) -> bool:
        """Whether its name says other than its content."""
        return bool(self.by_name and self.by_content) and self.by_name != self.by_content


def kind(name: str, head: bytes) -> Kind:
    """The kind of a file, of its (cleaned) name and its first `HEAD` bytes."""
    by_name = kind_by_name(name)
    return Kind(by_name, _kind_by_content(head, by_name))


def kind_by_name(name: str) -> str:
    """What the name claims; a dangerous ending counts wherever it stands in the name."""
    endings = [BY_NAME.get(part.lower(), "") for part in name.split(".")[1:]]
    return next((e for e in endings if e in DANGEROUS), endings[-1] if endings else "")


def _kind_by_content(head: bytes, by_name: str) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16: what can be read of it
        head = head[2:].replace(b"\x00", b"")
    if head[:4] in RIFF and head[8:12] in FORMS:
        return FORMS[head[8:12]]
    for place, sign, found in BY_CONTENT:
        if head.startswith(sign, place):
            return found
    if head.startswith(b"ftyp", 4):
        other = by_name if by_name in ("audio", "video") else "video"
        return BRANDS.get(head[8:12], other)
    if head.startswith(b"PK\x03\x04"):
        return by_name if by_name in ZIPPED else "archive"
    for pattern, found in MARKUP:
        if pattern.search(head):
            return found
    return by_name if by_name in ("text", "mail", "script") and b"\x00" not in head else ""


def shown_name(name: str, position: int) -> str:
    """The name as it is shown and saved: one plain part, of at most 120 characters (F-2)."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(c for c in REMOVED.sub("", name) if unicodedata.category(c) != "Cc")
    name = FORBIDDEN.sub("_", name).lstrip(".- ").rstrip(". ")
    if name.split(".")[0].strip().lower() in RESERVED:
        name = f"_{name}"
    return _shortened(name) or f"attachment-{position + 1}"


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:
        return name[:LONGEST_NAME].rstrip(". ")
    return stem[: LONGEST_NAME - len(ending) - 1].rstrip(". ") + dot + ending


def size(count: int) -> str:
    """A number of bytes as people say it."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def word(found: str) -> str:
    """The kind in words, after "it is"."""
    match found:
        case "program":
            return translate("files", "a program")
        case "script":
            return translate("files", "a script, which runs like a program")
        case "shortcut":
            return translate("files", "a shortcut, which can start a program")
        case "disk image":
            return translate("files", "a disk image, which can hold programs")
        case "web page":
            return translate("files", "a web page, which can run scripts")
        case "drawing":
            return translate("files", "an SVG drawing, which can run scripts")
        case "macro document":
            return translate("files", "a document with macros, which run like a program")
        case "old document":
            return translate("files", "an older Office document, which can hold macros")
        case "office document":
            return translate("files", "an Office document")
        case "archive":
            return translate("files", "an archive")
        case "picture":
            return translate("files", "a picture")
        case "audio":
            return translate("files", "an audio file")
        case "video":
            return translate("files", "a video")
        case "text":
            return translate("files", "a text")
        case "pdf":
            return translate("files", "a PDF document")
        case "mail":
            return translate("files", "an e-mail")
        case _:
            return translate("files", "a file of unknown kind")


def head(path: Path) -> bytes:
    """The bytes that tell a file's kind: behind an ID3 tag and its padding, where there is one.

    What plays a file skips the tag, and would follow a list of other files behind it.
    """
    with path.open("rb") as file:
        found = file.read(HEAD)
        if not found.startswith(b"ID3") or len(found) < ID3_HEADER:
            return found
        footer = ID3_HEADER if found[5] & ID3_HAS_FOOTER else 0
        size = reduce(lambda size, byte: size << 7 | byte & 0x7F, found[6:10], 0)
        file.seek(ID3_HEADER + size + footer)
        return file.read(HEAD).lstrip(b"\x00")
