"""The domain of a mail address, in the one form in which domains are compared, kept and sent to.

Nothing here asks a network whether there is one.
"""

from contextlib import suppress


def domain_of(address: str) -> str:
    """What stands after the last `@`, in lower case and ASCII; empty where there is no `@`.

    What has no form in ASCII (labels that are empty or too long) is no domain that mail can go to;
    it stays in its own script.
    """
    domain = address.strip().rpartition("@")[2] if "@" in address else ""
    with suppress(UnicodeError):
        domain = in_ascii(domain)
    return domain.lower().rstrip(".")


def in_ascii(domain: str) -> str:
    """The domain as mail servers write it (IDNA, RFC 3490), its ASCII letters as they are.

    Raises UnicodeError where it has no such form.
    """
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")
