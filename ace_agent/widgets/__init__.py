"""Small widgets that know nothing of contacts and could serve any page."""
