"""Keys at a remote signing service: the real server of the CSC's API, and a false one that answers everything wrong."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import pytest_django
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from antin.files import queries as kept_files
from antin.keys import keepers
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.keys.policy import (
    BadSignature,
    CertificateKnown,
    CertificateNamesAnother,
    CertificateRevoked,
    KeyNotOnDevice,
    NotIssuedByTrusted,
    RemoteNotAnswering,
    RemoteSaidNo,
    RemoteWrongPin,
)
from antin.keys.providers import BadAnswer, CannotUnwrap, KeyMissing, RemoteRefused, RemoteSilent, Wrapped, WrongSecret
from antin.keys.providers.remote import RemoteKeys
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing.states import RequestState, Verdict
from tests import csc, pki, signatures
from tests.cast import Cast
from tests.pki import House
from tests.rooms.signing.test_sign import pdfsig
from tests.unchanged import refusal, refused


@pytest.fixture(scope="module")
def house() -> House:
    return pki.house("Gốc chuyên dùng")


@pytest.fixture(scope="module")
def address(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with csc.server(tmp_path_factory.mktemp("csc"), house) as found:
        yield found


def test_the_real_server_lists_describes_and_signs(address: str, house: House) -> None:
    remotes = RemoteKeys({"csc": address})
    assert sorted(remotes.list_credentials("csc")) == [f"csc:house/{n}" for n in ("agency", "head", "issuing", "root")]
    found = remotes.describe("csc:house/head")
    assert (found.certificate, found.usable) == (house.head.der, True)
    key = remotes.open("csc:house/head", "24681357")
    assert isinstance(key.public, ec.EllipticCurvePublicKey)
    key.public.verify(key.sign(b"a letter", "sha256"), b"a letter", ec.ECDSA(SHA256()))
    assert "24681357" not in repr(key)
    with pytest.raises(CannotUnwrap):
        key.unwrap(Wrapped(b""))
    with pytest.raises(KeyMissing):
        remotes.open("csc:house/nobody", None)
    with pytest.raises(KeyMissing):
        remotes.open("elsewhere:house/head", None)


# A whole letter by the product's own operations


@pytest.fixture
def node(settings: pytest_django.fixtures.SettingsWrapper, own_state: Path, address: str) -> Iterator[Path]:
    """A node that was told of the real server."""
    settings.CSC_SERVICES = {"csc": address}
    yield own_state
    keepers.forget()


def believe(house: House, at: datetime) -> None:
    """Trust the house's root; know its intermediate and its list."""
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=signatures.ISSUED_AT)
    keys.add_trust_anchor(certificate=house.root.der, reason="Công văn 12/BCY", actor=None, at=at)
    keys.import_authorities(content=house.issuing.der, actor=None, at=at)
    lists = {"at": at - timedelta(hours=1), "number": 7}
    for issuer in (house.root, house.issuing):
        keys.import_revocation_list(content=pki.crl(issuer, **lists), actor=None, at=at)
    keys.publish_revocation_list(actor=None, at=at - timedelta(hours=1))


def enter_head(cast: Cast, reference: str, at: datetime, **changes: Any) -> Certificate:
    asked = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "pin": None, "actor": None, "at": at}
    return keys.enter_certificate(**(asked | {"reference": reference, "kind": "remote"} | changes))


