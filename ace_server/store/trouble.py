"""Which errors of a database are one job's own, and which are trouble for all."""

import sqlite3

from peewee import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError

OWN = (IntegrityError, DataError, ProgrammingError)
"""What one job is to blame for: it fails alone, else it would take others with it for ever."""

TROUBLE = (DatabaseError, InterfaceError, sqlite3.Error, OSError)
"""What a database raises when it cannot go on, unless a job raised one of its `OWN`."""
