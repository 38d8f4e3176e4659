"""Every address of the node, by door."""

from django.urls import include, path

from antin.api.health import healthz, live, ready
from antin.api.metrics import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("antin.api.urls")),
    path("", include("antin.web.urls")),
]

handler400 = "antin.web.errors.bad_request"
handler403 = "antin.web.errors.forbidden"
handler404 = "antin.web.errors.not_found"
handler500 = "antin.web.errors.broken"
