"""Where django-helpdesk's REST is: at `/api/`."""

from django.urls import include, path  # type: ignore[import-not-found]  # in the peer's own environment alone

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
