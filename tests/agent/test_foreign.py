"""What comes from outside: texts, addresses, names and contents of files. And times in words."""

import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest

from ace_agent import copies
from ace_agent.desk import addresses, files, pictures, times
from ace_agent.desk.shown import one_line, shown

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)

# Texts


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain å 漢 🙂", "plain å 漢 🙂"),
        ("a\u202egnp.exe", "a[U+202E]gnp.exe"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("two\r\nlines\rhere", "two\nlines\nhere"),
        ("tab\there", "tab\there"),
        ("nul\x00 bell\x07 c1\x85", "nul[U+0000] bell[U+0007] c1[U+0085]"),
        ("<b>not bold</b>", "<b>not bold</b>"),
    ],
)
def test_what_would_not_be_seen_is_written_out(text, seen):
    assert shown(text) == seen


def test_one_line_has_no_line_ends():
    assert one_line(" a\n b\t\tc ") == "a b c"


# Addresses


def test_address_shows_its_host():
    found = addresses.read("https://bank.example/loans?id=1#x")
    assert (found.host, found.full) == ("bank.example", "https://bank.example/loans?id=1#x")
    assert not (found.mixed or found.signed_in or found.plain or found.letters)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LOAN-2026-000123",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "mailto:a@b.example",
        "ftp://bank.example/",
        "smb://host/share",
        "\\\\host\\share",
        "https:///nohost",
        "https://bank.example/with space",
        "https://bank.example\\@evil.example/",
        "https://bank.example/\u202eabc",
        "https://bank.example/\x00",
        "//bank.example/",
        "bank.example",
    ],
)
def test_all_else_than_http_is_text(text):
    assert addresses.read(text) is None


def test_name_before_an_at_sign_is_not_the_host():
    found = addresses.read("https://bank.example@evil.example/")
    assert (found.host, found.signed_in) == ("evil.example", True)


def test_host_of_several_scripts_is_told():
    found = addresses.read("https://b\u0430nk.example/")  # the second letter is Cyrillic
    assert found.host == "xn--bnk-6cd.example"
    assert found.letters == "b\u0430nk.example"
    assert found.mixed


def test_host_of_one_foreign_script_shows_both_ways_of_writing_it():
    found = addresses.read("https://räksmörgås.example/")
    assert found.host == "xn--rksmrgs-5wao1o.example"
    assert (found.letters, found.mixed) == ("räksmörgås.example", False)


@pytest.mark.parametrize(
    ("host", "mixed"),
    [
        ("bank.example", False),
        ("b\u0430nk.example", True),
        ("日本ひらカタ.jp", False),
        ("한국漢.kr", False),
    ],
)
def test_scripts_that_belong_together_are_no_mixture(host, mixed):
    assert addresses.is_mixed(host) is mixed


def test_port_and_unencrypted_address_are_told():
    found = addresses.read("http://[::1]:8080/x")
    assert (found.host, found.plain) == ("[::1]:8080", True)


def test_punycode_that_is_none_is_left_alone():
    assert not addresses.is_mixed("xn--99999999")
    assert addresses._decoded("xn--99999999") == "xn--99999999"


