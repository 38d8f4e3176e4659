"""`antin agent`: real HTTP on the loopback, a real token (SoftHSM2). Who may speak to it, what it signs, what never leaves it."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from antin.console import agent
from antin.console.agent_desk import BadQuestion, Desk, Loopback
from antin.console.main import main
from antin.keys import cms
from antin.keys.providers import Key, Kind, wrapping
from antin.keys.providers.tokens import Tokens
from antin.signing import xades
from antin.signing.pades import Credential
from tests import pki, tokens
from tests.tokens import PIN

NODE = "https://vanban.example"


class Device:
    """A token with one key, and the certificate that names it."""

    def __init__(self) -> None:
        self.tokens = Tokens({"hsm": tokens.library()})
        self.serial = tokens.new_token("Cán bộ")
        self.reference = self.tokens.create(PIN, Kind.P256, f"hsm:{self.serial}")
        self.key: Key = self.tokens.open(self.reference, PIN)
        self.certificate = named(self.key.public)


def named(public: Any) -> bytes:
    """A certificate of a public key."""
    above = pki.house().issuing
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nguyễn Văn An")]))
        .issuer_name(above.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(pki.BORN)
        .not_valid_after(pki.DIES)
    )
    return builder.sign(above.private, SHA256()).public_bytes(pki.Encoding.DER)


@pytest.fixture(scope="module")
def device() -> Device:
    return Device()


@pytest.fixture
def desk(device: Device) -> Iterator[Desk]:
    desk = Desk(device.tokens, NODE, 0)
    with Loopback(desk) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield desk
        served.shutdown()
        thread.join()


def call(desk: Desk, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def post(desk: Desk, path: str, told: dict[str, Any], token: str = "", origin: str = NODE) -> tuple[int, Any]:
    headers = {"Origin": origin, "Content_Type": "application/json", "Authorization": f"Bearer {token}"}
    status, _, content = call(desk, "POST", path, json.dumps(told).encode(), **headers)
    return status, json.loads(content) if content else None


def paired(desk: Desk) -> str:
    return str(post(desk, "/pair", {"code": desk.code})[1]["token"])


def attributes(certificate: bytes, digest: bytes = b"\x07" * 32) -> bytes:
    """What the node asks to be signed, as `cms.sign` makes it."""
    seen: list[bytes] = []

    class Catch:
        public = x509.load_der_x509_certificate(certificate).public_key()
        signature_size = 72

        def sign(self, data: bytes, _digest: str) -> bytes:
            seen.append(data)
            return b""

    cms.sign(digest=digest, key=Catch(), certificate=certificate)  # type: ignore[arg-type]
    return seen[0]


def question(certificate: bytes, data: bytes | None = None) -> dict[str, str]:
    return {
        "data": base64.b64encode(attributes(certificate) if data is None else data).decode(),
        "certificate": base64.b64encode(certificate).decode(),
        "title": "Báo cáo <b>quý IV</b>",
        "code": "Công văn",
        "place": "trang 1 trên 2",
        "signer": "Nguyễn Văn An",
    }


def test_only_names_of_the_loopback_are_answered_to(desk: Desk) -> None:
    """A name of somebody else's may lead to 127.0.0.1 (DNS rebinding): the browser still says that name."""
    for host in ("evil.example", f"evil.example:{desk.port}", "127.0.0.1", "vanban.example", "0.0.0.0"):
        for method, path in (("GET", "/state"), ("POST", "/pair"), ("OPTIONS", "/sign"), ("GET", "/ask/x")):
            assert call(desk, method, path, Host=host, Origin=NODE)[0] == 421
    assert call(desk, "GET", "/state", Host=f"localhost:{desk.port}", Origin=NODE)[0] == 200


def test_only_the_nodes_own_pages_may_speak_to_it(desk: Desk) -> None:
    for origin in ("https://evil.example", "null", "https://vanban.example.evil.example", "http://vanban.example", ""):
        given = {"Origin": origin} if origin else {}
        for method, path in (("GET", "/state"), ("OPTIONS", "/sign"), ("POST", "/pair"), ("POST", "/sign")):
            status, headers, _ = call(desk, method, path, b"{}" if method == "POST" else b"", **given)
            assert (status, headers.get("Access-Control-Allow-Origin")) == (403, None)
    private = {"Access_Control_Request_Private_Network": "true", "Access_Control_Request_Method": "POST"}
    status, headers, _ = call(desk, "OPTIONS", "/sign", Origin=NODE, **private)
    assert (status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Private-Network"]) == (
        204,
        NODE,
        "true",
    )


