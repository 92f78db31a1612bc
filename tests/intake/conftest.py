"""The core of a server for every test of this folder."""

from tests.core import clock, configure, core

__all__ = ["clock", "configure", "core"]
