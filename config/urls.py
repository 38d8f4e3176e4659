"""Every address of the node, by door."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("antin.api.urls")),
    path("", include("antin.web.urls")),
]
