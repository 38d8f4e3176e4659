"""Signing and sealing in two steps by machine: the node says what is to be signed, a key it has never seen signs, and what is no
signature of that key over that page changes nothing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core import signing as tokens
from django.test import Client

from antin.api.elsewhere import PREPARED, SEALED
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Status
from antin.keys import operations as keys
from antin.people.models import ApiToken
from tests import paper, pki
from tests.cast import Cast
from tests.doors.test_api_documents import Machine
from tests.rooms.signing.test_elsewhere import own_key
from tests.unchanged import everything

pytestmark = pytest.mark.django_db

Key = ec.EllipticCurvePrivateKey


@pytest.fixture
def now() -> datetime:
    """The API acts now."""
    return datetime.now(UTC)


@pytest.fixture
def own(cast: Cast, now: datetime) -> Key:
    """The head's key, which only he has."""
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=now - timedelta(days=1))
    return own_key(cast, now - timedelta(hours=1))[1]


@pytest.fixture
def agencys(cast: Cast, own: Key, now: datetime) -> Key:
    """The agency's key, on a device at its keeper's own machine."""
    private = pki.make_key("p256")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Dấu")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, hashes.SHA256())
    waiting = keys.request_with_file(
        content=asked.public_bytes(Encoding.DER),
        label="Thiết bị của cơ quan",
        agency_id=cast.agency_id,
        actor=cast.administrator.actor(),
        at=now - timedelta(hours=1),
    )
    keys.issue_requested(request_id=waiting.pk, actor=None, at=now - timedelta(hours=1))
    assert isinstance(private, Key)
    return private


def made_by(key: Key, data: str) -> str:
    return base64.b64encode(key.sign(base64.b64decode(data), ec.ECDSA(hashes.SHA256()))).decode()


def prepared(head: Machine, document: Document, own: Key) -> dict[str, str]:
    """What goes back to the node when the head's device has signed what it was shown."""
    told = head.post(f"/documents/{document.pk}/sign/prepare", {"seen_file": document.file})
    return {
        "seen_file": document.file,
        "prepared": told["prepared"],
        "signature": made_by(own, told["data"]),
    }


def refused(machine: Machine, address: str, body: object) -> str:
    """The code of a refusal that changed nothing."""
    before = everything()
    answer = machine.send("POST", address, body, 422)
    assert everything() == before
    return str(answer["code"])


def older(token: str, salt: str) -> str:
    """The same token as if it had been made eleven minutes before."""
    *rest, moment = tokens.loads(token, salt=salt)
    return tokens.dumps([*rest, (datetime.fromisoformat(moment) - timedelta(minutes=11)).isoformat()], salt=salt)


def test_a_machine_signs_with_a_key_that_the_node_never_sees(
    client: Client, cast: Cast, own: Key, now: datetime
) -> None:
    document, head = paper.a_page_to_sign(cast, now), Machine(client, cast.head)
    told = head.post(f"/documents/{document.pk}/sign/prepare", {"seen_file": document.file})
    assert x509.load_der_x509_certificate(base64.b64decode(told["certificate"])).public_key() == own.public_key()
    body = {"seen_file": document.file, "prepared": told["prepared"], "signature": made_by(own, told["data"])}
    assert head.post(f"/documents/{document.pk}/sign/take", body)["status"] == Status.SIGNED
    judged = head.get(f"/documents/{document.pk}/verification")
    assert [(each["field"], each["verdict"]) for each in judged["signatures"]] == [("Person", "valid")]


def test_what_was_not_prepared_for_it_is_not_taken(client: Client, cast: Cast, own: Key, now: datetime) -> None:
    """A moment long past, another document's digest, a changed token, another's signature: each refused, and nothing changed."""
    document, other = paper.a_page_to_sign(cast, now), paper.a_page_to_sign(cast, now, subject="Việc khác")
    head, take = Machine(client, cast.head), f"/documents/{document.pk}/sign/take"
    answer, of_other = prepared(head, document, own), prepared(head, other, own)
    stranger = pki.make_key("p256")
    assert isinstance(stranger, Key)
    told = head.post(f"/documents/{document.pk}/sign/prepare", {"seen_file": document.file})
    for wrong, code in (
        ({"prepared": older(answer["prepared"], PREPARED)}, "prepared_too_long_ago"),
        ({"prepared": answer["prepared"][:-1]}, "prepared_too_long_ago"),
        (
            {"prepared": tokens.dumps([document.pk, document.file, now.isoformat()], salt=SEALED)},
            "prepared_too_long_ago",
        ),
        ({"prepared": of_other["prepared"]}, "prepared_too_long_ago"),
        ({"seen_file": other.file}, "prepared_too_long_ago"),
        ({"signature": "?"}, "prepared_too_long_ago"),
        ({"signature": of_other["signature"]}, "bad_signature"),
        ({"prepared": told["prepared"], "signature": made_by(stranger, told["data"])}, "bad_signature"),
        ({"signature": base64.b64encode(b"none").decode()}, "bad_signature"),
    ):
        assert refused(head, take, answer | wrong) == code, wrong
    head.post(take, answer)
    assert queries.get(document.pk).status == Status.SIGNED
    assert queries.get(other.pk).status != Status.SIGNED