# Names and kinds of files


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("call.wav", "call.wav"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\x00b\x1f.txt", "ab.txt"),
        ("...hidden", "hidden"),
        ("--rf", "rf"),
        ("name. . ", "name"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("LPT1.pdf", "_LPT1.pdf"),
        ("a:b.txt", "a_b.txt"),
        ("", "attachment-3"),
        ("..", "attachment-3"),
        ("\u202e", "attachment-3"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("y" * 300, "y" * 120),
    ],
)
def test_name_becomes_one_plain_part(name, clean):
    assert files.shown_name(name, 2) == clean


def tagged(behind, *, padding=0, flags=0):
    """A file with an ID3 tag of 300 bytes."""
    header = b"ID3\x04\x00" + bytes([flags, 0, 0, 2, 44])
    footer = b"3DI" + header[3:] if flags else b""
    return header + b"t" * 300 + footer + b"\x00" * padding + behind


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (tagged(b"\xff\xfb\x90\x00"), "audio"),
        (tagged(b"\xff\xfb\x90\x00", padding=64), "audio"),
        (tagged(b"\xff\xfb\x90\x00", flags=0x10), "audio"),
        (tagged(b"fLaC"), "audio"),
        (tagged(b"ffconcat version 1.0\nfile other.wav\n"), ""),
        (tagged(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n"), ""),
        (tagged(tagged(b"ffconcat version 1.0\n")), ""),
        (b"#EXTM3U\nWAVE\n#EXT-X-TARGETDURATION:1\n", ""),
        (b"ID3", ""),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", ""),
        (b"RIFF....WAVEfmt ", "audio"),
    ],
)
def test_what_lists_other_files_is_no_audio(tmp_path, content, found):
    (tmp_path / "call").write_bytes(content)
    assert files.kind("call.mp3", files.head(tmp_path / "call")).by_content == found


@pytest.mark.parametrize(
    ("name", "head", "dangerous"),
    [
        ("call.wav", b"RIFF....WAVEfmt ", False),
        ("id.png", b"\x89PNG\r\n\x1a\n", False),
        ("letter.pdf", b"%PDF-1.7", False),
        ("list.csv", b"a;b\n1;2", False),
        ("letter.docx", b"PK\x03\x04", False),
        ("notes.txt", b"just words", False),
        ("setup.exe", b"MZ\x90", True),
        ("invoice.pdf", b"MZ\x90", True),
        ("invoice.pdf.exe", b"", True),
        ("invoice.exe.pdf", b"%PDF-1.7", True),
        ("run.sh", b"#!/bin/sh", True),
        ("run.txt", b"#!/bin/sh", True),
        ("page.html", b"<html>", True),
        ("page.txt", b"  <!DOCTYPE HTML><body>", True),
        ("drawing.svg", b"<svg xmlns='x'>", True),
        ("drawing.png", b"<svg >", True),
        ("macro.docm", b"PK\x03\x04", True),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        ("link.lnk", b"L\x00\x00\x00\x01\x14\x02\x00", True),
        ("disk.iso", b"", True),
        ("disk.bin2", b"\x00" * 32769 + b"CD001", True),
        ("app.hta", b"", True),
        ("no-ending", b"\x00\x01", True),
        ("scan", b"\x89PNG\r\n\x1a\n", True),
        ("case.unknown", b"", True),
        ("script.js", b"var a", True),
        ("script.vbs", b"", True),
        ("script.txt", b"@ECHO OFF\r\ndel", True),
        ("start.desktop", b"", True),
        ("start.txt", b"[Desktop Entry]\nExec=x", True),
        ("wide.txt", b"\xff\xfe" + "<html>".encode("utf-16-le"), True),
        ("query.iqy", b"WEB\n1\n", True),
        ("setup.jar", b"PK\x03\x04", True),
        ("call.amr", b"#!AMR\n", False),
        ("call.mp3", b"\xff\xf3\x40", False),
        ("call.m4a", b"\x00\x00\x00\x20ftypisom", False),
        ("photo.heic", b"\x00\x00\x00\x20ftypheic", False),
    ],
)
def test_what_can_do_harm_is_known_by_name_or_by_content(name, head, dangerous):
    assert files.kind(name, head).is_dangerous is dangerous


@pytest.mark.parametrize("kind", sorted(files.DANGEROUS))
def test_every_ending_of_what_could_run_asks_wherever_it_stands(kind):
    for ending in files.ENDINGS[kind].split():
        for name in (f"a.{ending}", f"a.{ending.upper()}", f"a.{ending}.pdf", f"a.pdf.{ending}"):
            assert files.kind(name, b"%PDF-1.7").needs_a_question, name
            assert files.kind(name, b"").needs_a_question, name


def test_name_that_says_other_than_the_content_is_told():
    kind = files.kind("invoice.pdf", b"MZ\x90")
    assert (kind.by_name, kind.by_content, kind.differs) == ("pdf", "program", True)
    assert not files.kind("id.png", b"\x89PNG\r\n\x1a\n").differs


@pytest.mark.parametrize(
    ("name", "head", "asks"),
    [
        ("call.wav", b"RIFF....WAVEfmt ", False),
        ("call.m4a", b"\x00\x00\x00\x20ftypisom", False),
        ("film.mp4", b"\x00\x00\x00\x20ftypmp42", False),
        ("film.avi", b"RIFF....AVI LIST", False),
        ("letter.docx", b"PK\x03\x04", False),
        ("notes.txt", b"just words", False),
        ("wide.txt", b"\xff\xfej\x00u\x00s\x00t\x00", False),
        ("card.jpg", b"PK\x03\x04", True),
        ("call.wav", b"%PDF-1.7", True),
        ("film.mp4", b"\x00\x00\x00\x20ftypheic", True),
        ("setup.exe", b"", True),
    ],
)
def test_what_could_run_or_is_not_what_it_says_asks_before_it_opens(name, head, asks):
    assert files.kind(name, head).needs_a_question is asks


@pytest.mark.parametrize("kind", [*files.ENDINGS, ""])
def test_every_kind_has_words(qapp, kind):
    assert files.word(kind).startswith("a")


def test_copy_to_open_is_private_and_has_the_shown_name(tmp_path):
    source = tmp_path / "digest"
    source.write_bytes(b"RIFF")
    made = copies.copy_to_open(source, tmp_path / "open", "call.wav")
    again = copies.copy_to_open(source, tmp_path / "open", "call.wav")
    assert made == again == tmp_path / "open" / "call.wav"
    assert made.read_bytes() == b"RIFF"
    if sys.platform != "win32":
        assert stat.S_IMODE(made.stat().st_mode) == 0o400
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_saved_copy_carries_the_mark_of_its_zone_on_windows(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    source = tmp_path / "digest"
    source.write_bytes(b"MZ")
    copies.copy(source, tmp_path / "setup.exe")
    mark = tmp_path / "setup.exe:Zone.Identifier"  # elsewhere an ordinary name
    assert mark.read_bytes() == b"[ZoneTransfer]\r\nZoneId=3\r\n"


# Pictures


def test_picture_is_read_and_made_no_larger_than_needed(qapp, tmp_path):
    file = tmp_path / "p"
    wide = pictures.QImage(4000, 100, pictures.QImage.Format.Format_RGB32)
    wide.fill(0)
    wide.save(str(tmp_path / "p.png"))
    (tmp_path / "p.png").rename(file)
    assert pictures.read(file).width() == pictures.WIDEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///x'/></svg>",
    ],
)
def test_what_is_no_bitmap_is_not_shown(qapp, tmp_path, content):
    file = tmp_path / "p"
    file.write_bytes(content)
    with pytest.raises(pictures.Unreadable):
        pictures.read(file)


