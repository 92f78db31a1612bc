"""The open interface over real HTTP, with the real store: what is taken in, and every refusal."""

import asyncio
import base64
import hashlib
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
import pytest
from lxml import etree

from ace_server.concepts import (
    UNROUTED,
    ContactDataKey,
    Destination,
    OpeningHours,
    RoutingRule,
    WorkItemAccount,
)
from ace_server.contact import State, is_work_item
from ace_server.errors import Refused
from ace_server.passwords import StoredSecret
from ace_server.store import Seam
from ace_server.store.contacts import NewAttachment
from ace_server.workitem import message
from ace_server.workitem.port import STATUSES
from tests.workitem.bench import (
    DATA,
    SECRET,
    Answer,
    Bench,
    basic,
    multipart,
    request,
    work_item,
)
from tests.workitem.test_message import FILES

SCHEMA = etree.XMLSchema(etree.parse(str(message.SCHEMA)))
MIB = 1024 * 1024


def attachment(content: bytes, name: str = "call.wav") -> str:
    text = base64.b64encode(content).decode()
    return f'<attachment name="{name}" mediaType="audio/wav">{text}</attachment>'


def part(name: str, href: str) -> str:
    return f'<attachment name="{name}" mediaType="application/pdf" href="cid:{href}"/>'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# Taken in


async def test_receipt_says_which_contact_and_when(bench: Bench):
    answer = await bench.post(work_item("LOAN-1"))
    (contact,) = await bench.contacts()
    assert answer.status == 200
    assert SCHEMA(answer.xml)
    assert dict(answer.xml.attrib) == {
        "id": "LOAN-1",
        "contact": str(contact.id),
        "status": "queued",
        "time": "2026-11-20T09:14:03.512Z",
    }


async def test_what_was_sent_is_what_is_stored(bench: Bench):
    odd = "Robert'); DROP TABLE contact;-- \u202e %s {0} ../../etc"
    data = {"cid": odd, "prio": "3", "loanAmount": "245 000 kr"}
    text = work_item("a/b:c@d", data=data, rest=f"<subject>Å</subject><body>{odd}</body>")
    assert (await bench.post(text)).status == 200
    (contact,) = await bench.contacts()
    assert contact.account == contact.entrance == "loans"
    assert contact.external_id == "a/b:c@d"
    assert contact.data == {"workItem": "https://bank.example/loans/1", **data}
    assert (contact.subject, contact.body) == ("Å", odd)


async def test_account_without_receipt_gets_no_body(bench: Bench):
    answer = await bench.post(work_item(), account="quiet")
    assert (answer.status, answer.body) == (204, b"")
    assert (await bench.post(work_item(), account="quiet")).status == 204
    assert len(await bench.contacts()) == 1


async def test_entrance_can_be_another_that_is_listed(bench: Bench):
    await bench.post(work_item(entrance="support@bank.example"), account="night")
    (contact,) = await bench.contacts()
    assert (contact.account, contact.entrance) == ("night", "support@bank.example")


FACEBOOK = WorkItemAccount(
    name="loans", receipt=True, channel="facebook", page="bank", author_key="who", link_key="where"
)


async def test_message_of_a_channel_is_a_work_item_that_never_leaves(bench: Bench):
    """WI-10: author and thread come in its contact data; what sends mail out, it passes by."""
    keys = {name: ContactDataKey(name=name) for name in ("who", "where")}
    out = RoutingRule(to=[Destination(external="desk@bank.example"), Destination(queue=UNROUTED)])
    bench.configure(
        work_item_accounts={"loans": FACEBOOK},
        contact_data_keys={**bench.site.contact_data_keys, **keys},
        routing_rules=(out,),
    )
    thread = {"who": "Lovisa Hammar", "where": "https://facebook.example/bank/posts/1"}
    assert (await bench.post(work_item("FB-1", data=thread))).code == "queued"
    (contact,) = await bench.contacts()
    assert is_work_item(contact.data)
    assert thread.items() <= contact.data.items()
    assert contact.queue == UNROUTED


async def test_channel_demands_the_work_item_key_like_every_account(bench: Bench):
    bench.configure(work_item_accounts={"loans": FACEBOOK})
    message = work_item("FB-1", data={"workItem": ""})
    assert (await bench.post(message)).code == "no-work-item-key"
    assert await bench.contacts() == []


async def test_closed_entrance_is_no_error(bench: Bench):
    hours = {"loans": OpeningHours(entrance="loans", mode="closed")}
    bench.configure(opening_hours=hours)
    assert (await bench.post(work_item())).code == "buffered"
    assert [contact.state for contact in await bench.contacts()] == [State.BUFFERED]


async def test_lenient_account_stores_unknown_keys(bench: Bench):
    await bench.post(work_item(data={"surprise": "1"}), account="lenient")
    (contact,) = await bench.contacts()
    assert contact.data["surprise"] == "1"
    assert bench.figure("ace_work_items_unknown_keys_total", account="lenient") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252"])
