"""Keys in real tokens (SoftHSM2): made, opened by PIN, used, blocked, pulled out, found again after a fork."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
import pytest_django
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import TokenFlag

from antin.documents import queries as documents
from antin.files import queries as kept_files
from antin.jobs import handlers
from antin.journeys import issue_document
from antin.keys import keepers, policy
from antin.keys import operations as keys
from antin.keys import queries as key_queries
from antin.keys.models import Certificate, KeyDevice
from antin.keys.policy import (
    DeviceAbsent,
    DeviceFaulty,
    DeviceLocked,
    KeepersPinMissing,
    KeyNotOnDevice,
    NoOwnPin,
    TokenBlocked,
    WrongDevicePin,
    WrongPin,
)
from antin.keys.providers import (
    BadAnswer,
    CannotUnwrap,
    DeviceBlocked,
    DeviceGone,
    DeviceTrouble,
    Key,
    Kind,
    Wrapped,
    WrongSecret,
    kind_of,
    wrapping,
)
from antin.keys.providers import tokens as port
from antin.keys.providers.software import SoftwareKeys
from antin.keys.providers.tokens import Tokens
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing.states import RequestState, Verdict
from tests import paper, signatures, tokens
from tests.cast import TODAY, Cast
from tests.rooms.signing.test_sign import pdfsig
from tests.signatures import ISSUED_AT
from tests.tokens import PIN
from tests.unchanged import refusal, refused


@pytest.fixture(scope="module")
def serial() -> str:
    return tokens.new_token("Văn thư")


@pytest.fixture(scope="module")
def other_serial() -> str:
    return tokens.new_token("Lãnh đạo")


@pytest.fixture
def provider(serial: str) -> Tokens:
    return Tokens({"hsm": tokens.library()})


def check(key: Key, data: bytes = b"a letter") -> None:
    """The key signs and opens, as `cryptography` sees it."""
    made = key.sign(data, "sha256")
    assert len(made) <= key.signature_size
    if isinstance(key.public, ec.EllipticCurvePublicKey):
        key.public.verify(made, data, ec.ECDSA(SHA256()))
    else:
        key.public.verify(made, data, padding.PKCS1v15(), SHA256())
    content_key = os.urandom(32)
    assert key.unwrap(wrapping.wrap(content_key, key.public)) == content_key


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_key_signs_and_unwraps_in_token_and_file(
    kind: Kind, provider: Tokens, serial: str, tmp_path: Path
) -> None:
    in_file = SoftwareKeys(tmp_path, "secret")
    references = {
        provider: provider.create(PIN, kind, f"hsm:{serial}"),
        in_file: in_file.create(PIN, kind),
    }
    for each, reference in references.items():
        key = each.open(reference, PIN)
        assert kind_of(key.public) == kind
        check(key)
    in_file._opened.clear()
    check(in_file.open(references[in_file], PIN))


def test_what_was_not_closed_to_a_key_is_not_opened(provider: Tokens, serial: str, tmp_path: Path) -> None:
    """Another key's, a broken one, a point off the curve: never a wrong content key, always the same answer."""
    in_file = SoftwareKeys(tmp_path, "secret")
    for kind in (Kind.P256, Kind.RSA2048):
        here = provider.open(provider.create(PIN, kind, f"hsm:{serial}"), PIN)
        there = in_file.open(in_file.create(None, kind), None)
        for key, other in ((here, there), (there, here)):
            good = wrapping.wrap(bytes(32), other.public)
            broken = Wrapped(good.sealed[:-1] + bytes((good.sealed[-1] ^ 1,)), good.ephemeral)
            off = Wrapped(good.sealed, b"\x04" + bytes(64)) if kind == Kind.P256 else Wrapped(b"short")
            for wrong in (good, broken, off):
                with pytest.raises(CannotUnwrap):
                    key.unwrap(wrong)
            with pytest.raises(CannotUnwrap):
                other.unwrap(broken)


