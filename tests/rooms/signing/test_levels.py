"""How long a signature can be proven: levels by rule, services that answer, are late or are down, and what is completed later."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from antin.journal import queries as journal
from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys import queries as key_queries
from antin.keys.states import Role
from antin.outbox.models import Promise
from antin.refusal import NotAllowed, NotFound
from antin.signing import operations as signing
from antin.signing import queries
from antin.signing.models import Proof, Responder, SigningRequest, StatusAnswer
from antin.signing.operations import levels, proofs, responders
from antin.signing.policy import BadAddress, BadLimit, NeedsIssuer, RespondersSilent, demand_of
from antin.signing.states import Kind, Level, Limit, RequestState, ResponderKind, Signing, TimeSource, Verdict
from tests import etsi, pki, signatures
from tests.cast import Cast
from tests.outside import Outside, outside
from tests.signatures import PIN, Keys
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def at() -> datetime:
    """A day that is over: the other judge believes no moment that its own clock has not reached."""
    return datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


@pytest.fixture
def tsa(held: Keys, at: datetime) -> Iterator[Outside]:
    """An outside timestamp authority; its certificate comes from the node's own root, its clock is the test's."""
    with outside(lambda question: keys.answer_timestamp_request(request=question, at=at)) as server:
        authority = keys.open_timestamper(at=at)
        server.answer = authority
        responders.set_responder(
            kind="timestamp", name="TSA", address=server.address, seconds=2, actor=None, at=at - timedelta(days=1)
        )
        yield server


def issued(cast: Cast, held: Keys, at: datetime, level: Level | None = None) -> SigningRequest:
    """The whole way, with the agency's signature at that level; the agency's request."""
    person = signatures.signed_by_head(cast, held, at)
    request = signing.open_request(
        key="agency:1",
        file=signing.fill(file=person, values=signatures.VALUES, at=at),
        field="Agency",
        certificate_id=held.agency.id,
        actor=cast.seal_keeper.actor(),
        at=at,
        level=level,
    )
    return signing.carry_out(request_id=request.id, pin=None, at=at)


def root_of() -> bytes:
    return bytes(key_queries.get_authority(Role.ROOT).certificate)


# By rule


def test_by_default_a_person_signs_b_t_and_the_agency_b_lt(cast: Cast, held: Keys, at: datetime) -> None:
    done = issued(cast, held, at)
    person = queries.find_request("person:1")
    assert person is not None
    assert (person.level, person.reached, person.grace_hours) == ("B-T", "B-T", 24)
    assert (done.level, done.reached) == ("B-LT", "B-LT")
    proof = queries.find_proof(done.result_file)
    assert proof is not None
    assert (proof.level, proof.wanted, proof.owed, proof.newest_id) == ("B-LT", "B-LT", False, done.result_file)
    assert queries.find_proof(person.result_file) is None
    later = signing.verify(file=done.result_file, at=at + timedelta(days=400))
    assert (later.verdict, later.replaces_paper) == (Verdict.VALID, True)


@pytest.mark.parametrize(("level", "long"), [(Level.B_LT, False), (Level.B_LTA, True)])
def test_the_algorithm_of_etsi_passes_what_we_sign(
    cast: Cast, held: Keys, at: datetime, tmp_path: Path, *, level: Level, long: bool
) -> None:
    done = issued(cast, held, at, level)
    assert done.reached == level
    content = signatures.content(done.result_file)
    assert etsi.indications(content, anchor=root_of(), now=at + HOUR, long=long) == {"Person": "OK", "Agency": "OK"}
    (tmp_path / "a.pdf").write_bytes(content)
    seen = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert seen.stdout.count("Signature is Valid.") == 2
    assert ("Unable to validate this type" in seen.stderr) == long, "pdfsig knows no document timestamps"
    assert signing.verify(file=done.result_file, at=at + HOUR).replaces_paper


def test_the_rule_that_says_most_is_followed(cast: Cast, at: datetime) -> None:
    def rule(agency_id: int | None, kind: str, secrecy: int | None, level: str) -> None:
        levels.set_rule(
            agency_id=agency_id, signing=kind, secrecy=secrecy, level=level, grace_hours=2, actor=None, at=at
        )

    rule(None, "", None, "B-T")
    rule(None, "agency", None, "B-LT")
    rule(None, "", 2, "B-LTA")
    rule(cast.recipient_id, "", None, "B-B")
    rule(None, "", None, "B-T")

    def level(kind: Signing, agency_id: int, secrecy: int) -> str:
        return demand_of(queries.list_rules(), signing=kind, agency_id=agency_id, secrecy=secrecy).level

    assert level(Signing.PERSON, cast.agency_id, 0) == "B-T"
    assert level(Signing.AGENCY, cast.agency_id, 0) == "B-LT"
    assert level(Signing.AGENCY, cast.agency_id, 2) == "B-LTA"
    assert level(Signing.AGENCY, cast.recipient_id, 2) == "B-B"
    assert len(queries.list_rules()) == 4
    levels.drop_rule(rule_id=queries.list_rules()[0].pk, actor=None, at=at)
    assert level(Signing.PERSON, cast.agency_id, 0) == "B-T"
    assert demand_of([], signing=Signing.AGENCY, agency_id=1, secrecy=0).level == "B-LT"


def test_only_administrators_set_rules_and_services(cast: Cast, at: datetime) -> None:
    rule = {"signing": "", "secrecy": None, "level": "B-T"}
    clerk, head = cast.clerk.actor(), cast.head.actor()
    refused(NotAllowed, lambda: levels.set_rule(agency_id=cast.agency_id, grace_hours=1, actor=clerk, at=at, **rule))
    refused(BadLimit, lambda: levels.set_rule(agency_id=None, grace_hours=999, actor=None, at=at, **rule))
    refused(NotFound, lambda: levels.drop_rule(rule_id=0, actor=None, at=at))
    kept = levels.set_rule(agency_id=None, grace_hours=1, actor=None, at=at, **rule)
    refused(NotAllowed, lambda: levels.drop_rule(rule_id=kept.pk, actor=head, at=at))
    service = {"name": "TSA", "at": at}
    tsa = {**service, "kind": "timestamp"}
    refused(NotAllowed, lambda: responders.set_responder(**tsa, address="http://a/", actor=clerk))
    refused(BadAddress, lambda: responders.set_responder(**tsa, address="ldap://a/", actor=None))
    refused(NeedsIssuer, lambda: responders.set_responder(**service, kind="ocsp", address="http://a/", actor=None))
    refused(BadLimit, lambda: responders.set_responder(**tsa, address="http://a/", seconds=31, actor=None))
    made = responders.set_responder(**tsa, address="http://a/", actor=None)
    refused(NotAllowed, lambda: responders.close_responder(responder_id=made.pk, actor=clerk, at=at))
    responders.close_responder(responder_id=made.pk, actor=None, at=at)
    assert queries.list_responders() == []
    refused(NotFound, lambda: responders.close_responder(responder_id=made.pk, actor=None, at=at))


# A timestamp service that answers, is late, is down


def test_the_configured_authority_stamps_and_the_nodes_own_does_not(
    cast: Cast, held: Keys, at: datetime, tsa: Outside
) -> None:
    done = issued(cast, held, at)
    assert (tsa.asked, done.reached) == (2, "B-LT")
    report = signing.verify(file=done.result_file, at=at + HOUR)
    assert {each.time_source for each in report.signatures} == {TimeSource.TIMESTAMP}


def test_when_it_is_silent_work_goes_on_and_is_completed_by_itself(
    cast: Cast, held: Keys, at: datetime, tsa: Outside, keep_promises: Callable[..., object]
) -> None:
    tsa.down = True
    done = issued(cast, held, at)
    assert (done.state, done.reached) == (RequestState.DONE, "B-B")
    assert tsa.asked == 1, "a silent service is left alone for a while"
    service = queries.list_responders(ResponderKind.TIMESTAMP)[0]
    assert (service.failing_since, service.fault) == (at, "HTTP 503")
    proof = queries.find_proof(done.result_file)
    assert proof is not None
    assert (proof.owed, proof.level) == (True, "B-B")
    keep_promises(at + timedelta(minutes=1), faults=True)
    tsa.down = False
    later = at + timedelta(minutes=3)
    assert responders.try_again(at=later) == ["TSA"]
    keep_promises(later)
    completed = queries.find_proof(done.result_file)
    assert completed is not None
    assert (completed.owed, completed.level, completed.renewals) == (False, "B-LTA", 1)
    original, newest = signatures.content(done.result_file), signatures.content(completed.newest_id)
    assert newest.startswith(original)
    report = signing.verify(file=completed.newest_id, at=at + HOUR)
    assert [each.kind for each in report.signatures] == [Kind.PERSON, Kind.AGENCY, Kind.TIMESTAMP]
    assert (report.verdict, report.replaces_paper) == (Verdict.VALID, True)
    assert [row.event for row in journal.list_for(("responder", service.pk))][:2] == [
        "responder.back",
        "responder.silent",
    ]
    assert [row.event for row in journal.list_for(("file", proof.pk))] == ["proof.renewed"]


def test_a_person_who_signed_without_a_timestamp_is_covered_when_the_agency_signs(
    cast: Cast, held: Keys, at: datetime, tsa: Outside
) -> None:
    tsa.down = True
    person = signatures.signed_by_head(cast, held, at)
    tsa.down = False
    later = at + timedelta(minutes=5)
    tsa.answer = keys.open_timestamper(at=later)
    sealed = signatures.sealed(cast, held, signing.fill(file=person, values=signatures.VALUES, at=at), later)
    request = queries.find_request("agency:1")
    assert request is not None
    assert request.reached == "B-LTA"
    assert [each.kind for each in signing.verify(file=sealed, at=later).signatures] == [
        Kind.PERSON,
        Kind.AGENCY,
        Kind.TIMESTAMP,
    ]


def test_beyond_the_limit_signing_is_refused_before_the_key_is_asked(
    cast: Cast, held: Keys, at: datetime, tsa: Outside
) -> None:
    Responder.objects.update(failing_since=at - 24 * HOUR, tried_at=at, fault="HTTP 503")
    request = signing.open_request(
        key="k",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.head.id,
        actor=cast.head.actor(),
        at=at,
    )
    said = refused(RespondersSilent, lambda: signing.carry_out(request_id=request.id, pin="wrong-pin", at=at))
    assert "quá thời hạn 24 giờ" in said.message
    assert tsa.asked == 0
    responders.try_again(at=at + timedelta(minutes=1))
    assert signing.carry_out(request_id=request.id, pin=PIN, at=at + timedelta(minutes=1)).reached == "B-T"


def test_a_service_that_drips_its_answer_costs_its_time_and_no_more(
    cast: Cast, held: Keys, at: datetime, tsa: Outside
) -> None:
    service = queries.list_responders()[0]
    responders.set_responder(
        responder_id=service.pk,
        kind="timestamp",
        name="TSA",
        address=tsa.address,
        seconds=1,
        actor=None,
        at=at,
    )
    tsa.late = 0.3
    signatures.signed_by_head(cast, held, at)
    service.refresh_from_db()
    assert service.failing_since == at
    assert service.fault in ("too slow", "TimeoutError: timed out")


def test_a_second_service_takes_over(cast: Cast, held: Keys, at: datetime, tsa: Outside) -> None:
    tsa.down = True
    responders.set_responder(kind="timestamp", name="Own", address="", position=60, actor=None, at=at)
    assert issued(cast, held, at).reached == "B-LT"


# Revocation from outside


@pytest.fixture
def stranger(held: Keys, at: datetime) -> pki.House:
    """Another authority that the node trusts, and knows no list of."""
    house = pki.house("Ngoài")
    keys.add_trust_anchor(certificate=house.root.der, reason="test", actor=None, at=at)
    return house


def test_answers_and_lists_are_asked_for_once_and_kept_until_they_are_stale(stranger: pki.House, at: datetime) -> None:
    chain = [stranger.head.der, stranger.issuing.der]
    bare = responders.gather(certificates=chain, at=at)
    assert (bare.ocsps, bare.crls, len(bare.missing)) == ([], [], 2)
    named = {name: issuer for issuer, name in queries.list_issuers(at)}
    assert "CN=Ngoài,O=Tổng cục Z" in named
    root = named["CN=Ngoài,O=Tổng cục Z"]
    with outside(lambda _asked: pki.crl(stranger.root, at=at)) as lists:
        responders.set_responder(kind="list", name="L", address=lists.address, issuer=root, actor=None, at=at)
        for _ in range(2):
            found = responders.gather(certificates=chain, at=at)
            assert len(found.crls) == 1
        assert lists.asked == 1
        responders.gather(certificates=chain, at=at + timedelta(days=8))
        assert lists.asked == 2


def test_an_answer_about_another_certificate_or_by_another_is_not_believed(stranger: pki.House, at: datetime) -> None:
    issuer = pki.issuer_of(stranger.issuing)
    other = pki.house("Lạ")
    answers = {
        "another": pki.status(stranger.agency, at=at),
        "forged": pki.status(stranger.head, at=at, signer=other.issuing),
        "rubbish": b"\x30\x03\x0a\x01\x06",
        "right": pki.status(stranger.head, at=at),
    }
    with outside(lambda _asked: answers["another"]) as responder:
        responders.set_responder(kind="ocsp", name="O", address=responder.address, issuer=issuer, actor=None, at=at)
        moment = at
        for name, answer in answers.items():
            responder.answer = lambda _asked, answer=answer: answer
            moment += timedelta(minutes=1)
            found = responders.gather(certificates=[stranger.head.der, stranger.issuing.der], at=moment)
            assert len(found.ocsps) == (name == "right"), name
        assert StatusAnswer.objects.count() == 1
        responders.gather(certificates=[stranger.head.der, stranger.issuing.der], at=moment)
        assert responder.asked == 4


def test_a_key_here_that_its_authority_calls_revoked_is_revoked_here(
    cast: Cast, stranger: pki.House, at: datetime
) -> None:
    file = pkcs12.serialize_key_and_certificates(
        b"antin", stranger.head.private, stranger.head.certificate, None, BestAvailableEncryption(b"mat-khau-dai")
    )
    keys.import_authorities(content=stranger.issuing.der, actor=None, at=at)
    held = keys.import_key_file(
        content=file,
        password="mat-khau-dai",
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin=PIN,
        actor=None,
        at=at,
    )
    since, chain = at - timedelta(hours=3), [stranger.head.der, stranger.issuing.der]
    with outside(lambda _asked: pki.status(stranger.head, at=at, revoked_at=since)) as responder:
        issuer = pki.issuer_of(stranger.issuing)
        responders.set_responder(kind="ocsp", name="O", address=responder.address, issuer=issuer, actor=None, at=at)
        for _ in range(2):
            responders.gather(certificates=chain, at=at)
    held.refresh_from_db()
    assert (held.revoked_at, held.revocation_reason) == (since, "unspecified")
    assert Record.objects.filter(event="certificate.revoked", subject_id=held.pk).count() == 1


# The watch


def test_the_watch_goes_round_once_an_hour_and_whenever_somebody_asks(
    cast: Cast, held: Keys, at: datetime, keep_promises: Callable[..., object]
) -> None:
    issued(cast, held, at)
    Proof.objects.all().delete()
    proofs.keep_watch(at=at)
    keep_promises(at)
    Proof.objects.update(owed=True)
    waiting = Promise.objects.filter(name="renew_proofs", kept_at=None)
    proofs.keep_watch(at=at)
    assert waiting.count() == 0
    proofs.keep_watch(at=at, asked=True)
    assert waiting.count() == 1


def test_every_signed_file_is_watched_and_stamped_anew_before_its_proof_ends(
    cast: Cast, held: Keys, at: datetime, keep_promises: Callable[..., object]
) -> None:
    done = issued(cast, held, at)
    Proof.objects.all().delete()
    assert proofs.keep_watch(at=at) == 1
    keep_promises(at)
    proof = queries.find_proof(done.result_file)
    assert proof is not None
    assert (proof.level, proof.until, proof.limit) == ("B-LT", held.agency.not_after, Limit.SIGNER)
    assert proofs.keep_watch(at=at + HOUR) == 0
    soon = held.agency.not_after - timedelta(days=30)
    keys.publish_revocation_list(actor=None, at=soon)
    assert proofs.keep_watch(at=soon) == 1
    keep_promises(soon)
    proof.refresh_from_db()
    stamp = key_queries.get_authority(Role.TIMESTAMP)
    assert (proof.level, proof.until, proof.limit) == ("B-LTA", stamp.not_after, Limit.STAMP)
    newest = signatures.content(proof.newest_id)
    assert newest.startswith(signatures.content(done.result_file))
    after = held.agency.not_after + timedelta(days=30)
    keys.publish_revocation_list(actor=None, at=after)
    report = signing.verify(file=proof.newest_id, at=after)
    assert (report.verdict, report.replaces_paper) == (Verdict.VALID, True)
    assert proofs.keep_watch(at=soon + HOUR) == 0
    before = proof.newest_id
    assert proofs.complete_proof(proof_id=proof.pk, at=soon).newest_id == before


def test_a_file_does_not_grow_by_a_stamp_that_proves_nothing_longer(
    cast: Cast, held: Keys, at: datetime, keep_promises: Callable[..., object]
) -> None:
    done = issued(cast, held, at, Level.B_LTA)
    stamp = key_queries.get_authority(Role.TIMESTAMP)
    late = stamp.not_after - timedelta(days=30)
    keys.publish_revocation_list(actor=None, at=late)
    for hour in range(2):
        assert proofs.keep_watch(at=late + hour * HOUR) == 1
        keep_promises(late + hour * HOUR)
    proof = queries.find_proof(done.result_file)
    assert proof is not None
    assert (proof.newest_id, proof.renewals, proof.looked_at) == (done.result_file, 0, late + HOUR)
    assert (proof.level, proof.until, proof.limit) == ("B-LTA", stamp.not_after, Limit.STAMP)


def test_a_batch_cut_short_by_a_silent_service_goes_on_where_it_stopped(
    cast: Cast, held: Keys, at: datetime, tsa: Outside, keep_promises: Callable[..., object]
) -> None:
    done = issued(cast, held, at)
    soon = held.agency.not_after - timedelta(days=30)
    tsa.answer = keys.open_timestamper(at=soon)
    tsa.down = True
    proofs.keep_watch(at=soon)
    keep_promises(soon, faults=True)
    proof = queries.find_proof(done.result_file)
    assert proof is not None
    assert proof.renewals == 0
    tsa.down = False
    keep_promises(soon + HOUR)
    proof.refresh_from_db()
    assert (proof.renewals, proof.level) == (1, "B-LTA")


def test_a_file_that_cannot_be_read_is_named_and_never_tried_for_ever(at: datetime, own_state: Path) -> None:
    file = signatures.kept(b"%PDF-1.7 nothing", at)
    begun = proofs.begin(file=file, level=Level.B_B, wanted=Level.B_LT, at=at)
    looked = proofs.complete_proof(proof_id=begun.pk, at=at)
    assert (looked.limit, looked.owed, looked.until) == (Limit.UNREADABLE, False, None)
    refused(NotFound, lambda: proofs.complete_proof(proof_id=0, at=at))
