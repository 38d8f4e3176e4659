"""Several agencies issue one document: each seals beside its head's signature, after the number, before the one that drafted it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Signatory
from antin.documents.operations import Hands
from antin.documents.states import Act, Status
from antin.files import operations as files
from antin.files import queries as kept
from antin.journal import queries as journal
from antin.journeys import approve_document, fix_page, issue_document
from antin.journeys.sign_document import PreparedTooLongAgo
from antin.keys import operations as keys
from antin.keys.models import KeyDevice
from antin.keys.policy import BadSignature, KeepersPinMissing, WrongPin
from antin.notices import queries as notices
from antin.numbering import queries as numbering
from antin.signing import operations as signing
from antin.signing import pades
from antin.signing import queries as signatures
from tests import given, paper, pki, tokens
from tests.cast import TODAY, Agency, Cast, Member, forty
from tests.journeys.test_several_signers import give_back, seal, sign, waiting
from tests.paper import PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def third(cast: Cast, at: datetime, own_state: Path) -> Agency:
    """Everybody's keys, and those of a third agency."""
    paper.give_keys(cast, at)
    (agency,) = forty(cast, count=1)
    head = agency.head
    keys.issue_person_certificate(person_id=head.person_id, post_id=head.post_id, pin=PIN, actor=None, at=at)
    keys.issue_agency_certificate(agency_id=agency.agency_id, custodian_id=agency.clerk.person_id, actor=None, at=at)
    return agency


def signed(cast: Cast, at: datetime, *heads: Member, agencies: tuple[int, ...]) -> Document:
    document = paper.a_page_to_sign(cast, at, type_code="KH", hands=Hands(joint_agency_ids=agencies))
    assert queries.making_of(document).fault == ""
    for member in (cast.head, *heads):
        document = sign(document, member, at)
    return document


def number(document: Document, cast: Cast, at: datetime, *, by: Member | None = None) -> Document:
    actor = (by or cast.clerk).actor()
    return issue_document.number_document(document_id=document.pk, actor=actor, today=TODAY, at=at)


def test_three_agencies_seal_one_page_and_the_one_that_drafted_it_last(cast: Cast, third: Agency, at: datetime) -> None:
    heads = (cast.recipient_head, third.head)
    document = signed(cast, at, *heads, agencies=(cast.recipient_id, third.agency_id))
    keepers = (cast.recipient_clerk, third.clerk, cast.seal_keeper)
    refused(policy.NotNumbered, partial(seal, document, third.clerk, at))
    refused(policy.NotNumbered, partial(seal, document, cast.seal_keeper, at))

    # numbered by who keeps the seal: it leaves nothing of the others out
    document = number(document, cast, at, by=cast.seal_keeper)
    assert (document.status, document.next_act, document.next_holder) == (
        Status.SIGNED,
        Act.JOINT_SEAL,
        f"R{cast.recipient_id}",
    )
    assert waiting(document, *keepers) == [True, True, False]
    assert notices.list_for(third.clerk.actor())[0].kind == "document.to_seal_jointly"
    for member, why in (
        (cast.seal_keeper, policy.JointSealsAwaited),
        (cast.clerk, policy.NotTheSealKeeper),
        (third.head, policy.NotTheSealKeeper),
        (cast.recipient_deputy, policy.NotTheSealKeeper),
    ):
        refused(why, partial(seal, document, member, at))

    document = seal(document, third.clerk, at)
    assert (document.next_act, document.next_holder) == (Act.JOINT_SEAL, f"R{cast.recipient_id}")
    refused(policy.SealedAlready, partial(seal, document, third.clerk, at))
    assert waiting(document, *keepers) == [True, False, False]
    document = seal(document, cast.recipient_clerk, at)
    assert (document.next_act, document.next_holder) == (Act.SEAL, f"R{cast.agency_id}")
    assert waiting(document, *keepers) == [False, False, True]
    assert notices.list_for(cast.seal_keeper.actor())[0].kind == "document.to_seal"
    document = seal(document, cast.seal_keeper, at)
    assert document.status == Status.ISSUED

    report = signing.verify(file=document.file, at=at)
    assert (report.verdict, report.replaces_paper, report.reasons) == ("valid", True, ())
    found = [
        (each.field, each.organisation) for each in report.signatures if each.field in ("Seal1", "Seal2", "Agency")
    ]
    assert found == [("Seal2", "Trung tâm N1"), ("Seal1", "Trung tâm B1"), ("Agency", "Tổng cục Z")]

    # the other agencies hold it, and can say why
    for member in (cast.recipient_clerk, third.clerk):
        assert queries.get_for(member.actor(), document.pk).status == Status.ISSUED
        assert [row.reason for row in queries.why_visible(member.actor(), document.pk)] == ["joint"]
        assert notices.list_for(member.actor())[0].kind == "document.issued"
    rows = {row.agency_id: row for row in queries.list_joint_seals(document.pk)}
    assert rows[third.agency_id].sealed_by == "Trần Thư 1, Nhân viên văn thư"
    told = [row.event for row in journal.list_for(("document", document.pk))]
    assert told.count("document.joint_sealed") == 2


