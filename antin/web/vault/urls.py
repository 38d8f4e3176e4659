"""Addresses of the vault."""

from django.urls import path

from antin.web.vault import acts, opening, own_keys, recovery, searching, secrets

urlpatterns = [
    path("me/encryption/make", own_keys.make, name="encryption-make"),
    path("me/encryption/<int:certificate_id>/carry-over", own_keys.rewrap, name="encryption-carry-over"),
    path("me/encryption/<int:certificate_id>/locks", own_keys.locks, name="encryption-locks"),
    # what is classified
    path("vault", secrets.listing, name="secrets"),
    path("vault/search", searching.search, name="secrets-search"),
    path("vault/search/lists", searching.lists, name="secrets-search-lists"),
    path("vault/<int:classified_id>/", secrets.page, name="secret"),
    path("vault/<int:classified_id>/open", opening.page, name="secret-open"),
    path("vault/<int:classified_id>/locks", opening.locks, name="secret-locks"),
    path("vault/<int:classified_id>/sealed/<int:content_id>", opening.sealed, name="secret-sealed"),
    path("vault/<int:classified_id>/readers/add", acts.add_reader, name="secret-add-reader"),
    path("vault/<int:classified_id>/readers/<int:person_id>/remove", acts.remove_reader, name="secret-remove-reader"),
    path("vault/<int:classified_id>/readers/<int:person_id>/again", acts.seal_again, name="secret-seal-again"),
    path("vault/<int:classified_id>/level", acts.change_level, name="secret-change-level"),
    path("vault/<int:classified_id>/extend", acts.extend, name="secret-extend"),
    path("vault/<int:classified_id>/declassify", acts.declassify, name="secret-declassify"),
    path("vault/<int:classified_id>/copies/give", acts.give_copy, name="secret-give-copy"),
    path("vault/<int:classified_id>/copies/<int:copy_id>/return", acts.return_copy, name="secret-return-copy"),
    path("vault/<int:classified_id>/copies/<int:copy_id>/destroy", acts.destroy_copy, name="secret-destroy-copy"),
    path("vault/<int:classified_id>/destroy", acts.destroy, name="secret-destroy"),
    path("vault/<int:classified_id>/minutes", acts.minutes_file, name="secret-minutes"),
    # recovery
    path("vault/recovery", recovery.page, name="recovery"),
    path("vault/recovery/establish", recovery.establish, name="recovery-establish"),
    path("vault/recovery/ask", recovery.ask_for, name="recovery-ask"),
    path("vault/recovery/<int:recovery_id>/locks", recovery.locks, name="recovery-locks"),
    path("vault/recovery/<int:recovery_id>/half", recovery.half, name="recovery-half"),
    path("vault/recovery/<int:recovery_id>/recover", recovery.recover, name="recovery-recover"),
    path("vault/recovery/<int:recovery_id>/withdraw", recovery.withdraw, name="recovery-withdraw"),
    path("administration/recovery", recovery.states, name="recovery-states"),
]
