"""`antin agent`: a small program on the officer's own machine; it reaches his token and signs what he agrees to, after showing it.

Stand-alone: needs no node, database or settings. `antin agent --node https://node --module usb=/usr/lib/maker.so` waits on the
loopback for the pages of that one node; `antin agent --module … --request FILE` makes a key on the token and writes its request for
a certificate.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from antin.console.agent_desk import PORT, Desk, serve
from antin.keys import pki
from antin.keys.providers import DeviceTrouble, Kind, WrongSecret
from antin.keys.providers.tokens import Tokens

BAD_INPUT = 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--node", help="địa chỉ trang An Tín được phép dùng, ví dụ https://vanban.donvi.mil.vn")
    parser.add_argument(
        "--module", action="append", required=True, metavar="TÊN=ĐƯỜNG-DẪN", help="thư viện PKCS#11 của thiết bị"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"cổng trên máy này (mặc định {PORT})")
    parser.add_argument("--request", type=Path, metavar="TỆP", help="tạo khóa trên thiết bị, ghi tệp đề nghị rồi dừng")
    parser.add_argument("--token", default="", metavar="SÊ-RI", help="thiết bị nào, khi cắm nhiều thiết bị")
    parser.add_argument("--kind", choices=[str(kind) for kind in Kind], default=str(Kind.P256), help="loại khóa")
    parser.add_argument("--name", default="An Tin", help="tên ghi trong tệp đề nghị")


def run(arguments: argparse.Namespace) -> int:
    modules = dict(each.partition("=")[::2] for each in arguments.module)
    if not all(name.isalnum() and Path(path).is_absolute() for name, path in modules.items()):
        return _wrong("--module phải có dạng tên=/đường/dẫn/thư-viện.so")
    tokens = Tokens(modules)
    for name, trouble in tokens.modules_in_trouble().items():
        print(f"Không nạp được thư viện {name}: {trouble}", file=sys.stderr)
    if arguments.request:
        return _request(tokens, arguments)
    node = origin_of(arguments.node or "")
    if not node:
        return _wrong("--node phải là https://…, hoặc http:// trên chính máy này")
    serve(Desk(tokens, node, arguments.port), say=print)
    return 0


def _wrong(words: str) -> int:
    print(words, file=sys.stderr)
    return BAD_INPUT


def origin_of(address: str) -> str:
    """The origin of a node's address (RFC 6454); empty when it is none, or not safe on the wire."""
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
    if not safe or not parts.hostname or parts.path not in ("", "/") or parts.username:
        return ""
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _request(tokens: Tokens, arguments: argparse.Namespace) -> int:
    """Make a key on the token and write its request."""
    seen = [each for each in tokens.look() if arguments.token in ("", each.serial)]
    if len(seen) != 1:
        listed = "\n".join(f"  {each.serial}  {each.label} ({each.model})" for each in tokens.look())
        return _wrong(f"Cắm đúng một thiết bị, hoặc chọn bằng --token:\n{listed or '  (không thấy thiết bị nào)'}")
    pin = getpass.getpass(f"Mã PIN của thiết bị {seen[0].label}: ")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, arguments.name[:64])])
    try:
        reference = tokens.create(pin, Kind(arguments.kind), seen[0].place)
        arguments.request.write_bytes(pki.request(name=name, key=tokens.open(reference, pin)))
    except WrongSecret:
        return _wrong("Mã PIN không đúng.")
    except DeviceTrouble as trouble:
        return _wrong(f"Thiết bị không thực hiện được: {trouble}")
    print(f"Đã tạo khóa trên thiết bị {seen[0].label} (số sê-ri {seen[0].serial}); tệp đề nghị: {arguments.request}")
    return 0
