"""The mails that the benchmarks of e-mail use: made from a seed, so that all are sent the same.

Text and HTML side by side in the charsets and transfer encodings that customers' programs use, with
the headers that mails carry; one in twenty with a file. What each says is known, so that what
became of it can be compared.
"""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import msgspec

FILE_BYTES = 200_000
FILE_EVERY = 20
"""One mail in so many has a file of that length, before it is encoded."""

CUSTOMERS = 200
"""Who write, again and again."""

LINES = (12, 40)
"""Of the text, at least and at most."""

_WORDS = {
    "en": "please could you tell me whether my application for the loan has been decided and what"
    " else the bank needs from us since we want to sign before the end of the month thank you",
    "sv": "hej jag undrar över räntan på vårt bolån och när beslutet kommer eftersom köpet måste"
    " göras före månadens slut vänliga hälsningar från Åsa och Örjan i Älvsjö",
    "de": "sehr geehrte Damen und Herren wir möchten wissen ob für die Lösung unserer Anfrage noch"
    " Unterlagen fehlen und wie groß die Gebühr für eine frühere Rückzahlung wäre grüße aus Köln",
    "fr": "bonjour je voudrais savoir où en est ma demande de crédit à l’agence déposée l’été passé"
    " et si le taux proposé par la conseillère reste garanti jusqu’à la signature 250 € merci",
    "cs": "dobrý den chtěl bych se zeptat jestli už bylo rozhodnuto o naší žádosti o úvěr a které"
    " přílohy ještě chybějí děkujeme za rychlou odpověď Žofie Říhová z Třebíče",
    "ru": "здравствуйте подскажите пожалуйста принято ли решение по нашей заявке на кредит и какие"
    " документы ещё нужны мы хотели бы подписать договор до конца месяца спасибо",
    "ja": "お世話になります 住宅ローンの 申し込みは どうなりましたか 必要な書類を 教えてください"
    " 今月中に 契約したいと 思っています よろしくお願いします",
    "zh": "您好 请问 我们的 贷款申请 现在 是否已经 批准 还需要 哪些材料 希望 在月底之前 签订合同"
    " 非常感谢 祝好",
}

_WRITTEN = (  # share in a hundred, languages, charset, transfer encodings
    (14, ("en",), "us-ascii", ("7bit",)),
    (26, ("en", "sv", "de", "fr", "cs", "ru"), "utf-8", ("quoted-printable",)),
    (14, ("sv", "fr", "ru", "ja", "zh"), "utf-8", ("base64",)),
    (12, ("sv", "de", "fr", "cs"), "utf-8", ("8bit",)),
    (10, ("sv", "de"), "iso-8859-1", ("quoted-printable", "8bit")),
    (8, ("sv", "de", "fr"), "windows-1252", ("quoted-printable", "8bit")),
    (3, ("sv", "de"), "iso-8859-15", ("quoted-printable",)),
    (3, ("cs",), "iso-8859-2", ("quoted-printable",)),
    (3, ("ru",), "koi8-r", ("base64",)),
    (2, ("ru",), "windows-1251", ("quoted-printable",)),
    (2, ("ja",), "iso-2022-jp", ("7bit",)),
    (1, ("ja",), "shift_jis", ("base64",)),
    (1, ("zh",), "gb18030", ("base64",)),
    (1, ("zh",), "gb2312", ("base64",)),
)

_STYLE = "font-family: Calibri, Helvetica, sans-serif; font-size: 11pt; color: #1f3040; margin: 0"
_FIRST_DAY = datetime(2024, 3, 4, 8, 0, tzinfo=UTC)


class Written(msgspec.Struct, frozen=True):
    """A mail as it lies in a mailbox, and what it says."""

    raw: bytes
    subject: str  # one of its own
    text: str


def mails(number: int, *, seed: int = 1) -> Iterator[Written]:
    """So many mails; the same ones for the same seed."""
    chance = random.Random(seed)
    shares = [share for share, *_ in _WRITTEN]
    for one in range(number):
        (_, languages, charset, encodings) = chance.choices(_WRITTEN, shares)[0]
        lines = _lines(_WORDS[chance.choice(languages)].split(), chance)
        text = "\n".join([f"({one})", *lines])
        yield _written(one, text, charset, chance.choice(encodings), chance)


def small(number: int, mark: str) -> bytes:
    """A plain mail of one sentence; its number and mark are in its subject."""
    return (
        f"Return-Path: <customer{number}@example.org>\r\n"
        f"Message-ID: <{mark}.{number}@example.org>\r\nDate: Mon, 04 Mar 2024 08:00:00 +0000\r\n"
        f"From: A customer <customer{number}@example.org>\r\nTo: loans@bank.example\r\n"
        f"Subject: {mark} {number}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        "Please tell me whether my application for a loan has been decided.\r\n"
    ).encode()


