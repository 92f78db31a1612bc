"""Whether a mail is answered at once, to whom, and with what (EM-4, EM-5, RFC 3834)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ace_server.concepts import (
    AnswerRow,
    AnswerText,
    AutomaticAnswer,
    MailAccount,
    Match,
    Site,
    SiteFacts,
)
from ace_server.email import answers
from ace_server.email.analysis import Findings
from ace_server.email.answers import Answer, Budget, Spent, Withheld
from ace_server.email.mail import Address
from tests.email.making import DATA, labelled, mail, parsed

RECEIVED = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)
ENTRANCE = "support@bank.example"
ACCOUNT = MailAccount(
    name=ENTRANCE, fetch="imaps://support@mail.bank.example", return_address="answers@bank.example"
)
ENGLISH = AnswerText(name="English", text="Thank you.")
SWEDISH = AnswerText(name="Swedish", text="Tack.")
ALWAYS = AutomaticAnswer(name="x", mode="always", text="English")
DATA_OF = {"Entrance": ENTRANCE, "TaskType": "Question"}


def site(*entries, account=ACCOUNT, texts=(ENGLISH, SWEDISH)):
    return Site(
        facts=SiteFacts(time_zone="Europe/Stockholm"),
        mail_accounts={account.name: account},
        answer_texts={text.name: text for text in texts},
        automatic_answers={str(number): one for number, one in enumerate(entries)},
    )


def decided(one=None, *, to=None, findings=None, data=None, spent=None, **given):
    return answers.decide(
        one or mail("Loan", "How much?", message_id="<1@example.com>"),
        findings or Findings(),
        {**DATA_OF, **(data or {})},
        to or site(ALWAYS),
        spent or Spent(),
        received_at=RECEIVED,
        **given,
    )


def test_person_is_answered():
    assert decided() == Answer(
        sender="answers@bank.example",
        recipient="anna@example.com",
        subject="Auto: Loan",
        text="Thank you.\n",
        in_reply_to="<1@example.com>",
        references=("<1@example.com>",),
        headers=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
    )


# What is configured

NEVER = replace(ALWAYS, mode="never")
CONDITIONAL = AutomaticAnswer(
    name="x",
    mode="conditional",
    text="English",
    rows=[
        AnswerRow(when={"TaskType": "Loan"}, text="English"),
        AnswerRow(when={"emailCategories": Match(has="swedish")}, text="Swedish"),
        AnswerRow(when={"cid": Match(any=True)}, text="English"),
    ],
)


@pytest.mark.parametrize(
    ("entries", "data", "text"),
    [
        ([], {}, None),
        ([NEVER], {}, None),
        ([ALWAYS], {}, "Thank you.\n"),
        ([replace(ALWAYS, entrance="other")], {}, None),
        ([replace(ALWAYS, area="Cards")], {}, None),
        ([ALWAYS, replace(NEVER, entrance=ENTRANCE)], {}, None),
        ([NEVER, replace(ALWAYS, entrance=ENTRANCE)], {}, "Thank you.\n"),
        ([CONDITIONAL], {}, "Thank you.\n"),
        ([CONDITIONAL], {"emailCategories": "loan;Swedish"}, "Tack.\n"),
        ([CONDITIONAL], {"emailCategories": "swedish", "TaskType": "Loan"}, "Thank you.\n"),
        ([replace(CONDITIONAL, text="")], {}, None),
        ([replace(CONDITIONAL, text="")], {"cid": "7"}, "Thank you.\n"),
        ([replace(CONDITIONAL, mode="always")], {"emailCategories": "swedish"}, "Thank you.\n"),
        ([replace(ALWAYS, text="no longer there")], {}, None),
        ([ALWAYS], {"Entrance": "no longer there"}, None),
    ],
)
def test_what_is_configured_decides(entries, data, text):
    answer = decided(to=site(*entries), data=data)
    assert (answer.text if isinstance(answer, Answer) else None) == text


@pytest.mark.parametrize("entry", [ALWAYS, CONDITIONAL])
def test_mail_whose_header_alone_was_fetched_is_answered_by_a_text_of_its_own_or_not_at_all(entry):
    """C-11: what answers others would say that it was read."""
    withheld = decided(to=site(entry), is_oversized=True)
    assert "Only its header was fetched" in str(withheld.reason)
    told = replace(entry, oversized="Swedish")
    assert decided(to=site(told), is_oversized=True).text == "Tack.\n"
    assert isinstance(decided(to=site(replace(told, mode="never")), is_oversized=True), Withheld)
    machine = decided(to=site(told), is_oversized=True, findings=Findings(automatic="a list"))
    assert isinstance(machine, Withheld)


def test_budget_of_none_is_no_answer_and_no_alarm():
    for none in ("0", "0/1h"):
        withheld = decided(to=site(ALWAYS, account=replace(ACCOUNT, answer_budget=none)))
        assert isinstance(withheld, Withheld)
        assert not withheld.is_budget


def test_account_without_return_address_answers_nobody():
    withheld = decided(to=site(ALWAYS, account=replace(ACCOUNT, return_address="")))
    assert str(withheld.reason) == "The mail account has no return address."


# To whom


def test_work_item_is_never_answered():
    with pytest.raises(AssertionError):
        decided(data={"workItem": "1"})


@pytest.mark.parametrize(
    ("findings", "reason"),
    [
        (Findings(automatic="it is spam"), "A machine is not answered: it is spam."),
        (Findings(own="it is ours"), "Our own mail is not answered: it is ours."),
    ],
)
def test_machine_is_never_answered_and_the_sign_is_told(findings, reason):
    withheld = decided(findings=findings)
    assert withheld == Withheld(withheld.reason)
    assert str(withheld.reason) == reason


def test_answer_goes_to_the_return_path_and_never_to_reply_to():
    one = mail(return_path="b@example.com", reply_to=(Address("c@example.com"),))
    assert decided(one).recipient == "b@example.com"


def test_from_stands_in_where_the_server_omits_the_return_path():
    one = mail(return_path=None, reply_to=(Address("c@example.com"),))
    assert isinstance(decided(one), Withheld)
    assert decided(one, omits_return_path=True).recipient == "anna@example.com"
    two = mail(return_path=None, senders=(Address("a@b.example"), Address("c@d.example")))
    assert isinstance(decided(two, omits_return_path=True), Withheld)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@example.com",
        "anna@",
        "a@b@c.example",
        "a,b@example.com",
        "a b@example.com",
        "a@example.com\r\nBcc: c@example.com",
        "a@example.com\n",
        "<a@example.com>",
        '"a b"@example.com',
        "a@[192.0.2.1]",
        "a..b@example.com",
        "a@-example.com",
        "a@example..com",
        "å@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'a' * 64}.com",
        f"a@{'.'.join(['a' * 50] * 6)}",
        "answers@bank.example",
        "Answers+1@Bank.example",
    ],
)
def test_what_is_no_single_address_of_somebody_else_gets_no_answer(address):
    assert isinstance(decided(mail(return_path=address)), Withheld)


@pytest.mark.parametrize("address", ["a.b+c@x-y.example", "o'neil@xn--bcher-kva.example", "a@host"])
def test_plain_address_gets_an_answer(address):
    assert decided(mail(return_path=address)).recipient == address


@given(st.text(max_size=30))
def test_no_recipient_breaks_a_header(address):
    to = answers.recipient(mail(return_path=address))
    assert to in ("", address)
    assert not set(to) & set('\r\n\0 ,;<>"()[]:')


def test_every_person_of_the_collected_mails_has_one_address():
    without = [
        file
        for file, expected in labelled().items()
        if expected == "answer"
        and not answers.recipient(parsed((DATA / file).read_bytes()), omits_return_path=True)
    ]
    assert without == []


# How many


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("5/1h", Budget(5, 3600)),
        ("5/h", Budget(5, 3600)),
        ("1/24h", Budget(1, 86_400)),
        ("10/90s", Budget(10, 90)),
        ("2/5m", Budget(2, 300)),
        ("0", Budget(0, 3600)),
    ],
)
def test_budget_is_read(written, read):
    assert answers.budget(written) == read


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            {"to_correspondent": 5},
            "This address got 5 automatic answers in 3600 seconds: that is the most.",
        ),
        ({"to_domain": 5}, "Its domain got 5 automatic answers in an hour."),
        ({"by_account": 200}, "The account sent 200 automatic answers in an hour."),
        ({"in_all": 500}, "500 automatic answers were sent in an hour."),
    ],
)
def test_spent_budget_withholds_the_answer_and_names_the_address(before, reason):
    withheld = decided(spent=Spent(**before))
    assert withheld == Withheld(withheld.reason, is_budget=True, recipient="anna@example.com")
    assert str(withheld.reason) == reason
    (name, count), *_ = before.items()
    assert isinstance(decided(spent=Spent(**{name: count - 1})), Answer)


def test_domain_that_is_known_has_no_bound_of_its_own():
    assert isinstance(decided(spent=Spent(to_domain=100, knows_domain=True)), Answer)


@pytest.mark.parametrize("most", [0, 1, 5, 60])
def test_robot_without_any_sign_gets_what_the_budget_allows(most):
    """Each answer brings another mail, as from a help desk that acknowledges everything (T6)."""
    place = site(ALWAYS, account=replace(ACCOUNT, answer_budget=f"{most}/1h"))
    sent = 0
    for number in range(100):
        spent = Spent(to_correspondent=sent, to_domain=sent, knows_domain=True)
        one = mail(f"Ticket {number}", sender="desk@example.com")
        sent += isinstance(decided(one, to=place, spent=spent), Answer)
    assert sent == most


# With what


def text_of(text, *, data=None, one=None, **entry):
    texts = [AnswerText(name="English", text=text)]
    return decided(one, to=site(replace(ALWAYS, **entry), texts=texts), data=data).text


def test_variables_are_filled_once_and_in_one_line():
    data = {"EmailFrom": "anna@example.com", "EmailSubject": "{cid}\r\n{{x}}", "cid": "7"}
    text = "{EmailFrom}: {EmailSubject} {{cid}} {TaskType} {Entrance} {other}. {Received}"
    assert text_of(text, data=data) == (
        "anna@example.com: {cid} {{x}} {cid} Question support@bank.example . 2026-03-03 00:05\n"
    )


def test_long_value_is_cut():
    assert text_of("{cid}", data={"cid": "x" * 1000}) == f"{'x' * 200}\n"


def test_subject_is_the_templates_or_that_of_the_mail_and_breaks_no_header():
    own = AnswerText(name="English", subject="About {EmailSubject}", text="x")
    data = {"EmailSubject": "Loan\r\nBcc: b@example.com"}
    assert decided(to=site(ALWAYS, texts=[own]), data=data).subject == (
        "About Loan Bcc: b@example.com"
    )
    assert decided(mail("Loan\r\nBcc: b@example.com")).subject == "Auto: Loan Bcc: b@example.com"
    assert decided(mail("")).subject == "Auto:"
    assert len(decided(mail("x" * 1000)).subject) == 200


@pytest.mark.parametrize(
    ("given", "references"),
    [
        ({"message_id": "<3@x>"}, ("<3@x>",)),
        ({"message_id": "<3@x>", "in_reply_to": ("<2@x>",)}, ("<2@x>", "<3@x>")),
        (
            {"message_id": "<3@x>", "references": ("<1@x>", "<2@x>"), "in_reply_to": ("<9@x>",)},
            ("<1@x>", "<2@x>", "<3@x>"),
        ),
        ({"references": ("<1@x>",)}, ("<1@x>",)),
        ({"message_id": "3@x\r\nBcc: b", "references": ("a\nb", "<1@x>")}, ("<1@x>",)),
    ],
)
def test_references_lead_to_the_mail(given, references):
    answer = decided(mail(**given))
    assert answer.references == references
    assert answer.in_reply_to == (references[-1] if "<" in given.get("message_id", "") else "")


def test_of_too_many_references_the_first_and_the_last_are_kept():
    many = tuple(f"<{number}@x>" for number in range(100))
    found = decided(mail(references=many, message_id="<m@x>")).references
    assert len(found) == answers.MOST_REFERENCES
    assert (found[0], found[1], found[-2], found[-1]) == ("<0@x>", "<82@x>", "<99@x>", "<m@x>")


def test_original_stands_before_or_after_with_its_prefix():
    one = mail("Loan", "How much?\r\n\r\nAnna\n")
    quoted = "> How much?\n>\n> Anna"
    assert text_of("Thanks.", one=one) == "Thanks.\n"
    assert text_of("Thanks.", one=one, original="after") == f"Thanks.\n\n{quoted}\n"
    assert text_of("Thanks.", one=one, original="before") == f"{quoted}\n\nThanks.\n"
    assert text_of("T", one=one, original="after", prefix="") == "T\n\nHow much?\n\nAnna\n"
    assert text_of("Thanks.", one=mail("Loan", " \n"), original="after") == "Thanks.\n"


def test_controls_of_the_original_and_of_the_text_are_left_out():
    one = mail("Loan", "a\0b\x1b[31m\u2028c\ud800\td")
    assert text_of("x\x07y\n\n", one=one, original="after") == "xy\n\n> ab[31mc\td\n"


def test_original_is_cut_at_a_line_and_says_so():
    one = mail("Loan", "line of text\n" * 1000)
    text = text_of("Thanks.", one=one, original="after")
    assert text.startswith("Thanks.\n\n> line of text\n")
    assert text.endswith("> line of text\n> […]\n")
    assert 4000 < len(text.encode()) < 4096


def test_original_of_one_endless_line_is_left_out():
    assert text_of("Thanks.", one=mail("", "x" * 9000), original="before") == "Thanks.\n"


@given(
    st.text(min_size=1, max_size=2000),
    st.text(st.characters(exclude_categories=()), max_size=300).map(lambda text: text * 20),
    st.sampled_from(["none", "before", "after"]),
    st.text(max_size=10),
)
def test_every_answer_is_shorter_than_four_kilobytes(text, original, where, prefix):
    values = {"cid": "ö" * 300}
    said = text_of(
        text + "{cid}" * 30, data=values, one=mail("", original), original=where, prefix=prefix
    )
    assert len(said.encode()) < 4096
    assert "\0" not in said