async def test_charset_of_the_request_is_the_encoding(bench: Bench, encoding: str):
    kind = f"text/xml; charset={encoding}"
    text = work_item(data={"cid": "Åsa"})
    assert (await bench.post(text.encode(encoding), content_type=kind)).status == 200
    assert (await bench.contacts())[0].data["cid"] == "Åsa"


async def test_chunked_message_is_taken_in(bench: Bench):
    text = work_item().encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, bytes([byte])) for byte in text) + b"0\r\n\r\n"
    raw = request(chunks, length=None, headers={"Transfer-Encoding": "chunked"})
    assert (await bench.raw(raw)).status == 200


async def test_connection_is_kept_for_the_next_message(bench: Bench):
    sender = await bench.connect()
    for number, expected in ((1, 200), (2, 200)):
        await sender.send(request(work_item(f"LOAN-{number}")))
        assert (await sender.answer()).status == expected
    await sender.send(request("<a>"))
    assert (await sender.answer()).code == "malformed"
    await sender.send(request(work_item("LOAN-3"), secret="wrong"))
    assert (await sender.answer()).code == "unauthorised"
    await sender.send(request(work_item("LOAN-3")) + request(work_item("LOAN-4")))
    assert [(await sender.answer()).status for _ in range(2)] == [200, 200]


async def test_large_messages_may_follow_each_other_at_once(bench: Bench):
    texts = [work_item(f"LOAN-{n}", rest=f"<body>{'x' * 300_000}</body>") for n in range(4)]
    sender = await bench.connect()
    await sender.send(b"".join(request(text) for text in texts))
    assert [(await sender.answer()).code for _ in texts] == ["queued"] * 4


async def test_offer_to_speak_another_protocol_is_passed_over(bench: Bench):
    """Java's client makes it with the first request of every connection."""
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAA"}
    sender = await bench.connect()
    for number in range(3):
        await sender.send(request(work_item(f"LOAN-{number}"), headers=headers))
        assert (await sender.answer()).code == "queued"


async def test_sender_that_asks_first_is_told_to_go_on(bench: Bench):
    text = work_item().encode()
    sender = await bench.connect()
    await sender.send(request(length=len(text), headers={"Expect": "100-continue"}))
    assert (await sender.answer()).status == 100
    await sender.send(text)
    assert (await sender.answer()).status == 200


async def test_sender_that_asks_first_need_not_send_what_is_refused(bench: Bench):
    sender = await bench.connect()
    headers = {"Expect": "100-continue"}
    await sender.send(request(length=1000, secret="wrong", headers=headers))
    answer = await sender.answer()
    assert (answer.code, answer.is_last) == ("unauthorised", True)


# Exactly once (P2, A-2, A-3)


async def test_repeat_gives_the_first_receipt_again(bench: Bench):
    first = await bench.post(work_item())
    bench.clock.advance(3600)
    hours = {"loans": OpeningHours(entrance="loans", mode="closed")}
    bench.configure(opening_hours=hours)
    again = await bench.post(work_item().replace("><", ">\n <"))  # the same, written otherwise
    assert dict(again.xml.attrib) == {**dict(first.xml.attrib), "repeated": "true"}
    assert len(await bench.contacts()) == 1


async def test_other_content_under_the_same_id_is_a_conflict(bench: Bench):
    await bench.post(work_item(data={"cid": "1"}))
    for other in (
        work_item(data={"cid": "2"}),
        work_item(data={"cid": "1"}, rest="<body/>" + attachment(b"x")),
        work_item(data={"cid": "1"}, rest="<body> </body>"),
    ):
        assert (await bench.post(other)).code == "id-conflict"
    assert [contact.data["cid"] for contact in await bench.contacts()] == ["1"]
    assert bench.files() == []


async def test_ids_are_the_accounts_own(bench: Bench):
    for account in ("loans", "night"):
        assert (await bench.post(work_item(), account=account)).code == "queued"
    assert len(await bench.contacts()) == 2


async def test_many_at_once_with_one_id_make_one_contact(bench: Bench):
    text = work_item(rest=attachment(b"the same"))
    answers = await asyncio.gather(*(bench.post(text) for _ in range(20)))
    assert sorted(answer.xml.get("repeated", "") for answer in answers) == [""] + ["true"] * 19
    assert len({answer.xml.get("contact") for answer in answers}) == 1
    assert [file.name for file in bench.files()] == [digest(b"the same")]


@pytest.mark.parametrize(
    "change",
    [
        {"contact_data_keys": {}},
        {"value_sets": {}},
    ],
)
async def test_repeat_is_known_whatever_changed_in_the_configuration(bench: Bench, change):
    text = work_item(data={"loanAmount": "1", "colour": "red"})
    await bench.post(text)
    bench.configure(**change)
    assert (await bench.post(text)).xml.get("repeated") == "true"
    other = work_item(data={"loanAmount": "2", "colour": "red"})
    assert (await bench.post(other)).code == "id-conflict"
    assert (await bench.post(work_item("NEW", data={"colour": "red"}))).code in (
        "unknown-key",
        "bad-value",
    )


# Attachments


