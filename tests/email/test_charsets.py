"""Bytes to text, whatever they claim (C-7)."""

import codecs

import pytest
from hypothesis import given, strategies

from ace_server.email.message.charsets import codec_of, decode


@pytest.mark.parametrize(
    "name",
    "hex zlib bz2 base64 uu quopri rot13 rot_13 idna punycode unicode_escape raw_unicode_escape"
    " undefined mbcs oem charmap utf-8-nonsense ../etc/passwd os".split(),
)
def test_what_is_no_charset_is_not_found(name):
    assert codec_of(name) is None
    assert decode(b"\\x41 41", name) == ("\\x41 41", False)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf_8"),
        ("utf8mb4", "utf_8"),
        ("unicode-1-1-utf-8", "utf_8"),
        ('"utf-8"', "utf_8"),
        ("utf-8; format=flowed", "utf_8"),
        ("charset=utf-8", "utf_8"),
        ("ISO_8859-1:1987", "latin_1"),
        ("iso-8859-8-i", "iso8859_8"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("euc-kr", "cp949"),
        ("shift_jis", "cp932"),
        ("windows-31j", "cp932"),
        ("x-sjis", "cp932"),
        ("Windows-1251", "cp1251"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("cp-850", "cp850"),
        ("koi8-r", "koi8_r"),
        ("x-unknown", None),
        ("unknown-8bit", None),
        ("", None),
        (None, None),
    ],
)
def test_names_that_are_written(name, codec):
    assert codec_of(name) == codec
    assert codec is None or codecs.lookup(codec)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("Привет".encode("cp1251"), "windows-1251", "Привет"),
        ("中文，你好".encode("gb2312"), "gb2312", "中文，你好"),
        ("㐀 漢字".encode("gb18030"), "gb2312", "㐀 漢字"),
        ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
        ("こんにちは①".encode("cp932"), "shift_jis", "こんにちは①"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        ("שלום".encode("iso8859_8"), "iso-8859-8-i", "שלום"),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
        ("Grüße".encode("utf-16-be"), "utf-16", "Grüße"),
        ("Grüße".encode("utf-16-le"), "utf-16", "Grüße"),
        (b"Hi +AOQ-", "utf-7", "Hi ä"),
        (b"\xef\xbb\xbfHi", "utf-8", "Hi"),
    ],
)
def test_declared_charset_is_read(data, declared, text):
    assert decode(data, declared) == (text, True)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"\x93Gr\xfc\xdfe\x94 \x80 5", "iso-8859-1", "“Grüße” € 5"),  # it is windows-1252
        (b"\x84\xb1\x93", "iso-8859-2", "„ą“"),
    ],
)
def test_what_windows_writes_is_no_control(data, declared, text):
    assert decode(data, declared)[0] == text


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "windows-1252", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode(), "x-unknown", "Grüße"),
        ("Grüße".encode("cp1252"), "unknown-8bit", "Grüße"),
        ("Grüße".encode(), "hex", "Grüße"),
        (b"plain", "utf-16", "plain"),
        ("Виж текста".encode()[:-1], "x-unknown", "Виж текст\ufffd"),
        ("こんにちは".encode("iso2022_jp"), "us-ascii", "こんにちは"),
        ("Виж текста".encode()[:-1], "utf-8", "Виж текст\ufffd"),  # cut within a letter
    ],
)
def test_lying_label_is_seen_through(data, declared, text):
    assert decode(data, declared)[0] == text


def test_wrong_label_is_told():
    assert decode("Grüße".encode("latin-1"), "utf-8")[1] is False
    assert decode("Grüße".encode(), "us-ascii")[1] is False
    assert decode(b"plain", "us-ascii")[1] is True


def test_nothing_declared_is_utf_8_then_cp1252_then_replacement():
    assert decode("Grüße".encode()) == ("Grüße", True)
    assert decode(b"Gr\xfc\xdfe \x80")[0] == "Grüße €"
    assert decode(b"Gr\xfc\xdfe \x81")[0] == "Grüße \ufffd"


@given(
    strategies.binary(max_size=60),
    strategies.sampled_from(
        "utf-8 us-ascii iso-8859-1 iso-8859-7 gb2312 big5 euc-jp iso-2022-jp iso-2022-kr hz utf-7"
        " utf-16 utf-32 koi8-r cp037 x-unknown hex".split()
    ),
)
def test_any_bytes_are_some_text(data, declared):
    text, _ = decode(data, declared)
    assert isinstance(text, str)
