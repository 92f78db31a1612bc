"""What a contact's history tells of its mail: written when it is received, said again later.

Why it was not answered is no finding: that is told in `answering`.
"""

from collections.abc import Iterator, Mapping

from ace_server.email.analysis import flags
from ace_server.email.analysis.findings import Findings
from ace_server.sentences import Sentence, sentence

RECOGNISED = "recognised"
OWN_MAIL = "own mail"
FLAGGED = "flagged"

WITHHELD = "answer withheld"
"""What the history says where a mail is not answered; why is written and read by others."""

FLAGS: Mapping[str, Sentence] = {
    flags.UNKNOWN_SENDER: sentence("This mail does not say who wrote it."),
    flags.SEVERAL_SENDERS: sentence("This mail names several senders; the first is taken for it."),
    flags.BOUNCE: sentence("This mail says that another one did not arrive."),
}
"""The flags that no sign belongs to."""


def lines(findings: Findings) -> Iterator[tuple[str, str]]:
    """What the history gets: verbs and details."""
    if findings.automatic:
        yield RECOGNISED, findings.automatic
    if findings.own:
        yield OWN_MAIL, findings.own
    yield from ((FLAGGED, flag) for flag in findings.flags if flag in FLAGS)


def said(verb: str, detail: str) -> Sentence | None:
    """Such a line for a person; None: it tells nothing of the mail."""
    if verb == RECOGNISED:
        return sentence("A machine may have sent this mail: %1.", Sentence(detail))
    if verb == OWN_MAIL:
        return sentence("This is our own mail: %1.", Sentence(detail))
    return FLAGS.get(detail) if verb == FLAGGED else None
