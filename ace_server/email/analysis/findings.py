"""What the analysis of a mail found: all that the steps pass on, and all that others read."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from ace_server.email.mail import Mail


class Findings(msgspec.Struct, frozen=True):
    """The result of `analyse` (EM-3, EM-5, EM-6). `automatic` and `own` are English phrases.

    They are templates of sentences, so that a history can say them in another language.
    """

    data: Mapping[str, str] = {}  # contact data: what the headers, categories and patterns say
    automatic: str = ""  # by which sign it is a machine's; empty: a person wrote it
    own: str = ""  # by which sign it is our own, come back (C-14); empty: it is not
    is_bounce: bool = False
    bounce_of: tuple[str, ...] = ()  # Message-IDs of what did not arrive, with angle brackets
    follows: tuple[str, ...] = ()  # Message-IDs of what it follows, the nearest first
    flags: tuple[str, ...] = ()  # what is remarkable, of `flags`: "unknown sender"


def with_data(findings: Findings, data: Mapping[str, str]) -> Findings:
    """The findings with more contact data; what has none stays as it is."""
    return replace(findings, data={**findings.data, **data}) if data else findings


def searched(mail: Mail) -> str:
    """The text that both methods search: the subject, and the one body that is shown (EM-3)."""
    return f"{mail.subject}\n{mail.text}"