def test_the_seal_lies_over_the_left_third_of_its_own_heads_signature(cast: Cast, third: Agency, at: datetime) -> None:
    document = signed(cast, at, cast.recipient_head, agencies=(cast.recipient_id,))
    person = signatures.find_place(document.file, "Cosigner1")
    stamp = signatures.find_place(document.file, "Seal1")
    assert person is not None and stamp is not None
    size = pytest.approx(102.05, abs=0.1)
    assert (stamp.page, stamp.width, stamp.height) == (person.page, size, size)
    assert stamp.x + stamp.width == pytest.approx(person.x + person.width / 3, abs=0.5)
    assert stamp.y + stamp.height / 2 == pytest.approx(person.y + person.height / 2, abs=0.5)


def test_a_page_made_elsewhere_takes_the_seal_too(cast: Cast, third: Agency, at: datetime) -> None:
    document = signed(cast, at, cast.recipient_head, agencies=(cast.recipient_id,))
    plan = queries.plan_of(document)
    page = fix_page.preview(plan, at)
    plan.making.uploaded_file = files.keep(page, at=at).digest
    assert fix_page.why_not_places(plan, page) is None
    places = fix_page.found.find_places(page, **fix_page.hands_of(plan))
    assert {"cosigner1", "seal1", "person", "agency"} <= set(places)


def test_two_who_seal_at_once_both_stand_on_it(cast: Cast, third: Agency, at: datetime) -> None:
    heads = (cast.recipient_head, third.head)
    document = number(signed(cast, at, *heads, agencies=(cast.recipient_id, third.agency_id)), cast, at)
    base = queries.making_of(document).signed_file
    seal(document, third.clerk, at)
    refused(
        documents.PageChanged,
        lambda: documents.keep_joint_seal(
            document_id=document.pk, numbered_file=base, sealed_file=base, actor=cast.recipient_clerk.actor(), at=at
        ),
    )
    document = seal(document, cast.recipient_clerk, at)
    fields, _empty, texts, _in_order = pades.form_of(kept.read(document.file))
    assert {"Seal1", "Seal2"} <= set(fields) and texts["number"] == "01"


def test_a_keeper_who_refuses_sends_it_back_and_everything_on_it_is_void(
    cast: Cast, third: Agency, at: datetime
) -> None:
    heads = (cast.recipient_head, third.head)
    document = number(signed(cast, at, *heads, agencies=(cast.recipient_id, third.agency_id)), cast, at)
    seal(document, third.clerk, at)
    refused(policy.NotTheRegistry, partial(give_back, document, third.clerk, at))  # he has sealed it
    refused(policy.NotTheRegistry, partial(give_back, document, cast.recipient_head, at))
    give_back(document, cast.recipient_clerk, at)
    whole = queries.get_whole(cast.plan_officer.actor(), document.pk)
    assert (whole.document.status, whole.document.number, whole.document.code) == (Status.RETURNED, None, "")
    void = "Vũ Trọng Khánh (cùng ký), Nguyễn Trung 1 (cùng ký), Nguyễn Văn An (người ký), Trung tâm N1 (đóng dấu)"
    assert [(each.kind, each.words) for each in whole.remarks] == [
        ("returned", "Chưa thống nhất kinh phí"),
        ("voided", void),
    ]
    assert [(each.seal_waiting, each.sealed_at, each.sealed_file) for each in whole.signatories] == [
        (False, None, "")
    ] * 3
    assert len(numbering.list_voided(agency_id=cast.agency_id, year=TODAY.year)) == 1
    assert notices.list_for(third.head.actor())[0].kind == "document.signatures_voided"
    assert waiting(document, cast.recipient_clerk, third.clerk, cast.seal_keeper) == [False] * 3

    # handed on again as it is, everybody signs and seals anew
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at)
    for member in (cast.head, *heads):
        document = sign(document, member, at)
    document = number(document, cast, at)
    for member in (cast.recipient_clerk, third.clerk, cast.seal_keeper):
        document = seal(document, member, at)
    assert (document.status, document.code) == (Status.ISSUED, "02/KH-TCZ-B1-N1")


