"""The server of the contact-handling suite: intake, routing, and the agents' link."""

VERSION = "0.1.0"
"""Of the program, as in `pyproject.toml`."""
