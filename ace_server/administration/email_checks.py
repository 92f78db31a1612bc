"""Whether what fetches, sends and writes e-mail fits together: accounts, servers, texts.

This is the part of `checks` about it. What analyses and answers a mail is the matter of
`analysis_checks`; whether users and accounts fit together is no fault, and so in `fitting`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ace_server.administration import credentials, faults, url_checks
from ace_server.administration.document import Problem
from ace_server.concepts import AGENT_KEY, MailAccount, Site
from ace_server.email import answers, urls
from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.preparing import own_addresses
from ace_server.email.variables import variables
from ace_server.errors import Refused

INBOX = "INBOX"
"""The one folder of POP3; its name is the same in any case (RFC 9051 §5.1)."""


def check(site: Site) -> Iterator[Problem]:
    """Everything that is wrong with what fetches, sends and writes e-mail."""
    for part in _PARTS:
        yield from part(site)


# Accounts


def _accounts(site: Site) -> Iterator[Problem]:
    for account in site.mail_accounts.values():
        where = f"mail_account {account.name}"
        yield from _fetching(where, account, site)
        yield from _folders(where, account)
        yield from _afterwards(where, account)
        yield from _sending(where, account, site)
        yield from _variables(f"{where}, signature", account.signature, site)


def _fetching(where: str, account: MailAccount, site: Site) -> Iterator[Problem]:
    if account.fetch.startswith(credentials.MAILDIR):
        yield from _maildir(where, account)
        return
    reasons = list(url_checks.mail_server(account.fetch, needs_user=True))
    yield from _urls(f"{where}, fetch", reasons or _refusal(account.fetch))
    yield from _oauth(where, account.oauth, site)
    yield from _ca_file(where, account.ca_file)


def _refusal(fetch: str) -> Iterator[str]:
    """Why fetching would refuse this URL, whatever else was found right."""
    try:
        urls.parse(urls.without_user(fetch)[0])
    except ValueError as error:
        yield f"not an address: {error}"
    except Refused as refused:
        yield str(refused.sentence)


def _maildir(where: str, account: MailAccount) -> Iterator[Problem]:
    if any(_refusal(account.fetch)):
        reason = "the path of a maildir begins at the root, with /; in it # is %23, ? %3F and % %25"
        yield Problem(f"{where}, fetch", reason)
    for field in ("oauth", "ca_file"):
        if getattr(account, field):
            yield Problem(f"{where}, {field}", "nobody logs in to a maildir: leave it out")


def _folders(where: str, account: MailAccount) -> Iterator[Problem]:
    named = [_folder(name) for name in account.folders]
    if _is_pop3(account) and set(named) != {INBOX}:
        yield Problem(f"{where}, folders", f"POP3 has no folder but {INBOX}: leave folders out")
    yield from faults.twice(f"{where}, folders", "folder", named)


def _folder(name: str) -> str:
    return INBOX if name.upper() == INBOX else name


def _is_pop3(account: MailAccount) -> bool:
    return account.fetch.startswith("pop3")


def _afterwards(where: str, account: MailAccount) -> Iterator[Problem]:
    moves = account.afterwards == "move"
    if _is_pop3(account) and account.afterwards in ("seen", "move"):
        reason = 'POP3 can only keep or delete a mail: write "keep" or "delete"'
        yield Problem(f"{where}, afterwards", reason)
    elif moves and not account.moved_to:
        yield Problem(f"{where}, moved_to", 'is needed where afterwards is "move"')
    elif account.moved_to and not moves:
        yield Problem(f"{where}, moved_to", 'is asked only where afterwards is "move"')
    elif moves and _folder(account.moved_to) in map(_folder, account.folders):
        yield Problem(f"{where}, moved_to", "is fetched from, too: name another folder")


def _sending(where: str, account: MailAccount, site: Site) -> Iterator[Problem]:
    """An answer comes from the account's return address, and leaves by its server (EM-4, EM-9)."""
    known = site.smtp_servers
    yield from faults.unknown(f"{where}, smtp", "smtp_server", _given(account.smtp), known)
    yield from faults.addresses(f"{where}, return_address", _given(account.return_address))
    others = account.alternative_addresses
    yield from faults.addresses(f"{where}, alternative_addresses", others)
    yield from faults.twice(f"{where}, alternative_addresses", "address", others)
    answer = answers.configured(site, account)
    needs = "" if answer is None or answer.mode == "never" else f"automatic_answer {answer.name}"
    if needs and not account.return_address:
        yield Problem(f"{where}, return_address", f"{needs} needs it")
    if not account.smtp and (needs or account.return_address or others):
        who = f"{needs} needs it" if needs else "mail from this account's addresses needs it"
        yield Problem(f"{where}, smtp", who)