async def test_inline_attachment_is_stored_under_its_digest(bench: Bench):
    await bench.post(work_item(rest=attachment(b"RIFF", "Åsas samtal.wav")))
    (contact,) = await bench.contacts()
    assert contact.attachments == (
        NewAttachment("Åsas samtal.wav", "audio/wav", 4, digest(b"RIFF")),
    )
    (file,) = bench.files()
    assert file.read_bytes() == b"RIFF"
    assert file.stat().st_mode & 0o777 == 0o600


async def test_parts_of_the_request_are_stored(bench: Bench):
    large = bytes(range(256)) * 4096  # goes to disk while it is read
    text = work_item(rest=part("a.pdf", "one") + part("b.pdf", "two%40bank") + attachment(b"3"))
    body, kind = multipart(text, ("two@bank", large), ("one", b"1"))
    assert (await bench.post(body, content_type=kind)).code == "queued"
    (contact,) = await bench.contacts()
    assert [(file.name, file.size) for file in contact.attachments] == [
        ("a.pdf", 1),
        ("b.pdf", MIB),
        ("call.wav", 1),
    ]
    stored = {file.name: file.read_bytes() for file in bench.files()}
    assert stored == {digest(content): content for content in (b"1", large, b"3")}


async def test_parts_arrive_in_pieces(bench: Bench):
    body, kind = multipart(work_item(rest=part("a", "a")), ("a", b"\r\n--frontie" * 20))
    sender = await bench.connect()
    raw = request(body, content_type=kind)
    for at in range(0, len(raw), 97):
        await sender.send(raw[at : at + 97])
        await asyncio.sleep(0)
    assert (await sender.answer()).code == "queued"


async def test_large_message_with_large_attachments(bench: Bench):
    content = bytes(7 * MIB)
    text = work_item(rest=attachment(content) + attachment(b"x" + content[1:]))
    assert (await bench.post(text)).code == "queued"
    (contact,) = await bench.contacts()
    assert [file.size for file in contact.attachments] == [7 * MIB, 7 * MIB]
    assert len(bench.files()) == 2


async def test_message_of_a_request_with_parts_may_be_large(bench: Bench):
    text = work_item(data={"cid": "1"}, inside=" " * 300_000, rest=part("a", "a"))
    body, kind = multipart(text, ("a", b"1"), kind="text/xml; charset=utf-8")
    assert (await bench.post(body, content_type=kind)).code == "queued"


async def test_repeat_as_part_of_what_was_inline(bench: Bench):
    await bench.post(work_item(rest=attachment(b"RIFF")))
    about = '<attachment name="call.wav" mediaType="audio/wav" href="cid:a"/>'
    body, kind = multipart(work_item(rest=about), ("a", b"RIFF"))
    assert (await bench.post(body, content_type=kind)).xml.get("repeated") == "true"


@pytest.mark.parametrize(
    ("rest", "parts"),
    [
        ('<attachment name="a">not base64!</attachment>', []),
        (attachment(b"x", "../a"), []),
        (attachment(bytes(7 * MIB + 1)), []),
        (part("a", "missing"), []),
        (part("a", "a"), [("b", b"")]),
        (part("a", "a"), [("a", b"1"), ("a", b"2")]),
        (part("a", "a") + part("b", "a"), [("a", b"1")]),
        ("", [("a", b"1" * MIB)]),
        ("".join(part("a", str(n)) for n in range(20)), [(str(n), b"") for n in range(30)]),
    ],
)
async def test_bad_attachment_leaves_no_file(bench: Bench, rest, parts):
    body, kind = multipart(work_item(rest=rest), *parts)
    assert (await bench.post(body, content_type=kind)).code == "bad-attachment"
    assert bench.files() == []
    assert await bench.contacts() == []


async def test_file_that_a_contact_has_outlives_a_conflict(bench: Bench):
    await bench.post(work_item("A", rest=attachment(b"shared")))
    await bench.post(work_item("B", rest=attachment(b"other")))
    assert (await bench.post(work_item("B", rest=attachment(b"shared")))).code == "id-conflict"
    assert {file.name for file in bench.files()} == {digest(b"shared"), digest(b"other")}


# Refusals: the table of interface.md §3


@dataclass
class Fault:
    """A way to be refused, in the order of the table of faults: what to do to a request for it."""

    code: str
    how: dict[str, object] = field(default_factory=dict)
    text: Callable[[str], str] = str
    account: str = ""
    prepare: Callable[[Bench], None] | None = None
    step: int = 0  # in the order in which faults answer
    spoils: tuple[str, ...] = ()  # codes that it cannot be combined with


def replace(old: str, new: str) -> Callable[[str], str]:
    def replaced(text: str) -> str:
        assert old in text, f"{old} is gone: this fault cannot be combined"
        return text.replace(old, new, 1)

    return replaced


def spend_rate(bench: Bench) -> None:
    for name in ("loans", "off"):
        bench.set_account(name, rate="0/1h")


def break_store(bench: Bench) -> None:
    bench.seam.broken = True


class Breakable(Seam):
    """A store whose disk fails when told to."""

    broken = False
    kinds = ("begin",)

    def call(self, kind, action):
        if self.broken and kind in self.kinds:
            raise OSError("no space left on device")
        return action()


