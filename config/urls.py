"""Every address of the node, by door."""

from django.urls import include, path

from antin.api.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("antin.api.urls")),
    path("", include("antin.web.urls")),
]

handler400 = "antin.web.errors.bad_request"
handler403 = "antin.web.errors.forbidden"
handler404 = "antin.web.errors.not_found"
handler500 = "antin.web.errors.broken"