def test_a_pairing_code_works_once_and_is_changed_when_guessed_at(desk: Desk) -> None:
    first = desk.code
    assert re.fullmatch(r"\d{8}", first)
    for _ in range(5):
        assert post(desk, "/pair", {"code": "not it"}) == (403, {"words": "Mã ghép không đúng."})
    assert desk.code != first
    assert post(desk, "/pair", {"code": first})[0] == 403
    code, token = desk.code, paired(desk)
    assert post(desk, "/pair", {"code": code})[0] == 403
    assert post(desk, "/pair", {"code": ""})[0] == 403
    told = json.loads(call(desk, "GET", "/state", Origin=NODE, Authorization=f"Bearer {token}")[2])
    assert told == {"paired": True}
    assert post(desk, "/sign", {}, "another token")[0] == 401
    assert call(desk, "GET", "/answer/x", Origin=NODE)[0] == 401


def test_it_shows_asks_for_the_pin_itself_and_signs(desk: Desk, device: Device) -> None:
    token, own = paired(desk), f"http://127.0.0.1:{desk.port}"
    status, told = post(desk, "/sign", question(device.certificate), token)
    assert (status, told["ask"]) == (200, f"{own}/ask/{told['name']}")
    answer = f"/answer/{told['name']}"
    mine = {"Origin": NODE, "Authorization": f"Bearer {token}"}
    assert json.loads(call(desk, "GET", answer, **mine)[2]) == {"state": "waiting", "words": ""}
    status, headers, page = call(desk, "GET", f"/ask/{told['name']}")
    shown = page.decode()
    assert (status, headers.get("Access-Control-Allow-Origin"), headers["X-Frame-Options"]) == (200, None, "DENY")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    for words in ("Báo cáo &lt;b&gt;quý IV", "trang 1 trên 2", NODE, "Cán bộ", " ".join(["0707"] * 16)):
        assert words in shown
    typed = f"/ask/{told['name']}"
    for foreign in (NODE, "https://evil.example", "null"):
        assert call(desk, "POST", typed, b"act=yes&pin=" + PIN.encode(), Origin=foreign)[0] == 403
    wrong = call(desk, "POST", typed, b"act=yes&pin=00000000", Origin=own)[2].decode()
    assert "Mã PIN không đúng. Còn 2 lần thử." in wrong
    right = call(desk, "POST", typed, b"act=yes&pin=" + PIN.encode(), Origin=own)[2].decode()
    assert "Đã ký" in right
    given = json.loads(call(desk, "GET", answer, **mine)[2])
    assert isinstance(device.key.public, ec.EllipticCurvePublicKey)
    made, data = base64.b64decode(given["signature"]), attributes(device.certificate)
    device.key.public.verify(made, data, ec.ECDSA(SHA256()))
    assert PIN not in repr(vars(desk.questions[told["name"]]))