FAULTS = [
    Fault("not-found", {"path": "/nowhere"}, step=1),
    Fault("method", {"method": "PUT"}, step=1),
    Fault("unauthorised", {"secret": "wrong"}, step=2),
    Fault("too-many", prepare=spend_rate, step=3),
    Fault("length", {"length": None}, step=4, spoils=("too-large",)),
    Fault("too-large", {"length": 100 * MIB}, step=4),
    Fault("media-type", {"content_type": "text/plain"}, step=5),
    Fault("malformed", text=lambda text: text + "</a>", step=6),
    Fault("doctype", text=lambda text: "<!DOCTYPE workItem>" + text, step=6, spoils=("malformed",)),
    Fault("invalid", text=replace("<subject>", "<subject/><subject>"), step=7),
    Fault("unknown-entrance", text=replace("<entrance>loans<", "<entrance>gone<"), step=8),
    Fault("forbidden", account="off", text=replace("<entrance>loans</entrance>", ""), step=9),
    Fault("id-conflict", text=replace('id="LOAN-1"', 'id="KNOWN"'), step=10),
    Fault("no-work-item-key", text=replace('key="workItem"', 'key="cid"'), step=11),
    Fault("unknown-key", text=replace("</contactData>", '<item key="x"/></contactData>'), step=12),
    Fault("bad-value", text=replace('key="prio">3', 'key="prio">33'), step=13),
    Fault("bad-attachment", text=replace("UklGRiQ=", "UklGRiQ"), step=14),
    Fault("unavailable", prepare=break_store, step=15),
]
CODES = {fault.code for fault in FAULTS}

RIGHT = work_item(
    entrance="loans",
    data={"prio": "3"},
    rest='<subject>s</subject><attachment name="a">UklGRiQ=</attachment>',
)


@pytest.fixture
async def breakable(data):
    bench = Bench(data, Breakable())
    await bench.start()
    yield bench
    bench.seam.broken = False
    await bench.stop()


async def refused(bench: Bench, *faults: Fault) -> Answer:
    """Post one message that has all these faults."""
    text, how, account = RIGHT, {}, "loans"
    for fault in sorted(faults, key=lambda fault: -fault.step):
        text = fault.text(text)
        how.update(fault.how)
        account = fault.account or account
    await bench.post(work_item("KNOWN"), account=account)
    for fault in faults:
        if fault.prepare:
            fault.prepare(bench)
    return await bench.post(text, **{"account": account, **how})


def test_every_code_has_a_fault_or_a_test_of_its_own():
    assert STATUSES.keys() - CODES == {"slow"}


async def test_message_without_a_fault_is_taken_in(breakable: Bench):
    assert (await refused(breakable)).code == "queued"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
async def test_every_fault_is_refused_with_its_code(breakable: Bench, expect_log, fault: Fault):
    if fault.code == "unavailable":
        expect_log("WARNING ace_server.store.store: the database cannot be used")
    answer = await refused(breakable, fault)
    assert (answer.code, answer.status) == (fault.code, STATUSES[fault.code])
    assert SCHEMA(answer.xml)
    assert answer.xml.get("ref")
    breakable.seam.broken = False
    names = {contact.external_id for contact in await breakable.contacts()}
    assert names <= {"KNOWN"}
    assert breakable.files() == [] or fault.code == "unavailable"


async def test_files_that_could_not_be_released_go_when_the_store_works_again(
    breakable: Bench, expect_log
):
    expect_log("WARNING ace_server.store.store: the database cannot be used")
    break_store(breakable)
    assert (await breakable.post(work_item("A", rest=attachment(b"a")))).code == "unavailable"
    assert [file.name for file in breakable.files()] == [digest(b"a")]
    breakable.seam.broken = False
    assert (await breakable.post(work_item("B", rest=attachment(b"b")))).code == "queued"
    assert [file.name for file in breakable.files()] == [digest(b"b")]


def can_combine(first: Fault, second: Fault) -> bool:
    if {first.code, second.code} & set(first.spoils + second.spoils):
        return False
    # An account that is switched off names no entrance here, and its id is known to nobody.
    return first.step != second.step and {first.code, second.code} != {
        "unknown-entrance",
        "forbidden",
    }


PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if can_combine(*pair)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-and-".join(one.code for one in pair))
async def test_first_of_two_faults_answers(breakable: Bench, expect_log, pair):
    first, second = pair
    expected = first.code
    if second.code == "unavailable" and first.step >= 10:
        # Whether the id is known cannot be found out: nothing that comes after it can answer.
        expect_log("WARNING ace_server.store.store: the database cannot be used")
        expected = "unavailable"
    assert (await refused(breakable, first, second)).code == expected


async def test_second_answers_once_the_first_is_mended(bench: Bench):
    text = RIGHT.replace("loans<", "gone<").replace(">3<", ">33<").replace('UklGRiQ="', "!")
    codes = []
    for old, new in ((" ", " "), ("gone<", "loans<"), (">33<", ">3<")):
        text = text.replace(old, new)
        codes.append((await bench.post(text)).code)
    assert codes == ["unknown-entrance", "bad-value", "queued"]


