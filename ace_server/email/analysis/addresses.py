"""When two mail addresses are the same correspondent.

How an address is written and shown stays as it is; this is for comparing only.
"""


def normalised(address: str) -> str:
    """The address in lower case, and without what follows a `+` in its local part.

    `Anna+loans@Example.COM` is `anna@example.com`: a robot that answers under a new tag each time
    is still one correspondent (D-1), and mail to a tag of our own address is to us.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    untagged = local.partition("+")[0]
    return f"{untagged or local}{at}{domain.rstrip('.')}"


def domain(address: str) -> str:
    """What stands after the `@`, in lower case; empty where there is none."""
    return normalised(address).rpartition("@")[2] if "@" in address else ""


def local_part(address: str) -> str:
    """What stands before the `@`, in lower case; all of it where there is none."""
    before, at, after = address.strip().lower().rpartition("@")
    return before if at else after
