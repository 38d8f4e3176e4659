"""Real tokens for tests: a folder of SoftHSM2, its tokens made by its own tool; one folder per process."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pkcs11
import pytest

from antin.keys.providers.tokens import Tokens

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN, SO_PIN = "24681357", "87654321"


@cache
def library() -> str:
    """The path of SoftHSM2's library, once its folder is this process's own."""
    found = next((path for path in LIBRARIES if Path(path).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.fail("SoftHSM2 is missing: run tools/test-tools, or install softhsm2")
    store()
    return found


@cache
def store() -> Path:
    """The folder in which this process's tokens lie."""
    folder = Path(tempfile.mkdtemp(prefix="antin-softhsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return folder


def new_token(label: str) -> str:
    """Put a fresh token into a slot; give its serial."""
    asked = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN]
    library()
    subprocess.run(asked, check=True, capture_output=True)
    fresh = Tokens({"hsm": library()})
    forget()
    return next(seen.serial for seen in fresh.look() if seen.label == label)


def forget() -> None:
    """Have the library read its tokens anew, as after a start of the node."""

    pkcs11.lib(library()).reinitialize()


def pull() -> None:
    """Take every token out of its slot."""
    (store() / "tokens").rename(store() / "pulled")


def put_back() -> None:
    """And put them back."""
    if (store() / "pulled").exists():
        (store() / "pulled").rename(store() / "tokens")