async def test_refusal_names_id_and_line_once_they_are_known(bench: Bench):
    text = work_item("LOAN-7", inside='\n\n<item key="loanAmuont">1</item>')
    answer = await bench.post(text)
    assert (answer.xml.get("id"), answer.xml.get("line")) == ("LOAN-7", "3")
    assert answer.xml.text == "contact data key 'loanAmuont' is not configured"
    assert "id" not in (await bench.post(text + "<")).xml.attrib


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/workitem", "POST"), ("/workitem.xsd", "GET"), ("/health", "GET"), ("/metrics", "GET")],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "TRACE", "OPTIONS", "DELETE", "BREW"])
async def test_other_methods_are_refused_with_the_right_one(bench: Bench, path, allowed, method):
    if method == allowed:
        return
    raw = f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    sender = await bench.connect()
    await sender.send(raw)
    if method == "BREW":  # not even HTTP's
        assert (await sender.answer()).status in (400, 405)
        return
    head = await sender.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert f"\r\nAllow: {allowed}\r\n".encode() in head


@pytest.mark.parametrize("path", ["/", "/workitem/", "/workitem.xml", "//workitem", "/%77orkitem/"])
async def test_other_paths_are_not_found(bench: Bench, path):
    assert (await bench.post(work_item(), path=path, secret="wrong")).code == "not-found"


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "application/json",
        "application/xml; charset=a; charset=b",
        "multipart/mixed; boundary=a",
        None,
    ],
)
async def test_other_media_types_are_refused(bench: Bench, kind):
    assert (await bench.post(work_item(), content_type=kind)).code == "media-type"


async def test_first_part_must_be_the_message(bench: Bench):
    body, kind = multipart(work_item(), kind="application/pdf")
    assert (await bench.post(body, content_type=kind)).code == "media-type"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x-nonsense"])
async def test_content_encoding_is_refused(bench: Bench, coding):
    raw = request(work_item(), headers={"Content-Encoding": coding})
    assert (await bench.raw(raw)).code == "media-type"


@pytest.mark.parametrize("body", [b"", b"nothing", b"--frontier\r\n\r\n<a/>", b"--frontier--\r\n"])
async def test_broken_multipart_is_malformed(bench: Bench, body):
    kind = "multipart/related; boundary=frontier"
    assert (await bench.post(body, content_type=kind)).code == "malformed"
    assert (await bench.post(body, content_type="multipart/related")).code == "malformed"


async def test_empty_message_is_malformed(bench: Bench):
    assert (await bench.post(b"")).code == "malformed"


async def test_text_that_is_too_long_is_judged_by_its_element(bench: Bench):
    text = "x" * 1_000_001
    assert (await bench.post(work_item(data={"cid": text}))).code == "bad-value"
    assert (await bench.post(work_item(rest=f"<body>{text}</body>"))).code == "invalid"


async def test_every_file_from_outside_is_refused(bench: Bench):
    sender = await bench.connect()
    for file, code in FILES.items():
        await sender.send(request((DATA / file).read_bytes()))
        answer = await sender.answer()
        assert (file, answer.code, answer.status) == (file, code, STATUSES[code])
        assert SCHEMA(answer.xml)
    assert await bench.contacts() == []


async def test_nothing_outside_is_touched(bench: Bench, tmp_path):
    """A canary file and a canary listener: entities, schemas and inclusions never reach them."""
    reached: list[object] = []
    canary = tmp_path / "canary.xml"
    canary.write_text("<c4n4ry/>")
    listener = await asyncio.start_server(lambda r, w: reached.append(w), "127.0.0.1", 0)
    where = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/x"
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{}" parse="text"/>'
    texts = [
        f'<!DOCTYPE a [<!ENTITY b SYSTEM "{place}">]><a>&b;</a>'
        for place in (where, canary.as_uri())
    ]
    texts += [
        f'<!DOCTYPE a SYSTEM "{where}"><a/>',
        f'<!DOCTYPE a [<!ENTITY % b SYSTEM "{where}"> %b;]>',
    ]
    texts += [work_item(rest=include.format(place)) for place in (where, canary.as_uri())]
    texts += [
        work_item().replace("<workItem", f'<?xml-stylesheet href="{where}"?><workItem'),
        work_item("B").replace(
            " id=", f' {xsi} xsi:schemaLocation="urn:ace:workitem:1 {where}" id='
        ),
    ]
    answers = [await bench.post(text) for text in texts]
    assert [answer.code for answer in answers] == ["doctype"] * 4 + ["invalid"] * 2 + ["queued"] * 2
    assert not any(b"c4n4ry" in answer.body for answer in answers)
    listener.close()
    await listener.wait_closed()
    assert reached == []


# Too much (B-6)


async def test_length_that_is_too_large_is_refused_unread(bench: Bench):
    sender = await bench.connect()
    await sender.send(request(length=100 * MIB))
    answer = await sender.answer(seconds=2)
    assert (answer.code, answer.is_last) == ("too-large", True)
    assert await sender.at_end()