def test_openssl_opens_what_we_wrap(tmp_path: Path) -> None:
    """RSA-OAEP with SHA-256, by openssl's own command."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "key.der").write_bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "sealed").write_bytes(wrapping.wrap(b"k" * 32, private.public_key()).sealed)
    options = [
        option
        for each in ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
        for option in ("-pkeyopt", each)
    ]
    opened = subprocess.run(
        ["openssl", "pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", "key.der", "-in", "sealed", *options],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert opened.stdout == b"k" * 32


def test_two_tokens_lie_side_by_side(provider: Tokens, serial: str, other_serial: str) -> None:
    tokens.forget()
    seen = {each.serial: each for each in provider.look()}
    assert {seen[serial].label, seen[other_serial].label} == {"Văn thư", "Lãnh đạo"}
    assert (seen[serial].place, seen[serial].blocked) == (f"hsm:{serial}", False)
    one = provider.open(provider.create(PIN, place=f"hsm:{serial}"), PIN)
    other = provider.open(provider.create(PIN, place="hsm:Lãnh đạo"), PIN)
    check(one)
    check(other)
    assert one.public != other.public


def test_a_pin_is_asked_at_every_act_and_kept_nowhere(provider: Tokens, serial: str) -> None:
    """While an act is under way the token is logged in for the whole process, and still nobody gets in without the PIN."""
    reference = provider.create(PIN, place=f"hsm:{serial}")
    held = provider.open(reference, PIN)
    assert provider.is_open(reference, PIN)
    assert not provider.is_open(reference, "00000000")
    with pytest.raises(WrongSecret):
        provider.open(reference, "00000000")
    station = provider._modules["hsm"].stations[serial]
    second = provider.open(reference, PIN)
    del held
    gc.collect()
    assert station.session is not None
    check(second)
    del second
    gc.collect()
    assert (station.session, station.holders, provider.is_open(reference, PIN)) == (None, 0, False)
    with pytest.raises(WrongSecret) as wrong:
        provider.open(reference, "00000000")
    assert wrong.value.left is None
    assert PIN not in repr(vars(station))


def test_the_pin_is_changed_on_the_token(provider: Tokens) -> None:
    serial = tokens.new_token("Đổi PIN")
    reference = provider.create(PIN, place=f"hsm:{serial}")
    with pytest.raises(WrongSecret):
        provider.change_secret(reference, "00000000", "97531864")
    provider.change_secret(reference, PIN, "97531864")
    with pytest.raises(WrongSecret):
        provider.open(reference, PIN)
    check(provider.open(reference, "97531864"))


def test_a_token_pulled_out_is_named_and_works_when_it_is_back(provider: Tokens, serial: str) -> None:
    reference = provider.create(PIN, place=f"hsm:{serial}")
    key = provider.open(reference, PIN)
    tokens.pull()
    try:
        with pytest.raises(DeviceGone):
            key.sign(b"a letter", "sha256")
        with pytest.raises(DeviceGone):
            provider.open(reference, PIN)
    finally:
        tokens.put_back()
    with pytest.raises(DeviceGone):
        key.sign(b"a letter", "sha256")
    check(provider.open(reference, PIN))


def test_a_forked_worker_opens_sessions_of_its_own(provider: Tokens, serial: str, tmp_path: Path) -> None:
    """Granian's workers and the jobs' are forks: a key opened before the fork is of no use in the child, a fresh one is."""
    reference = provider.create(PIN, place=f"hsm:{serial}")
    key = provider.open(reference, PIN)
    child = os.fork()
    if child == 0:
        said = []
        try:
            key.sign(b"a letter", "sha256")
            said.append("signed by the parent's session")
        except DeviceGone:
            said.append("gone")
        check(provider.open(reference, PIN))
        (tmp_path / "said").write_text(" ".join([*said, "opened"]))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (tmp_path / "said").read_text() == "gone opened"
    check(key)


def test_a_library_that_is_not_there_is_said(tmp_path: Path) -> None:
    absent = Tokens({"usb": str(tmp_path / "none.so")})
    assert absent.look() == []
    assert "none.so" in absent.modules_in_trouble()["usb"]
    with pytest.raises(DeviceTrouble):
        absent.open("usb:1234:00", PIN)
    with pytest.raises(DeviceGone):
        absent.open("unknown:1234:00", PIN)


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        (TokenFlag(0), None),
        (TokenFlag.USER_PIN_COUNT_LOW, None),
        (TokenFlag.USER_PIN_FINAL_TRY, 1),
        (TokenFlag.USER_PIN_LOCKED | TokenFlag.USER_PIN_COUNT_LOW, 0),
    ],
)
def test_the_tries_a_token_tells_of(flags: TokenFlag, left: int | None) -> None:
    assert port.tries_of(flags) == left


def test_a_false_signature_is_not_given_out(tmp_path: Path) -> None:
    key = SoftwareKeys(tmp_path, "secret")
    public = key.open(key.create(None), None).public
    with pytest.raises(BadAnswer):
        port.prove(public, b"\x30\x06\x02\x01\x01\x02\x01\x01", bytes(32), "sha256")


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (DeviceGone("x"), DeviceAbsent),
        (port.said(pkcs11.PinLocked()), TokenBlocked),
        (DeviceBlocked("x"), TokenBlocked),
        (port.said(pkcs11.MechanismInvalid()), DeviceFaulty),
        (port.said(pkcs11.DeviceRemoved()), DeviceAbsent),
    ],
)
def test_a_devices_troubles_have_words(trouble: DeviceTrouble, kind: type[Refusal]) -> None:
    worded = policy.worded(trouble, "Thiết bị A")
    assert type(worded) is kind
    assert "Thiết bị A" in worded.message


# By the product's own operations


@pytest.fixture
def node(settings: pytest_django.fixtures.SettingsWrapper, own_state: Path, serial: str) -> Iterator[Path]:
    """A node that was told of the library."""
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    keepers.forget()
    yield own_state
    keepers.forget()


@pytest.fixture
def head(cast: Cast, node: Path, serial: str, at: datetime) -> Certificate:
    """The head's certificate, its key on the token."""
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=ISSUED_AT)
    made = keys.issue_person_certificate(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin=PIN,
        token=f"hsm:{serial}",
        actor=None,
        at=ISSUED_AT,
    )
    keys.publish_revocation_list(actor=None, at=at - timedelta(hours=1))
    return made