def test_what_was_on_its_way_before_goes_on_without_the_other_seals(cast: Cast, third: Agency, at: datetime) -> None:
    """Migration 0015: a page that is fixed keeps the places it has, a draft gets the new ones."""
    fixed = given.a_submitted_draft(cast, at, type_code="KH", hands=Hands(joint_agency_ids=(cast.recipient_id,)))
    approve_document.endorse(document_id=fixed.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    Signatory.objects.update(seals=False)  # as before there were any
    fix_page.fix_page(document_id=fixed.pk, at=at)
    draft = documents.create_draft(
        facts=documents.DraftFacts(
            type_code="KH",
            subject="Kế hoạch",
            signer_post_id=cast.head.post_id,
            hands=Hands(cosigner_post_ids=(cast.deputy.post_id,), joint_agency_ids=(cast.recipient_id,)),
        ),
        actor=cast.plan_officer.actor(),
        today=TODAY,
        at=at,
    )
    Signatory.objects.update(seals=False)
    migration = __import__("antin.documents.migrations.0015_joint_seals_of_drafts", fromlist=["take_seals"])
    migration.take_seals(_Apps, connection.schema_editor())
    assert [each.seals for each in queries.list_signatories(fixed, queries.making_of(fixed))] == [False, False]
    assert [each.turn for each in queries.list_joint_seals(draft.pk)] == [2]
    for member in (cast.head, cast.recipient_head):
        fixed = sign(fixed, member, at)
    fixed = number(fixed, cast, at, by=cast.seal_keeper)
    assert fixed.status == Status.ISSUED


class _Apps:
    """The models as they are now, for the function of a migration."""

    @staticmethod
    def get_model(_label: str, _name: str) -> Any:
        return Signatory


def test_the_seal_at_the_keepers_own_machine_takes_two_steps(cast: Cast, third: Agency, at: datetime) -> None:
    private = pki.make_key("p256")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "N1")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, hashes.SHA256())
    waits = keys.request_with_file(
        content=asked.public_bytes(Encoding.DER),
        label="USB",
        agency_id=third.agency_id,
        actor=cast.administrator.actor(),
        at=at,
    )
    made = keys.issue_requested(request_id=waits.pk, actor=None, at=at)
    KeyDevice.objects.filter(certificate=made).update(custodian_id=third.clerk.person_id)
    heads = (cast.recipient_head, third.head)
    document = number(signed(cast, at, *heads, agencies=(cast.recipient_id, third.agency_id)), cast, at)
    prepared = partial(issue_document.prepare_seal, document_id=document.pk, actor=third.clerk.actor(), at=at)
    take = partial(
        issue_document.seal_elsewhere, document_id=document.pk, prepared_at=at, actor=third.clerk.actor(), at=at
    )
    [(title, data)] = prepared().items
    assert title == document.code
    another = pki.make_key("p256").sign(data, ec.ECDSA(hashes.SHA256()))
    refused(BadSignature, lambda: take(signatures=[another]))  # made by another agency's key
    refused(PreparedTooLongAgo, lambda: take(signatures=[]))
    early = private.sign(data, ec.ECDSA(hashes.SHA256()))
    seal(document, cast.recipient_clerk, at)  # quicker: what was prepared is not the page any more
    with pytest.raises(BadSignature):
        take(signatures=[early])
    [(_title, data)] = prepared().items
    document = take(signatures=[private.sign(data, ec.ECDSA(hashes.SHA256()))])
    assert (document.next_act, document.next_holder) == (Act.SEAL, f"R{cast.agency_id}")


def test_a_token_that_only_its_keeper_opens_asks_his_pin(
    cast: Cast, third: Agency, at: datetime, own_state: Path, settings: Any
) -> None:
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    serial = tokens.new_token("Trung tâm N1")
    pin = own_state / "secrets" / "pins" / serial
    pin.parent.mkdir(parents=True, exist_ok=True)
    pin.write_text(tokens.PIN)
    pin.chmod(0o600)
    keys.issue_agency_certificate(
        agency_id=third.agency_id, token=f"hsm:{serial}", custodian_id=third.clerk.person_id, actor=None, at=at
    )
    pin.unlink()
    document = number(signed(cast, at, third.head, agencies=(third.agency_id,)), cast, at)
    order = partial(issue_document.seal_document, document_id=document.pk, actor=third.clerk.actor(), at=at)
    refused(KeepersPinMissing, order)
    with pytest.raises(WrongPin):
        order(pin="00000000")
    assert order(pin=tokens.PIN).next_act == Act.SEAL