async def test_endless_chunks_are_refused_at_the_limit(bench: Bench):
    bench.set_system(workItemMaxBytes=200_000)
    sender = await bench.connect()
    headers = {"Transfer-Encoding": "chunked"}
    await sender.send(request(length=None, headers=headers))
    sent = 0
    with pytest.raises((ConnectionError, TimeoutError)):
        async with asyncio.timeout(10):
            while True:
                await sender.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
                await asyncio.sleep(0)
    assert sent < 64 * MIB
    assert bench.figure("ace_work_items_refused_total", account="loans", code="too-large") == 1


async def test_answer_to_too_many_chunks_arrives(bench: Bench):
    bench.set_system(workItemMaxBytes=100_000)
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    raw = request(chunk * 3, length=None, headers={"Transfer-Encoding": "chunked"})
    answer = await bench.raw(raw)
    assert (answer.code, answer.is_last) == ("too-large", True)
    assert bench.files() == []


async def test_parts_count_to_the_length(bench: Bench):
    bench.set_system(workItemMaxBytes=100_000)
    body, kind = multipart(work_item(rest=part("a", "a")), ("a", bytes(100_000)))
    assert (await bench.post(body, content_type=kind)).code == "too-large"


async def test_message_of_exactly_the_limit_is_taken_in(bench: Bench):
    text = work_item()
    bench.set_system(workItemMaxBytes=2000)
    assert (await bench.post(text + " " * (2000 - len(text)))).code == "queued"
    assert (await bench.post(text + " " * (2001 - len(text)))).code == "too-large"


# Not HTTP (B-13, B-15)

RIGHT_REQUEST = request(work_item())
NOT_HTTP = {
    "garbage": b"garbage\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/0.9": b"GET /workitem\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "negative length": request(work_item(), length=-5),
    "signed length": request(work_item(), headers={"Content-Length": "+5"}),
    "two lengths": RIGHT_REQUEST.replace(b"Content-Length", b"Content-Length: 3\r\nContent-Length"),
    "length and chunked": request(work_item(), headers={"Transfer-Encoding": "chunked"}),
    "other coding": request(
        work_item(), length=None, headers={"Transfer-Encoding": "gzip, chunked"}
    ),
    "coding that hides": request(
        work_item(), length=None, headers={"Transfer-Encoding": "chunked, identity"}
    ),
    "folded header": request(work_item(), headers={"X-A": "b\r\n c"}),
    "bare CR": request(work_item(), headers={"X-A": "b\rContent-Length: 3"}),
    "bare LF": RIGHT_REQUEST.replace(b"\r\n", b"\n", 1),
    "NUL": request(work_item(), headers={"X-A": "b\0c"}),
    "space before colon": RIGHT_REQUEST.replace(b"Host:", b"Host :"),
    "bad chunk": request(
        b"zz\r\nabc\r\n0\r\n\r\n", length=None, headers={"Transfer-Encoding": "chunked"}
    ),
    "long line": request(work_item(), headers={"X-A": "b" * 9000}),
    "many headers": request(work_item(), headers={f"X-{n}": "a" for n in range(101)}),
}


@pytest.mark.parametrize("fault", NOT_HTTP)
async def test_what_is_not_http_is_refused_and_closed(bench: Bench, fault):
    sender = await bench.connect()
    await sender.send(NOT_HTTP[fault])
    answer = await sender.answer()
    assert (answer.status, answer.code) == (400, "malformed")
    assert await sender.at_end()
    assert await bench.contacts() == []


async def test_headers_that_are_too_long_are_refused_and_closed(bench: Bench):
    sender = await bench.connect()
    headers = {f"X-{n}": "a" * 900 for n in range(50)}
    await sender.send(request(work_item(), headers=headers))
    assert (await sender.answer()).status == 431
    assert await sender.at_end()


async def test_headers_that_never_end_are_cut_off(bench: Bench):
    sender = await bench.connect()
    await sender.send(b"POST /workitem HTTP/1.1\r\n")
    with suppress(ConnectionError):
        for number in range(90):
            await sender.send(f"X-{number}: {'a' * 500}\r\n".encode())
            await asyncio.sleep(0)
    assert (await sender.answer()).status == 431


async def test_chunk_that_is_none_is_refused_at_once(bench: Bench):
    sender = await bench.connect()
    headers = {"Transfer-Encoding": "chunked"}
    await sender.send(request(b"5\r\n<work\r\n", length=None, headers=headers))
    await bench.until(lambda: bench.is_reading)
    await sender.send(b"nonsense\r\n")
    answer = await sender.answer(seconds=2)
    assert (answer.code, answer.is_last) == ("malformed", True)


async def test_second_request_hidden_in_a_body_is_not_seen(bench: Bench):
    hidden = request(work_item("HIDDEN"))
    sender = await bench.connect()
    await sender.send(request(hidden))
    assert (await sender.answer()).code == "malformed"
    assert not await sender.at_end(seconds=0.1)
    assert await bench.contacts() == []


# Credentials (B-17, B-18, G-3)


