"""The agent's desk: models hold rows and know no widget, views hold widgets and decide nothing."""
