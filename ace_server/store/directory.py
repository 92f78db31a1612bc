"""The configuration as it is stored: entries as JSON of their concepts, secrets apart.

What makes a configuration right is checked in `administration.configuration`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from ace_server.concepts import (
    DISPLAY_NAMES,
    KINDS,
    PERSONAL,
    Concept,
    ContactDataKey,
    Queue,
    Site,
    SiteFacts,
    WaitingList,
    unrouted,
)
from ace_server.passwords import StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store.contract import Sign
from ace_server.store.models import Counter, Entry, Secret, database, next_value, rows

SINGLE: Mapping[str, Any] = {"site": SiteFacts, "system": SystemParameters}

_LAST = 9
"""The priority of queues for contacts without routing, unless the site changes them."""

_QUEUE, _LIST = (
    SystemParameters(agentDistrOrderEmailIncoming="queue"),
    SystemParameters(agentDistrOrderEmailIncoming="waiting list"),
)

Secrets = dict[tuple[str, str], StoredSecret]
"""By kind and name."""


def load() -> Site:
    """The stored configuration, with what always exists."""
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    single: dict[str, Any] = {}
    stored = Entry.select(Entry.kind, Entry.body).order_by(Entry.kind, Entry.position)
    for kind, body in rows(stored):
        if kind in SINGLE:
            single[kind] = msgspec.json.decode(body, type=SINGLE[kind])
        else:
            found[kind].append(msgspec.json.decode(body, type=KINDS[kind]))
    return site(found, single.get("site", SiteFacts()), single.get("system", SystemParameters()))


def site(entries: Mapping[str, Iterable[Any]], facts: SiteFacts, system: SystemParameters) -> Site:
    """A Site of these entries (by kind) and of what always exists."""

    def named(kind: str) -> dict[str, Any]:
        identity = KINDS[kind].identity
        return {getattr(entry, identity): entry for entry in entries.get(kind, ())}

    areas = named("organisation_area")
    always = _always(areas, system)
    queues = always["queue"] | named("queue")
    return Site(
        facts=facts,
        system=system,
        organisation_areas=areas,
        work_item_accounts=named("work_item_account"),
        mail_accounts=named("mail_account"),
        smtp_servers=named("smtp_server"),
        oauth_clients=named("oauth_client"),
        mail_templates=named("mail_template"),
        skills=named("skill"),
        groups=named("group"),
        personal=queues.pop(PERSONAL),
        queues=queues,
        waiting_lists=always["waiting_list"] | named("waiting_list"),
        work_levels=named("work_level"),
        task_types=named("task_type"),
        task_type_rules=tuple(entries.get("task_type_rule", ())),
        routing_rules=tuple(entries.get("routing_rule", ())),
        search_orders=named("search_order"),
        escalation_points=named("escalation_point"),
        users=named("user"),
        contact_data_keys=always["contact_data_key"] | named("contact_data_key"),
        value_sets=named("value_set"),
        layouts=named("layout"),
        opening_hours=named("opening_hours"),
        activities=named("activity"),
        flow_controls=named("flow_control"),
        keyword_categories=named("keyword_category"),
        patterns=named("pattern"),
        answer_texts=named("answer_text"),
        automatic_answers=named("automatic_answer"),
        machine_subjects=named("machine_subject"),
        discard_rules=named("discard_rule"),
    )


def configured(site: Site, kind: str) -> list[Concept]:
    """The entries of a kind that would not be there anyway, as they are."""
    always = _always(site.organisation_areas, site.system).get(kind)
    if always is None:
        return list(site.entries(kind))
    identity = KINDS[kind].identity
    return [one for one in site.entries(kind) if one != always.get(getattr(one, identity))]


def unrouted_places(area: str) -> tuple[str, str]:
    """How the queue and the waiting list of an area are called for contacts that no rule fits."""
    return unrouted(area, _QUEUE), unrouted(area, _LIST)


def _always(areas: Iterable[str], system: SystemParameters) -> dict[str, dict[str, Any]]:
    """What exists without being configured, by kind and name; a site may change it."""
    queues, lists = {PERSONAL: Queue(name=PERSONAL)}, {}
    for area in ("", *areas):
        queue, waiting_list = unrouted_places(area)
        queues[queue] = Queue(name=queue, area=area, priority=_LAST)
        if unrouted(area, system) == waiting_list:
            lists[waiting_list] = WaitingList(name=waiting_list, area=area)
    keys = {name: ContactDataKey(name=name, display=text) for name, text in DISPLAY_NAMES.items()}
    return {"queue": queues, "waiting_list": lists, "contact_data_key": keys}


def generation() -> int:
    """A number that changes with every change of the configuration."""
    return int(Counter.get_by_id("configuration").value)


def _changed() -> None:
    next_value("configuration")
    database.tell(Sign.CONFIGURATION)


def replace(kind: str, entries: Iterable[Concept]) -> None:
    """Make these all the entries of their kind."""
    _changed()
    identity, secret = KINDS[kind].identity, KINDS[kind].secret_field
    Entry.delete().where(Entry.kind == kind).execute()
    for position, entry in enumerate(entries):
        stored = msgspec.structs.replace(entry, **{secret: ""}) if secret else entry
        name = getattr(entry, identity) if identity else str(position)
        _insert(kind, name, position, stored)


def replace_single(kind: Literal["site", "system"], value: SiteFacts | SystemParameters) -> None:
    """Make this the `[site]` or `[system]` table."""
    _changed()
    Entry.delete().where(Entry.kind == kind).execute()
    _insert(kind, "", 0, value)


def _insert(kind: str, name: str, position: int, value: msgspec.Struct) -> None:
    body = msgspec.json.encode(value).decode()
    Entry.insert(kind=kind, name=name, position=position, body=body).execute()


def secrets() -> Secrets:
    """Every stored secret: hashes and references."""
    return {
        (kind, name): StoredSecret(form, value)
        for kind, name, form, value in rows(
            Secret.select(Secret.kind, Secret.name, Secret.form, Secret.value)
        )
    }


def set_secret(kind: str, name: str, secret: StoredSecret) -> None:
    """Store a hash or a reference."""
    _changed()
    Secret.insert(kind=kind, name=name, form=secret.form, value=secret.value).on_conflict(
        conflict_target=[Secret.kind, Secret.name], preserve=[Secret.form, Secret.value]
    ).execute()


def remove_secret(kind: str, name: str) -> None:
    """Forget a secret whose entry is gone."""
    _changed()
    Secret.delete().where(Secret.kind == kind, Secret.name == name).execute()