async def test_refusal_of_credentials_asks_for_them(bench: Bench):
    for how in ({"authorization": ""}, {"secret": "wrong"}, {"account": "nobody"}):
        answer = await bench.post(work_item(), **how)
        assert answer.code == "unauthorised"
        assert answer.headers["www-authenticate"].startswith("Basic realm=")


async def test_refusal_does_not_tell_which_was_wrong(bench: Bench):
    bodies = set()
    for how in ({"secret": "wrong"}, {"account": "nobody"}, {"authorization": "Basic !"}):
        answer = await bench.post(work_item(), **how)
        bodies.add(answer.body.replace(answer.xml.get("ref").encode(), b""))
    assert len(bodies) == 1


async def test_too_many_failures_say_when_to_come_again(bench: Bench):
    codes = [(await bench.post(work_item(), secret="wrong")).code for _ in range(10)]
    assert codes == ["unauthorised"] * 10
    answer = await bench.post(work_item(), secret="wrong")
    assert (answer.status, answer.code) == (429, "too-many")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await bench.post(work_item())).code == "queued"  # what is right always passes


async def test_rate_says_when_to_come_again(bench: Bench):
    bench.set_account("loans", rate="2/30s")
    for number in (1, 2):
        assert (await bench.post(work_item(f"LOAN-{number}"))).code == "queued"
    answer = await bench.post(work_item("LOAN-3"))
    assert (answer.code, answer.headers["retry-after"]) == ("too-many", "30")
    bench.clock.advance(31)
    assert (await bench.post(work_item("LOAN-3"))).code == "queued"


async def test_changed_secret_acts_at_once(bench: Bench, monkeypatch):
    assert (await bench.post(work_item())).code == "queued"
    monkeypatch.setenv("ACE_TEST_SECRET", "other")
    bench.secrets["work_item_account", "loans"] = StoredSecret(form="env", value="ACE_TEST_SECRET")
    assert (await bench.post(work_item())).code == "unauthorised"
    assert (await bench.post(work_item(), secret="other")).xml.get("repeated") == "true"


async def test_account_that_is_gone_is_unauthorised(bench: Bench):
    bench.configure(work_item_accounts={})
    assert (await bench.post(work_item())).code == "unauthorised"


# Not now (A-7, P7, B-20)


async def test_item_that_does_not_fit_is_refused_unread(bench: Bench):
    asked: list[int] = []
    bench.room = lambda size: asked.append(size) or size < 1000
    sender = await bench.connect()
    await sender.send(request(length=5000))
    answer = await sender.answer()
    assert (answer.code, int(answer.headers["retry-after"]) > 0) == ("unavailable", True)
    assert asked == [5000]
    assert (await bench.post(work_item())).code == "queued"


@pytest.mark.parametrize("kind", ["begin", "commit"])
async def test_store_that_fails_makes_it_unavailable_and_works_again(breakable, expect_log, kind):
    expect_log("WARNING ace_server.store.store: the database cannot be used")
    breakable.seam.kinds = (kind,)
    breakable.seam.broken = True
    answer = await breakable.post(work_item(rest=attachment(b"x")))
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "retry-after" in answer.headers
    breakable.seam.broken = False
    assert (await breakable.post(work_item(rest=attachment(b"x")))).code == "queued"
    assert len(await breakable.contacts()) == 1
    assert [file.name for file in breakable.files()] == [digest(b"x")]


@pytest.mark.parametrize("kind", ["write", "fsync", "rename"])
@pytest.mark.parametrize("size", [10, 100_000])
async def test_disk_that_fails_leaves_no_file(breakable: Bench, kind, size):
    breakable.seam.kinds = (kind,)
    breakable.seam.broken = True
    body, way = multipart(work_item(rest=part("a", "a") + attachment(b"y")), ("a", bytes(size)))
    answer = await breakable.post(body, content_type=way)
    assert answer.code == "unavailable"
    breakable.seam.broken = False
    assert breakable.files() == []
    assert (await breakable.post(body, content_type=way)).code == "queued"


async def test_what_nobody_expected_is_unavailable_and_counted(bench: Bench, expect_log):
    expect_log(r"ERROR ace_server.workitem.port: .*nobody expected.* \[ZeroDivisionError")
    bench.room = lambda size: bool(1 / 0)
    answer = await bench.post(work_item())
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "zero" not in answer.body.decode().lower()
    assert bench.figure("ace_work_items_unexpected_total") == 1
    bench.room = lambda size: True
    assert (await bench.post(work_item())).code == "queued"


async def test_what_fails_in_the_http_layer_is_unavailable(bench: Bench, expect_log):
    expect_log(r"ERROR ace_server.workitem.port: the HTTP layer failed \[ValueError")
    answer = bench.port.response("192.0.2.7", 500, ValueError("secret"))
    assert (answer.status, b"secret" in answer.body) == (503, False)


# What anybody may see


