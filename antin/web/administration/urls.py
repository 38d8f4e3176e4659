"""Addresses of the pages of administration."""

from django.urls import path

from antin.web.administration import calendar, certificates, devices, overview, people, posts, rights, signatures, units

urlpatterns = [
    path("administration", overview.overview, name="administration"),
    # units
    path("administration/units", units.tree, name="units"),
    path("administration/units/<int:unit_id>", units.page, name="unit"),
    path("administration/units/<int:unit_id>/open", units.open_unit, name="unit-open"),
    path("administration/units/<int:unit_id>/rename", units.rename, name="unit-rename"),
    path("administration/units/<int:unit_id>/describe", units.describe, name="unit-describe"),
    path("administration/units/<int:unit_id>/move", units.move, name="unit-move"),
    path("administration/units/<int:unit_id>/close", units.close, name="unit-close"),
    # posts
    path("administration/units/<int:unit_id>/posts/open", posts.open_post, name="post-open"),
    path("administration/posts/<int:post_id>", posts.page, name="post"),
    path("administration/posts/<int:post_id>/appoint", posts.appoint, name="post-appoint"),
    path("administration/posts/<int:post_id>/new-person", people.add, name="post-new-person"),
    path("administration/posts/<int:post_id>/describe", posts.describe, name="post-describe"),
    path("administration/posts/<int:post_id>/close", posts.close, name="post-close"),
    path("administration/appointments/<int:appointment_id>/end", posts.end_appointment, name="appointment-end"),
    # rights to sign, substitutes
    path("administration/units/<int:unit_id>/delegate", rights.delegate, name="delegate"),
    path("administration/delegations/<int:delegation_id>/revoke", rights.revoke_delegation, name="delegation-revoke"),
    path("administration/units/<int:unit_id>/substitute", rights.substitute, name="substitute"),
    path("administration/substitutions/<int:substitution_id>/end", rights.end_substitution, name="substitution-end"),
    # persons
    path("administration/people", people.listing, name="people"),
    path("administration/people/add", people.add, name="person-add"),
    path("administration/people/<int:person_id>", people.page, name="person"),
    path("administration/people/<int:person_id>/appoint", posts.appoint_to, name="person-appoint"),
    path("administration/people/<int:person_id>/describe", people.describe, name="person-describe"),
    path("administration/people/<int:person_id>/password", people.set_password, name="person-password"),
    path("administration/people/<int:person_id>/factors", people.reset_factors, name="person-factors"),
    path("administration/people/<int:person_id>/sign-out", people.sign_out, name="person-sign-out"),
    path("administration/people/<int:person_id>/lock", people.lock, name="person-lock"),
    path("administration/people/<int:person_id>/unlock", people.unlock, name="person-unlock"),
    path("administration/people/<int:person_id>/let-go", people.let_go, name="person-let-go"),
    path("administration/people/<int:person_id>/clearance", people.clear, name="person-clearance"),
    # devices
    path("administration/devices", devices.register, name="devices"),
    path("administration/requests/<int:request_id>/file", devices.request_file, name="request-file"),
    path("administration/requests/<int:request_id>/issue", devices.issue_requested, name="request-issue"),
    path("administration/requests/<int:request_id>/enter", devices.enter_requested, name="request-enter"),
    path("administration/requests/<int:request_id>/decline", devices.decline_request, name="request-decline"),
    path("administration/hand-overs/<int:hand_over_id>/withdraw", devices.withdraw_offer, name="offer-withdraw"),
    path("administration/certificates/<int:certificate_id>/renew", devices.renew, name="certificate-renew"),
    path("administration/people/<int:person_id>/key-request", devices.request_for_person, name="person-key-request"),
    path("administration/people/<int:person_id>/key-enter", devices.enter_for_person, name="person-key-enter"),
    path("administration/units/<int:unit_id>/key-request", devices.request_for_agency, name="seal-key-request"),
    path("administration/units/<int:unit_id>/key-enter", devices.enter_for_agency, name="seal-key-enter"),
    path("administration/people/<int:person_id>/key-file", devices.import_key_file, name="key-file-import"),
    path("administration/authority/anchors/add", devices.add_anchor, name="anchor-add"),
    path("administration/authority/anchors/<int:anchor_id>/end", devices.end_anchor, name="anchor-end"),
    path("administration/authority/intermediates", devices.import_authorities, name="authorities-import"),
    path("administration/authority/lists", devices.import_list, name="list-import"),
    # certificates
    path("administration/authority", certificates.authority, name="authority"),
    path("administration/authority/establish", certificates.establish, name="authority-establish"),
    path("administration/people/<int:person_id>/certify", certificates.issue_to_person, name="certificate-issue"),
    path("administration/units/<int:unit_id>/certify", certificates.issue_to_agency, name="seal-issue"),
    path("administration/certificates/<int:certificate_id>/revoke", certificates.revoke, name="certificate-revoke"),
    path("administration/certificates/<int:certificate_id>/hand-over", certificates.hand_over, name="seal-hand-over"),
    # how signatures last
    path("administration/signatures", signatures.page, name="signatures"),
    path("administration/signatures/rules/set", signatures.set_rule, name="rule-set"),
    path("administration/signatures/rules/<int:rule_id>/drop", signatures.drop_rule, name="rule-drop"),
    path("administration/signatures/services/add", signatures.set_responder, name="responder-add"),
    path("administration/signatures/services/<int:responder_id>", signatures.set_responder, name="responder-set"),
    path(
        "administration/signatures/services/<int:responder_id>/close",
        signatures.close_responder,
        name="responder-close",
    ),
    # the working calendar
    path("administration/calendar", calendar.page, name="calendar"),
    path("administration/calendar/day", calendar.set_day, name="calendar-day"),
    path("administration/calendar/swap", calendar.swap, name="calendar-swap"),
    path("administration/calendar/<str:day>/clear", calendar.clear, name="calendar-clear"),
]
