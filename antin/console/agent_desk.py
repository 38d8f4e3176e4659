"""What `antin agent` does behind its port: shows what is to be signed, asks for the PIN on a page of its own, signs, answers.

The node's page and this program do not trust each other further than they must. Only the loopback is listened on, and only names of
the loopback are answered to (a name of somebody else's that leads here is refused: DNS rebinding). Only pages of the one node that
was named at the start may speak to it, after a pairing code that works once. They hand over what is to be signed; they never see
the PIN, which is typed into this program's own page, that no other page may read, frame or send to. What is signed is one set of
CMS signed attributes, or one SignedInfo of XML, that names the very certificate of the key: nothing else can be had signed,
whatever a page asks. What is
opened are keys of sealed contents, by a certificate for encryption: nothing but a content key of 32 bytes ever goes back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import html
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from asn1crypto import cms, tsp
from cryptography import x509
from lxml import etree

from antin.keys import pki
from antin.keys.providers import (
    CannotUnwrap,
    DeviceBlocked,
    DeviceGone,
    DeviceTrouble,
    KeyMissing,
    PublicKey,
    Wrapped,
    WrongSecret,
)
from antin.keys.providers.tokens import Tokens

PORT = 24599
LARGEST = 2**20
MOST_SIGNED = 200
MOST_WRAPS = 200
CONTENT_KEY = 32
CODE_TRIES = 5
PIN_TRIES = 3
LASTS = 600.0
"""Seconds that a question waits for its answer; the node forgets it as soon."""

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1c2321;background:#f6f7f4}"
    "h1{font-size:1.3rem}dt{color:#59645f;font-size:.85rem}dd{margin:0 0 .75rem;overflow-wrap:anywhere}code{font-size:.8rem}"
    "input,button{font:inherit;padding:.6rem .8rem}input{width:100%;box-sizing:border-box;margin:.25rem 0 1rem}"
    "button{border:1px solid #59645f;background:#fff;margin-right:.5rem}"
    "button.main{background:#1f5c43;border-color:#1f5c43;color:#fff}"
    ".no{background:#fbe9e7;padding:.75rem;border-left:4px solid #a3261b}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class BadQuestion(Exception):
    """What a page asked cannot be signed; the words go back to it."""


@dataclass(frozen=True)
class Item:
    """One of many that are signed by one PIN: what the page calls it, the signed attributes, and what they are truly about."""

    title: str
    data: bytes
    digest: str


@dataclass
class Question:
    """What is to be signed, one thing or many, or (with wraps) to be opened: what the page says it is, what it truly is, how it
    stands. Of many, `signatures` are those made so far: a token pulled in the middle goes on where it was."""

    title: str
    code: str
    place: str
    signer: str
    data: bytes
    digest: str
    reference: str
    label: str
    asked: float
    state: str = "waiting"
    signature: bytes = b""
    wraps: tuple[Wrapped, ...] = ()
    keys: tuple[bytes, ...] = ()
    items: tuple[Item, ...] = ()
    signatures: list[bytes] = field(default_factory=list)
    words: str = ""
    tries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Desk:
    """The state of one running agent. All of it is in memory and ends with the program."""

    def __init__(self, tokens: Tokens, node: str, port: int) -> None:
        self.tokens, self.node, self.port = tokens, node, port
        self.code, self.tries_left = _new_code(), CODE_TRIES
        self.questions: dict[str, Question] = {}
        self._paired = ""
        self._lock = threading.Lock()

    @property
    def hosts(self) -> tuple[str, str]:
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def own(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pair(self, code: str) -> str | None:
        """A token for the code, once; after five wrong ones there is another code."""
        with self._lock:
            if self.code and hmac.compare_digest(self.code.encode(), code.strip().encode()):
                self.code, self._paired = "", secrets.token_urlsafe(32)
                return self._paired
            self.tries_left -= 1
            if self.tries_left <= 0:
                self.code, self.tries_left = _new_code(), CODE_TRIES
            return None

    def knows(self, token: str) -> bool:
        return bool(self._paired) and hmac.compare_digest(self._paired.encode(), token.encode())

    def ask(self, given: dict[str, Any]) -> str:
        """Take a question of the page; its name, by which it is shown and answered. :raises BadQuestion:"""
        try:
            many = given.get("items")
            asked = [given] if many is None else list(many)
            if not 1 <= len(asked) <= MOST_SIGNED:
                raise ValueError(len(asked))
            data = [base64.b64decode(each["data"], validate=True) for each in asked]
            properties = [base64.b64decode(each.get("properties") or "", validate=True) for each in asked]
            titles = [str(each.get("title", ""))[:500] for each in asked]
            certificate = base64.b64decode(given["certificate"], validate=True)
            public = x509.load_der_x509_certificate(certificate).public_key()
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as wrong:
            raise BadQuestion("Trang web gửi yêu cầu ký không đọc được.") from wrong
        digests = [
            what_is_signed_inside(each, of, certificate) if of else what_is_signed(each, certificate)
            for each, of in zip(data, properties, strict=True)
        ]
        if many is None:
            return self._keep(given, public, data=data[0], digest=digests[0])
        return self._keep(given, public, items=tuple(map(Item, titles, data, digests)))

    def ask_to_open(self, given: dict[str, Any]) -> str:
        """Take a question about keys of sealed contents; its name. :raises BadQuestion:"""
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(given["certificate"], validate=True))
            public, opens = certificate.public_key(), pki.may_open(certificate)
            wraps = tuple(
                Wrapped(
                    base64.b64decode(each["sealed"], validate=True), base64.b64decode(each["ephemeral"], validate=True)
                )
                for each in given["wraps"]
            )
        except (KeyError, TypeError, ValueError, binascii.Error) as wrong:
            raise BadQuestion("Trang web gửi yêu cầu mở không đọc được.") from wrong
        if not opens or not 1 <= len(wraps) <= MOST_WRAPS:
            raise BadQuestion("Dữ liệu trang web gửi không phải là yêu cầu mở tài liệu mật bằng chứng thư số mã hóa.")
        return self._keep(given, public, wraps=wraps)

    def _keep(
        self,
        given: dict[str, Any],
        public: object,
        *,
        data: bytes = b"",
        digest: str = "",
        wraps: tuple[Wrapped, ...] = (),
        items: tuple[Item, ...] = (),
    ) -> str:
        if not isinstance(public, PublicKey):
            raise BadQuestion("Loại khóa này không dùng được.")
        found = self.tokens.find_key(public)
        if found is None:
            raise BadQuestion("Không thấy thiết bị lưu khóa có khóa của chứng thư số này. Cắm thiết bị rồi làm lại.")
        reference, label = found
        title, code, place, signer = (str(given.get(name, ""))[:500] for name in ("title", "code", "place", "signer"))
        name = secrets.token_urlsafe(24)
        with self._lock:
            now = time.monotonic()
            self.questions = {key: each for key, each in self.questions.items() if now - each.asked < LASTS}
            self.questions[name] = Question(
                title, code, place, signer, data, digest, reference, label, now, wraps=wraps, items=items
            )
        return name

    def find(self, name: str) -> Question | None:
        with self._lock:
            found = self.questions.get(name)
        return found if found is not None and time.monotonic() - found.asked < LASTS else None

    def decide(self, question: Question, pin: str | None) -> None:
        """Sign or open with this PIN, or (None) say no; what came of it stands in the question."""
        with question.lock:
            if question.state != "waiting":
                return
            if pin is None:
                no = "Người đọc không đồng ý." if question.wraps else "Người ký không đồng ý."
                question.state, question.words = "refused", no
                return
            question.tries += 1
            try:
                key = self.tokens.open(question.reference, pin)
                if question.wraps:
                    question.keys = tuple(key.unwrap(each) for each in question.wraps)
                    if any(len(each) != CONTENT_KEY for each in question.keys):
                        question.keys = ()
                        raise CannotUnwrap
                    question.state, question.words = "opened", ""
                elif question.items:
                    for each in question.items[len(question.signatures) :]:
                        question.signatures.append(key.sign(each.data, "sha256"))
                    question.state, question.words = "signed", ""
                else:
                    question.signature = key.sign(question.data, "sha256")
                    question.state, question.words = "signed", ""
            except CannotUnwrap:
                question.state, question.words = "refused", "Thiết bị này không mở được tài liệu: mã hóa cho khóa khác."
            except WrongSecret as wrong:
                left = PIN_TRIES - question.tries if wrong.left is None else min(wrong.left, PIN_TRIES - question.tries)
                question.words = f"Mã PIN không đúng. Còn {left} lần thử."
                if left <= 0:
                    question.state, question.words = "refused", "Nhập sai mã PIN nhiều lần; làm lại từ đầu."
            except DeviceBlocked:
                question.state, question.words = (
                    "refused",
                    "Thiết bị đã tự khóa vì nhập sai mã PIN quá số lần cho phép.",
                )
            except (DeviceGone, KeyMissing):
                question.words = "Không thấy thiết bị lưu khóa. Cắm lại thiết bị rồi nhập mã PIN."
                question.tries -= 1
            except DeviceTrouble as trouble:
                question.state, question.words = "refused", f"Thiết bị không thực hiện được yêu cầu ({trouble})."


def what_is_signed(data: bytes, certificate: bytes) -> str:
    """The digest of the file that these signed attributes are about, in hexadecimal.

    :raises BadQuestion: not the signed attributes of a document's signature by this certificate, and nothing else
    """
    try:
        attributes = {each["type"].native: each["values"] for each in cms.CMSAttributes.load(data, strict=True)}
        kind = attributes["content_type"][0].native
        digest = attributes["message_digest"][0].native
        named = tsp.SigningCertificateV2.load(attributes["signing_certificate_v2"][0].dump())
        hashed = named["certs"][0]["cert_hash"].native
    except (ValueError, KeyError, TypeError, IndexError) as wrong:
        raise BadQuestion("Dữ liệu trang web gửi không phải là yêu cầu ký văn bản.") from wrong
    if kind != "data" or len(digest) != 32 or hashed != hashlib.sha256(certificate).digest():
        raise BadQuestion("Dữ liệu trang web gửi không phải là yêu cầu ký văn bản bằng chứng thư số này.")
    return bytes(digest).hex()


DS, XADES = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/01903/v1.3.2#}"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
METHODS = (
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
)
PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
PROPERTIES_HELD = ["SignedSignatureProperties", "SigningTime", "SigningCertificateV2", "Cert", "CertDigest"]


def what_is_signed_inside(data: bytes, properties: bytes, certificate: bytes) -> str:
    """The digest of the XML document that this SignedInfo is about, in hexadecimal. Law of it: XML-DSig 1.1, EN 319 132-1.

    It must be what the node makes and nothing more: canonical, the whole document without its signature, and properties that name
    this certificate.

    :raises BadQuestion: anything else
    """
    try:
        signed, said = _canonical(data, f"{DS}SignedInfo"), _canonical(properties, f"{XADES}SignedProperties")
        canonical, method, document, own = signed
        digests = [_digest_of(document, "", None, (ENVELOPED, EXCLUSIVE))]
        digests.append(_digest_of(own, f"#{said.get('Id')}", PROPERTIES, (EXCLUSIVE,)))
        (about,) = said
        _moment, named = about
        ((hashed,),) = named
        names = [each.tag.removeprefix(XADES) for each in (about, *about, named[0], hashed)]
        if names != PROPERTIES_HELD or _hashed(hashed) != hashlib.sha256(certificate).digest():
            raise ValueError("another certificate")
        right = (canonical.tag, canonical.get("Algorithm"), len(canonical)) == (
            f"{DS}CanonicalizationMethod",
            EXCLUSIVE,
            0,
        )
        right &= method.tag == f"{DS}SignatureMethod" and method.get("Algorithm") in METHODS and not len(method)
        if not right or digests[1] != hashlib.sha256(properties).digest():
            raise ValueError("another way of signing")
    except (ValueError, TypeError, AttributeError, etree.XMLSyntaxError) as wrong:
        raise BadQuestion(
            "Dữ liệu trang web gửi không phải là yêu cầu ký bên trong XML bằng chứng thư số này."
        ) from wrong
    return digests[0].hex()


def _canonical(data: bytes, tag: str) -> etree._Element:
    """The one element that these bytes are, in their only form. :raises ValueError: they are something else"""
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    found = etree.fromstring(data, reader)
    if found.tag != tag or etree.tostring(found, method="c14n", exclusive=True, with_comments=False) != data:
        raise ValueError(found.tag)
    return found


def _digest_of(reference: etree._Element, uri: str, kind: str | None, transforms: tuple[str, ...]) -> bytes:
    listed = reference.findall(f"{DS}Transforms/{DS}Transform")
    seen = (reference.tag, reference.get("URI"), reference.get("Type"), tuple(each.get("Algorithm") for each in listed))
    parts = [each.tag for each in reference]
    plain = parts == [f"{DS}Transforms", f"{DS}DigestMethod", f"{DS}DigestValue"] and not any(map(len, listed))
    if seen != (f"{DS}Reference", uri, kind, transforms) or not plain:
        raise ValueError(uri)
    return _hashed(reference)


def _hashed(holder: etree._Element) -> bytes:
    method, value = holder.find(f"{DS}DigestMethod"), holder.find(f"{DS}DigestValue")
    if method is None or value is None or method.get("Algorithm") != SHA256:
        raise ValueError("no SHA-256")
    digest = base64.b64decode(value.text or "", validate=True)
    if len(digest) != 32:
        raise ValueError("no SHA-256")
    return digest


def _asks(question: Question) -> str:
    """The heading of the page that asks for the PIN."""
    if question.wraps:
        return "Mở tài liệu mật này?"
    return f"Ký {len(question.items)} văn bản này?" if question.items else "Ký văn bản này?"


def _new_code() -> str:
    return "".join(secrets.choice("0123456789") for _digit in range(8))


class Loopback(ThreadingHTTPServer):
    """Listens on the loopback of IPv4 only."""

    daemon_threads = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(("127.0.0.1", desk.port), Answers)
        desk.port = self.server_address[1]
        self.desk = desk


class Answers(BaseHTTPRequestHandler):
    """One request. First whose name it came to, then which page sent it, then what it asks."""

    server: Loopback
    timeout = 20

    def do_OPTIONS(self) -> None:
        if self._misled() or self._foreign():
            return
        self._send(204, b"", {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": "600"})

    def do_GET(self) -> None:
        if self._misled():
            return
        desk = self.server.desk
        if self.path.startswith("/ask/"):
            self._show(desk.find(self.path.removeprefix("/ask/")))
        elif self._foreign():
            return
        elif self.path == "/state":
            self._tell(200, {"paired": desk.knows(self._token())})
        elif not desk.knows(self._token()):
            self._tell(401, {"words": "Chưa ghép với trang này."})
        elif self.path.startswith("/answer/"):
            self._answer(desk.find(self.path.removeprefix("/answer/")))
        else:
            self._tell(404, {"words": "Không có gì ở đây."})

    def do_POST(self) -> None:
        if self._misled():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self._send(413, b"")
            return
        body = self.rfile.read(int(length))
        if self.path.startswith("/ask/"):
            self._decide(self.path.removeprefix("/ask/"), body)
        elif not self._foreign():
            self._act(body)

    # whose name, which page

    def _misled(self) -> bool:
        """Whether the request came to a name that is not the loopback's own (DNS rebinding)."""
        if self.headers.get("Host", "") in self.server.desk.hosts:
            return False
        self._send(421, b"")
        return True

    def _foreign(self) -> bool:
        """Whether the request came from a page that is not the node's."""
        if self.headers.get("Origin") == self.server.desk.node:
            return False
        self._send(403, b"")
        return True

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    # what the node's page asks

    def _act(self, body: bytes) -> None:
        desk = self.server.desk
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if not isinstance(given, dict) or not self.headers.get("Content-Type", "").startswith("application/json"):
            self._tell(400, {"words": "Yêu cầu không đọc được."})
        elif self.path == "/pair":
            token = desk.pair(str(given.get("code", "")))
            self._tell(200 if token else 403, {"token": token} if token else {"words": "Mã ghép không đúng."})
        elif not desk.knows(self._token()):
            self._tell(401, {"words": "Chưa ghép với trang này."})
        elif self.path in ("/sign", "/open"):
            try:
                name = desk.ask(given) if self.path == "/sign" else desk.ask_to_open(given)
            except BadQuestion as no:
                self._tell(409, {"words": str(no)})
            else:
                self._tell(200, {"name": name, "ask": f"{desk.own}/ask/{name}"})
        else:
            self._tell(404, {"words": "Không có gì ở đây."})

    def _answer(self, question: Question | None) -> None:
        if question is None:
            self._tell(404, {"words": "Yêu cầu đã hết hạn."})
            return
        told = {"state": question.state, "words": question.words}
        if question.state == "signed":
            made = question.signatures if question.items else [question.signature]
            told["signature"] = " ".join(base64.b64encode(each).decode() for each in made)
        if question.state == "opened":
            told["keys"] = " ".join(base64.b64encode(each).decode() for each in question.keys)
            question.keys = ()
            question.state, question.words = "handed", "Khóa nội dung đã giao cho trang web."
        self._tell(200, told)

    # this program's own page

    def _decide(self, name: str, body: bytes) -> None:
        """The officer's answer, from this program's own page and no other."""
        desk = self.server.desk
        question = desk.find(name)
        if self.headers.get("Origin") not in {f"http://{host}" for host in desk.hosts}:
            self._send(403, b"")
        elif question is None:
            self._page("Yêu cầu đã hết hạn", "<p>Đóng cửa sổ này, quay lại trang văn bản và làm lại.</p>", 404)
        else:
            given = parse_qs(body.decode("utf-8", "replace"))
            no = given.get("act", [""])[0] == "no"
            desk.decide(question, None if no else given.get("pin", [""])[0])
            self._show(question)

    def _show(self, question: Question | None) -> None:
        if question is None:
            self._page("Yêu cầu đã hết hạn", "<p>Đóng cửa sổ này, quay lại trang văn bản và làm lại.</p>", 404)
            return
        facts = {
            "Trang web yêu cầu": self.server.desk.node,
            "Văn bản (theo trang web)": question.title,
            "Độ mật, cơ quan" if question.wraps else "Loại, cơ quan ban hành": question.code,
            "Mở để làm gì" if question.wraps else "Chỗ ký": question.place,
            "Người đọc" if question.wraps else "Người ký": question.signer,
            "Thiết bị": question.label,
        }
        listed = "".join(f"<dt>{name}</dt><dd>{html.escape(fact)}</dd>" for name, fact in facts.items() if fact)
        fours = " ".join(question.digest[n : n + 4] for n in range(0, len(question.digest), 4))
        if question.wraps:
            listed = f"<dl>{listed}<dt>Số nội dung được mở</dt><dd>{len(question.wraps)}</dd></dl>"
        elif question.items:
            rows = "".join(
                f"<li>{html.escape(each.title)}<br><code>{each.digest}</code></li>" for each in question.items
            )
            many = f"{len(question.items)} văn bản, mỗi văn bản kèm mã băm SHA-256 được ký"
            listed = f"<dl>{listed}<dt>{many}</dt><dd><ol>{rows}</ol></dd></dl>"
        else:
            listed = f"<dl>{listed}<dt>Mã băm SHA-256 được ký</dt><dd><code>{fours}</code></dd></dl>"
        act = "Mở" if question.wraps else "Ký"
        words = f'<p class="no">{html.escape(question.words)}</p>' if question.words else ""
        match question.state:
            case "signed":
                self._page("Đã ký. Đóng cửa sổ này.", listed)
            case "opened" | "handed":
                self._page("Đã mở. Đóng cửa sổ này.", listed)
            case "refused":
                self._page(f"Không {act.lower()}", words + listed)
            case _:
                self._page(
                    _asks(question),
                    f'{listed}{words}<form method="post"><label for="pin">Mã PIN của thiết bị</label>'
                    '<input id="pin" name="pin" type="password" autocomplete="off" autofocus>'
                    f'<button class="main" name="act" value="yes">{act}</button>'
                    f'<button name="act" value="no">Không {act.lower()}</button></form>',
                )

    def _page(self, heading: str, content: str, status: int = 200) -> None:
        written = (
            f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{heading} - An Tín</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
            f"<body><h1>{heading}</h1>{content}</body></html>"
        )
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": POLICY,
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        self._send(status, written.encode(), headers, shared=False)

    # answers

    def _tell(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None, *, shared: bool = True) -> None:
        self.send_response(status)
        if shared and self.headers.get("Origin") == self.server.desk.node:
            self.send_header("Access-Control-Allow-Origin", self.server.desk.node)
            self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
            self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written down: addresses hold the names of questions."""


def serve(desk: Desk, *, say: Callable[[str], object]) -> None:
    """Wait for the node's page until interrupted."""
    with Loopback(desk) as served:
        say(f"An Tín trên máy này: {desk.own}, chỉ phục vụ trang {desk.node}")
        for seen in desk.tokens.look():
            say(f"  thiết bị {seen.label}, số sê-ri {seen.serial} ({seen.maker} {seen.model})")
        say(f"Mã ghép với trang web (dùng một lần): {desk.code}")
        try:
            served.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            say("Đã dừng.")