def test_many_are_listed_and_signed_by_one_pin_and_a_token_pulled_in_the_middle_goes_on(
    desk: Desk, device: Device
) -> None:
    token, own = paired(desk), f"http://127.0.0.1:{desk.port}"
    mine = {"Origin": NODE, "Authorization": f"Bearer {token}"}
    data = [attributes(device.certificate, bytes([number]) * 32) for number in range(1, 4)]
    items = [{"title": f"Báo cáo số {n}", "data": base64.b64encode(each).decode()} for n, each in enumerate(data, 1)]
    asked = question(device.certificate) | {"items": items}
    status, told = post(desk, "/sign", asked, token)
    page = call(desk, "GET", f"/ask/{told['name']}")[2].decode()
    assert status == 200
    assert "Ký 3 văn bản này?" in page
    for number in range(1, 4):
        assert f"Báo cáo số {number}<br><code>{bytes([number]).hex() * 32}</code>" in page
    found = desk.find(told["name"])
    assert found is not None
    found.signatures.append(device.key.sign(data[0], "sha256"))
    device.key = None  # type: ignore[assignment]
    tokens.pull()
    typed = (f"/ask/{told['name']}", b"act=yes&pin=" + PIN.encode())
    try:
        assert "Cắm lại thiết bị" in call(desk, "POST", *typed, Origin=own)[2].decode()
    finally:
        tokens.put_back()
    device.key = device.tokens.open(device.reference, PIN)
    assert "Đã ký" in call(desk, "POST", *typed, Origin=own)[2].decode()
    given = json.loads(call(desk, "GET", f"/answer/{told['name']}", **mine)[2])["signature"].split()
    assert isinstance(device.key.public, ec.EllipticCurvePublicKey)
    for made, each in zip(given, data, strict=True):
        device.key.public.verify(base64.b64decode(made), each, ec.ECDSA(SHA256()))
    for wrong in ([], items * 67, [{"title": "x"}], [items[0], {"title": "x", "data": "eA=="}], ["x"]):
        assert post(desk, "/sign", asked | {"items": wrong}, token)[0] == 409


def test_a_no_and_too_many_wrong_pins_end_the_question(desk: Desk, device: Device) -> None:
    token, own = paired(desk), f"http://127.0.0.1:{desk.port}"
    mine = {"Origin": NODE, "Authorization": f"Bearer {token}"}
    for typed, words in (([b"act=no"], "Người ký không đồng ý."), ([b"act=yes&pin=000000"] * 4, "làm lại từ đầu")):
        name = post(desk, "/sign", question(device.certificate), token)[1]["name"]
        for body in typed:
            call(desk, "POST", f"/ask/{name}", body, Origin=own)
        told = json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])
        assert told["state"] == "refused"
        assert words in told["words"]
        call(desk, "POST", f"/ask/{name}", b"act=yes&pin=" + PIN.encode(), Origin=own)
        assert json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])["state"] == "refused"


def test_nothing_but_a_documents_signature_by_that_certificate_is_signed(desk: Desk, device: Device) -> None:
    token = paired(desk)
    other = pki.house().head.der
    for data in (
        b"",
        b"a letter",
        hashlib.sha256(b"x").digest(),
        attributes(other),
        attributes(device.certificate)[:-1],
    ):
        status, told = post(desk, "/sign", question(device.certificate, data), token)
        assert status == 409
        assert "không phải" in told["words"]
    assert post(desk, "/sign", {"data": "?"}, token)[0] == 409
    assert desk.questions == {}


def test_a_missing_device_is_said_in_words(desk: Desk, device: Device) -> None:
    token, own = paired(desk), f"http://127.0.0.1:{desk.port}"
    stranger = pki.house().head.der
    assert "Không thấy thiết bị" in post(desk, "/sign", question(stranger), token)[1]["words"]
    name = post(desk, "/sign", question(device.certificate), token)[1]["name"]
    typed = (f"/ask/{name}", b"act=yes&pin=" + PIN.encode())
    device.key = None  # type: ignore[assignment]
    tokens.pull()
    try:
        assert "Cắm lại thiết bị" in call(desk, "POST", *typed, Origin=own)[2].decode()
        assert "Không thấy thiết bị" in post(desk, "/sign", question(device.certificate), token)[1]["words"]
    finally:
        tokens.put_back()
    assert "Đã ký" in call(desk, "POST", *typed, Origin=own)[2].decode()
    device.key = device.tokens.open(device.reference, PIN)


def test_oversized_and_unreadable_requests_are_refused(desk: Desk) -> None:
    token = paired(desk)
    mine = {"Origin": NODE, "Authorization": f"Bearer {token}"}
    assert call(desk, "POST", "/sign", b"{", Content_Type="application/json", **mine)[0] == 400
    assert call(desk, "POST", "/sign", b"{}", Content_Type="text/plain", **mine)[0] == 400
    announced = {"Content_Length": "1100000", "Content_Type": "application/json"}
    assert call(desk, "POST", "/sign", **announced, **mine)[0] == 413  # refused before it is read
    assert call(desk, "GET", "/elsewhere", **mine)[0] == 404
    assert call(desk, "GET", "/ask/nothing")[0] == 404


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://vanban.example", "https://vanban.example"),
        ("https://vanban.example:8443/", "https://vanban.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://vanban.example", ""),
        ("https://vanban.example/path", ""),
        ("https://user@vanban.example", ""),
        ("vanban.example", ""),
    ],
)
def test_a_node_is_named_by_a_safe_origin(address: str, origin: str) -> None:
    assert agent.origin_of(address) == origin


