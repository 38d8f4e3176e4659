"""`antin receipts verify FILE`: does this chain of receipts prove what the recipient did? Needs no node, no database, no line."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from antin.keys import pki
from antin.nodes import parcels, receipts
from antin.refusal import Refusal

KINDS = {
    "arrived": "đã đến",
    "verified": "đã kiểm chữ ký",
    "change_agreed": "đồng ý thu hồi, thay thế, đính chính",
    "change_refused": "từ chối thu hồi, thay thế, đính chính",
    "returned": "trả lại",
    "registered": "đã tiếp nhận",
    "assigned": "đã phân công",
    "processing": "đang xử lý",
    "done": "đã hoàn thành",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="[MÃ=]TỆP",
        help="chứng thư gốc (PEM, DER) mà ta tin; có mã thì chỉ cho cơ quan mã ấy và cấp dưới",
    )
    parser.add_argument("--paper", type=Path, help="văn bản: có phải đúng tệp mà giấy báo nói đến không")
    parser.add_argument(
        "--extract", type=Path, help="ghi từng giấy báo ra thư mục này, để openssl cms -verify kiểm lại"
    )
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    """0 proven, 1 not, 2 cannot be read, or nobody said whom to trust."""
    try:
        content = arguments.file.read_bytes()
        roots = _roots(arguments.trust)
        trusted = bool(roots)
        proven = receipts.verify(content, trusted=roots.pop("", []), bound=roots)
    except (OSError, ValueError) as trouble:
        print(f"{arguments.file}: {trouble}", file=sys.stderr)
        return 2
    except Refusal as no:
        print(f"{arguments.file}: {no.message}", file=sys.stderr)
        return 2 if isinstance(no, receipts.NotAReceipt) else 1
    if arguments.extract is not None:
        _extract(content, arguments.extract)
    paper = _paper(proven, arguments.paper)
    told = {
        "proven": not proven.trouble and paper is not False and trusted,
        "parcel": proven.manifest.digest,
        "document": proven.manifest.told.get("document", {}),
        "from": proven.manifest.told["from"],
        "to": proven.manifest.told["to"],
        "receipts": [
            {
                "number": each.number,
                "kind": each.kind,
                "at": each.at.isoformat(),
                "facts": each.facts,
                "digest": each.digest,
            }
            for each in proven.receipts
        ],
        "trouble": proven.trouble,
        "paper": paper,
        "roots": [hashlib.sha256(each).hexdigest() for each in proven.roots],
        "certified": {"from": _root_name(proven.sender_root), "to": _root_name(proven.recipient_root)},
        "trusted": trusted,
    }
    print(json.dumps(told, ensure_ascii=False, indent=1) if arguments.json else _words(proven, paper, trusted))
    if proven.trouble or paper is False:
        return 1
    return 0 if trusted else 2


def _roots(given: list[str]) -> dict[str, list[bytes]]:
    """The roots that are trusted, by the agency's code they count for; "" for all."""
    found: dict[str, list[bytes]] = {}
    for each in given:
        code, equals, path = each.partition("=")
        if not equals or Path(each).exists():
            code, path = "", each
        for certificate in pki.read_certificates(Path(path).read_bytes()):
            found.setdefault(code, []).append(certificate.public_bytes(Encoding.DER))
    return found


def _root_name(root: bytes) -> str:
    """By what a reader knows a root: its own name, and the SHA-256 of its bytes."""
    if not root:
        return ""
    [read] = pki.read_certificates(root)
    return f"{read.subject.rfc4514_string()} {hashlib.sha256(root).hexdigest()}"


def _paper(proven: receipts.Proven, path: Path | None) -> bool | None:
    if path is None:
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return digest in [each["sha256"] for each in parcels.files_of(proven.manifest.told)]


def _words(proven: receipts.Proven, paper: bool | None, trusted: bool) -> str:
    document = proven.manifest.told.get("document", {})
    lines = [
        f"{document.get('code', '')} {document.get('subject', '')}".strip(),
        f"{proven.manifest.told['from']['name']} → {proven.recipient}",
    ]
    for each in proven.receipts:
        facts = ", ".join(f"{name}: {value}" for name, value in each.facts.items() if value not in ("", None))
        lines.append(
            f"  {each.number}. {each.at:%Y-%m-%d %H:%M:%SZ} {KINDS[each.kind]}{f' ({facts})' if facts else ''}"
        )
    if paper is not None:
        lines.append("Đúng tệp văn bản." if paper else "KHÔNG phải tệp văn bản này.")
    lines += [f"Bên gửi theo gốc: {_root_name(proven.sender_root)}"] if trusted else []
    if trusted and proven.recipient_root:
        lines.append(f"Bên nhận theo gốc: {_root_name(proven.recipient_root)}")
        if proven.recipient_root == proven.sender_root:
            lines.append("Một gốc chứng thực cả hai bên: ai giữ gốc ấy ký được cho cả hai.")
    if proven.trouble:
        lines.append(f"KHÔNG chứng minh được từ giấy báo {proven.trouble}")
    if not trusted:
        lines.append("Chưa tin được: hãy cho biết chứng thư gốc mình tin (--trust). Gốc nêu trong tệp:")
        lines += [f"  {hashlib.sha256(each).hexdigest()}" for each in proven.roots]
    elif not proven.trouble:
        lines.append("Chuỗi giấy báo nguyên vẹn, đúng chữ ký.")
    return "\n".join(lines)


def _extract(content: bytes, folder: Path) -> None:
    manifest, chain, roots = receipts.parts(content)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.p7m").write_bytes(manifest)
    for number, each in enumerate(chain, 1):
        (folder / f"receipt-{number:02d}.p7m").write_bytes(each)
    for number, root in enumerate(roots, 1):
        [read] = pki.read_certificates(root)
        (folder / f"root-{number:02d}.pem").write_bytes(read.public_bytes(Encoding.PEM))
