"""A message written in the form that most systems accept. Source: QCVN 102:2016; which form, and why: docs/edxml.md.

The default namespace on the root, the prefix `edXML` on everything inside the envelope, the attachment block without it but for the
payload, the regulation's spelling, the order of the axis's own library, two spaces and CRLF. A signature block is written only
when the message has one; this module signs nothing.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext_noop as _

from antin.exchange.edxml import payload
from antin.exchange.edxml.limits import Allowance, Limits
from antin.exchange.edxml.message import Attachment, Manifest, Message
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.shape import NAMESPACE, Kept, Place, Structure, places
from antin.exchange.edxml.tree import WELL_KNOWN, XML_NAMESPACE

PIECE = 3 << 18  # a multiple of three: base64 of the pieces is base64 of the whole
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[^\W\d][\w.\-·]*\Z")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTES = _ESCAPES | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_TEXT, _QUOTED = str.maketrans(_ESCAPES), str.maketrans(_IN_ATTRIBUTES)
_PREFIXES = {uri: prefix for prefix, uri in WELL_KNOWN.items()}


class NotWritable(EdxmlRefused):
    code = "edxml_not_writable"
    words = _("“%(what)s” không viết được trong XML.")


def write(message: Message) -> bytes:
    """The message as bytes. :raises NotWritable: a text or a name that XML cannot hold"""
    return b"".join(pieces(message))


def write_to(stream: BinaryIO, message: Message) -> int:
    """Write the message, one file's base64 at a time; return how many bytes it is. :raises NotWritable: as `write`"""
    return sum(stream.write(piece) for piece in pieces(message))


def pieces(message: Message) -> Iterator[bytes]:
    """The message in pieces. :raises NotWritable: before anything of an unwritable part is given"""
    allowance = Allowance(Limits(seconds=3600))
    yield b'<?xml version="1.0" encoding="UTF-8"?>\r\n'
    yield f'<edXML xmlns="{NAMESPACE}"{_attributes(message.attributes, "")}>{_own(message)}\r\n'.encode()
    declared = (f' xmlns:edXML="{NAMESPACE}"',)
    yield "".join(_structure("edXMLEnvelope", message.envelope, depth=1, more=declared)).encode()
    if message.encoded is not None:
        block = message.encoded
        yield f"  <AttachmentEncoded{_attributes(block.attributes, '')}>{_own(block)}\r\n".encode()
        for attachment in block.attachments:
            yield from _attachment(attachment, allowance)
        yield "".join(_kept_lines(block.unknown, 2, prefixed=False)).encode()
        yield b"  </AttachmentEncoded>\r\n"
    yield "".join(_kept_lines(message.unknown, 1, prefixed=False)).encode()
    yield b"</edXML>\r\n"


def _structure(name: str, value: Structure, *, depth: int, more: Iterable[str] = ()) -> Iterator[str]:
    """An element of the envelope with all that is in it."""
    indent = "  " * depth
    attributes = value.attributes
    if isinstance(value, Manifest) and not dict(attributes).get("version"):
        attributes = (("version", "1.0"), *attributes)
    opening = f"{indent}<edXML:{name}{''.join(more)}{_attributes(attributes, '')}"
    inside = list(_fields(value, depth + 1))
    inside += _kept_lines(value.unknown, depth + 1, prefixed=True)
    if not inside:
        own = _own(value)
        yield f"{opening}>{own}</edXML:{name}>\r\n" if own else f"{opening}/>\r\n"
        return
    yield f"{opening}>{_own(value)}\r\n"
    yield from inside
    yield f"{indent}</edXML:{name}>\r\n"


def _fields(value: Structure, depth: int) -> Iterator[str]:
    for place in places(type(value)):
        held = getattr(value, place.key)
        if place.form == "text":
            yield from _text(place, held, value.attributes, depth)
        elif place.form == "texts":
            for each in held:
                yield from _text(place, each, (), depth)
        elif place.form == "kept":
            yield from _kept_lines(held, depth, prefixed=True)
        elif place.form == "many":
            for each in held:
                yield from _structure(place.element, each, depth=depth)
        elif held is not None:
            yield from _structure(place.element, held, depth=depth)


