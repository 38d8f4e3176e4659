"""The real CSC server of the Certomancer project, run as a child on a free port, with certificates of a test's own house."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.pki import House, Made

ARCH = "house"


def _written(folder: Path, name: str, made: Made) -> str:
    """A key and its certificate as files, and their lines in the server's configuration."""
    key = made.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.key").write_bytes(key)
    (folder / f"{name}.crt").write_bytes(made.certificate.public_bytes(Encoding.PEM))
    return f"      {name}:\n        path: {name}.key\n"


@contextmanager
def server(folder: Path, house: House) -> Iterator[str]:
    """Run it for the house's head and agency; give its address. Its keys are `house/head` and `house/agency`."""
    made = {"root": house.root, "issuing": house.issuing, "head": house.head, "agency": house.agency}
    above = {"root": "root", "issuing": "root", "head": "issuing", "agency": "issuing"}
    keys = "".join(_written(folder, name, each) for name, each in made.items())
    entities = "".join(f"      {name}:\n        common-name: {name}\n" for name in made)
    certificates = "".join(
        f"      {name}:\n        subject: {name}\n        issuer: {above[name]}\n        certificate-file: {name}.crt\n"
        '        validity:\n          valid-from: "2026-01-01T00:00:00+0000"\n'
        '          valid-to: "2036-01-01T00:00:00+0000"\n'
        for name in made
    )
    (folder / "certomancer.yml").write_text(
        f"keysets:\n  {ARCH}:\n    path-prefix: .\n    keys:\n{keys}"
        f"pki-architectures:\n  {ARCH}:\n    keyset: {ARCH}\n    entities:\n{entities}    certs:\n{certificates}"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked = [sys.executable, "-m", "csc_dummy", "certomancer.yml", str(port), "2"]
    log = (folder / "csc.log").open("wb")
    child = subprocess.Popen(asked, cwd=folder, stdout=log, stderr=log)
    try:
        _await(child, port, folder / "csc.log")
        yield f"http://localhost:{port}/csc/v1"
    finally:
        child.terminate()
        child.wait(10)
        log.close()


def _await(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    while child.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("localhost", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the CSC server did not start: {log.read_text()[-2000:]}")
