"""Makes django-helpdesk's tables, a member of staff and a queue; prints the token of the log-in."""

import django  # type: ignore[import-not-found]  # in the peer's own environment alone
from django.apps import apps  # type: ignore[import-not-found]  # likewise
from django.core.management import call_command  # type: ignore[import-not-found]  # likewise

if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    user = apps.get_model("auth.User").objects.create_superuser("loans", password="not a secret")
    apps.get_model("helpdesk.Queue").objects.create(title="Loan decisions", slug="loans")
    print(apps.get_model("authtoken.Token").objects.create(user=user).key)
