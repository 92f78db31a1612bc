"""Whether the entries of a configuration fit together: what `configure` refuses.

What routes contacts is the matter of `routing_checks`, what fetches, sends and writes e-mail that
of `email_checks`, what analyses and answers it that of `analysis_checks`. What contacts in use
allow is not looked at here; that needs the store.
"""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from ace_server.administration import (
    analysis_checks,
    credentials,
    email_checks,
    faults,
    routing_checks,
)
from ace_server.administration.document import Problem
from ace_server.concepts import (
    KINDS,
    SENDER_KEYS,
    SERVER_KEYS,
    Concept,
    Layout,
    LayoutField,
    Site,
    TaskType,
    WorkItemAccount,
)
from ace_server.contact import WORK_ITEM_KEY
from ace_server.routing import flow, opening
from ace_server.tls import is_loopback

OUTCOME_KEY = "Outcome"


def check(site: Site) -> list[Problem]:
    """Everything that is wrong with a configuration; secrets are judged where they are given."""
    return [problem for part in _PARTS for problem in part(site)]


# Names


def _names(site: Site) -> Iterator[Problem]:
    for kind, concept in KINDS.items():
        for entry in site.entries(kind) if concept.identity else ():
            name = getattr(entry, concept.identity)
            if not name.isprintable() or name != name.strip():
                where = f"{kind} {name.encode('unicode_escape').decode()}"
                yield Problem(where, "a name has no control characters, and no space at its ends")


# Accounts


def _accounts(site: Site) -> Iterator[Problem]:
    for name in sorted(site.work_item_accounts.keys() & site.mail_accounts.keys()):
        where = f"work_item_account {name}"
        yield Problem(where, f"mail_account {name} creates the entrance of this name, too")
    for account in site.work_item_accounts.values():
        yield from _work_item_account(account, site)


def _work_item_account(account: WorkItemAccount, site: Site) -> Iterator[Problem]:
    where = f"work_item_account {account.name}"
    if ":" in account.name:
        yield Problem(where, "a name with a colon cannot log in by HTTP Basic")
    yield from faults.unknown(f"{where}, entrances", "entrance", account.entrances, site.entrances)
    yield from _channel(where, account, site)


def _channel(where: str, account: WorkItemAccount, site: Site) -> Iterator[Problem]:
    """What a social media account asks for beside (WI-10); the keys serve any account."""
    for field in ("author_key", "link_key"):
        key = getattr(account, field)
        if key in SERVER_KEYS:
            yield Problem(f"{where}, {field}", f"no sender sets {key}: name another key")
        elif key:
            yield from faults.unknown(f"{where}, {field}", "key", [key], site.contact_data_keys)
    for field in ("page", "author_key", "link_key") if account.channel else ():
        if not getattr(account, field):
            yield Problem(f"{where}, {field}", f"channel {account.channel} needs it")
    if account.page and not account.channel:
        yield Problem(f"{where}, page", "is of a social media channel: write which, in channel")


# Secrets


def _secrets(site: Site) -> Iterator[Problem]:
    for kind, concept in KINDS.items():
        for entry in site.entries(kind) if concept.secret_field else ():
            yield from secret_faults(kind, entry)


def secret_faults(kind: str, entry: Concept) -> Iterator[Problem]:
    """What is wrong with the secret of an entry, if it gives one."""
    concept = KINDS[kind]
    if reason := credentials.fault(kind, getattr(entry, concept.secret_field)):
        name = getattr(entry, concept.identity)
        yield Problem(f"{kind} {name}, {concept.secret_field}", reason)


# Task types


def _task_types(site: Site) -> Iterator[Problem]:
    allowed = _values(OUTCOME_KEY, site)
    for task_type in site.task_types.values():
        where = f"task_type {task_type.name}, outcomes"
        yield from _narrowed(where, task_type.outcomes, allowed)
        if task_type.outcome == "mandatory" and not _asks_for_outcome(task_type, site):
            reason = "End asks for one: give outcomes, or a layout with the key Outcome"
            yield Problem(f"task_type {task_type.name}, outcome", reason)


def _asks_for_outcome(task_type: TaskType, site: Site) -> bool:
    layout = site.layouts.get(task_type.name) or site.layouts.get("")
    shown = layout is not None and OUTCOME_KEY in [field.key for field in layout.fields]
    return bool(task_type.outcomes) or shown


def _values(key: str, site: Site) -> Sequence[str] | None:
    """The value set of a key; None where it has none."""
    configured = site.contact_data_keys.get(key)
    values = site.value_sets.get(configured.value_set) if configured is not None else None
    return values.values if values is not None else None


