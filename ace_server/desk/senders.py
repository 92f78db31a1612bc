"""The addresses that an agent may write from, and whether there is anything to write about (EM-9).

Pure: configuration in, addresses and sentences out.
"""

from ace_server.concepts import MailAccount, Site, User
from ace_server.contact import State
from ace_server.email import replying
from ace_server.email.answers import is_deliverable
from ace_server.email.mail import Mail
from ace_server.sentences import Sentence, sentence
from ace_server.store.contacts import ContactRow


def can_send(account: MailAccount, site: Site) -> bool:
    """Whether mail of this account can leave."""
    return account.smtp in site.smtp_servers


def of_account(account: MailAccount) -> list[str]:
    """The addresses of one entrance: the return address, then the others by the alphabet."""
    return _in_order(account, Mail())


def _in_order(account: MailAccount, mail: Mail) -> list[str]:
    """Its addresses, the one that the mail came to before the others.

    The name of an account is what it is known by, and often its address: then customers write to
    it, though nobody has named it once more.
    """
    name = [account.name] if is_deliverable(account.name) else []
    others = [*account.alternative_addresses, *name]
    return replying.sender_choices(mail, account.return_address, others)


def accounts(site: Site, area: str) -> dict[str, MailAccount]:
    """Every address that may be written from in an area (in lower case) = its entrance's account.

    An address belongs to at most one entrance.
    """
    return {
        address.casefold(): account
        for account in site.mail_accounts.values()
        if account.area == area and can_send(account, site)
        for address in of_account(account)
    }


def choices(site: Site, user: User, account: MailAccount | None, mail: Mail) -> list[str]:
    """The addresses that From may be, the preset one first.

    That is the one the customer wrote to; those of the other entrances of the area come last.
    """
    allowed = accounts(site, user.area)
    first = _in_order(account, mail) if account is not None else []
    others = [
        address
        for one in sorted(site.mail_accounts.values(), key=lambda one: one.name.casefold())
        if one is not account and one.area == user.area
        for address in of_account(one)
    ]
    return [one for one in dict.fromkeys([*first, *others]) if one.casefold() in allowed]


def hindrance(
    row: ContactRow, site: Site, user: User, *, in_hand: bool, external: str
) -> Sentence | None:
    """Why nothing can be written about the mail of a contact; None: it can."""
    account = site.mail_accounts.get(row.account)
    if not in_hand:
        return sentence("Take the contact in hand to write about it.")
    if row.state is State.BOOKED:
        return sentence("Accept the contact to write about it.")
    if external:
        return sentence("This mail is answered in your own mail program, at %1.", external)
    if account is None:
        return sentence("The mail account that this came in by is no longer configured.")
    if not account.return_address:
        return sentence("Nothing can be answered: %1 has no return address.", account.name)
    if not can_send(account, site):
        return sentence("Nothing can be answered: %1 has no SMTP server.", account.name)
    if not accounts(site, user.area):
        return sentence("Your organisation area has no address to write from.")
    return None