async def test_schema_is_served(bench: Bench):
    answer = await bench.raw(b"GET /workitem.xsd HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.status == 200
    assert etree.XMLSchema(etree.fromstring(answer.body))


async def test_health(bench: Bench):
    for is_well, status in ((True, 200), (False, 503)):
        bench.is_well = is_well
        answer = await bench.raw(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
        assert "server" in msgspec.json.decode(answer.body)


async def test_metrics_count_and_show_no_content(bench: Bench):
    await bench.post(work_item("M4RKER", data={"cid": "M4RKER"}))
    await bench.post(work_item("M4RKER", data={"cid": "M4RKER"}))
    await bench.post(work_item("M4RKER"), account="M4RKER")
    await bench.post("<M4RKER/>")
    answer = await bench.raw(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
    text = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'ace_work_items_taken_in_total{account="loans",status="queued"} 1.0',
        'ace_work_items_taken_in_total{account="loans",status="repeated"} 1.0',
        'ace_work_items_refused_total{account="",code="unauthorised"} 1.0',
        'ace_work_items_refused_total{account="loans",code="invalid"} 1.0',
        "ace_work_item_connections 1.0",
    ):
        assert line in text
    assert "M4RKER" not in text
    last = bench.figure("ace_work_items_last_seconds", account="loans")
    assert last == bench.clock.now().timestamp()


async def test_no_answer_tells_a_version(bench: Bench):
    for raw in (b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", RIGHT_REQUEST, b"nonsense\r\n\r\n"):
        assert (await bench.raw(raw)).headers["server"] == "ACE"


# The log (H-5, P10)


async def test_one_line_for_each_refusal(bench: Bench, caplog):
    caplog.set_level(logging.INFO, "ace_server.workitem")
    text = work_item("LOAN-9", data={"s3cr3t": "s3cr3t"}, rest="<body>s3cr3t</body>")
    answer = await bench.post(text)
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage() == (
        f"refused: code=unknown-key peer=127.0.0.1 account=loans bytes={len(text)}"
        f" sha256={digest(text.encode())} ref={answer.xml.get('ref')}"
    )


async def test_no_line_shows_a_secret_or_content(bench: Bench, caplog):
    caplog.set_level(logging.DEBUG, "ace_server.workitem")
    marker = "m4rker"
    await bench.post(work_item(), secret=marker)
    await bench.post(work_item(), account=marker, secret=marker)
    await bench.post(work_item(), account=f"{marker}\r\nforged", secret=marker)
    await bench.post(work_item(marker, data={"cid": marker}, rest=f"<subject>{marker}</subject>"))
    await bench.post(work_item(marker, data={marker: marker}), path=f"/workitem?{marker}")
    await bench.post(f"<{marker}>{marker}", content_type=f"text/xml; charset={marker}")
    await bench.post(work_item(), path=f"/{marker}")
    await bench.raw(f"{marker} / HTTP/1.1\r\n\r\n".encode())
    await bench.raw(f"GET / HTTP/1.1\r\n{marker}\r\n\r\n".encode())
    assert len(caplog.records) == 8
    for record in caplog.records:
        assert marker not in record.getMessage()
        assert SECRET not in record.getMessage()
        assert basic() not in record.getMessage()
        assert record.exc_info is None


async def test_line_cannot_be_forged(bench: Bench, caplog):
    caplog.set_level(logging.INFO, "ace_server.workitem")
    name = "a\r\nforged"
    bench.set_account("loans", name=name)
    accounts = {name: bench.site.work_item_accounts["loans"]}
    bench.configure(work_item_accounts=accounts)
    bench.secrets["work_item_account", name] = bench.secrets["work_item_account", "loans"]
    await bench.post("<a>", account=name)
    (record,) = caplog.records
    assert "account=a\\u000d\\u000aforged " in record.getMessage()


# Start and stop


async def test_port_that_is_taken_is_an_error(bench: Bench):
    bench.set_system(workItemPort=bench.port_number)
    with pytest.raises(OSError, match="in use"):
        await bench.new_port().start()


async def test_address_that_is_not_loopback_needs_a_certificate(bench: Bench):
    bench.set_system(workItemAddress="0.0.0.0")
    with pytest.raises(Refused, match="certificate"):
        await bench.new_port().start()


async def test_port_can_be_stopped_before_it_was_started(bench: Bench):
    await bench.new_port().stop()


async def test_stopping_answers_what_has_arrived_and_refuses_the_rest(bench: Bench):
    idle, reading = await bench.connect(), await bench.connect()
    text = work_item().encode()
    await reading.send(request(text[:20], length=len(text)))
    await bench.until(lambda: bench.is_reading)
    taking = [asyncio.create_task(bench.post(work_item(f"LOAN-{n}"))) for n in range(20)]
    await bench.until(lambda: len(bench.senders) == 22)
    await bench.port.stop()
    answers = await asyncio.gather(*taking, return_exceptions=True)
    told = [
        answer.xml.get("id")
        for answer in answers
        if isinstance(answer, Answer) and answer.status == 200
    ]
    stored = [contact.external_id for contact in await bench.contacts()]
    assert set(told) <= set(stored)
    assert (await reading.answer()).code == "unavailable"
    assert await idle.at_end()
    with pytest.raises(OSError):
        await bench.connect()
