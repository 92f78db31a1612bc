"""Lets django-helpdesk fetch one mailbox by its own `process_email`; prints what came of it.

Called with host, port, user and password.
"""

import json
import sys
from time import perf_counter, process_time

import django  # type: ignore[import-not-found]  # in the peer's own environment alone
from django.apps import apps  # type: ignore[import-not-found]  # likewise

if __name__ == "__main__":
    django.setup()
    from helpdesk.email import (  # type: ignore[import-not-found]  # needs the models loaded
        process_email,
    )

    host, port, user, password = sys.argv[1:]
    tickets = apps.get_model("helpdesk.Ticket").objects
    apps.get_model("helpdesk.Queue").objects.update(
        allow_email_submission=True,
        email_address="loans@bank.example",
        email_box_type="imap",
        email_box_ssl=False,
        email_box_host=host,
        email_box_port=int(port),
        email_box_user=user,
        email_box_pass=password,
        email_box_imap_folder="INBOX",
        email_box_interval=0,
        email_box_last_check=None,
    )
    before = max(tickets.values_list("id", flat=True), default=0)
    began_at, before_cpu = perf_counter(), process_time()
    process_email(quiet=True)
    seconds, cpu = perf_counter() - began_at, process_time() - before_cpu
    stored = tickets.filter(id__gt=before).values_list("title", "description")
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "stored": list(stored)}))
