"""Which mails a machine wrote, and which are our own: these are never answered (EM-5, C-14)."""

import pickle
from datetime import UTC, datetime
from functools import cache

import pytest

import resources
from ace_server.concepts import MachineSubject, MailAccount, Site
from ace_server.email.analysis import Rules, analyse, own, prepare
from ace_server.email.analysis.subjects import beginning, begins_so, read_subjects
from ace_server.email.analysis.trace import TRACE_HEADER, is_ours, trace
from ace_server.email.mail import Address, Mail, MailPart
from ace_server.email.message import parse
from ace_server.email.resent import resend
from tests.email.making import DATA, labelled, mail, parsed

KEY = b"the key of this installation"
OTHER_KEY = b"another installation's"
SHIPPED = read_subjects(resources.path("mail/automatic_subjects.txt").read_text("utf-8"))
ACCOUNT = MailAccount(
    name="support",
    fetch="imaps://support@mail.bank.example",
    return_address="Support@Bank.example",
    alternative_addresses=["help@bank.example"],
)
RULES = prepare(Site(mail_accounts={"support": ACCOUNT}), "", subjects=SHIPPED, trace_key=KEY)

LEFT = {
    "sisimai/arf-22.eml",
    "sisimai/arf-23.eml",
    "sisimai/arf-24.eml",
    "sisimai/lhost-fml-03.eml",
}
"""Machines that give no sign of it: for them there are the budgets (D-1, D-2)."""

STRICTER = {
    "mikel-mail/error_emails__bad_date_header2.eml",  # Return-Path bounces@
    "mikel-mail/error_emails__content_transfer_encoding_x_uuencode.eml",  # Return-Path owner-
    "mikel-mail/error_emails__empty_group_lists.eml",  # marked as spam
    "mikel-mail/plain_emails__raw_email_bad_time.eml",  # marked as spam
    "mikel-mail/plain_emails__raw_email_with_at_display_name.eml",  # two addresses in From
}
"""What the labels would have answered, and the list of signs does not."""


@cache
def found():
    """File = the findings of it, of every mail that has a label."""
    return {file: analyse(parsed((DATA / file).read_bytes()), RULES) for file in labelled()}


def test_no_machine_in_the_collected_mails_is_answered_but_those_that_give_no_sign():
    never = {file for file, expected in labelled().items() if expected == "never"}
    assert {file for file in never if not found()[file].automatic} == LEFT
    assert len(never) > 300


def test_people_in_the_collected_mails_are_answered():
    people = {file for file, expected in labelled().items() if expected == "answer"}
    assert {file for file in people if found()[file].automatic or found()[file].own} == STRICTER
    assert len(people) > 100


def test_most_collected_machines_are_bounces_and_no_person_is():
    bounces = {file for file, findings in found().items() if findings.is_bounce}
    assert {labelled()[file] for file in bounces} == {"never"}
    assert len(bounces) > 280