@pytest.mark.django_db
def test_a_letter_signed_by_a_remote_key_of_another_authority_is_valid(
    cast: Cast, node: Path, house: House, at: datetime
) -> None:
    refused(NotIssuedByTrusted, lambda: enter_head(cast, "csc:house/head", at))
    believe(house, at)
    refused(CertificateNamesAnother, lambda: enter_head(cast, "csc:house/agency", at))
    refused(KeyNotOnDevice, lambda: enter_head(cast, "csc:house/nobody", at))
    held = enter_head(cast, "csc:house/head", at)
    refused(CertificateKnown, lambda: enter_head(cast, "csc:house/head", at))
    assert (held.issuer_id, held.device.kind, held.name) == (None, "remote", "Nguyễn Văn An")
    request = signing.open_request(
        key="person:1",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.pk,
        actor=cast.head.actor(),
        at=at,
    )
    file = signing.carry_out(request_id=request.pk, pin="123456", at=at).result_file
    (finding,) = signing.verify(file=file, at=at + timedelta(minutes=1)).signatures
    assert (finding.verdict, finding.name) == (Verdict.VALID, "Nguyễn Văn An")
    assert pdfsig(kept_files.read(file), node).count("Signature is Valid.") == 1
    since = at + timedelta(minutes=2)
    listed = pki.crl(house.issuing, at=since, number=8, revoked={house.head: since})
    keys.import_revocation_list(content=listed, actor=None, at=since)
    held.refresh_from_db()
    assert (held.revoked_at, held.revocation_reason) == (since, "unspecified")
    refused(CertificateRevoked, lambda: keys.open_signer(certificate_id=held.pk, pin="123456", at=since))


@pytest.mark.django_db
def test_a_key_whose_authority_has_revoked_it_is_not_taken_in(
    cast: Cast, node: Path, house: House, at: datetime
) -> None:
    believe(house, at)
    listed = pki.crl(house.issuing, at=at, number=8, revoked={house.head: at})
    keys.import_revocation_list(content=listed, actor=None, at=at)
    refused(CertificateRevoked, lambda: enter_head(cast, "csc:house/head", at))


# A server that answers wrong, in the words of version 2


class FalseServer(BaseHTTPRequestHandler):
    """Version 2 of the API with one credential; `fault` names what goes wrong at which method."""

    house: ClassVar[House]
    fault: ClassVar[str] = ""
    asked: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        method = self.path.removeprefix("/csc/v2/")
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((method, question))
        status, answer = getattr(self, f"on_{method.partition('/')[2]}")(question)
        content = json.dumps(answer).encode()
        if self.fault == f"500 {method}":
            status = 503
        if self.fault == f"silent {method}":
            self.server.shutting.wait(20)  # type: ignore[attr-defined]
        if self.fault == f"cut {method}":
            content = content[:-7]
        self.send_response(status)
        short = 50 if self.fault == f"short {method}" else 0
        self.send_header("Content-Length", str(len(content) + short))
        self.end_headers()
        self.wfile.write(b"<html>" if self.fault == f"html {method}" else content)

    def on_info(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        held = self.house.agency if self.fault == "another certificate" else self.house.head
        return 200, {
            "key": {"status": "disabled" if self.fault == "disabled" else "enabled"},
            "cert": {"certificates": [base64.b64encode(held.der).decode()]},
            "auth": {"mode": "explicit", "objects": [{"type": "Password", "id": "PIN"}, {"id": "OTP"}]},
        }

    def on_authorize(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        given = {each["id"]: each["value"] for each in question["authData"]}
        if given != {"PIN": "123456", "OTP": "998877"}:
            return 400, {"error": "invalid_otp" if given.get("PIN") == "123456" else "invalid_pin"}
        if self.fault == "401":
            return 401, {"error": "invalid_token"}
        return 200, {"SAD": "sad", "expiresIn": 60} if self.fault != "no sad" else {"expiresIn": 60}

    def on_signHash(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        hashed = base64.b64decode(question["hashes"][0])
        if self.fault == "another hash":
            hashed = bytes(32)
        private = self.house.agency.private if self.fault == "another key" else self.house.head.private
        made = private.sign(hashed, ec.ECDSA(Prehashed(SHA256())))
        if self.fault == "two numbers":
            made = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(made))
        if self.fault == "no signature":
            return 200, {"signatures": []}
        return 200, {"signatures": [base64.b64encode(made).decode()]}

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def false_server(house: House) -> Iterator[str]:
    FalseServer.house, FalseServer.fault, FalseServer.asked = house, "", []
    served = ThreadingHTTPServer(("127.0.0.1", 0), FalseServer)
    served.shutting = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}/csc/v2"
    served.shutting.set()  # type: ignore[attr-defined]
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def told_wrong(settings: pytest_django.fixtures.SettingsWrapper, false_server: str) -> Iterator[None]:
    """A node that was told of the false server."""
    settings.CSC_SERVICES = {"x": false_server}
    yield
    keepers.forget()


@contextmanager
def faulty(fault: str) -> Iterator[None]:
    FalseServer.fault = fault
    yield
    FalseServer.fault = ""


def test_version_two_is_asked_in_its_own_words(false_server: str) -> None:
    key = RemoteKeys({"x": false_server}).open("x:1", "123456 998877")
    with faulty("two numbers"):
        made = key.sign(b"a letter", "sha256")
    assert isinstance(key.public, ec.EllipticCurvePublicKey)
    key.public.verify(made, b"a letter", ec.ECDSA(SHA256()))
    methods = [method for method, _ in FalseServer.asked]
    assert methods == ["credentials/info", "credentials/authorize", "signatures/signHash"]
    authorise = FalseServer.asked[1][1]
    assert authorise["hashes"] == FalseServer.asked[2][1]["hashes"]
    assert authorise["authData"] == [{"id": "PIN", "value": "123456"}, {"id": "OTP", "value": "998877"}]
    assert FalseServer.asked[2][1]["SAD"] == "sad"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("silent signatures/signHash", RemoteSilent),
        ("500 credentials/authorize", RemoteSilent),
        ("500 signatures/signHash", RemoteSilent),
        ("short signatures/signHash", BadAnswer),
        ("cut signatures/signHash", BadAnswer),
        ("html signatures/signHash", BadAnswer),
        ("401", RemoteRefused),
        ("no sad", BadAnswer),
        ("no signature", BadAnswer),
        ("another hash", BadAnswer),
        ("another key", BadAnswer),
    ],
)
def test_every_wrong_answer_is_an_error_of_its_own_kind(false_server: str, fault: str, kind: type[Exception]) -> None:
    key = RemoteKeys({"x": false_server}, patience=0.3).open("x:1", "123456 998877")
    with faulty(fault), pytest.raises(kind):
        key.sign(b"a letter", "sha256")
    key.sign(b"a letter", "sha256")


