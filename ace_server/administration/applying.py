"""A configuration made the one in force: prepared off the store's thread, applied in one job.

What is right in itself is decided in `checks`; here is what the stored contacts, mails, users and
secrets have to say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from ace_server import passwords
from ace_server.administration import checks, credentials, declarations, fitting
from ace_server.administration.differences import Difference, find
from ace_server.administration.document import Document, Problem, Problems
from ace_server.concepts import DISPLAY_NAMES, KINDS, Concept, ContactDataKey, Site
from ace_server.contact import Role
from ace_server.passwords import StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store import audit, contacts, directory, ledger, outgoing
from ace_server.store.contacts import InUse
from ace_server.store.directory import Secrets

ACTION = "configured"
"""What the audit calls it."""

NO_ADMINISTRATOR = "no user is an administrator who can log in"

_AT_RESTART = "Restart."  # ends the description of a parameter that waits for one
_STAYS = "cannot be removed:"
_UNLESS_STORED = ("ask", "code")
"""Secrets that are stored only where there is none."""

Key = tuple[str, str]
"""Kind and name of an entry that may have a secret."""


class Prepared(msgspec.Struct, frozen=True):
    """A document without its secrets, and what may be stored of them."""

    document: Document
    secrets: Secrets
    codes: dict[str, str]  # by login, of those whose secret is a one-time code
    problems: tuple[Problem, ...]  # with the secrets as given


class Applied(msgspec.Struct, frozen=True):
    """What a configuration changed, and what is left to do."""

    changes: list[str]
    to_enter: list[str]
    codes: dict[str, str]  # by login: to be told to the person, and shown nowhere again
    notes: list[str]


def assemble(document: Document, current: Site) -> Site:
    """What the configuration becomes: kinds in the document replace, the others stay.

    The contact data keys and the places that always exist are there, whatever the document says.
    """
    entries: dict[str, Iterable[Concept]] = {
        kind: _entries(document, kind)
        if kind in document.entries
        else directory.configured(current, kind)
        for kind in KINDS
    }
    facts, system = document.facts or current.facts, document.system or current.system
    return directory.site(entries, facts, system)


def _entries(document: Document, kind: str) -> list[Concept]:
    return [_with_display(entry) for entry in document.entries[kind]]


def _with_display(entry: Concept) -> Concept:
    """A key that always exists keeps its name on the screen, unless the site gives another."""
    if isinstance(entry, ContactDataKey) and not entry.display:
        return msgspec.structs.replace(entry, display=DISPLAY_NAMES.get(entry.name, ""))
    return entry


# Before the job


def prepare(
    document: Document,
    hash: Callable[[str], str],
    stored: Secrets | None = None,
    verify: Callable[[str, str], bool] | None = None,
) -> Prepared:
    """Take the secrets out of a document and hash the literal ones: slow, and so not in a job.

    With the `stored` secrets a literal that verifies as the stored one stays that, and one-time
    codes are made only for users who need one.
    """
    bare, problems = _without_secrets(document), tuple(_faults(document))
    if problems:
        return Prepared(bare, {}, {}, problems)
    known = stored or {}
    secrets, codes = {}, {}
    for kind, entry in _with_secrets(document):
        key, secret = (kind, _name(kind, entry)), _secret(kind, entry)
        if credentials.is_given(secret):
            secrets[key] = credentials.to_store(secret, hash, known.get(key), verify)
        elif key[0] == "user" and key not in known:
            codes[key[1]] = passwords.one_time_code()
            secrets[key] = StoredSecret("code", hash(codes[key[1]]))
        elif secret or credentials.is_needed(entry):
            secrets[key] = StoredSecret("ask")
    return Prepared(bare, secrets, codes, problems)


def _with_secrets(document: Document) -> Iterator[tuple[str, Concept]]:
    for kind, entries in document.entries.items():
        if KINDS[kind].secret_field:
            yield from ((kind, entry) for entry in entries)


def _given(document: Document) -> Iterator[tuple[Key, str]]:
    for kind, entry in _with_secrets(document):
        yield (kind, _name(kind, entry)), _secret(kind, entry)


def _secret(kind: str, entry: Concept) -> str:
    return str(getattr(entry, KINDS[kind].secret_field))


def _name(kind: str, entry: Concept) -> str:
    return str(getattr(entry, KINDS[kind].identity))


def _faults(document: Document) -> Iterator[Problem]:
    for kind, entry in _with_secrets(document):
        yield from checks.secret_faults(kind, entry)


def _without_secrets(document: Document) -> Document:
    entries = dict(document.entries)
    for kind, found in document.entries.items():
        field = KINDS[kind].secret_field
        if field:
            entries[kind] = tuple(msgspec.structs.replace(one, **{field: ""}) for one in found)
    return msgspec.structs.replace(document, entries=entries)


# The job


def apply(prepared: Prepared, at: datetime, by: str) -> Applied:
    """Make a prepared document the configuration, all of it or nothing; a job.

    Raises Problems with everything that is wrong, also with what contacts in use do not allow.
    """
    before, stored = directory.load(), directory.secrets()
    after = assemble(prepared.document, before)
    problems = [
        *prepared.problems,
        *checks.check(after),
        *_in_use(before, after, contacts.in_use()),
        *_mail_in_use(before, after),
        *_without_code(prepared, stored),
    ]
    if problems:
        raise Problems(problems)
    secrets = dict(_to_store(prepared, stored))
    _store(before, after)
    _store_secrets(prepared.document, stored, secrets)
    found = [*find(before, after), *_changed_secrets(before, secrets)]
    for one in found:
        audit.record(at, by, ACTION, one.object, detail=one.change)
    return Applied(
        [str(one) for one in found],
        list(_to_enter(prepared.document)),
        {login: code for login, code in prepared.codes.items() if ("user", login) in secrets},
        list(_notes(before, after)),
    )


def _store(before: Site, after: Site) -> None:
    for kind in KINDS:
        if _held(before, kind) != _held(after, kind):
            directory.replace(kind, directory.configured(after, kind))
    if before.facts != after.facts:
        directory.replace_single("site", after.facts)
    if before.system != after.system:
        directory.replace_single("system", after.system)


def _held(site: Site, kind: str) -> tuple[object, object]:
    """Every entry, and those to store: what is there anyway would outlive what it is there for."""
    return site.entries(kind), directory.configured(site, kind)


# What is in use


def _in_use(before: Site, after: Site, used: InUse) -> Iterator[Problem]:
    """What must not go, because contacts that are not ended refer to it."""
    for name in _gone(before.organisation_areas, after.organisation_areas, used.areas):
        yield _kept("organisation_area", name, "are of it")
    for name in _gone(_places(before), _places(after), used.queues):
        kind = "queue" if name in before.queues else "waiting_list"
        yield _kept(kind, name, "belong to it")
    for name in _gone(before.entrances, after.entrances, used.entrances):
        kind = "mail_account" if name in before.mail_accounts else "work_item_account"
        yield _kept(kind, name, "came in there")
    for name in _gone(before.task_types, after.task_types, used.task_types):
        yield _kept("task_type", name, "are of it")
    for name in _gone(before.users, after.users, used.agents):
        yield _kept("user", name, "are in this user's hands")
    last = _administrators(before)
    if last and not _administrators(after):
        reason = "is the last administrator who can log in, and stays one until there is another"
        yield Problem(f"user {last[0]}", reason)


def _mail_in_use(before: Site, after: Site) -> Iterator[Problem]:
    """Mail that waits for its analysis, for a person, or to be sent, needs its account."""
    quarantined, unsettled = ledger.quarantined_by_account(), outgoing.unsettled()
    for name, account in before.mail_accounts.items():
        where, kept = f"mail_account {name}", after.mail_accounts.get(name)
        if kept is None and ledger.waiting([name]):
            yield Problem(where, f"{_STAYS} mail that was fetched is not analysed yet")
        if kept is None and name in quarantined:
            yield Problem(where, f"{_STAYS} mail is in its quarantine: try or discard it first")
        if kept is None and name in unsettled:
            yield Problem(where, f"{_STAYS} mail that it sends has not left yet")
        if kept is not None and account.smtp and not kept.smtp and name in unsettled:
            yield Problem(f"{where}, smtp", f"{_STAYS} mail that leaves by it has not left yet")


def _places(site: Site) -> set[str]:
    return {*site.queues, *site.waiting_lists}


def _gone(before: Iterable[str], after: Iterable[str], used: Iterable[str]) -> list[str]:
    return sorted((set(before) - set(after)) & set(used))


def _kept(kind: str, name: str, how: str) -> Problem:
    return Problem(f"{kind} {name}", f"{_STAYS} contacts that are not ended {how}")


def _administrators(site: Site) -> list[str]:
    return [
        user.login
        for user in site.users.values()
        if user.role is Role.ADMINISTRATOR and not user.locked
    ]


# Secrets


def _without_code(prepared: Prepared, stored: Secrets) -> Iterator[Problem]:
    """Users who lost their password after the document was prepared."""
    for key, _ in _given(prepared.document) if not prepared.problems else ():
        if key[0] == "user" and key not in stored and key not in prepared.secrets:
            yield Problem(f"user {key[1]}", "was changed meanwhile; apply the configuration again")


def _to_store(prepared: Prepared, stored: Secrets) -> Iterator[tuple[Key, StoredSecret]]:
    for key, secret in prepared.secrets.items():
        if secret.form in _UNLESS_STORED:
            if key not in stored:
                yield key, secret
        elif secret != stored.get(key):
            yield key, secret


def _store_secrets(
    document: Document, stored: Secrets, secrets: Mapping[Key, StoredSecret]
) -> None:
    kept = {key for key, _ in _given(document)}
    for key in stored.keys() - kept:
        if key[0] in document.entries:
            directory.remove_secret(*key)
    for key, secret in secrets.items():
        directory.set_secret(*key, secret)


def _changed_secrets(before: Site, secrets: Iterable[Key]) -> Iterator[Difference]:
    """Of entries that were there before; a new one is a change in itself."""
    for kind, name in secrets:
        if name in {_name(kind, entry) for entry in before.entries(kind)}:
            yield Difference(f"{kind} {name}", f"{KINDS[kind].secret_field} changed")


def _to_enter(document: Document) -> Iterator[str]:
    stored = directory.secrets()
    for key, _ in _given(document):
        if key in stored and stored[key].form == "ask":
            yield f"{key[0]} {key[1]}: {KINDS[key[0]].secret_field}"


# Notes


def _notes(before: Site, after: Site) -> Iterator[str]:
    for name in _waiting_for_restart(before, after):
        yield f"{name} acts from the next start of the server on"
    if after.users and not _administrators(after):
        yield NO_ADMINISTRATOR
    yield from fitting.notes(after)


def _waiting_for_restart(before: Site, after: Site) -> Iterator[str]:
    for field in declarations.fields(SystemParameters):
        changed = getattr(before.system, field.name) != getattr(after.system, field.name)
        if changed and field.description.endswith(_AT_RESTART):
            yield field.name
