"""Configurations for tests: small ones by hand, and any that the declarations allow."""

from datetime import date

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from ace_server.administration import configuration
from ace_server.concepts import (
    DISPLAY_NAMES,
    KINDS,
    PERSONAL,
    ContactDataKey,
    OrganisationArea,
    Queue,
    Site,
    SiteFacts,
    WaitingList,
)
from ace_server.settings import SystemParameters
from ace_server.store import directory

BARE = directory.site({}, SiteFacts(), SystemParameters())
"""What there is before anything is configured."""


def assembled(text, current=BARE):
    """The site that a file makes of another."""
    return configuration.assemble(configuration.read(text), current)


def problems(text, current=BARE):
    """What `check` says of a file, as lines."""
    return [str(problem) for problem in configuration.check(assembled(text, current))]


# Every configuration that can be written

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def values(node):
    """Any value that a declaration allows."""
    if isinstance(node, inspect.Metadata):
        return values(node.type)
    return _VALUES[type(node)](node)


def _text(node):
    if node.pattern:
        return st.from_regex(node.pattern, fullmatch=True).filter(lambda text: "\0" not in text)
    characters = st.characters(exclude_categories=("Cs", "Cc"))
    longest = min(12, node.max_length or 12)
    return st.text(characters, min_size=node.min_length or 0, max_size=longest)


def _float(node):
    lowest = node.gt if node.gt is not None else node.ge
    return st.floats(lowest, node.le, exclude_min=node.gt is not None, width=32)


def _list(node):
    return st.lists(values(node.item_type), min_size=node.min_length or 0, max_size=3)


def _struct(node):
    fields = {field.name: values(field.type) for field in node.fields}
    required = {field.name: fields.pop(field.name) for field in node.fields if field.required}
    made = st.fixed_dictionaries(required, optional=fields)
    return made.map(lambda given: node.cls(**given))


_VALUES = {
    inspect.StrType: _text,
    inspect.IntType: lambda node: st.integers(node.ge, node.le),
    inspect.FloatType: _float,
    inspect.BoolType: lambda node: st.booleans(),
    inspect.NoneType: lambda node: st.none(),
    inspect.DateType: lambda node: st.dates(date(1900, 1, 1)),
    inspect.LiteralType: lambda node: st.sampled_from(node.values),
    inspect.EnumType: lambda node: st.sampled_from(list(node.cls)),
    inspect.ListType: _list,
    inspect.VarTupleType: lambda node: _list(node).map(tuple),
    inspect.DictType: lambda node: st.dictionaries(TEXT, values(node.value_type), max_size=3),
    inspect.StructType: _struct,
    inspect.UnionType: lambda node: st.one_of([values(one) for one in node.types]),
}


AREAS = ("Cards", "Loans")
"""Areas that many of the sites have."""

ALWAYS = {
    Queue: [PERSONAL, *[directory.unrouted_places(area)[0] for area in ("", *AREAS)]],
    WaitingList: [directory.unrouted_places(area)[1] for area in ("", *AREAS)],
    OrganisationArea: AREAS,
}
"""Names of what is there anyway, or makes it so."""


def _entries(kind):
    concept = KINDS[kind]
    made = values(inspect.type_info(concept))
    if concept in ALWAYS:
        named = st.builds(concept, name=st.sampled_from(ALWAYS[concept]))
        made = st.one_of(made, named, st.builds(_named, st.sampled_from(ALWAYS[concept]), made))
    if concept.secret_field:
        made = made.map(lambda entry: msgspec.structs.replace(entry, **{concept.secret_field: ""}))
    if concept is ContactDataKey:
        made = st.one_of(made, st.builds(_key, st.sampled_from(list(DISPLAY_NAMES)), made))
        made = made.map(lambda key: _key(key.name, key))
    unique = (lambda entry: getattr(entry, concept.identity)) if concept.identity else repr
    return st.lists(made, max_size=3, unique_by=unique)


def _named(name, like):
    return msgspec.structs.replace(like, name=name)


def _key(name, like):
    return msgspec.structs.replace(
        like, name=name, display=like.display or DISPLAY_NAMES.get(name, "")
    )


SITES = st.builds(
    directory.site,
    st.fixed_dictionaries({kind: _entries(kind) for kind in KINDS}),
    values(inspect.type_info(SiteFacts)),
    values(inspect.type_info(SystemParameters)),
)


def without_order(site: Site):
    """What a site holds; the order of named entries means nothing."""
    return {
        kind: entries if not KINDS[kind].identity else sorted(entries, key=repr)
        for kind in KINDS
        for entries in [site.entries(kind)]
    }
