"""The whole routing on paper: who would get what, on which day, under which configuration.

It decides nothing by itself: `routing` decides, as it does in the server. Here is what drives it:
contacts that come in, people at their desks, and time, which is an argument.
"""
