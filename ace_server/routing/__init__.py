"""Who gets what, when, and why: decided in pure functions over an index in memory.

Nothing here reads the clock, the store or the network, and nothing is left to chance.
"""
