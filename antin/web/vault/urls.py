"""Addresses of the vault."""

from django.urls import path

from antin.web.vault import own_keys, recovery

urlpatterns = [
    path("me/encryption/make", own_keys.make, name="encryption-make"),
    path("me/encryption/<int:certificate_id>/carry-over", own_keys.rewrap, name="encryption-carry-over"),
    # recovery
    path("vault/recovery", recovery.page, name="recovery"),
    path("vault/recovery/establish", recovery.establish, name="recovery-establish"),
    path("vault/recovery/ask", recovery.ask_for, name="recovery-ask"),
    path("vault/recovery/<int:recovery_id>/half", recovery.half, name="recovery-half"),
    path("vault/recovery/<int:recovery_id>/recover", recovery.recover, name="recovery-recover"),
    path("vault/recovery/<int:recovery_id>/withdraw", recovery.withdraw, name="recovery-withdraw"),
    path("administration/recovery", recovery.states, name="recovery-states"),
]
