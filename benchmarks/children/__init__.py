"""Programs that benchmarks start beside the server: what it is compared with.

Each prints a line of JSON when it is ready, and ends when its standard input is closed.
"""