def test_picture_of_too_many_pixels_is_not_read(qapp, tmp_path):
    header = b"BM" + bytes(12) + (40).to_bytes(4, "little") + (60_000).to_bytes(4, "little")
    header += (60_000).to_bytes(4, "little") + b"\x01\x00\x18\x00" + bytes(24)
    (tmp_path / "p").write_bytes(header)
    with pytest.raises(pictures.Unreadable):
        pictures.read(tmp_path / "p")


# Times


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00"), (252, "00:04:12"), (86_400, "24:00:00")],
)
def test_clock_has_one_width(seconds, text):
    assert times.clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(24, "0:24"), (725, "12:05"), (3753, "1:02:33")],
)
def test_what_runs_down_is_short(seconds, text):
    assert times.short(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(80, "1:20 min"), (3600, "1 h 00 min"), (9_300, "2 h 35 min"), (300_000, "3 days")],
)
def test_age_is_said_as_people_say_it(qapp, seconds, text):
    assert times.age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (9_300, "2 h 35 min")],
)
def test_age_in_a_list_changes_by_the_minute(qapp, seconds, text):
    assert times.rough(seconds) == text


def test_moment_is_shorter_the_nearer_it_is(qapp):
    assert len(times.moment(NOW, NOW)) == 5
    assert times.moment(NOW - timedelta(days=8), NOW).startswith("12 Nov ")
    assert " 2025 " in times.moment(NOW - timedelta(days=365), NOW)
    assert times.exact(NOW).endswith(":00")


def test_time_never_runs_backwards():
    assert times.seconds(NOW, NOW - timedelta(seconds=5)) == 0