def _given(name: str) -> list[str]:
    return [name] if name else []


# Addresses and mailboxes


def _shared_addresses(site: Site) -> Iterator[Problem]:
    """An address decides which entrance a mail belongs to, so two cannot have it (EM-9)."""
    first: dict[str, str] = {}
    for account in site.mail_accounts.values():
        for address in _addresses(account):
            other = first.setdefault(address.lower(), account.name)
            if other != account.name:
                yield Problem(f"mail_account {account.name}", f"{other} has {address}, too")


def _addresses(account: MailAccount) -> Iterable[str]:
    """Those of an account, each once; a name that is an address is one of them."""
    name = account.name if "@" in account.name else ""
    given = (account.return_address, *account.alternative_addresses, name)
    return {address.lower(): address for address in reversed(given) if address}.values()


class _Mailbox(NamedTuple):
    """Where mail lies, however it is reached."""

    host: str
    port: int | str
    user: str


def _shared_mailboxes(site: Site) -> Iterator[Problem]:
    """A mail that two accounts fetch would be two contacts (EM-2)."""
    first: dict[tuple[_Mailbox, str], str] = {}
    for account in site.mail_accounts.values():
        mailbox = _mailbox(account.fetch)
        if mailbox is None:
            continue
        for folder in dict.fromkeys(map(_folder, account.folders)):
            other = first.setdefault((mailbox, folder), account.name)
            if other != account.name:
                reason = f"mail_account {other} fetches folder '{folder}' of this mailbox, too"
                yield Problem(f"mail_account {account.name}, fetch", reason)


def _mailbox(fetch: str) -> _Mailbox | None:
    """None where the URL is none, which is said elsewhere."""
    try:
        url, user = urls.without_user(fetch)
        where = urls.parse(url)
    except (Refused, ValueError):
        return None
    if where.scheme == urls.MAILDIR:
        return _Mailbox("", where.scheme, where.mailbox_of(user))
    is_usual = where.port == urls.PORTS[where.scheme]  # one mailbox, with TLS or without
    return _Mailbox(where.host, where.protocol if is_usual else where.port, user)


def _loops(site: Site) -> Iterator[Problem]:
    """What is sent to an address of our own comes back as a new mail (C-14)."""
    own = own_addresses(site)
    sent_to = [(f"user {user.login}, email", user.email) for user in site.users.values()]
    sent_to += [
        (f"routing_rule {number}, to {stop}, external", destination.external)
        for number, rule in enumerate(site.routing_rules, start=1)
        for stop, destination in enumerate(rule.to, start=1)
    ]
    for where, address in sent_to:
        if address and normalised(address) in own:
            reason = f"'{address}' is of a mail_account: what is sent there would be fetched again"
            yield Problem(where, reason)


# Servers


def _servers(site: Site) -> Iterator[Problem]:
    for server in site.smtp_servers.values():
        where = f"smtp_server {server.name}"
        found = url_checks.mail_server(server.url, needs_user=bool(server.oauth))
        yield from _urls(f"{where}, url", found)
        yield from _oauth(where, server.oauth, site)
        yield from _ca_file(where, server.ca_file)
    for client in site.oauth_clients.values():
        where = f"oauth_client {client.name}, token_url"
        yield from _urls(where, url_checks.token_service(client.token_url))


def _urls(where: str, reasons: Iterable[str]) -> Iterator[Problem]:
    return (Problem(where, reason) for reason in reasons)


def _oauth(where: str, client: str, site: Site) -> Iterator[Problem]:
    return faults.unknown(f"{where}, oauth", "oauth_client", _given(client), site.oauth_clients)


def _ca_file(where: str, file: str) -> Iterator[Problem]:
    if file and not credentials.is_absolute(file):
        yield Problem(f"{where}, ca_file", "the path of a file begins at the root")


# Texts


def _templates(site: Site) -> Iterator[Problem]:
    for template in site.mail_templates.values():
        yield from _variables(f"mail_template {template.name}, text", template.text, site)


def _variables(where: str, text: str, site: Site) -> Iterator[Problem]:
    known = {*site.contact_data_keys, AGENT_KEY}
    yield from faults.unknown(where, "variable", variables(text), known)


_PARTS = (_accounts, _shared_addresses, _shared_mailboxes, _loops, _servers, _templates)
