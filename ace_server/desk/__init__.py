"""The agents' side of the server: what they do, what they are given, and the link to them."""
