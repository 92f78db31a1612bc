"""TLS for the server's ports: 1.2 or newer, and required on any address but loopback (G-6)."""

import ipaddress
import ssl

from ace_server.errors import Refused


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def context(host: str, certificate: str, private_key: str) -> ssl.SSLContext | None:
    """The context of a port on `host`; None for a plain one.

    Raises Refused where a certificate is required or cannot be read.
    """
    if not certificate:
        if is_loopback(host):
            return None
        raise Refused("no-certificate", f"{host} is not loopback: configure a certificate first")
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(certificate, private_key or None)
    except (OSError, ssl.SSLError) as error:
        raise Refused("no-certificate", f"{certificate} cannot be used: {error}") from error
    return made
