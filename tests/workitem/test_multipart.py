"""Multipart requests in pieces of any size, and media types."""

import re

import pytest
from hypothesis import given, strategies

from ace_server.errors import Refused
from ace_server.workitem.multipart import MediaType, Part, Reader, media_type
from tests.workitem.bench import multipart


def take_apart(
    body: bytes, *, boundary: str = "frontier", step: int = 0
) -> list[tuple[str, bytes]]:
    """Content-ID and bytes of every part, fed `step` bytes at a time (0: all at once)."""
    reader = Reader(boundary)
    found: list[tuple[str, bytes]] = []
    for at in range(0, len(body), step or len(body) or 1):
        for piece in reader.feed(body[at : at + (step or len(body))]):
            if isinstance(piece, Part):
                found.append((piece.content_id, b""))
            else:
                found[-1] = found[-1][0], found[-1][1] + piece
    reader.close()
    return found


@given(
    contents=strategies.lists(
        strategies.binary(max_size=60)
        | strategies.sampled_from(
            [
                b"\r\n",
                b"\r\n--",
                b"\r\n--frontie",
                b"--frontier",
                b"\r\n--frontierX",
                b"-",
                b"\r\n\r\n",
            ]
        ),
        max_size=5,
    ),
    step=strategies.integers(0, 20),
)
def test_parts_come_out_as_they_went_in(contents, step):
    safe = [re.sub(rb"(^|\r\n)--frontier", rb"\1--other", content) for content in contents]
    body, _ = multipart(b"<a/>", *((str(number), part) for number, part in enumerate(safe)))
    expected = [("", b"<a/>"), *((str(number), part) for number, part in enumerate(safe))]
    assert take_apart(body, step=step) == expected


def test_line_that_only_begins_like_the_boundary_is_content():
    body = b"--f\r\n\r\na\r\n--frontier2\r\nb\r\n--f--"
    assert take_apart(body, boundary="f") == [("", b"a\r\n--frontier2\r\nb")]


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"--f\r\n\r\n\r\n--f--", [("", b"")]),
        (b"--f\r\nContent-ID: <a>\r\n\r\n--f--", [("a", b"")]),
        (b"--f\r\n\r\n--f--", [("", b"")]),
        (b"preamble\r\n--f \t\r\n\r\na\r\n--f--epilogue\r\n--f\r\n", [("", b"a")]),
        (b"--f\r\ncontent-id:a\r\nX-Other: b\r\n\r\nc\r\n--f--\r\n", [("a", b"c")]),
        (b"--f\r\n\r\n\r\n--x\r\n--f--", [("", b"\r\n--x")]),
    ],
)
def test_forms_that_are_allowed(body, expected, step):
    assert take_apart(body, boundary="f", step=step) == expected


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        b"--f--",
        b"--f\r\n\r\na",
        b"--f\r\n\r\na\r\n--f",
        b"--f\r\n\r\na\r\n--f\r\n",
        b"--f\r\n\r\na\r\n--f\r\n\r\nb\r\n--fx--",
        b"--f\n\na\n--f--\n",
        b"--f" + b" " * 65 + b"\r\n\r\na\r\n--f--",
        b"--f\r\nno header\r\n\r\na\r\n--f--",
        b"--f\r\nA: b\r\n folded\r\n\r\na\r\n--f--",
        b"--f\r\nA: b\nC: d\r\n\r\na\r\n--f--",
        b"--f\r\nA : b\r\n\r\na\r\n--f--",
        b"--f\r\nContent-ID: a\r\nContent-Id: b\r\n\r\na\r\n--f--",
        b"--f\r\nContent-Type: nonsense\r\n\r\na\r\n--f--",
        b"--f\r\nContent-Transfer-Encoding: base64\r\n\r\na\r\n--f--",
        b"--f\r\nA: " + b"b" * 9000 + b"\r\n\r\na\r\n--f--",
        b"--f\r\nA: " + b"b" * 9000,
    ],
)
def test_broken_body_is_malformed(body, step):
    with pytest.raises(Refused) as refused:
        take_apart(body, boundary="f", step=step)
    assert refused.value.code == "malformed"


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a ", "a\r\nb", "å", "a*b"])
def test_boundary_that_is_not_allowed(boundary):
    with pytest.raises(Refused, match="boundary"):
        Reader(boundary)


def test_transfer_encodings_that_change_nothing_are_taken():
    for coding in (b"binary", b"8bit", b"7BIT"):
        body = b"--f\r\nContent-Transfer-Encoding: " + coding + b"\r\n\r\na\r\n--f--"
        assert take_apart(body, boundary="f") == [("", b"a")]


@pytest.mark.parametrize(
    ("header", "name", "parameters"),
    [
        ("application/xml", "application/xml", {}),
        (" Text/XML ; Charset=UTF-8;", "text/xml", {"charset": "UTF-8"}),
        ('a/b; c="d \\"e\\" \\\\"; f=g', "a/b", {"c": 'd "e" \\', "f": "g"}),
        ('a/b; c=""', "a/b", {"c": ""}),
    ],
)
def test_media_type(header, name, parameters):
    assert media_type(header) == MediaType(name, parameters)


@pytest.mark.parametrize(
    "header", ["", "xml", "a/", "/b", "a/b c", "a/b; c", "a/b; c=d; C=e", 'a/b; c="']
)
def test_media_type_that_cannot_be_read(header):
    assert media_type(header) is None


def test_xml_has_several_names():
    names = [
        "application/xml",
        "text/xml",
        "application/soap+xml",
        "multipart/related",
        "text/html",
    ]
    assert [MediaType(name).is_xml for name in names] == [True, True, True, False, False]


@given(strategies.text(max_size=60))
def test_any_media_type_is_read_or_not(header):
    found = media_type(header)
    assert found is None or re.fullmatch(r"[^/\s]+/[^/\s]+", found.name)