def _text(
    place: Place, held: str, attributes: tuple[tuple[str, str], ...], depth: int, prefix: str = "edXML:"
) -> Iterator[str]:
    """A text element, left out when it says nothing."""
    if held:
        name = f"{prefix}{place.element}"
        yield f"{'  ' * depth}<{name}{_attributes(attributes, place.element)}>{_escaped(held)}</{name}>\r\n"


def _attachment(attachment: Attachment, allowance: Allowance) -> Iterator[bytes]:
    """One file of the second half: nothing prefixed but the payload, which declares its prefix itself."""
    packed = payload.pack(attachment.file, attachment.shown_name or attachment.name, attachment.content_type, allowance)
    yield f"    <Attachment{_attributes(attachment.attributes, '')}>{_own(attachment)}\r\n".encode()
    for place in places(Attachment):
        held = packed.content_type if place.key == "content_type" else getattr(attachment, place.key)
        yield "".join(_text(place, held, attachment.attributes, 3, prefix="")).encode()
    yield f'      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'.encode()
    content = memoryview(packed.carried)
    for start in range(0, len(content), PIECE):
        yield binascii.b2a_base64(content[start : start + PIECE], newline=False)
    yield b"</edXML:ContentTransferEncoded>\r\n"
    yield "".join(_kept_lines(attachment.unknown, 3, prefixed=False)).encode()
    yield b"    </Attachment>\r\n"


def _kept_lines(kept: Iterable[Kept], depth: int, *, prefixed: bool) -> Iterator[str]:
    for each in kept:
        line = "".join(_kept(each, NAMESPACE, prefixed=prefixed and each.name != "Signature"))
        yield f"{'  ' * depth}{line}\r\n"


def _kept(kept: Kept, default: str, *, prefixed: bool) -> Iterator[str]:
    """An element as it stood, without a space more or less. `default` is the namespace without prefix that is in force."""
    if not _NAME.match(kept.name):
        raise NotWritable(kept.name, what=kept.name)
    name, declared = kept.name, ""
    if prefixed and kept.namespace == NAMESPACE:
        name = f"edXML:{name}"
    elif kept.namespace != default:
        declared, default = f' xmlns="{kept.namespace.translate(_QUOTED)}"', kept.namespace
    opening = f"{name}{declared}{_attributes(kept.attributes, '')}"
    if not kept.parts:
        yield f"<{opening}/>"
        return
    yield f"<{opening}>"
    for part in kept.parts:
        if isinstance(part, str):
            yield _escaped(part)
        else:
            yield from _kept(part, default, prefixed=prefixed)
    yield f"</{name}>"


def _attributes(attributes: Iterable[tuple[str, str]], element: str) -> str:
    """The attributes of a structure (`element` empty), or those kept for one of its text elements."""
    out = []
    declared: dict[str, str] = {}
    for key, value in attributes:
        owner, at, name = key.rpartition("@") if not key.startswith("{") else ("", "", key)
        if (owner if at else "") != element:
            continue
        if name.startswith("{"):
            uri, _brace, name = name[1:].rpartition("}")
            prefix = _PREFIXES.get(uri) or declared.get(uri) or f"n{len(declared)}"
            if uri != XML_NAMESPACE and uri not in declared:
                declared[uri] = prefix
                out.append(f' xmlns:{prefix}="{_escaped(uri, _QUOTED)}"')
            name = _checked(name, prefix)
        else:
            name = _checked(name, "")
        out.append(f' {name}="{_escaped(value, _QUOTED)}"')
    return "".join(out)


def _checked(name: str, prefix: str) -> str:
    if not _NAME.match(name) or name == "xmlns":
        raise NotWritable(name, what=name)
    return f"{prefix}:{name}" if prefix else name


def _own(value: Structure) -> str:
    return _escaped(value.own_text)


def _escaped(text: str, table: Any = _TEXT) -> str:
    if _NOT_XML.search(text):
        raise NotWritable(ascii(text[:40]), what=ascii(text[:40]))
    return text.translate(table)
