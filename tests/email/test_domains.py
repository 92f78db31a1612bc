"""However an address is written, its domain is one."""

import pytest

from ace_server.email.domains import domain_of


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        (" Anna@Bank.Example. ", "bank.example"),
        ("anna@Bücher.Example", "xn--bcher-kva.example"),
        ("anna@BÜCHER.example。", "xn--bcher-kva.example"),
        ("anna@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ('"a@b"@bank.example', "bank.example"),
        ("anna@Ü..example", "ü..example"),
        ("anna@\ud800.example", "\ud800.example"),
        ("anna", ""),
        ("", ""),
    ],
)
def test_domain_of_an_address(address, domain):
    assert domain_of(address) == domain
