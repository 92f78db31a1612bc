"""When two mail addresses are the same correspondent.

How an address is written and shown stays as it is; this is for comparing only.
"""

from ace_server.email.domains import domain_of


def normalised(address: str) -> str:
    """The address in lower case, its domain in ASCII, without what follows a `+` before the `@`.

    `Anna+loans@Example.COM` is `anna@example.com`: a robot that answers under a new tag each time
    is still one correspondent (D-1), and mail to a tag of our own address is to us.
    """
    local, at, rest = address.strip().lower().rpartition("@")
    untagged = local.partition("+")[0]
    return f"{untagged or local}{at}{domain_of(address) if at else rest.rstrip('.')}"


def local_part(address: str) -> str:
    """What stands before the `@`, in lower case; all of it where there is none."""
    before, at, after = address.strip().lower().rpartition("@")
    return before if at else after
