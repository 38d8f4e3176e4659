"""The legal order of steps as one rule: it refuses before a key is opened, and judges what others have signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from antin.keys import pki as real
from antin.keys.models import Certificate
from antin.keys.states import Subject
from antin.signing import operations as signing
from antin.signing import pades
from antin.signing.policy import Foreseen, KeyNotForSigning, OutOfOrder, Taken, find_disorder
from antin.signing.states import Disorder, Kind, RequestState, Step
from tests import pki, signatures
from tests.cast import Cast
from tests.signatures import PIN, Keys
from tests.unchanged import refused

PERSON, NUMBER, AGENCY = Taken(Step.PERSON), Taken(Step.NUMBER), Taken(Step.AGENCY)
INITIALS, FORMAT = Taken(Step.INITIALS), Taken(Step.FORMAT)
ONE, TWO = Taken(Step.COSIGNER, 1), Taken(Step.COSIGNER, 2)
SEAL_ONE, SEAL_TWO = Taken(Step.JOINT_SEAL, 1), Taken(Step.JOINT_SEAL, 2)
PLAIN, TOGETHER = Foreseen(), Foreseen(cosigners=2)
IN_TURN = replace(TOGETHER, in_order=True)
JOINT = replace(TOGETHER, joint_seals=2)
SIGNED = [ONE, TWO, PERSON]
ALL = replace(PLAIN, initials=True, format=True)


@pytest.mark.parametrize(
    ("taken", "foreseen", "wrong"),
    [
        ([INITIALS, FORMAT, PERSON, NUMBER, AGENCY], PLAIN, None),
        ([PERSON], PLAIN, None),
        ([TWO, ONE, PERSON, NUMBER, AGENCY], TOGETHER, None),
        ([ONE, TWO, PERSON, NUMBER, AGENCY], IN_TURN, None),
        ([ONE, PERSON], IN_TURN, Disorder.OUT_OF_TURN),
        ([FORMAT], ALL, Disorder.BEFORE_INITIALS),
        ([PERSON], ALL, Disorder.BEFORE_INITIALS),
        ([INITIALS, ONE], ALL, Disorder.BEFORE_FORMAT),
        ([INITIALS, FORMAT, ONE, PERSON], ALL, None),
        ([TWO], IN_TURN, Disorder.OUT_OF_TURN),
        ([PERSON, ONE, NUMBER], TOGETHER, Disorder.BEFORE_COSIGNERS),
        ([PERSON, ONE, TWO, AGENCY], TOGETHER, Disorder.BEFORE_NUMBER),
        ([PERSON, INITIALS], PLAIN, Disorder.INITIALS_LATE),
        ([PERSON, NUMBER, FORMAT], PLAIN, Disorder.INITIALS_LATE),
        ([NUMBER, PERSON], PLAIN, Disorder.BEFORE_PERSON),
        ([AGENCY], PLAIN, Disorder.BEFORE_PERSON),
        ([PERSON, AGENCY], PLAIN, Disorder.BEFORE_NUMBER),
        ([PERSON, NUMBER, ONE], PLAIN, Disorder.PERSON_AFTER_NUMBER),
        ([PERSON, NUMBER, AGENCY, ONE], PLAIN, Disorder.PERSON_AFTER_AGENCY),
        ([PERSON, NUMBER, AGENCY, NUMBER], PLAIN, Disorder.TWICE),
        ([PERSON, AGENCY, NUMBER], replace(PLAIN, number=False), Disorder.AFTER_AGENCY),
        ([*SIGNED, NUMBER, SEAL_TWO, SEAL_ONE, AGENCY], JOINT, None),
        ([*SIGNED, SEAL_ONE], JOINT, Disorder.BEFORE_NUMBER),
        ([*SIGNED, NUMBER, SEAL_ONE, AGENCY], JOINT, Disorder.BEFORE_JOINT_SEALS),
        ([*SIGNED, NUMBER, AGENCY, SEAL_ONE], replace(JOINT, joint_seals=0), Disorder.JOINT_SEAL_LATE),
        ([*SIGNED, NUMBER, SEAL_ONE, SEAL_ONE], JOINT, Disorder.TWICE),
        ([PERSON, ONE, SEAL_ONE], JOINT, Disorder.BEFORE_COSIGNERS),
        ([ONE, TWO, SEAL_ONE], JOINT, Disorder.BEFORE_PERSON),
        ([*SIGNED, SEAL_ONE, NUMBER], replace(JOINT, number=False), Disorder.AFTER_AGENCY),
        ([ONE, PERSON, NUMBER, SEAL_ONE, TWO], PLAIN, Disorder.PERSON_AFTER_AGENCY),
        ([AGENCY], Foreseen(person=False, number=False), None),
        ([], PLAIN, None),
    ],
)
def test_the_order_is_judged(taken: list[Taken], foreseen: Foreseen, wrong: Disorder | None) -> None:
    assert find_disorder(taken, foreseen) == wrong


def test_every_disorder_has_its_words() -> None:
    assert all(each.words for each in Disorder)


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


def ask(cast: Cast, held: Keys, file: str, field: str, at: datetime) -> int:
    person = field != "Agency"
    return signing.open_request(
        key=f"{field}:{file}",
        file=file,
        field=field,
        certificate_id=held.head.id if person else held.agency.id,
        actor=cast.head.actor() if person else cast.seal_keeper.actor(),
        at=at,
    ).id


@pytest.mark.django_db
def test_the_seal_before_person_or_number_is_refused_and_no_key_is_opened(
    cast: Cast, held: Keys, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(**_given: object) -> None:
        raise AssertionError("a key was opened")

    bare, person = signatures.prepared(at), signatures.signed_by_head(cast, held, at)
    numbered = signing.fill(file=bare, values=signatures.VALUES, at=at)
    monkeypatch.setattr(signing.keys, "open_signer", opened)
    for file, field, why in (
        (bare, "Agency", "người có thẩm quyền chưa ký"),
        (person, "Agency", "chưa cấp số, ngày; chữ ký của cơ quan phải bao trùm số và ngày"),
        (numbered, "Person", "văn bản đã có số, ngày; người có thẩm quyền phải ký trước khi cấp số"),
    ):
        request = ask(cast, held, file, field, at)
        for _ in range(2):
            with pytest.raises(OutOfOrder) as said:
                signing.carry_out(request_id=request, pin=PIN, at=at)
            assert said.value.message == f"Chưa ký được: {why}."


@pytest.mark.django_db
def test_several_sign_before_number_and_agency_in_any_order(cast: Cast, held: Keys, at: datetime) -> None:
    layout = signatures.layout()
    beside = layout.places["person"]
    places = {
        **layout.places,
        "cosigner1": replace(beside, y=beside.y + 90),
        "cosigner2": replace(beside, y=beside.y + 180),
    }
    file = signatures.kept(signing.prepare(layout.pdf, places), at)
    for field in ("Cosigner2", "Person"):
        request = ask(cast, held, file, field, at)
        file = signing.carry_out(request_id=request, pin=PIN, at=at).result_file
    filled = signing.fill(file=file, values=signatures.VALUES, at=at)
    with pytest.raises(OutOfOrder) as said:
        signing.carry_out(request_id=ask(cast, held, filled, "Agency", at), pin=None, at=at)
    assert said.value.message == "Chưa ký được: chưa đủ chữ ký của những người cùng ký."
    request = ask(cast, held, file, "Cosigner1", at)
    file = signing.carry_out(request_id=request, pin=PIN, at=at).result_file
    filled = signing.fill(file=file, values=signatures.VALUES, at=at)
    done = signing.carry_out(request_id=ask(cast, held, filled, "Agency", at), pin=None, at=at)
    assert done.state == RequestState.DONE
    report = signing.verify(file=done.result_file, at=at + timedelta(hours=1))
    assert [each.kind for each in report.signatures] == [Kind.PERSON] * 3 + [Kind.AGENCY]
    assert all(each.intact for each in report.signatures)
    assert report.replaces_paper
    signed, empty, _texts, _in_order = pades.form_of(signatures.content(done.result_file))
    assert (sorted(signed), "Agency" in empty) == (["Agency", "Cosigner1", "Cosigner2", "Person"], False)


@pytest.mark.django_db
def test_a_certificate_that_is_not_for_signing_is_refused_before_signing(cast: Cast, held: Keys, at: datetime) -> None:
    other = pki.make(
        "Nguyễn Văn An",
        above=pki.house().issuing,
        subject=Subject.PERSON,
        key_usage=pki.usage(key_encipherment=True),
    )
    Certificate.objects.filter(pk=held.head.id).update(certificate=other.der, fingerprint=real.fingerprint(other.der))
    file = signatures.prepared(at)
    said = refused(KeyNotForSigning, lambda: ask(cast, held, file, "Person", at))
    assert "Nguyễn Văn An" in said.message
