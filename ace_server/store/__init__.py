"""What is true: the only package that knows the database.

Services use `Store.run` with the job functions of these modules; nothing outside imports peewee.
"""

from ace_server.store.contract import Corrupt, Fenced, NewerSchema, Sign
from ace_server.store.files import Draft, Files
from ace_server.store.seam import Kind, Seam
from ace_server.store.store import Store

__all__ = [
    "Corrupt",
    "Draft",
    "Fenced",
    "Files",
    "Kind",
    "NewerSchema",
    "Seam",
    "Sign",
    "Store",
]