def test_a_key_is_made_on_the_token_and_its_request_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    serial = tokens.new_token("Thiết bị mới")
    monkeypatch.setattr("getpass.getpass", lambda _prompt: PIN)
    asked = ["agent", "--module", f"hsm={tokens.library()}", "--request", str(tmp_path / "an.csr"), "--token", serial]
    assert main([*asked, "--name", "Nguyen Van An"]) == 0
    read = x509.load_der_x509_csr((tmp_path / "an.csr").read_bytes())
    assert read.is_signature_valid
    assert serial in capsys.readouterr().out
    assert main(["agent", "--module", "hsm=relative.so", "--node", NODE]) == 2
    assert main(["agent", "--module", f"hsm={tokens.library()}", "--node", "http://evil.example"]) == 2
    assert main([*asked[:-1], "nowhere"]) == 2
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "00000000")
    assert main(asked) == 2


class Reader:
    """A token with a key for encryption, and its certificate."""

    def __init__(self, kind: Kind) -> None:
        self.tokens = Tokens({"hsm": tokens.library()})
        self.reference = self.tokens.create(PIN, kind, f"hsm:{tokens.new_token(f'Đọc {kind}')}")
        self.key: Key = self.tokens.open(self.reference, PIN)
        self.certificate = to_open(self.key.public)


def to_open(public: Any) -> bytes:
    above = pki.house().issuing
    agrees = isinstance(public, ec.EllipticCurvePublicKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nguyễn Văn An")]))
        .issuer_name(above.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(pki.BORN)
        .not_valid_after(pki.DIES)
        .add_extension(pki.usage(key_agreement=agrees, key_encipherment=not agrees), critical=True)
    )
    return builder.sign(above.private, SHA256()).public_bytes(pki.Encoding.DER)


def sealed_to(public: Any, *content_keys: bytes, certificate: bytes = b"") -> dict[str, Any]:
    """What the node's page asks to be opened."""
    wraps = [wrapping.wrap(each, public) for each in content_keys]
    return {
        "certificate": base64.b64encode(certificate or to_open(public)).decode(),
        "title": "Tài liệu mật số 7",
        "code": "Mật, Tổng cục Z",
        "place": "Đã xem",
        "signer": "Nguyễn Văn An",
        "wraps": [
            {
                "sealed": base64.b64encode(each.sealed).decode(),
                "ephemeral": base64.b64encode(each.ephemeral).decode(),
            }
            for each in wraps
        ],
    }


@pytest.mark.parametrize("kind", [Kind.P256, Kind.P384, Kind.RSA2048])
def test_keys_of_contents_are_opened_with_the_pin_and_handed_out_once(kind: Kind) -> None:
    reader = Reader(kind)
    desk = Desk(reader.tokens, NODE, 0)
    with Loopback(desk) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            _open_and_see(desk, reader)
        finally:
            served.shutdown()
            thread.join()


def _open_and_see(desk: Desk, reader: Reader) -> None:
    one, other = b"\x01" * 32, b"\x02" * 32
    asked = sealed_to(reader.key.public, one, other, certificate=reader.certificate)
    assert post(desk, "/open", asked, "unpaired")[0] == 401
    token = paired(desk)
    mine = {"Origin": NODE, "Authorization": f"Bearer {token}"}
    own = f"http://127.0.0.1:{desk.port}"
    signing = asked | {"certificate": base64.b64encode(named(reader.key.public)).decode()}
    assert post(desk, "/open", signing, token)[0] == 409
    for wrong in ({"wraps": []}, {"wraps": [{}]}, {"wraps": asked["wraps"] * 101}, {"wraps": "x"}):
        assert post(desk, "/open", asked | wrong, token)[0] == 409
    name = post(desk, "/open", asked, token)[1]["name"]
    shown = call(desk, "GET", f"/ask/{name}")[2].decode()
    assert "Mở tài liệu mật này?" in shown
    assert "Tài liệu mật số 7" in shown
    assert "<dd>2</dd>" in shown
    call(desk, "POST", f"/ask/{name}", b"pin=11111111&act=yes", Origin=own)
    assert json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])["state"] == "waiting"
    assert (
        call(desk, "GET", f"/answer/{name}", Origin="https://evil.example", Authorization=mine["Authorization"])[0]
        == 403
    )
    assert "Đã mở." in call(desk, "POST", f"/ask/{name}", f"pin={PIN}&act=yes".encode(), Origin=own)[2].decode()
    told = json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])
    assert [base64.b64decode(each) for each in told["keys"].split()] == [one, other]
    assert "keys" not in json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])
    short = sealed_to(reader.key.public, b"\x03" * 16, certificate=reader.certificate)
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()
    foreign = sealed_to(stranger, one, certificate=reader.certificate)
    for closed in (short, foreign):
        name = post(desk, "/open", closed, token)[1]["name"]
        call(desk, "POST", f"/ask/{name}", f"pin={PIN}&act=yes".encode(), Origin=own)
        told = json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])
        assert (told["state"], "keys" in told) == ("refused", False)
    name = post(desk, "/open", asked, token)[1]["name"]
    call(desk, "POST", f"/ask/{name}", b"act=no", Origin=own)
    assert json.loads(call(desk, "GET", f"/answer/{name}", **mine)[2])["words"] == "Người đọc không đồng ý."


