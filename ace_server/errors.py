"""The three kinds of trouble: the other side must act, we wait and try again, or it is our bug."""

from ace_server.sentences import Sentence


class Refused(Exception):
    """The other side must act; nothing was changed.

    `code` is for programs and stays the same, `reason` is a sentence for a person that says what
    would be right, in English, and `sentence` is the same to be said in their language; `line` is
    where in a message it went wrong (1 is the first line).
    """

    def __init__(self, code: str, reason: str | Sentence, *, line: int | None = None) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.sentence = Sentence(reason) if isinstance(reason, str) else reason
        self.reason = str(reason)
        self.line = line


class IllegalMove(Refused):
    """The contact is not, or no longer, where the caller saw it; nothing was changed."""

    def __init__(self, reason: str) -> None:
        super().__init__("illegal-move", reason)


class Unavailable(Exception):
    """It cannot be done now (disk full, database away, shutting down); trying again is right.

    What was asked for happened at most once.
    """