def _narrowed(
    where: str, values: Sequence[str], allowed: Sequence[str] | None
) -> Iterator[Problem]:
    yield from faults.twice(where, "value", values)
    for value in values if allowed is not None else ():
        if value not in (allowed or ()):
            yield Problem(where, f"'{value}' is not in the value set of the key")


# People


def _users(site: Site) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for user in site.users.values():
        where = f"user {user.login}"
        other = first.setdefault(user.login.casefold(), user.login)
        if other != user.login:
            yield Problem(where, f"differs from {other} only in capital letters")
        if user.email:
            yield from faults.addresses(f"{where}, email", [user.email])


# Contact data


def _keys(site: Site) -> Iterator[Problem]:
    for key in site.contact_data_keys.values():
        where = f"contact_data_key {key.name}"
        if key.value_set:
            yield from faults.unknown(
                f"{where}, value_set", "value_set", [key.value_set], site.value_sets
            )
        if key.value_set and key.name in SERVER_KEYS:
            yield Problem(f"{where}, value_set", "the server sets this key, and to anything")
    for value_set in site.value_sets.values():
        yield from faults.twice(f"value_set {value_set.name}, values", "value", value_set.values)
    missing = {*SENDER_KEYS, *SERVER_KEYS} - site.contact_data_keys.keys()
    for name in sorted(missing):
        yield Problem(f"contact_data_key {name}", "always exists, and cannot be removed")


def _layouts(site: Site) -> Iterator[Problem]:
    for number, layout in enumerate(site.layouts.values(), start=1):
        where = f"layout {layout.task_type or number}"
        if layout.task_type:
            named = [layout.task_type]
            yield from faults.unknown(f"{where}, task_type", "task type", named, site.task_types)
        yield from _layout_fields(where, layout, site)


def _layout_fields(where: str, layout: Layout, site: Site) -> Iterator[Problem]:
    keys = [field.key for field in layout.fields]
    yield from faults.unknown(f"{where}, fields", "key", keys, site.contact_data_keys)
    yield from faults.twice(f"{where}, fields", "key", keys)
    for number, field in enumerate(layout.fields, start=1):
        yield from _layout_field(f"{where}, fields {number}", field, site)


def _layout_field(where: str, field: LayoutField, site: Site) -> Iterator[Problem]:
    if field.rule != "locked" and field.key in (WORK_ITEM_KEY, *SERVER_KEYS):
        yield Problem(f"{where}, rule", f'no agent sets {field.key}: write rule = "locked"')
    yield from _narrowed(f"{where}, values", field.values, _values(field.key, site))


# Entrances


def _hours(site: Site) -> Iterator[Problem]:
    for hours in site.opening_hours.values():
        where = f"opening_hours {hours.entrance}"
        yield from faults.unknown(
            f"{where}, entrance", "entrance", [hours.entrance], site.entrances
        )
        if reason := opening.check(hours):
            yield Problem(where, reason)


def _flow(site: Site) -> Iterator[Problem]:
    for control in site.flow_controls.values():
        where = f"flow_control {control.entrance}"
        yield from faults.unknown(
            f"{where}, entrance", "entrance", [control.entrance], site.entrances
        )
        yield from _resume(where, flow.limits(site, control.entrance))
    system = site.system
    limits = flow.Limits(system.emailBufferMax, system.emailBufferMaxActive, system.emailBufferMin)
    yield from _resume("system", limits)


def _resume(where: str, limits: flow.Limits) -> Iterator[Problem]:
    if 0 < limits.most <= limits.resume:
        reason = f"{limits.resume} must be less than emailBufferMax, {limits.most}"
        yield Problem(f"{where}, emailBufferMin", reason)


# The whole


def _single(site: Site) -> Iterator[Problem]:
    try:
        ZoneInfo(site.facts.time_zone)
    except (ValueError, OSError, LookupError):  # what zoneinfo raises for names that are none
        yield Problem("site, time_zone", f"there is no time zone '{site.facts.time_zone}'")
    system = site.system
    yield from _pair("workItem", system.workItemCertificate, system.workItemPrivateKey)
    yield from _pair("agent", system.agentCertificate, system.agentPrivateKey)
    if not is_loopback(system.workItemAddress) and not system.workItemCertificate:
        reason = "any address but this machine's own needs workItemCertificate"
        yield Problem("system, workItemAddress", reason)


def _pair(what: str, certificate: str, key: str) -> Iterator[Problem]:
    if bool(certificate) != bool(key):
        given, other = ("PrivateKey", "Certificate") if key else ("Certificate", "PrivateKey")
        yield Problem(f"system, {what}{other}", f"{what}{given} needs it")


_PARTS = (
    _names,
    _accounts,
    _secrets,
    routing_checks.check,
    _task_types,
    _users,
    _keys,
    _layouts,
    _hours,
    _flow,
    email_checks.check,
    analysis_checks.check,
    _single,
)
