"""The configuration as a file that is read again as the same."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ace_server.administration import configuration, declarations
from ace_server.concepts import KINDS
from ace_server.passwords import StoredSecret
from tests.administration.sites import BARE, SITES, assembled, without_order

DATA = Path("tests/data/configuration")
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNoaGFzaGhhc2g"

STORED = {
    ("work_item_account", "loans"): StoredSecret("env", "ACE_LOANS_SECRET"),
    ("work_item_account", "night"): StoredSecret("hash", HASH),
    ("mail_account", "support@bank.example"): StoredSecret("file", "/run/secrets/support"),
    ("smtp_server", "outgoing"): StoredSecret("ask"),
    ("oauth_client", "provider"): StoredSecret("env", "ACE_OAUTH_SECRET"),
    ("user", "anna"): StoredSecret("code", HASH),
}


def every_field():
    return (DATA / "every_field.toml").read_text("utf-8")


@given(SITES)
@settings(max_examples=100)
def test_what_is_written_is_read_as_the_same(site):
    document = configuration.read(configuration.write(site, {}))
    onto_itself = configuration.assemble(document, site)
    assert configuration.differences(site, onto_itself) == []
    anew = configuration.assemble(document, BARE)
    assert configuration.differences(site, anew) == []
    assert without_order(anew) == without_order(site)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30))
def test_any_text_survives(text):
    site = assembled('[[routing_rule]]\nto = [{ queue = "Unrouted" }]')
    site.routing_rules[0].when[text] = text
    written = configuration.write(site, {})
    assert assembled(written).routing_rules == site.routing_rules


def test_file_looks_as_people_write_it():
    site = assembled(every_field())
    written = configuration.write(site, STORED)
    assert written == (DATA / "every_field_written.toml").read_text("utf-8")


def test_that_file_has_every_field_of_every_kind_other_than_its_default():
    document = configuration.read(every_field())
    tables = {**document.entries, "site": (document.facts,), "system": (document.system,)}
    assert set(tables) == {*KINDS, "site", "system"}
    left_out = [
        f"{kind}.{field.name}"
        for kind, entries in tables.items()
        for field in declarations.fields(type(entries[0]))
        if all(getattr(entry, field.name) == field.default for entry in entries)
    ]
    assert left_out == []


def test_secrets_are_hashes_references_or_still_to_be_entered():
    written = configuration.write(assembled(every_field()), STORED)
    secrets = {
        (kind, entry.name if kind != "user" else entry.login): getattr(entry, field)
        for kind, field in [
            ("work_item_account", "secret"),
            ("mail_account", "password"),
            ("smtp_server", "password"),
            ("oauth_client", "secret"),
            ("user", "password"),
        ]
        for entry in configuration.read(written).entries[kind]
    }
    assert secrets == {
        ("work_item_account", "loans"): "env:ACE_LOANS_SECRET",
        ("work_item_account", "night"): HASH,
        ("mail_account", "support@bank.example"): "file:/run/secrets/support",
        ("smtp_server", "outgoing"): "ask",
        ("oauth_client", "provider"): "env:ACE_OAUTH_SECRET",
        ("user", "anna"): "ask",
        ("user", "eva"): "",
    }


def test_secrets_of_a_document_are_not_written():
    site = assembled('[[work_item_account]]\nname = "loans"\nsecret = "MARKER-of-a-secret"')
    assert "MARKER" not in configuration.write(site, {})


def test_defaults_are_not_written():
    """Also those that were given, or come out of the store, and so are equal but not the same."""
    text = """
[[mail_account]]
name = "support"
fetch = "imaps://support@mail.example"
answer_budget = "5/1h"
folders = ["INBOX"]

[[layout]]
fields = [{ key = "cid", rule = "optional", lines = 1, values = [] }]
"""
    written = configuration.write(assembled(text), {})
    assert "answer_budget" not in written
    assert "folders" not in written
    assert 'fields = [{ key = "cid" }]' in written


def test_what_exists_anyway_is_not_written():
    written = configuration.write(BARE, {})
    assert [line for line in written.splitlines() if not line.startswith("#")] == [
        "",
        "[site]",
        "",
        "[system]",
    ]


def test_what_exists_anyway_in_an_area_is_not_written():
    site = assembled('[[organisation_area]]\nname = "Cards"')
    assert "Unrouted (Cards)" in site.queues
    written = configuration.write(site, {})
    assert "[[queue]]" not in written
    listed = assembled('[system]\nagentDistrOrderEmailIncoming = "waiting list"', site)
    assert "Unrouted list (Cards)" in listed.waiting_lists
    assert "[[waiting_list]]" not in configuration.write(listed, {})


def test_template_of_every_agents_own_is_written_once_it_is_changed():
    site = assembled('[[queue]]\nname = "Personal"\npriority = 4')
    written = configuration.write(site, {})
    assert '[[queue]]\nname = "Personal"\npriority = 4\n' in written
    assert assembled(written) == site