def large(size: int, mark: str) -> bytes:
    """A mail that is some so many bytes long, nearly all of them a file."""
    content = random.Random(mark).randbytes(size * 57 // 78)  # base64 in lines of 76 and their ends
    return b"".join(
        (
            f"Message-ID: <{mark}@example.org>\r\nFrom: customer@example.org\r\n"
            f"To: loans@bank.example\r\nSubject: {mark}\r\nMIME-Version: 1.0\r\n".encode(),
            b'Content-Type: multipart/mixed; boundary="film"\r\n\r\n--film\r\n'
            b"Content-Type: text/plain\r\n\r\nThe film of the house is attached.\r\n--film\r\n"
            b'Content-Type: video/mp4; name="house.mp4"\r\nContent-Transfer-Encoding: base64\r\n'
            b'Content-Disposition: attachment; filename="house.mp4"\r\n\r\n',
            base64.encodebytes(content).replace(b"\n", b"\r\n"),
            b"--film--\r\n",
        )
    )


def is_kept(mail: Written, stored: str) -> bool:
    """Whether a text that was stored says what the mail says; ends of lines do not count."""
    return _plain(mail.text) == _plain(stored)


def is_legible(mail: Written, stored: str) -> bool:
    """The same for a program that stores more, or cuts what it takes for a signature: whether what
    it stored begins with the first lines, letter for letter."""
    words = " ".join(mail.text.splitlines()[:6]).split()
    return " ".join(words) in " ".join(stored.split())


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _lines(words: list[str], chance: random.Random) -> list[str]:
    """Sentences, and now and then an empty line."""
    lines = []
    for _ in range(chance.randint(*LINES)):
        if lines and lines[-1] and chance.random() < 0.2:
            lines.append("")
        line = " ".join(chance.choices(words, k=chance.randint(5, 8)))
        lines.append(f"{line[:1].upper()}{line[1:]}.")
    return lines


def _written(number: int, text: str, charset: str, encoding: str, chance: random.Random) -> Written:
    who = f"customer{number % CUSTOMERS}@example.org"
    subject = f"Loan {number:05d} {chance.choice(text.split()[1:])}"
    mail = EmailMessage(SMTP)
    _head(mail, number, who, subject, chance)
    mail.set_content(text + "\n", charset=charset, cte=encoding)
    mail.add_alternative(_html(text), subtype="html", charset=charset, cte=encoding)
    if number % FILE_EVERY == FILE_EVERY - 1:
        content = chance.randbytes(FILE_BYTES)
        name = f"salary {number}.pdf"
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    for part in mail.walk():
        if part.is_multipart():
            part.set_boundary(f"----=_Part_{chance.randbytes(12).hex()}")
    return Written(mail.as_bytes(), subject, text)


def _head(mail: EmailMessage, number: int, who: str, subject: str, chance: random.Random) -> None:
    sent_at = _FIRST_DAY + timedelta(seconds=97 * number)
    date = f"{sent_at:%a, %d %b %Y %H:%M:%S} +0000"
    mail["Return-Path"] = f"<{who}>"
    for hop in range(3):
        mail["Received"] = (
            f"from mx{hop}.example.org (mx{hop}.example.org [192.0.2.{hop + 1}]) by"
            f" mail{hop}.bank.example with ESMTPS id {chance.randbytes(8).hex()}"
            f" for <loans@bank.example>; {date}"
        )
    signature = chance.randbytes(128).hex()
    mail["DKIM-Signature"] = (
        "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail;"
        f" h=from:to:subject:date:message-id; bh={signature[:64]}; b={signature}"
    )
    mail["From"] = f"Åsa Öberg <{who}>" if number % 3 else f"A Customer <{who}>"
    mail["To"] = "loans@bank.example"
    mail["Subject"] = subject
    mail["Date"] = date
    mail["Message-ID"] = f"<{chance.randbytes(12).hex()}.{number}@example.org>"
    mail["X-Mailer"] = "Microsoft Outlook 16.0"
    mail["Thread-Index"] = chance.randbytes(16).hex()
    mail["Content-Language"] = "sv-SE"


def _html(text: str) -> str:
    lines = "\n".join(
        f'<p class="MsoNormal" style="{_STYLE}"><span>{line or "&nbsp;"}</span></p>'
        for line in text.splitlines()
    )
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html"><style>'
        f"p.MsoNormal {{ {_STYLE} }}</style></head><body>\n{lines}\n</body></html>\n"
    )