def let_the_node_open(node: Path, serial: str, pin: str = PIN) -> None:
    path = node / "secrets" / "pins" / serial
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pin)
    path.chmod(0o600)


@pytest.mark.django_db
def test_an_agencys_token_that_only_its_keeper_opens_asks_him_and_waits_for_him(
    cast: Cast, node: Path, head: Certificate, other_serial: str, at: datetime
) -> None:
    let_the_node_open(node, other_serial)
    keys.issue_agency_certificate(agency_id=cast.agency_id, token=f"hsm:{other_serial}", actor=None, at=ISSUED_AT)
    document = paper.a_page_to_sign(cast, at)
    paper.sign(cast, document, at, pin=PIN)
    (node / "secrets" / "pins" / other_serial).unlink()  # from here on only the keeper has it
    assert key_queries.asks_keepers_pin(cast.agency_id, at)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    keeper = cast.seal_keeper.actor()

    def seal(pin: str | None) -> None:
        issue_document.seal_document(document_id=document.pk, pin=pin, actor=keeper, at=at)

    refused(KeepersPinMissing, lambda: seal(None))
    with pytest.raises(WrongPin):
        seal("00000000")
    handlers.seal(document_id=document.pk, person_id=keeper.person_id, post_id=keeper.post_id, at=at)  # its promise
    waiting = documents.get(document.pk)
    assert (waiting.status, waiting.next_act) == ("signed", "seal")
    assert waiting.making.fault == "Thiết bị “Tổng cục Z” của cơ quan chờ người giữ con dấu nhập mã PIN."
    seal(PIN)
    assert documents.get(document.pk).status == "issued"


@pytest.mark.django_db
def test_a_letter_signed_and_sealed_by_two_tokens_is_valid(
    cast: Cast, node: Path, head: Certificate, other_serial: str, at: datetime
) -> None:
    let_the_node_open(node, other_serial)
    seal = keys.issue_agency_certificate(
        agency_id=cast.agency_id, token=f"hsm:{other_serial}", kind=Kind.RSA3072, actor=None, at=ISSUED_AT
    )
    request = signing.open_request(
        key="person:1",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=head.pk,
        actor=cast.head.actor(),
        at=at,
    )
    person = signing.carry_out(request_id=request.pk, pin=PIN, at=at).result_file
    filled = signing.fill(file=person, values=signatures.VALUES, at=at)
    file = signatures.sealed(cast, signatures.Keys(head, seal), filled, at + timedelta(minutes=1))
    report = signing.verify(file=file, at=at + timedelta(hours=1))
    assert (report.verdict, report.replaces_paper) == (Verdict.VALID, True)
    assert pdfsig(kept_files.read(file), node).count("Signature is Valid.") == 2
    device = KeyDevice.objects.get(certificate=head)
    assert (device.kind, device.failures) == ("token", 0)
    found = [each.certificate for each in keepers.tokens().certificates(f"hsm:{device.serial}")]
    assert bytes(head.certificate) in found


