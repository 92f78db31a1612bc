"""Mails that nobody here wrote: each is understood, and none is garbled."""

import hashlib
import re
from pathlib import Path

import pytest

from ace_server.email.message import parse

MAILS = Path(__file__).parent.parent / "data" / "mail"

ENCODED_WORD = re.compile(r"=\?[\w-]+\?[bq]\?\S*\?=", re.IGNORECASE)

FOLDERS = """
    cpython-test_email dovecot-thirdparty flanker mikel-mail mikel-mail-attachments php-imap
    sisimai sisimai-crlf sisimai-not-bounce stalwart-rfc talon
""".split()

GARBLED_BY_OTHERS = {
    "flanker/mailformed-headers.eml",  # cut within letters
    "flanker/outlook-express.eml",  # the name of its file was replaced before
    "flanker/russian-attachment-yahoo.eml",  # the name of its file is cut within a letter
    "mikel-mail/error_emails__must_supply_encoding.eml",  # replaced before
    "php-imap/imap_mime_header_decode_returns_false.eml",  # an encoded word of no charset
}

KNOWN = {
    "dovecot-thirdparty/003.eml": ("", "Move black king to queen's bishop\n\nMove ♚ to ♛'s ♝"),
    "dovecot-thirdparty/010.eml": ("こんにちは", "人権の無視及"),
    "flanker/8bitmime.eml": ("2 RCPT MIME", "Превел\n\n123"),
    "flanker/bilingual-simple.eml": (
        "Simple text. How are you? Как ты поживаешь?",
        "This line is in English\nА эта линия по-русски.",
    ),
    "flanker/mailgun-pic.eml": ("Mailgun rocks!", "Мейлган! Хахах!\n\n-- \nRegards,\nAlex"),
    "flanker/long-header.eml": ("Die heiße Zypernsonne quälte Max und Victoria ja böse", "test"),
    "flanker/spam__broken-headers.eml": ("Forget Asking For A Link Exchange…", "Do you really"),
    "mikel-mail/error_emails__invalid_subject_characters.eml": (
        "Formação FrenetikPolis: Mega Campanha Final Verão",
        "TEST",
    ),
    "mikel-mail/error_emails__header_fields_with_empty_values.eml": (
        "Testmail",
        "\n\n--\nJørn Støylen -- http://www.prikkprikkprikk.no",
    ),
    "mikel-mail/multi_charset__japanese.eml": ("まみむめも", "かきくえこ\n\n-- \n"),
    "mikel-mail/multi_charset__japanese_iso_2022.eml": ("まみむめも", "すみません。"),
    "mikel-mail/multi_charset__japanese_shift_jis.eml": (
        "test",
        "あいうえお\n\nこのメールはテスト用のメールです。",
    ),
    "mikel-mail/multi_charset__ks_c_5601-1987.eml": ("test", "스티해"),
    "mikel-mail/plain_emails__raw_email.eml": (
        "NOTE: 한국말로 하는 것",
        "대부분의 마찬가지로, 우리는 하나님을 믿습니다.\n\n제 이름은 Jamis입니다.",
    ),
    "mikel-mail/plain_emails__raw_email_with_partially_quoted_subject.eml": (
        'Re: Test: "漢字" mid "漢字" tail',
        "대부분의",
    ),
    "mikel-mail/rfc2822__example14.eml": ("Re: TEST  テストテスト", "Hello"),
    "mikel-mail/rfc6532__utf8_headers.eml": ("Säying Hello", "body"),
    "mikel-mail/plain_emails__raw_email_incorrect_header.eml": (
        "Stop adware/spyware once and for all.",
        "You are infected with:",
    ),
    "php-imap/ks_c_5601-1987_headers.eml": (
        "RE: 회원님께 Ersi님이 메시지를 보냈습니다.",
        "Content",
    ),
    "php-imap/mixed_filename.eml": ("Свежий прайс-лист", ""),
    "php-imap/issue-462.eml": ("Undeliverable: Some subject", "Test message"),
    "php-imap/null_content_charset.eml": ("test", "Hi!"),
    "stalwart-rfc/007.eml": ("RFC 8621 Section 4.1.4 test", "A\nB\nD\nK"),
    "talon/standard_replies__android.eml": (
        "Re: Test",
        'Hello\n02.04.2012 14:20 пользователь "bob@xxx.mailgun.org" <',
    ),
}
"""Subject and text as they are known to be, or how they begin."""

FILES = {
    "cpython-test_email/msg_07.eml": ["dingusfish.gif"],
    "dovecot-thirdparty/019.eml": ["kigaaldcbanejcbi.png", "attach2.png"],
    "mikel-mail/attachment_emails__attachment_nonascii_filename.eml": ["ciële.txt"],
    "mikel-mail/attachment_emails__attachment_with_encoded_name.eml": [
        "01 Quien Te DijŠat. Pitbull.mp3"
    ],
    "mikel-mail/attachment_emails__attachment_with_quoted_filename.eml": ["Eelanalüüsi päring.jpg"],
    "mikel-mail/attachment_emails__attachment_with_unquoted_name.eml": ["This is a test.txt"],
    "mikel-mail/multi_charset__japanese_attachment.eml": ["てすと.txt"],
    "mikel-mail/multi_charset__japanese_attachment_long_name.eml": [
        "かきくけこ" * 5 + ".txt",
    ],
    "php-imap/attachment_encoded_filename.eml": ["Prostřeno_2014_poslední volné termíny.xls"],
    "php-imap/attachment_no_disposition.eml": ["Prostřeno_2014_poslední volné termíny.xls"],
    "php-imap/issue-348.eml": ["Kelvinsong—Font_test_page_bold.pdf"],
    "php-imap/issue-410b.eml": ["2021_Mängelliste_0819306.xlsx"],
    "php-imap/mixed_filename.eml": ["Price4VladDaKar.xlsx"],
    "php-imap/pec.eml": ["data.xml", "postacert.eml", "smime.p7s"],
    "flanker/enclosed.eml": ["thanks.eml"],
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_mail_is_understood(folder):
    files = sorted((MAILS / folder).glob("*.eml"))
    assert files
    assert (MAILS / folder / "LICENCE.txt").exists()
    for file in files:
        kept: list[bytes] = []
        mail = parse(file.read_bytes(), keep=lambda content, kept=kept: str(kept.append(content)))
        digests = [hashlib.sha256(content).hexdigest() for content in kept]
        assert [part.digest for part in mail.parts] == digests, file.name
        people = [each.name for each in (*mail.senders, *mail.to, *mail.cc)]
        texts = [mail.subject, mail.text, mail.html, *people, *(part.name for part in mail.parts)]
        "".join(texts).encode()
        if f"{folder}/{file.name}" not in GARBLED_BY_OTHERS:
            assert "\ufffd" not in "".join(texts), file.name
            assert not ENCODED_WORD.search(mail.subject), file.name


@pytest.mark.parametrize("name", KNOWN)
def test_known_mail_says_what_it_says(name):
    subject, text = KNOWN[name]
    mail = parse((MAILS / name).read_bytes())
    assert mail.subject.startswith(subject)
    assert mail.text.startswith(text)


@pytest.mark.parametrize("name", FILES)
def test_known_files_have_their_names(name):
    assert [part.name for part in parse((MAILS / name).read_bytes()).parts] == FILES[name]


@pytest.mark.parametrize("folder", ["sisimai", "sisimai-crlf"])
def test_bounces_have_text(folder):
    for file in (MAILS / folder).glob("*.eml"):
        mail = parse(file.read_bytes())
        assert mail.text.strip() or mail.parts, file.name
