"""Work item messages: what is read out of them, and what is refused, with its code and its line."""

import codecs
import io
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies
from lxml import etree

from ace_server.contact import MOST_TEXT
from ace_server.errors import Refused
from ace_server.workitem import message
from ace_server.workitem.message import Attachment, WorkItem, parse
from tests.workitem.bench import DATA, NS, work_item

SCHEMA = etree.XMLSchema(etree.parse(str(message.SCHEMA)))
MIB = 1024 * 1024
LONG = " " * (message.SMALL + 1)
"""White space that makes a message large, so that it is counted out before it is parsed."""

EXAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<workItem xmlns="urn:ace:workitem:1" id="LOAN-2026-000123">
  <entrance>loans</entrance>
  <contactData>
    <item key="workItem">https://bank.example/loans/123</item>
    <item key="cid">19701122-4499</item>
    <item key="prio">3</item>
    <item key="loanAmount">245 000 kr</item>
  </contactData>
  <subject>Loan application 123</subject>
  <body>The automatic check wants a person.</body>
  <attachment name="call.wav" mediaType="audio/wav">UklGRiQ=</attachment>
  <attachment name="id-card.pdf" mediaType="application/pdf" href="cid:idcard"/>
</workItem>
"""


def refusal(text: bytes | str, charset: str | None = None) -> Refused:
    with pytest.raises(Refused) as refused:
        parse(text.encode() if isinstance(text, str) else text, charset)
    return refused.value


def code(text: bytes | str, charset: str | None = None) -> str:
    return refusal(text, charset).code


def both_ways(text: str) -> list[str]:
    """The codes of a message as it is, and made large."""
    return [code(text), code(text + LONG)]


# What is read


def test_the_example_of_the_interface_is_read():
    assert parse(EXAMPLE) == WorkItem(
        external_id="LOAN-2026-000123",
        entrance="loans",
        data={
            "workItem": "https://bank.example/loans/123",
            "cid": "19701122-4499",
            "prio": "3",
            "loanAmount": "245 000 kr",
        },
        subject="Loan application 123",
        body="The automatic check wants a person.",
        attachments=(
            Attachment("call.wav", "audio/wav", "UklGRiQ=", line=12),
            Attachment("id-card.pdf", "application/pdf", href="cid:idcard", line=13),
        ),
        lines={"workItem": 5, "cid": 6, "prio": 7, "loanAmount": 8},
        entrance_line=3,
        data_line=4,
    )


def test_only_contact_data_is_needed():
    item = parse(f'<workItem xmlns="{NS}" id="x"><contactData/></workItem>'.encode())
    assert item == WorkItem("x", None, {}, data_line=1)


def test_large_message_reads_the_same():
    assert parse(EXAMPLE + LONG.encode()) == parse(EXAMPLE)


def test_message_in_a_file_reads_the_same():
    assert parse(io.BytesIO(EXAMPLE)) == parse(EXAMPLE)


def test_attachment_without_a_media_type_is_plain_bytes():
    item = parse(work_item(rest='<attachment name="a"/>').encode())
    assert item.attachments[0].media_type == "application/octet-stream"


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", 'audio/x-wav;codecs="1, 2"', "a/b"])
def test_media_type_may_have_parameters(kind):
    written = kind.replace('"', "&quot;")
    item = parse(work_item(rest=f'<attachment name="a" mediaType="{written}"/>').encode())
    assert item.attachments[0].media_type == kind


def test_comments_and_instructions_and_cdata_are_not_content():
    item = parse(work_item(rest="<body>a<!-- b -->c<?d e?>f<![CDATA[<g>&]]>&#104;</body>").encode())
    assert item.body == "acf<g>&h"


def test_text_is_taken_as_it_stands():
    odd = "'; DROP TABLE contact; -- %s {0} ../../etc \u202e\u2066"
    item = parse(work_item(data={"cid": odd}, rest=f"<body> {odd} </body>").encode())
    assert (item.data["cid"], item.body) == (odd, f" {odd} ")


def test_entrance_is_a_name_without_the_space_around_it():
    assert parse(work_item(entrance="\n  night  shift\n ").encode()).entrance == "night shift"


texts = strategies.text(
    strategies.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=40,
)


@given(
    external_id=strategies.from_regex(r"[A-Za-z0-9._:/@\-]{1,128}", fullmatch=True),
    data=strategies.dictionaries(texts.filter(bool), texts, max_size=6),
    subject=texts,
    body=texts,
    names=strategies.lists(texts, max_size=3),
    encoding=strategies.sampled_from(["utf-8", "utf-16"]),
    padding=strategies.sampled_from(["", LONG]),
)
def test_what_is_written_is_what_is_read(
    external_id, data, subject, body, names, encoding, padding
):
    root = etree.Element(f"{{{NS}}}workItem", id=external_id)
    items = etree.SubElement(root, f"{{{NS}}}contactData")
    for key, value in data.items():
        etree.SubElement(items, f"{{{NS}}}item", key=key).text = value
    etree.SubElement(root, f"{{{NS}}}subject").text = subject
    etree.SubElement(root, f"{{{NS}}}body").text = body
    for name in names:
        etree.SubElement(root, f"{{{NS}}}attachment", name=name).text = "QQ=="
    written = etree.tostring(root, encoding=encoding, xml_declaration=True)
    item = parse(written + padding.encode("utf-16-le" if encoding == "utf-16" else "utf-8"))
    assert (item.external_id, item.data, item.subject, item.body) == (
        external_id,
        data,
        subject,
        body,
    )
    assert [attachment.name for attachment in item.attachments] == names


@given(
    strategies.binary(max_size=300), strategies.sampled_from([b"", EXAMPLE[:200], b"<!DOCTYPE a"])
)
def test_any_bytes_are_read_or_refused(noise, start):
    for text in (start + noise, start + noise + LONG.encode()):
        try:
            parse(text)
        except Refused as refused:
            assert refused.code in {"malformed", "doctype", "invalid"}


# Encodings (B-8)

SWEDISH = work_item(data={"cid": "Åsa €"})
WESTERN = work_item(data={"cid": "Åsa"})
PLAIN = work_item(data={"cid": "Asa"})


def declared(encoding: str, text: str) -> str:
    return f"<?xml version='1.0' encoding='{encoding}'?>{text}"


@pytest.mark.parametrize("padding", ["", LONG])
@pytest.mark.parametrize(
    ("text", "codec", "bom", "charset"),
    [
        (SWEDISH, "utf-8", b"", None),
        (SWEDISH, "utf-8", b"", "UTF-8"),
        (SWEDISH, "utf-8", codecs.BOM_UTF8, None),
        (declared("utf-8", SWEDISH), "utf-8", codecs.BOM_UTF8, "utf-8"),
        (SWEDISH, "utf-16-le", codecs.BOM_UTF16_LE, None),
        (declared("UTF-16", SWEDISH), "utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        (declared("US-ASCII", PLAIN), "ascii", b"", None),
        (declared("ISO-8859-1", WESTERN), "latin-1", b"", None),
        (WESTERN, "latin-1", b"", "iso-8859-1"),
        (declared("windows-1252", SWEDISH), "cp1252", b"", "Windows-1252"),
    ],
)
def test_five_encodings_are_taken(text, codec, bom, charset, padding):
    item = parse(bom + (text + padding).encode(codec), charset)
    assert item.data["cid"] in ("Åsa €", "Åsa", "Asa")


BYTE_FAULTS = {
    "invalid UTF-8": WESTERN.encode("latin-1"),
    "overlong": PLAIN.encode().replace(b"Asa", b"\xc0\xaf"),
    "surrogate in UTF-8": PLAIN.encode().replace(b"Asa", b"\xed\xa0\x80"),
    "surrogate in UTF-16": codecs.BOM_UTF16_LE
    + PLAIN.encode("utf-16-le").replace("Asa".encode("utf-16-le"), b"\x00\xd8a\x00"),
    "half a character": codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le") + b"\x20",
    "not ASCII": declared("US-ASCII", SWEDISH).encode(),
    "a hole in windows-1252": declared("windows-1252", PLAIN).encode().replace(b"Asa", b"\x81"),
    "EBCDIC": declared("IBM500", PLAIN).encode("cp500"),
}


@pytest.mark.parametrize("fault", BYTE_FAULTS)
def test_bytes_must_be_what_they_say(fault):
    assert code(BYTE_FAULTS[fault]) == "malformed"


def test_large_message_with_wrong_bytes_says_where():
    text = (PLAIN + "\n" * message.SMALL).encode() + b"\xff"
    wrong = refusal(text)
    assert (wrong.code, wrong.line) == ("malformed", message.SMALL + 1)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (declared("UTF-7", PLAIN).encode(), None),
        (declared("utf-7", PLAIN.replace("<body", "+ADw-b/+AD4-<body")).encode(), None),
        (declared("UTF-32", PLAIN).encode("utf-32"), None),
        (PLAIN.encode("utf-32-be"), None),
        (PLAIN.encode("utf-32-le"), None),
        (declared("UTF-32", PLAIN).encode(), None),
        (declared("EBCDIC-CP-US", PLAIN).encode(), None),
        (declared("klingon", PLAIN).encode(), None),
        (declared("", PLAIN).encode(), None),
        (PLAIN.encode(), "utf-7"),
        (PLAIN.encode("utf-16-le"), None),
        (PLAIN.encode("utf-16-be"), "utf-16"),
        (declared("UTF-16", PLAIN).encode(), None),
        (declared("UTF-8", PLAIN).encode(), "iso-8859-1"),
        (codecs.BOM_UTF8 + declared("ISO-8859-1", PLAIN).encode(), None),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), "utf-8"),
    ],
)
def test_other_encodings_and_contradictions_are_refused(text, charset):
    assert code(text, charset) == "malformed"


# Well-formedness (B-1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", 1),
        (b"   \n ", 2),
        (EXAMPLE[:200], 5),
        (PLAIN.encode() + b"<second/>", 1),
        (PLAIN.encode() + b"\0", 1),
        (PLAIN.encode() + b"trailing", 1),
        (b"\n\n<workItem", 3),
        (b"\n<?xml version='1.0'?><workItem/>", 2),
        (b"<?xml version='2.0'?><workItem/>", 1),
        (b"<a>&#0;</a>", 1),
        (b"<a>\x01</a>", 1),
        (b"<a>\n&nbsp;</a>", 2),
        (b'<a b="&nbsp;"/>', 1),
        (b"<a>&amp</a>", 1),
        (b"<a b='1' b='2'/>", 1),
        (b"<a:b/>", 1),
        (b"<a>\n</b>", 2),
        (b"<a>]]></a>", 1),
        (b"<a b='<'/>", 1),
        (b"<!-- -- --><a/>", 1),
        (b"<!-- <!DOCTYPE a", 1),
        (b"<?a <!DOCTYPE b", 1),
        (b"<a><!DOCTYPE b></a>", 1),
        (b"<a" + b"<a" * 300, 1),
        (b"<a>" * 70, 1),
    ],
)
def test_malformed_message_says_where(text, line):
    wrong = refusal(text)
    assert (wrong.code, wrong.line) == ("malformed", line)
    assert "column" in wrong.reason


def test_malformed_large_message_says_where():
    wrong = refusal("<a>\n&nbsp;</a>" + LONG)
    assert (wrong.code, wrong.line) == ("malformed", 2)


def test_namespace_prefix_that_is_not_declared_is_malformed_in_a_large_message_too():
    assert both_ways("<a:b/>") == ["malformed", "malformed"]


# Document type declarations (B-2 to B-4)

DOCTYPES = {
    "empty": "<!DOCTYPE workItem>",
    "internal": '<!DOCTYPE workItem [<!ENTITY a "b">]>',
    "external": '<!DOCTYPE workItem SYSTEM "file:///etc/passwd">',
    "public": '<!DOCTYPE workItem PUBLIC "-//a//b" "http://127.0.0.1:9/a.dtd">',
    "unfinished": "<!DOCTYPE workItem",
    "nameless": "<!DOCTYPE ",
    "no space": "<!DOCTYPEworkItem>",
    "broken system": "<!DOCTYPE a SYSTEM>",
    "broken inside": "<!DOCTYPE a [<!]>",
    "parameter entity": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/"> %b;]>',
    "after a comment": "<?x y?><!-- <!DOCTYPE z> -->\n<!DOCTYPE a>",
}


@pytest.mark.parametrize("padding", ["", LONG])
@pytest.mark.parametrize("declaration", DOCTYPES)
def test_any_document_type_declaration_is_refused(declaration, padding):
    assert code(DOCTYPES[declaration] + PLAIN + padding) == "doctype"


@pytest.mark.parametrize("padding", ["", LONG])
def test_declaration_is_found_in_any_encoding(padding):
    text = "<!DOCTYPE a>" + PLAIN + padding
    assert code(codecs.BOM_UTF16_LE + text.encode("utf-16-le")) == "doctype"
    assert code(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == "doctype"
    assert code(text.encode("latin-1"), "iso-8859-1") == "doctype"


@pytest.mark.parametrize("padding", ["", LONG])
def test_declaration_answers_before_wrong_bytes_after_it(padding):
    assert code(b'<!DOCTYPE a [<!ENTITY b "\xff">]>' + padding.encode()) == "doctype"
    assert code(b"<!DOCTYPE a><a>" + padding.encode() + b"\xff") == "doctype"


def test_words_that_look_like_a_declaration_are_only_words():
    assert parse(work_item(rest="<body><![CDATA[<!DOCTYPE a>]]></body>").encode()).body
    assert parse(work_item(rest="<!-- <!DOCTYPE a> -->").encode())


def test_a_tree_with_a_declaration_is_refused_however_it_came_about():
    with pytest.raises(Refused, match="doctype"):
        message._tree(b"<!DOCTYPE a><a/>")


@pytest.mark.parametrize(
    "bomb",
    [
        "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)),
        '<!ENTITY e "' + "x" * 100_000 + '">',
        "<!ATTLIST a " + " ".join(f'b{n} CDATA "c"' for n in range(5000)) + ">",
        "".join(f'<!ENTITY % p{n} "{f"%p{n - 1};" * 10}">' for n in range(1, 12)) + "%p11;",
    ],
)
def test_bombs_are_refused_before_they_are_read(bomb):
    text = f'<!DOCTYPE a [<!ENTITY e0 "x">{bomb}]><a>' + "&e11;" * 10_000 + "<a/>" * 10_000 + "</a>"
    began = time.process_time()
    assert both_ways(text) == ["doctype", "doctype"]
    assert time.process_time() - began < 5  # seconds; a bomb that went off would take hours


# Files from outside

FILES = {
    "defusedxml/cyclic.xml": "doctype",
    "defusedxml/dtd.xml": "doctype",
    "defusedxml/external.xml": "doctype",
    "defusedxml/external_file.xml": "doctype",
    "defusedxml/quadratic.xml": "doctype",
    "defusedxml/simple-ns.xml": "invalid",
    "defusedxml/simple.xml": "invalid",
    "defusedxml/xmlbomb.xml": "doctype",
    "defusedxml/xmlbomb2.xml": "doctype",
    "libxml2-errors/758588.xml": "malformed",
    "libxml2-errors/759020.xml": "malformed",
    "libxml2-errors/759573-2.xml": "doctype",
    "libxml2-errors/759573.xml": "doctype",
    "libxml2-errors/comment1.xml": "doctype",
    "libxml2-errors/dup-xml-attr.xml": "malformed",
    "libxml2-errors/extparsedent.xml": "doctype",
    "libxml2-errors/extra-content.xml": "malformed",
    "libxml2-errors/invalid-start-tag-1.xml": "malformed",
    "libxml2-errors/invalid-start-tag-2.xml": "malformed",
    "libxml2-errors/issue151.xml": "malformed",
    "libxml2-errors/issue868.xml": "doctype",
    "libxml2-errors/name.xml": "malformed",
    "libxml2-errors/quadratic-defattr.xml": "doctype",
    "libxml2-errors/rec_att_default.xml": "doctype",
    "libxml2-errors/rec_ext.ent": "malformed",
    "libxml2-errors/unsupported-encoding.xml": "malformed",
    "libxml2-errors/utf8-1.xml": "malformed",
    "libxml2-errors/utf8-2.xml": "malformed",
    "libxml2-recurse/ga.ent": "malformed",
    "libxml2-recurse/gb.ent": "malformed",
    "libxml2-recurse/gc.ent": "malformed",
    "libxml2-recurse/huge_dtd.xml": "doctype",
    "libxml2-recurse/lol_long_name.xml": "doctype",
    "libxml2-recurse/p0.ent": "malformed",
    "libxml2-recurse/p1.ent": "malformed",
    "libxml2-recurse/p2.ent": "malformed",
    "libxml2-recurse/p3.ent": "malformed",
}


def test_every_file_from_outside_has_its_code():
    folders = ("defusedxml", "libxml2-errors", "libxml2-recurse")
    there = {f"{folder}/{file.name}" for folder in folders for file in (DATA / folder).iterdir()}
    assert there == FILES.keys()


@pytest.mark.parametrize("file", FILES)
def test_file_from_outside(file):
    assert code((DATA / file).read_bytes()) == FILES[file]


# Limits (B-7)


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def test_depth():
    assert both_ways(nested(64)) == ["invalid", "invalid"]  # it is no work item
    assert "deeper" not in refusal(nested(64) + LONG).reason
    assert "deeper" in refusal(nested(65) + LONG).reason
    assert "deeper" in refusal(nested(300)).reason  # more than the parser itself takes
    assert both_ways("<a>" * 300) == ["invalid", "invalid"]


def items(number: int) -> str:
    return work_item(inside="".join(f'<item key="{n}"/>' for n in range(number)))


def test_number_of_elements():
    assert len(parse(items(9997).encode()).data) == 9998
    assert len(parse((items(9997) + LONG).encode()).data) == 9998
    for text in (items(9998), items(9998) + LONG, "<a>" + "<b/>" * 10_000 + "</a>"):
        assert refusal(text).reason == "more than 10000 elements"


def test_number_of_attributes():
    many = " ".join(f'a{n}=""' for n in range(101))
    for text in (work_item(inside=f"<item {many}/>"), work_item(inside=f"<item {many}/>") + LONG):
        assert refusal(text).reason == "element 'item' has more than 100 attributes"


def test_xsi_attributes_count_although_they_are_ignored():
    many = " ".join(f'xsi:a{n}=""' for n in range(101))
    about = f'<contactData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {many}>'
    assert both_ways(PLAIN.replace("<contactData>", about)) == ["invalid", "invalid"]


def test_length_of_a_name():
    assert both_ways(f"<{'a' * 257}/>") == ["invalid", "invalid"]
    assert "name is longer" in refusal(f"<{'a' * 257}/>{LONG}").reason
    assert "name is longer" in refusal(f"<a {'b' * 257}='c'/>{LONG}").reason
    assert "name is longer" in refusal(f"<{'a' * 60_000}/>").reason  # more than the parser takes
    assert "name is longer" in refusal(f"<{'a' * 60_000}/>{LONG}").reason


def test_length_of_a_text_is_judged_by_its_element():
    text = "x" * message.MAX_TEXT
    assert parse(work_item(rest=f"<body>{text}</body>").encode()).body == text
    assert code(work_item(rest=f"<body>{text}x</body>")) == "invalid"
    assert parse(work_item(data={"cid": text}).encode()).data["cid"] == text
    wrong = refusal(work_item(data={"cid": text + "x"}))
    assert (wrong.code, "'cid'" in wrong.reason) == ("bad-value", True)
    assert code(f"<!-- {LONG} --><a>{text}x</a>") == "invalid"


def test_texts_together_are_no_longer_than_a_contact_may_be():
    longest = "ö" * message.MAX_TEXT
    data = {f"key-{number}": longest for number in range(MOST_TEXT // (2 * len(longest)))}
    assert parse(work_item(data=data).encode()).data.items() >= data.items()
    wrong = refusal(work_item(data=data, rest=f"<body>{longest}</body>"))
    assert (wrong.code, "together" in wrong.reason) == ("invalid", True)
    attached = f'<attachment name="a">{longest}</attachment>'
    assert parse(work_item(data=data, rest=attached).encode()).data.items() >= data.items()


def test_text_of_an_attachment_may_be_as_long_as_the_parser_takes():
    text = "x" * message.MAX_ATTACHMENT_TEXT
    about = '<attachment name="a">{}</attachment>'
    longest = parse(work_item(rest=about.format(text[:-1])).encode())
    assert len(longest.attachments[0].text) == len(text) - 1
    assert code(work_item(rest=about.format(text + "x"))) == "bad-attachment"
    wide = "ö" * (message.MAX_ATTACHMENT_TEXT // 2 + 1)  # longer in bytes than in characters
    assert code(work_item(rest=about.format(wide))) == "bad-attachment"


def test_seven_mebibytes_fit_inline_also_when_wrapped():
    line = "x" * 76 + "\r\n"
    text = line * (7 * MIB * 4 // 3 // 76)
    parse(work_item(rest=f'<attachment name="a">{text}</attachment>').encode())


def test_length_of_a_tag_or_comment():
    blank = " " * (message.MAX_MARKUP + 64 * 1024)
    assert code(work_item(inside=f'<item key="a"{blank}/>')) == "invalid"
    assert code(work_item(inside=f"<!--{blank}-->")) == "invalid"
    assert code(work_item(inside=f'<item key="{blank}"/>')) == "invalid"


def test_number_of_pieces_of_text():
    references = "&#65;" * (message.MAX_PIECES + 1)
    assert (
        code(work_item(rest=f'<attachment name="a">{references}</attachment>')) == "bad-attachment"
    )
    some = f"<item key='{{}}'>{references[:1_000_000]}</item>"
    many = "".join(some.format(number) for number in range(6))
    assert "pieces" in refusal(work_item(inside=many)).reason


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ("<item/>", "element 'item' lacks its attribute 'key'"),
        ('<item key=""/>', "attribute 'key' of element 'item' is empty"),
        (f'<item key="{"x" * 129}"/>', "attribute 'key' of element 'item' is too long"),
        ('<item key="0"/>', "key '0' stands twice in contactData"),
        ('<item key="a" b="c"/>', "attribute 'b' is not known in element 'item'"),
        ('<item key="a"><b/></item>', "element 'item' takes text only, no elements"),
        ("<other/>", "element 'other' is not expected here; expected: item"),
    ],
)
def test_first_of_many_faulty_items_is_told_of(faulty, reason):
    right = "".join(f'\n<item key="{number}"/>' for number in range(message.MANY_ITEMS))
    wrong = refusal(work_item(inside=f"{right}\n{faulty * 500}"))
    assert (wrong.reason, wrong.line) == (reason, message.MANY_ITEMS + 2)


def test_number_of_comments():
    assert code(work_item(inside="<!--a-->" * 10_001 + LONG)) == "invalid"
    assert code(work_item(inside="<?a b?>" * 10_001 + LONG)) == "invalid"


def test_wide_and_deep_bombs_are_cut_short():
    for bomb in ("<a>" * 5_000_000, "<a/>" * 5_000_000, "<a " + "b='' " * 5_000_000):
        assert code(bomb) in ("invalid", "malformed")


# The schema (B-9)

ITEM = '<item key="a">b</item>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<workItem/>", "the document element must be 'workItem' of the namespace " + NS),
        (
            f'<receipt xmlns="{NS}"/>',
            "the document element must be 'workItem' of the namespace " + NS,
        ),
        (work_item(id=None), "element 'workItem' lacks its attribute 'id'"),
        (
            f'<workItem xmlns="{NS}" id="a"/>',
            "element 'workItem' lacks what must stand in it: entrance, contactData",
        ),
        (work_item(inside="<item>a</item>"), "element 'item' lacks its attribute 'key'"),
        (work_item(inside=ITEM * 2), "key 'a' stands twice in contactData"),
        (
            work_item(rest="<subjet/>"),
            "element 'subjet' is not expected here; expected: subject, body, attachment",
        ),
        (
            work_item(rest="<subject/>" * 2),
            "element 'subject' is not expected here; expected: body, attachment",
        ),
        (
            work_item(rest="<body/><subject/>"),
            "element 'subject' is not expected here; expected: attachment",
        ),
        (
            work_item(rest='<attachment name="a"/>' * 21),
            "element 'attachment' is not expected here",
        ),
        (work_item(rest="<attachment/>"), "element 'attachment' lacks its attribute 'name'"),
        (
            work_item(inside='<item key="a" kay="b"/>'),
            "attribute 'kay' is not known in element 'item'",
        ),
        (
            work_item(inside="<item xmlns:p='it''s' p:q='r'/>".replace("''", "&apos;")),
            "an attribute is not known in an element",
        ),
        (work_item(inside="text"), "element 'contactData' takes elements only, no text"),
        (work_item(rest="<body><b/></body>"), "element 'body' takes text only, no elements"),
        (work_item(inside='<item key=""/>'), "attribute 'key' of element 'item' is empty"),
        (work_item(entrance="  "), "element 'entrance' is empty"),
        (work_item(entrance="x" * 129), "element 'entrance' is too long"),
        (work_item(rest=f"<subject>{'x' * 1001}</subject>"), "element 'subject' is too long"),
        (
            work_item(rest='<attachment name="a" mediaType="secret"/>'),
            "attribute 'mediaType' of element 'attachment' has characters that are not allowed,"
            " or too many of them",
        ),
        (
            work_item(rest='<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc"/>'),
            "element 'include' is not expected here; expected: subject, body, attachment",
        ),
    ],
)
def test_what_is_not_as_the_schema_says(text, reason):
    wrong = refusal(text)
    assert (wrong.code, wrong.reason, wrong.line) == ("invalid", reason, 1)


@pytest.mark.parametrize(
    "id", ["", " ", "a b", "a'b", "å", "a\u202eb", "x" * 129, "a&quot;b", "a\\"]
)
def test_id_has_few_characters(id):
    assert code(work_item(id)) == "invalid"


@pytest.mark.parametrize("id", ["a", "x" * 128, "AZaz09._:/@-"])
def test_id_has_these_characters(id):
    assert parse(work_item(id).encode()).external_id == id


def test_subject_may_have_a_thousand_characters():
    text = work_item(rest=f"<subject>{'ö' * 1000}</subject>")
    assert len(parse(text.encode()).subject) == 1000


def test_line_of_a_fault_is_the_elements():
    text = EXAMPLE.replace(b"<subject>", b"<subjekt>").replace(b"</subject>", b"</subjekt>")
    assert refusal(text).line == 10


def test_xsi_attributes_and_stylesheets_are_ignored():
    about = (
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="other" xsi:nil="true"'
        ' xsi:schemaLocation="urn:ace:workitem:1 http://127.0.0.1:9/x.xsd"'
    )
    text = PLAIN.replace(
        "<workItem", '<?xml-stylesheet href="http://127.0.0.1:9/"?><workItem' + about
    )
    assert parse(text.encode()).data["cid"] == "Asa"


def test_no_refusal_shows_a_value():
    secret = "s3cr3t"
    for text in (
        work_item(secret + " "),
        work_item(entrance=secret * 30),
        work_item(data={"cid": secret + "&bad;"}),
        work_item(data={"cid": f"<b>{secret}</b>"}),
        work_item(inside=secret),
        work_item(rest=f"<subject>{secret * 200}</subject>"),
        work_item(rest=f'<attachment name="a" mediaType="{secret}"/>'),
        work_item(rest=f'<attachment name="{secret}" href="{secret}" x="{secret}"/>'),
        f'<workItem xmlns="{secret}"/>',
        f'<workItem xmlns:a="{secret}" a:b="{secret}" xmlns="{NS}" id="{secret}"/>',
        f'<?xml version="{secret}"?><a/>',
        declared(secret, PLAIN),
        work_item(data={"cid": secret * 200_000}),
        work_item(rest=f"<body>{secret * 200_000}</body>"),
    ):
        assert secret not in refusal(text).reason


# Answers


def test_receipt_keeps_to_the_schema():
    at = datetime(2026, 11, 20, 10, 14, 3, 512999, timezone(timedelta(hours=1)))
    written = message.receipt("LOAN-1", contact="7", status="queued", received_at=at)
    assert written.decode() == (
        f'<receipt xmlns="{NS}" id="LOAN-1" contact="7" status="queued"'
        ' time="2026-11-20T09:14:03.512Z"/>'
    )
    assert SCHEMA(etree.fromstring(written))


def test_receipt_says_that_it_is_repeated():
    at = datetime(2026, 11, 20, tzinfo=UTC)
    written = message.receipt("a", contact="7", status="buffered", received_at=at, repeated=True)
    assert b' repeated="true"/>' in written
    assert SCHEMA(etree.fromstring(written))


def test_error_keeps_to_the_schema():
    written = message.error("bad-value", "a < b & c", ref="7f3a", external_id="LOAN-1", line=6)
    assert written.decode() == (
        f'<error xmlns="{NS}" id="LOAN-1" code="bad-value" line="6" ref="7f3a">'
        "a &lt; b &amp; c</error>"
    )
    assert SCHEMA(etree.fromstring(written))
    assert SCHEMA(etree.fromstring(message.error("slow", "late", ref="7f3a")))


@given(strategies.text(max_size=3000))
def test_any_reason_can_be_written(reason):
    read = etree.fromstring(message.error("invalid", reason, ref="0")).text or ""
    assert len(reason) > 2000 or read == message.visible(reason, longest=2000)


def test_what_would_hide_is_made_visible():
    assert message.visible("a\u202eb\r\n\x1b") == "a\\u202eb\\u000d\\u000a\\u001b"
    assert message.visible("Åsa €") == "Åsa €"
    assert message.visible("x" * 65) == "x" * 63 + "…"


def test_light_messages_are_small_and_have_few_elements():
    assert message.is_light(EXAMPLE)
    assert not message.is_light(EXAMPLE + b" " * 65_536)
    assert not message.is_light(b"<a/>" * 2001)
