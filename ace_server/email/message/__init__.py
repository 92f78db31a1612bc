"""Understanding a mail: raw bytes to what it says, however badly it was written.

Everything here is pure. Nothing fetches, unpacks, decrypts or runs what it finds.
"""

from ace_server.email.message.entities import TooDeep
from ace_server.email.message.mails import parse
from ace_server.email.message.names import shown_name

__all__ = ["TooDeep", "parse", "shown_name"]
