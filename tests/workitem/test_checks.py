"""Work items against the configuration: entrances, keys, values, attachments, and the digest."""

import base64
import hashlib

import msgspec
import pytest
from hypothesis import given, strategies

from ace_server.concepts import ContactDataKey, WorkItemAccount
from ace_server.errors import Refused
from ace_server.workitem import checks
from ace_server.workitem.message import Attachment, WorkItem
from tests.workitem.bench import bank

SITE = bank()
MIB = 1024 * 1024


class Bytes:
    """A file in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def size(self) -> int:
        return len(self.content)

    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def item(data: dict[str, str] | None = None, **fields: object) -> WorkItem:
    known = {"workItem": "https://bank.example/1", **(data or {})}
    lines = {key: number for number, key in enumerate(known, start=5)}
    made = WorkItem("LOAN-1", None, known, lines=lines, entrance_line=3, data_line=4)
    return msgspec.structs.replace(made, **fields)


def account(name: str) -> WorkItemAccount:
    return SITE.work_item_accounts[name]


def refusal(check: object, *arguments: object) -> tuple[str, str, int | None]:
    with pytest.raises(Refused) as refused:
        check(*arguments)  # type: ignore[operator]  # a check is called
    return refused.value.code, refused.value.reason, refused.value.line


# Entrance


def test_entrance_left_out_is_the_accounts_own():
    assert checks.entrance(item(), account("loans"), SITE) == "loans"


@pytest.mark.parametrize("name", ["night", "loans", "support@bank.example"])
def test_account_may_name_its_own_entrance_and_those_listed(name):
    assert checks.entrance(item(entrance=name), account("night"), SITE) == name


@pytest.mark.parametrize(
    ("who", "named", "code", "line"),
    [
        ("loans", "nowhere", "unknown-entrance", 3),
        ("loans", "night", "forbidden", 3),
        ("night", "other@bank.example", "forbidden", 3),  # a mailbox's, and not listed
        ("off", None, "forbidden", None),
        ("off", "nowhere", "unknown-entrance", 3),
    ],
)
def test_entrance_that_may_not_be_used(who, named, code, line):
    found, reason, where = refusal(checks.entrance, item(entrance=named), account(who), SITE)
    assert (found, where) == (code, line)
    assert "nowhere" not in reason


def test_listed_entrance_that_is_gone_is_unknown():
    site = bank(mail_accounts={})
    named = item(entrance="support@bank.example")
    assert refusal(checks.entrance, named, account("night"), site)[0] == "unknown-entrance"


# Keys and values


def test_senders_and_configured_keys_are_taken():
    data = {"cid": "1", "prio": "0", "AgentName": "a", "MenuChoice": "b", "Outcome": "c"}
    more = {"loanAmount": "245 000 kr", "colour": "red", "short": "12345"}
    assert checks.values(item({**data, **more}), account("loans"), SITE) == 0


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_work_item_key_needs_a_value(value):
    found = refusal(checks.values, item({"workItem": value}), account("loans"), SITE)
    assert (found[0], found[2]) == ("no-work-item-key", 5)


def test_work_item_key_must_be_there():
    without = WorkItem("LOAN-1", None, {"cid": "1"}, lines={"cid": 5}, data_line=4)
    found = refusal(checks.values, without, account("loans"), SITE)
    assert (found[0], found[2]) == ("no-work-item-key", 4)


def test_unknown_key_is_named():
    found = refusal(checks.values, item({"loanAmuont": "1"}), account("loans"), SITE)
    assert found == ("unknown-key", "contact data key 'loanAmuont' is not configured", 6)


def test_unknown_key_is_shown_so_that_nothing_hides():
    reason = refusal(checks.values, item({"a\u202eb\n": "1"}), account("loans"), SITE)[1]
    assert reason == "contact data key 'a\\u202eb\\u000a' is not configured"


def test_lenient_account_stores_unknown_keys():
    data = {"one": "1", "two": "x" * checks.MAX_VALUE}
    assert checks.values(item(data), account("lenient"), SITE) == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prio", "10"),
        ("prio", "-1"),
        ("prio", ""),
        ("prio", " 3"),
        ("prio", "٣"),
        ("prio", "²"),
        ("Entrance", "loans"),
        ("TaskType", "x"),
        ("emailCategories", "x"),
        ("EmailFrom", "x"),
        ("EmailTo", "x"),
        ("EmailReplyTo", "x"),
        ("EmailSubject", ""),
        ("colour", "Red"),
        ("colour", ""),
        ("short", "123456"),
        ("cid", "x" * 4001),
        ("unknown", "x" * 4001),
    ],
)
def test_value_that_cannot_be(key, value):
    code, reason, line = refusal(checks.values, item({key: value}), account("lenient"), SITE)
    assert (code, line) == ("bad-value", 6)
    assert f"key '{key}'" in reason
    assert not value.strip() or value not in reason


def test_key_of_a_value_set_that_is_gone_takes_nothing():
    site = bank(value_sets={})
    found = refusal(checks.values, item({"colour": "red"}), account("loans"), site)
    assert found[0] == "bad-value"


def test_site_may_give_a_senders_key_its_own_length():
    keys = {**SITE.contact_data_keys, "cid": ContactDataKey(name="cid", max_length=3)}
    site = bank(contact_data_keys=keys)
    assert refusal(checks.values, item({"cid": "1234"}), account("loans"), site)[0] == "bad-value"


def test_unknown_key_answers_before_a_bad_value():
    data = {"prio": "x", "unknown": "1"}
    assert refusal(checks.values, item(data), account("loans"), SITE)[0] == "unknown-key"


# Attachments


def look(*attachments: Attachment, parts: list[tuple[str, bytes]] | None = None, total: int = -1):
    """Check attachments together with the parts of the request."""
    files = [(name, Bytes(content)) for name, content in parts or []]
    found = checks.contents(attachments, files, Bytes)
    checks.attachments(item(attachments=attachments), found, len(files) if total < 0 else total)
    return found


@given(strategies.binary(max_size=200), strategies.integers(1, 80))
def test_base64_may_be_wrapped(content, width):
    text = base64.b64encode(content).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    assert checks.decode("\n\t " + "\r\n ".join(lines)) == content


@pytest.mark.parametrize(
    "text", ["A", "QQ", "QQ=", "QQ===", "=QQ=", "QQ==QQ==", "Q-_=", "å", "Q!Q="]
)
def test_base64_is_strict(text):
    assert checks.decode(text) is None
    with pytest.raises(Refused, match="bad-attachment: attachment 1 is not base64"):
        look(Attachment("a", text=text))


def test_inline_attachment_is_held_and_digested():
    (found,) = look(Attachment("call.wav", text="UklGRiQ="))
    assert found.file.content == b"RIFF$"
    assert found.digest == hashlib.sha256(b"RIFF$").hexdigest()


def test_inline_attachment_may_have_seven_mebibytes():
    text = base64.b64encode(bytes(7 * MIB)).decode()
    assert look(Attachment("a", text=text))[0].file.size == 7 * MIB
    with pytest.raises(Refused, match="more than 7 MiB"):
        look(Attachment("a", text=base64.b64encode(bytes(7 * MIB + 1)).decode()))


def test_part_is_found_by_its_content_id():
    parts = [("id card@a", b"1"), ("other", b"2")]
    first, second = look(
        Attachment("a", href="cid:other"), Attachment("b", href="cid:id%20card@a"), parts=parts
    )
    assert (first.file.content, second.file.content) == (b"2", b"1")


@pytest.mark.parametrize(
    ("attachment", "parts", "fault"),
    [
        (Attachment("a", href="cid:a"), [], "missing"),
        (Attachment("a", href="cid:"), [("", b"")], "missing"),
        (Attachment("a", href="cid:a"), [("a", b"1"), ("a", b"2")], "there twice"),
        (Attachment("a", href="http://x/"), [], "does not begin with cid:"),
        (Attachment("a", href="cid:a", text=" QQ== "), [("a", b"1")], "both a text and an href"),
        (Attachment("a"), [("a", b"1")], "no attachment names"),
        (Attachment("a", text="!"), [], "not base64"),
    ],
)
def test_attachment_and_part_must_fit(attachment, parts, fault):
    with pytest.raises(Refused, match=fault) as refused:
        look(attachment, parts=parts)
    assert refused.value.code == "bad-attachment"


def test_two_attachments_cannot_be_one_part():
    same = Attachment("a", href="cid:a"), Attachment("b", href="cid:%61")
    with pytest.raises(Refused, match="two attachments name the same part"):
        look(*same, parts=[("a", b"1"), ("b", b"2")])


def test_part_that_was_not_even_kept_is_one_too_many():
    with pytest.raises(Refused, match="no attachment names"):
        look(Attachment("a", href="cid:a"), parts=[("a", b"1")], total=2)


@pytest.mark.parametrize(
    "name",
    [
        "call.wav",
        "Åsa & co (1).pdf",
        "a b",
        "x" * 120,
        "CONSOLE.txt",
        "a.CON",
        "no extension",
        " a",
        "日本.txt",
    ],
)
def test_plain_file_name(name):
    assert checks.name_fault(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a/b",
        "a\\b",
        "../a",
        "..",
        ".a",
        "-a",
        "a.",
        "a ",
        "a\nb",
        "a\0b",
        "a\x85b",
        "fdp\u202e.exe",
        "a\u2066b",
        "A\u030asa.txt",
        "x" * 121,
        "CON",
        "nul.txt",
        "Com1.tar.gz",
        "LPT¹",
    ],
)
def test_name_that_is_no_plain_file_name(name):
    assert checks.name_fault(name)
    with pytest.raises(Refused, match="attachment 1 has") as refused:
        look(Attachment(name, text="QQ==", line=9))
    assert (refused.value.code, refused.value.line) == ("bad-attachment", 9)


# Content


def digest(work_item: WorkItem, entrance: str = "loans", parts=()) -> str:
    found = checks.contents(work_item.attachments, parts, Bytes)
    return checks.digest(entrance, checks.content_digest(work_item, found))


def test_digest_is_of_the_content_not_of_how_it_is_written():
    one = item({"cid": "1", "prio": "2"}, attachments=(Attachment("a", text="QQ=="),))
    other = WorkItem(
        "LOAN-2",
        "loans",
        {"prio": "2", "cid": "1", "workItem": "https://bank.example/1"},
        attachments=(Attachment("a", text=" QQ\n== ", line=7),),
    )
    assert digest(one) == digest(other)
    inline, part = Attachment("a", text="QQ=="), Attachment("a", href="cid:x")
    assert digest(item(attachments=(inline,))) == digest(
        item(attachments=(part,)), parts=[("x", Bytes(b"A"))]
    )


def test_digest_tells_every_difference():
    plain = item(attachments=(Attachment("a", text="QQ=="),))
    others = [
        item({"cid": ""}, attachments=plain.attachments),
        item({"workItem": "other"}, attachments=plain.attachments),
        msgspec.structs.replace(plain, subject="s"),
        msgspec.structs.replace(plain, body="s"),
        item(),
        item(attachments=(Attachment("b", text="QQ=="),)),
        item(attachments=(Attachment("a", "text/plain", text="QQ=="),)),
        item(attachments=(Attachment("a", text="Qg=="),)),
        item(attachments=(Attachment("a", text="Q"),)),
        item(attachments=(Attachment("a", text="QQ"),)),
        item(attachments=(Attachment("a", href="cid:1"),)),
        item(attachments=(Attachment("a", href="cid:2"),)),
        item(attachments=plain.attachments * 2),
    ]
    digests = [digest(plain), digest(plain, "night"), *(digest(other) for other in others)]
    assert len(set(digests)) == len(digests)


def test_digest_stays_what_it_was():
    """Rows keep it for months (B-19): a change needs another format number."""
    known = item({"cid": "Å"}, subject="s", body="b", attachments=(Attachment("a", text="QQ=="),))
    assert digest(known) == "e9c1830da92b34c9d850a94a9ba438520845b5134eba903576ed3a360980c70f"
