"""Where a link in a mail leads, and what is asked before it is followed (E-3, E-8).

Nothing is opened here. What is neither http, https nor mailto is no link.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from PySide6.QtCore import QCoreApplication, QUrl, QUrlQuery
from PySide6.QtWidgets import QWidget

from ace_agent.desk import addresses, link_view
from ace_agent.desk.addresses import LONGEST, Address
from ace_agent.desk.shown import one_line
from ace_agent.sentences import filled
from ace_agent.widgets.question import Answer, Question

translate = QCoreApplication.translate

Opener = Callable[[QUrl], bool]
"""Hands an address to the desktop; false where it could not."""

ENCODED = addresses.ENCODED

OPEN, COPY = link_view.OPEN, link_view.COPY

MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]{1,64}@[\w.-]{1,255}", re.ASCII)
HOST = re.compile(
    r"(?P<scheme>https?://)?(?:[^\s/@]{1,64}@)?(?P<host>(?:[\w-]{1,63}\.){1,10}(?P<end>[^\W\d_]{2,24}))"
    r"(?![\w@.-]*@)",
    re.IGNORECASE,
)
ENDS = frozenset("app biz cloud com dev edu gov info int io mil net online org shop site".split())
"""Of hosts, beside those of two letters: a word with a dot in it is not always a host."""

NO_ENDS = frozenset("js md pl ps py rs sh".split())
"""Of files, though there are such countries."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a mail links to; exactly one of the two is given."""

    address: Address | None = None  # a page
    mailbox: str = ""  # somebody to write to
    subject: str = ""

    @property
    def full(self) -> str:
        """What a person sees and copies."""
        return self.address.full if self.address is not None else self.mailbox

    @property
    def url(self) -> QUrl:
        """What the desktop is given: of a mailto link no more than mailbox and subject.

        Other mail programs have attached files that a link named.
        """
        if self.address is not None:
            return self.address.url
        url = QUrl()
        url.setScheme("mailto")
        url.setPath(self.mailbox)
        if self.subject:
            query = QUrlQuery()
            query.addQueryItem("subject", QUrl.toPercentEncoding(self.subject).toStdString())
            url.setQuery(query)
        return url


def read(target: str) -> Link | None:
    """The link, or None: then nothing can be followed."""
    target = target.strip()
    if target[:7].lower() == "mailto:" and len(target) <= LONGEST:
        return _mailbox(target[7:])
    address = addresses.read(target)
    return None if address is None else Link(address)


def _mailbox(rest: str) -> Link | None:
    mailbox, _, query = rest.partition("?")
    mailbox = unquote(mailbox)
    if not MAILBOX.fullmatch(mailbox):
        return None
    fields = (field.partition("=") for field in query.split("&"))
    subjects = [unquote(value) for name, _, value in fields if name.lower() == "subject"]
    return Link(mailbox=mailbox, subject=one_line("".join(subjects[:1]))[:200])


def names_another(text: str, link: Link) -> str:
    """The host that the link's text names though the link does not lead there; maybe empty."""
    hosts = _true_hosts(link)
    for found in HOST.finditer(text[:2_000]):
        named = found["host"].lower()
        if _is_host(found) and not any(_is_same(named, true) for true in hosts):
            return named
    return ""


def _true_hosts(link: Link) -> tuple[str, ...]:
    """Where it leads, in its own letters and in ASCII."""
    if link.address is None:
        return (link.mailbox.rpartition("@")[2].lower(),)
    forms = QUrl.ComponentFormattingOption
    url = link.address.url
    return tuple(url.host(form).lower() for form in (forms.FullyEncoded, forms.FullyDecoded))


def _is_host(found: re.Match[str]) -> bool:
    end = found["end"].lower()
    if found["scheme"] or found["host"].lower().startswith("www."):
        return True
    return end in ENDS or (len(end) == 2 and end not in NO_ENDS)


def _is_same(named: str, true: str) -> bool:
    """A host and one below it belong together, whichever of them is named."""
    named, true = named.removeprefix("www."), true.removeprefix("www.")
    return named == true or true.endswith(f".{named}") or named.endswith(f".{true}")


def warnings(link: Link, text: str) -> list[str]:
    """What the person should know before it is followed, in sentences."""
    found = []
    if named := names_another(text, link):
        words = translate("link", "The text of the link names %1, but it leads to %2.")
        found.append(filled(words, named, _true_hosts(link)[0]))
    if link.address is not None:
        found += link_view.warnings(link.address)
    return found


def question(link: Link, text: str, parent: QWidget) -> Question:
    """Asks before it is followed; the answers are OPEN, COPY, and one that does nothing."""
    if link.address is not None:
        title = translate("link", "Open in %1?").replace("%1", link.address.host)
        about = translate("link", "Your browser opens this address:")
    else:
        title = translate("link", "Write to %1?").replace("%1", link.mailbox)
        about = translate("link", "Your mail program opens with this address:")
    return Question(
        parent,
        title,
        about,
        [
            Answer(translate("link", "Open"), "primary"),
            Answer(translate("link", "Copy address")),
            Answer(translate("link", "Cancel")),
        ],
        detail=link.full,
        warnings=warnings(link, text),
    )
