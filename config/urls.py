"""Every address of the node, by door."""

from django.urls import include, path

from antin.api.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("antin.api.urls")),
    path("", include("antin.web.urls")),
]
