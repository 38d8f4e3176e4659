"""What keeps the private keys of this node: which provider stands behind each kind of device. One of each per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from antin.keys import policy
from antin.keys.models import KeyDevice
from antin.keys.providers import Provider
from antin.keys.providers.remote import RemoteKeys
from antin.keys.providers.software import SoftwareKeys
from antin.keys.providers.tokens import Tokens
from antin.keys.states import Device


def of(kind: str) -> Provider:
    """The one place where a kind of device becomes its provider. :raises SignsElsewhere: the key is not within this node's reach"""
    match kind:
        case Device.SOFTWARE:
            return software()
        case Device.TOKEN:
            return tokens()
        case Device.REMOTE:
            return remotes()
    raise policy.SignsElsewhere


def asks_keeper(device: KeyDevice) -> bool:
    """Whether an agency's key is opened by its keeper's PIN at each act: a token whose PIN the node was not given."""
    return device.kind == Device.TOKEN and not tokens().opens_alone(device.reference)


def software() -> SoftwareKeys:
    """Keys in files of the node."""
    return _software(str(Path(settings.STATE) / "keys"), settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _software(folder: str, node_secret: str) -> SoftwareKeys:
    return SoftwareKeys(Path(folder), node_secret)


def tokens() -> Tokens:
    """The tokens and HSMs in the slots of this machine, by the libraries that the node was told of."""
    return _tokens(tuple(settings.PKCS11_MODULES.items()), str(Path(settings.STATE) / "secrets" / "pins"))


@lru_cache(maxsize=4)
def _tokens(modules: tuple[tuple[str, str], ...], folder: str) -> Tokens:
    return Tokens(dict(modules), lambda serial: _own_secret(Path(folder), serial))


def _own_secret(folder: Path, name: str) -> str | None:
    """What the node itself opens an HSM's partition or a signing service with: a file that only its own user may read."""
    path = folder / name
    if not name.isalnum() or not path.is_file() or path.stat().st_mode & 0o077:
        return None
    return path.read_text().strip()


def remotes() -> RemoteKeys:
    """The signing services that the node was told of."""
    return _remotes(tuple(settings.CSC_SERVICES.items()), str(Path(settings.STATE) / "secrets" / "csc"))


@lru_cache(maxsize=4)
def _remotes(addresses: tuple[tuple[str, str], ...], folder: str) -> RemoteKeys:
    return RemoteKeys(dict(addresses), lambda name: _own_secret(Path(folder), name))


def forget() -> None:
    """Let every provider of this process go, with the keys that it holds open."""
    _software.cache_clear()
    _tokens.cache_clear()
    _remotes.cache_clear()