MACHINES = {
    "null sender": mail(return_path=""),
    "null sender in brackets": mail(return_path="<>"),
    "auto-replied": mail(headers={"Auto-Submitted": "auto-replied; owner-email=a@b"}),
    "auto-generated after a comment": mail(headers={"auto-submitted": "(x) Auto-Generated"}),
    "auto-submitted without a value": mail(headers={"Auto-Submitted": ""}),
    "report": mail(media_type="Multipart/Report"),
    "delivery status within": mail(parts=(MailPart("a", "message/delivery-status", 1, ""),)),
    "complaint": mail(media_type="message/feedback-report"),
    "mailer daemon": mail(sender="MAILER-DAEMON@example.com"),
    "postmaster by the Return-Path": mail(return_path="postmaster@example.com"),
    "list request": mail(sender="loans-request@example.com"),
    "list owner": mail(return_path="owner-loans@example.com"),
    "bounce address": mail(return_path="bounces+1-a=b.example@example.com"),
    "no-reply": mail(sender="no-reply@example.com"),
    "noreply of a department": mail(sender="loans.noreply@example.com"),
    "donotreply": mail(sender="do_not_reply-12@example.com"),
    "second of two senders": mail(senders=(Address("a@b.example"), Address("noreply@b.example"))),
    "precedence": mail(headers={"Precedence": " Bulk "}),
    "other precedence": mail(headers={"X-Precedence": "auto_reply"}),
    "list": mail(headers={"List-Unsubscribe": "<mailto:x@example.com>"}),
    "suppressed": mail(headers={"X-Auto-Response-Suppress": "RN, OOF"}),
    "autoreply": mail(headers={"X-Autoreply": "yes"}),
    "autorespond": mail(headers={"X-Autorespond": "x"}),
    "autoreply from": mail(headers={"X-AutoReply-From": "x"}),
    "machine generated": mail(headers={"X-FC-MachineGenerated": "true"}),
    "loop": mail(headers={"X-Loop": "x"}),
    "failed recipients": mail(headers={"X-Failed-Recipients": "x@example.com"}),
    "another installation": mail(headers={TRACE_HEADER: trace(OTHER_KEY, "<1@x>")}),
    "anything as a trace": mail(headers={TRACE_HEADER: ""}),
    "spam by its flag": mail(headers={"X-Spam-Flag": "YES"}),
    "spam by its status": mail(headers={"X-Spam-Status": "Yes, score=9.1"}),
    "spam by its level": mail(headers={"X-MS-Exchange-Organization-SCL": "6"}),
    "two senders": mail(senders=(Address("a@b.example"), Address("c@b.example"))),
    "two From headers": Mail(headers=(("From", "a@b"), ("from", "c@b"))),
    "absence note": mail("Automatic reply:  Your loan"),
    "absence note in Swedish": mail("FRÅNVARO: Lån"),
    "absence note in Chinese": mail("自动回复您的邮件"),
    "bounce by its subject": mail("Undelivered Mail Returned to Sender"),
}


@pytest.mark.parametrize("one", MACHINES.values(), ids=MACHINES)
def test_a_machine_wrote(one):
    assert analyse(one, RULES).automatic


PEOPLE = {
    "plain": mail("A question", "Hello"),
    "not auto-submitted": mail(headers={"Auto-Submitted": "No (typed by hand)"}),
    "no Return-Path": mail(return_path=None),
    "first class": mail(headers={"Precedence": "first-class"}),
    "wants no read receipt": mail(headers={"X-Auto-Response-Suppress": "RN; NRN, None"}),
    "no spam": mail(headers={"X-Spam-Flag": "NO", "X-Spam-Status": "No, score=-1"}),
    "no spam level": mail(headers={"X-MS-Exchange-Organization-SCL": "-1"}),
    "low spam level": mail(headers={"X-MS-Exchange-Organization-SCL": "1"}),
    "nonsense as a level": mail(headers={"X-MS-Exchange-Organization-SCL": "²"}),
    "a picture": mail(parts=(MailPart("a.png", "image/png", 1, ""),)),
    "a name with reply in it": mail(sender="norep.lyons@example.com"),
    "a name with post in it": mail(sender="postma.ster@example.com"),
    "a word that only begins so": mail("Undeliverableness of letters"),
    "absent in another sense": mail("Frånvaro från arbetet, fråga"),
    "a person's answer to an absence note": mail("Re: Automatic reply: Your loan"),
    "nothing at all": Mail(),
}


@pytest.mark.parametrize("one", PEOPLE.values(), ids=PEOPLE)
def test_a_person_wrote(one):
    findings = analyse(one, RULES)
    assert (findings.automatic, findings.own) == ("", "")


# The list of subjects


def test_list_of_subjects_is_read_without_comments_and_empty_lines():
    assert read_subjects("\ufeff# English\n\n Out of office \nAutosvar\r\n") == (
        "Out of office",
        "Autosvar",
    )


def test_every_shipped_beginning_is_found_and_stands_once():
    beginnings = [beginning(one) for one in SHIPPED]
    assert len(set(beginnings)) == len(beginnings)
    assert set(beginnings) == set(RULES.subjects)
    assert all(begins_so(one, RULES.subjects) for one in beginnings)