@pytest.mark.django_db
def test_wrong_pins_are_counted_and_lock_the_key(cast: Cast, head: Certificate, at: datetime) -> None:
    lefts = []
    for _ in range(4):
        with pytest.raises(WrongPin) as wrong:
            keys.open_signer(certificate_id=head.pk, pin="00000000", at=at)
        lefts.append(wrong.value.facts["left"])
    assert lefts == [4, 3, 2, 1]
    with pytest.raises(DeviceLocked):
        keys.open_signer(certificate_id=head.pk, pin="00000000", at=at)
    with refusal(DeviceLocked):
        keys.open_signer(certificate_id=head.pk, pin=PIN, at=at)
    keys.open_signer(certificate_id=head.pk, pin=PIN, at=at + timedelta(minutes=15))
    assert KeyDevice.objects.get(certificate=head).failures == 0


@pytest.mark.django_db
def test_a_token_pulled_out_in_the_middle_of_an_act_changes_nothing(
    cast: Cast, head: Certificate, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = signing.open_request(
        key="person:1",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=head.pk,
        actor=cast.head.actor(),
        at=at,
    )
    opened = keys.open_signer

    def opened_and_pulled(**asked: object) -> keys.Signer:
        signer = opened(**asked)  # type: ignore[arg-type]
        tokens.pull()
        return signer

    monkeypatch.setattr(keys, "open_signer", opened_and_pulled)
    try:
        with refusal(DeviceAbsent) as said:
            signing.carry_out(request_id=request.pk, pin=PIN, at=at)
        assert "cắm lại thiết bị" in said.value.message
        monkeypatch.undo()
        with refusal(DeviceAbsent):
            signing.carry_out(request_id=request.pk, pin=PIN, at=at)
        with refusal(DeviceAbsent):
            signing.carry_out(request_id=request.pk, pin="00000000", at=at)
    finally:
        tokens.put_back()
    done = signing.carry_out(request_id=request.pk, pin=PIN, at=at)
    assert done.state == RequestState.DONE


@pytest.mark.django_db
def test_the_wrong_token_and_a_token_without_its_pin_are_refused(
    cast: Cast, node: Path, head: Certificate, serial: str, at: datetime
) -> None:
    device = KeyDevice.objects.get(certificate=head)
    own = device.reference
    other = keepers.tokens().create(PIN, place=f"hsm:{serial}")
    for reference in (other, f"hsm:{serial}:{'00' * 16}"):
        KeyDevice.objects.filter(pk=device.pk).update(reference=reference)
        with pytest.raises(KeyNotOnDevice):
            keys.open_signer(certificate_id=head.pk, pin=PIN, at=at)
    KeyDevice.objects.filter(pk=device.pk).update(reference=own)
    asked = {"agency_id": cast.agency_id, "token": f"hsm:{serial}", "actor": None, "at": ISSUED_AT}
    refused(NoOwnPin, lambda: keys.issue_agency_certificate(**asked))
    let_the_node_open(node, serial)
    (node / "secrets" / "pins" / serial).chmod(0o644)
    refused(NoOwnPin, lambda: keys.issue_agency_certificate(**asked))
    person = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "actor": None, "at": ISSUED_AT}
    refused(WrongDevicePin, lambda: keys.issue_person_certificate(**person, pin="00000000", token=f"hsm:{serial}"))
    refused(DeviceAbsent, lambda: keys.issue_person_certificate(**person, pin=PIN, token="hsm:nowhere"))


@pytest.mark.django_db
def test_the_pin_of_a_token_is_changed_by_its_holder(cast: Cast, node: Path, at: datetime) -> None:
    keys.establish(name="x", organisation="y", actor=None, at=ISSUED_AT)
    made = keys.issue_person_certificate(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin=PIN,
        token=f"hsm:{tokens.new_token('Của lãnh đạo')}",
        actor=None,
        at=ISSUED_AT,
    )
    change = {"certificate_id": made.pk, "actor": cast.head.actor(), "at": at}
    tokens.pull()
    try:
        refused(DeviceAbsent, lambda: keys.change_pin(**change, old=PIN, new="97531864"))
    finally:
        tokens.put_back()
    keys.change_pin(**change, old=PIN, new="97531864")
    with pytest.raises(WrongPin):
        keys.open_signer(certificate_id=made.pk, pin=PIN, at=at)
    check(keys.open_signer(certificate_id=made.pk, pin="97531864", at=at).key)
