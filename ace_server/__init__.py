"""The server of the contact-handling suite: intake, routing, and the agents' link."""