def test_site_adds_a_beginning_and_takes_one_away():
    site = Site(
        machine_subjects={
            "a": MachineSubject(name="Ticket  created"),
            "b": MachineSubject(name="AUTOSVAR", active=False),
        }
    )
    rules = prepare(site, "", subjects=SHIPPED)
    assert analyse(mail("ticket created: #12"), rules).automatic
    assert not analyse(mail("Autosvar från banken"), rules).automatic
    assert analyse(mail("Autosvar från banken"), RULES).automatic


# Our own


@pytest.mark.parametrize(
    "one",
    [
        mail(sender="SUPPORT@bank.example"),
        mail(sender="help+loans@Bank.Example"),
        mail(return_path="support@bank.example"),
        mail(headers={TRACE_HEADER: f" {trace(KEY, '<1@bank.example>')}"}),
        Mail(headers=(("Received", "by x"),) * 51),
    ],
)
def test_own_mail_comes_back(one):
    findings = analyse(one, RULES)
    assert findings.own
    assert "own mail" in findings.flags


def test_mail_of_fifty_stations_is_on_its_way():
    assert not analyse(Mail(headers=(("Received", "by x"),) * 50), RULES).own


def test_what_was_sent_on_is_known_when_it_comes_back_and_answered_elsewhere():
    value = trace(KEY, "<1@bank.example>")
    raw = resend(
        b"From: anna@example.com\r\nSubject: My card\r\n\r\nIt is lost.\r\n",
        sender=Address("support@bank.example"),
        to=Address("back.office@bank.example"),
        date=datetime(2026, 11, 26, tzinfo=UTC),
        message_id="<1@bank.example>",
        mark=value,
    )
    came_back = parse(b"Return-Path: <anna@example.com>\r\n" + raw)
    findings = analyse(came_back, RULES)
    assert (findings.own, findings.automatic) == (own.CAME_BACK.text, "")
    elsewhere = analyse(came_back, prepare(Site(), "", trace_key=OTHER_KEY))
    assert (elsewhere.own, elsewhere.automatic) == ("", "")


def test_what_goes_round_is_told_from_what_only_has_our_address():
    looped = Mail(senders=(Address("support@bank.example"),), headers=(("Received", "by x"),) * 51)
    assert analyse(looped, RULES).own == own.TOO_MANY_HOPS.text
    ours = analyse(Mail(senders=(Address("support@bank.example"),)), RULES)
    assert ours.own == own.OWN_ADDRESS.text
    assert own.with_own_id(ours).own == own.OWN_ID.text
    assert not own.goes_round(own.OWN_ADDRESS) and not own.goes_round(None)


def test_own_message_id_is_told_by_who_knows_it():
    findings = analyse(mail(), RULES)
    assert own.with_own_id(findings).own
    assert own.with_own_id(own.with_own_id(findings)) == own.with_own_id(findings)


def test_only_the_key_makes_a_trace_ours():
    value = trace(KEY, "<1@bank.example>")
    assert is_ours(KEY, value)
    assert value != trace(KEY, "<2@bank.example>")
    assert "bank" not in value
    for other in (value[:-1] + "g", value[1:], value.replace(value[0], "_"), "", "ours"):
        assert not is_ours(KEY, other)
    assert not is_ours(OTHER_KEY, value)
    assert not is_ours(b"", trace(b"", "<1@bank.example>"))


def test_trace_of_another_installation_is_no_mail_of_ours():
    findings = analyse(mail(headers={TRACE_HEADER: trace(OTHER_KEY, "<1@x>")}), RULES)
    assert findings.automatic
    assert not findings.own


# What is sent to worker processes


def test_rules_travel_to_a_worker_and_hide_their_key():
    assert pickle.loads(pickle.dumps(RULES)) == RULES
    assert repr(RULES) == "Rules(…)"
    assert len(pickle.dumps(RULES)) < 10_000
    assert Rules() == prepare(Site(), "")