def test_wrong_pin_wrong_otp_and_a_disabled_key(false_server: str) -> None:
    for secret in ("000000 998877", "123456 000000", "123456"):
        key = RemoteKeys({"x": false_server}).open("x:1", secret)
        with pytest.raises(WrongSecret):
            key.sign(b"a letter", "sha256")
    with faulty("disabled"), pytest.raises(RemoteRefused):
        RemoteKeys({"x": false_server}).open("x:1", "123456 998877")


def test_a_server_that_is_not_there_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RemoteSilent):
        RemoteKeys({"x": f"http://127.0.0.1:{port}/csc/v2"}).open("x:1", None)


@pytest.mark.django_db
def test_signing_is_refused_in_words_and_nothing_changes(
    cast: Cast, own_state: Path, house: House, told_wrong: None, at: datetime
) -> None:
    believe(house, at)
    held = enter_head(cast, "x:1", at)
    request = signing.open_request(
        key="person:1",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.pk,
        actor=cast.head.actor(),
        at=at,
    )
    given: list[tuple[str, str, type[Refusal]]] = [
        ("500 signatures/signHash", "123456 998877", RemoteNotAnswering),
        ("401", "123456 998877", RemoteSaidNo),
        ("another hash", "123456 998877", BadSignature),
        ("", "000000", RemoteWrongPin),
        ("another certificate", "123456 998877", KeyNotOnDevice),
        ("disabled", "123456 998877", RemoteSaidNo),
    ]
    for fault, secret, kind in given:
        keepers.forget()
        with faulty(fault), refusal(kind):
            signing.carry_out(request_id=request.pk, pin=secret, at=at)
    keepers.forget()
    assert signing.carry_out(request_id=request.pk, pin="123456 998877", at=at).state == RequestState.DONE
