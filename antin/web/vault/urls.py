"""Addresses of the vault."""

from django.urls import path

from antin.web.vault import own_keys

urlpatterns = [
    path("me/encryption/make", own_keys.make, name="encryption-make"),
    path("me/encryption/<int:certificate_id>/carry-over", own_keys.rewrap, name="encryption-carry-over"),
]