def test_what_was_taken_is_not_taken_again(client: Client, cast: Cast, own: Key, now: datetime) -> None:
    document, head = paper.a_page_to_sign(cast, now), Machine(client, cast.head)
    answer = prepared(head, document, own)
    head.post(f"/documents/{document.pk}/sign/take", answer)
    before = everything()
    again = head.send("POST", f"/documents/{document.pk}/sign/take", answer, 409)
    assert (again["code"], everything()) == ("wrong_state", before)


def test_only_the_signer_prepares_and_only_while_his_token_holds(
    client: Client, cast: Cast, own: Key, now: datetime
) -> None:
    document, head = paper.a_page_to_sign(cast, now), Machine(client, cast.head)
    ask = f"/documents/{document.pk}/sign/prepare"
    head.get("/documents/waiting")  # from here on the token is known to be used today
    assert refused(head, ask, {"seen_file": "0" * 64}) == "page_changed"
    assert Machine(client, cast.technique_officer).post(ask, {"seen_file": document.file}, 404)["code"] == "not_found"
    assert Machine(client, cast.plan_officer).post(ask, {"seen_file": document.file}, 403)["code"] == "not_the_signer"
    assert Machine(client, cast.head, scopes=("read",)).post(ask, {"seen_file": document.file}, 403)
    answer = prepared(head, document, own)
    ApiToken.objects.filter(person_id=cast.head.person_id).update(expires_at=now - timedelta(minutes=1))
    before = everything()
    head.post(f"/documents/{document.pk}/sign/take", answer, 401)
    assert everything() == before


def a_numbered_page(cast: Cast, own: Key, machine: Machine, now: datetime) -> Document:
    document = paper.a_page_to_sign(cast, now)
    machine.post(f"/documents/{document.pk}/sign/take", prepared(machine, document, own))
    Machine(machine.client, cast.clerk).post(f"/documents/{document.pk}/number")
    return queries.get(document.pk)


def test_a_machine_seals_with_the_agencys_key_at_its_keepers(
    client: Client, cast: Cast, own: Key, agencys: Key, now: datetime
) -> None:
    document = a_numbered_page(cast, own, Machine(client, cast.head), now)
    keeper, here = Machine(client, cast.seal_keeper), f"/documents/{document.pk}/seal"
    assert Machine(client, cast.clerk).post(f"{here}/prepare", {}, 403)["code"] == "not_the_seal_keeper"
    told = keeper.post(f"{here}/prepare")
    assert x509.load_der_x509_certificate(base64.b64decode(told["certificate"])).public_key() == agencys.public_key()
    assert [each["title"] for each in told["items"]] == [document.code]
    answer = {"prepared": told["prepared"], "signatures": [made_by(agencys, each["data"]) for each in told["items"]]}
    other = tokens.dumps([document.pk + 1, now.isoformat()], salt=SEALED)
    for wrong in (
        {"prepared": older(told["prepared"], SEALED)},
        {"prepared": told["prepared"][:-1]},
        {"prepared": other},
        {"signatures": []},
        {"signatures": ["?"]},
        {"signatures": answer["signatures"] * 2},
    ):
        assert refused(keeper, f"{here}/take", answer | wrong) == "prepared_too_long_ago", wrong
    assert queries.get(document.pk).status == Status.SIGNED
    issued = keeper.post(f"{here}/take", answer)
    assert issued["status"] == Status.ISSUED
    judged = keeper.get(f"/documents/{document.pk}/verification")
    assert (judged["verdict"], judged["replaces_paper"]) == ("valid", True)
    assert keeper.send("POST", f"{here}/take", answer, 409)["code"] == "wrong_state"


def test_a_signature_of_another_key_is_no_seal(
    client: Client, cast: Cast, own: Key, agencys: Key, now: datetime
) -> None:
    """The head's own key does not seal for the agency; the keeper seals afterwards as if nothing had been."""
    document = a_numbered_page(cast, own, Machine(client, cast.head), now)
    keeper, here = Machine(client, cast.seal_keeper), f"/documents/{document.pk}/seal"
    told = keeper.post(f"{here}/prepare")
    wrong = {"prepared": told["prepared"], "signatures": [made_by(own, each["data"]) for each in told["items"]]}
    assert keeper.send("POST", f"{here}/take", wrong, 422)["code"] == "bad_signature"
    assert queries.get(document.pk).status == Status.SIGNED
    right = {"prepared": told["prepared"], "signatures": [made_by(agencys, each["data"]) for each in told["items"]]}
    assert keeper.post(f"{here}/take", right)["status"] == Status.ISSUED