XML = b'<?xml version="1.0"?><so><dong>1</dong></so>'


def inside(device: Device, content: bytes = XML, certificate: bytes = b"") -> tuple[bytes, bytes]:
    """What the node asks to be signed inside an XML document, and the properties it shows beside it."""
    seen: list[bytes] = []

    class Catch:
        public = device.key.public
        signature_size = 72

        def sign(self, data: bytes, _digest: str) -> bytes:
            seen.append(data)
            return pki.make_key("p256").sign(data, ec.ECDSA(SHA256()))

    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    credential = Credential(certificate or device.certificate, (), Catch())  # type: ignore[arg-type]
    xades.sign(content, credential=credential, at=at)
    return seen[0], xades.signed_properties(content, credential=credential, at=at)


def test_inside_xml_it_signs_the_document_it_shows_and_nothing_else(device: Device) -> None:
    desk = Desk(device.tokens, NODE, 0)
    data, properties = inside(device)

    def asked(data: bytes, properties: bytes) -> str:
        told = question(device.certificate, data)
        return desk.ask(told | {"properties": base64.b64encode(properties).decode()})

    found = desk.find(asked(data, properties))
    assert found is not None
    canonical = b"<so><dong>1</dong></so>"
    assert found.digest == hashlib.sha256(canonical).hexdigest()
    desk.decide(found, PIN)
    device.key.public.verify(found.signature, data, ec.ECDSA(SHA256()))  # type: ignore[call-arg, union-attr]

    other_data, other = inside(device, certificate=named(pki.make_key("p256").public_key()))
    doctype = b'<!DOCTYPE a [<!ENTITY x "y">]>' + data
    for wrong, said in (
        (data, other),  # properties of another signature
        (other_data, other),  # that names another certificate
        (data.replace(b'URI=""', b'URI="https://x.example/"'), properties),
        (data.replace(b"enveloped-signature", b"base64"), properties),
        (data.replace(b"ecdsa-sha256", b"ecdsa-sha1"), properties),
        (data + b"\n", properties),  # not in its only form
        (data.replace(b"</ds:SignedInfo>", b"<ds:Reference></ds:Reference></ds:SignedInfo>"), properties),
        (doctype, properties),
        (canonical, properties),
        (data, properties.replace(b"</xades:SignedProperties>", b"<a></a></xades:SignedProperties>")),
        (b"\x00" * 32, properties),
    ):
        assert (wrong, said) != (data, properties)
        with pytest.raises(BadQuestion):
            asked(wrong, said)
    with pytest.raises(BadQuestion):
        desk.ask(question(device.certificate, data))  # SignedInfo alone
