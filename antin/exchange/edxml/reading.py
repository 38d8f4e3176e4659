"""A message read: bytes in, a `Message` out, everything odd in its notes. Source: QCVN 102:2016; tolerances: docs/edxml.md."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml import codes, payload
from antin.exchange.edxml.limits import Allowance, Limits, TooMuch
from antin.exchange.edxml.message import Attachment, Message, MessageHeader, Reference
from antin.exchange.edxml.notes import EdxmlRefused, Notebook
from antin.exchange.edxml.shape import NAMESPACE, take
from antin.exchange.edxml.tree import Element, grow

#: What was used before 2016: a SOAP envelope with its attachments beside it.
OLD_NAMESPACES = ("http://www.inetcloud.vn/ns/edxml", "http://www.e-doc.vn/schema")
SOAP_NAMESPACES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
#: Where the containers belong, from the root down. The first name is the right one.
HOMES = (
    (("edXMLEnvelope",), ("edXMLHeader", "Header"), ("MessageHeader",)),
    (("edXMLEnvelope",), ("edXMLHeader", "Header"), ("TraceHeaderList",)),
    (("edXMLEnvelope",), ("edXMLBody", "Body"), ("edXMLManifest", "Manifest")),
    (("AttachmentEncoded",),),
)
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"


class NotEdxml(EdxmlRefused):
    code = "edxml_not_edxml"
    words = _("Không phải gói tin edXML: phần tử gốc là “%(what)s”.")


class OldForm(EdxmlRefused):
    code = "edxml_old_form"
    words = _(
        "Gói tin theo hướng dẫn trước năm 2016 (phong bì SOAP, không gian tên “%(what)s”); không đọc được dạng này."
    )


class NoHeader(EdxmlRefused):
    code = "edxml_no_header"
    words = _("Gói tin không có MessageHeader.")


class NotAnExchange(EdxmlRefused):
    code = "edxml_not_an_exchange"
    words = _("Phong bì edXML này không gửi văn bản nào: không có nơi nhận, số ký hiệu, mã văn bản hay tệp.")


def read(source: bytes | BinaryIO, *, limits: Limits | None = None, repair: bool = False) -> Message:
    """Read one message. With `repair`, junk before and after the XML is cut away and named as damage.

    :raises EdxmlRefused: it is no edXML message of 2016, is not well-formed, has a DOCTYPE or exceeds a limit; `at` is where
    """
    notebook, allowance = Notebook(), Allowance(limits or Limits())
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    root = _recognise(grow(stream, notebook, allowance, repair=repair), notebook)
    _bring_home(root, notebook)
    files = list(_take_payloads(root, notebook, allowance))
    message = take(Message, root, notebook)
    if message.envelope is None or message.envelope.header is None or message.envelope.header.message is None:
        raise NoHeader(_at(root))
    if len(message.references) > allowance.limits.attachments:
        raise TooMuch("edXMLManifest", what=gettext("số dòng bảng kê"), limit=str(allowance.limits.attachments))
    if files:
        assert message.encoded is not None
        attachments = join(message.encoded.attachments, message.references, notebook)
        attachments = tuple(_open(each, files, index, allowance) for index, each in enumerate(attachments))
        message = replace(message, encoded=replace(message.encoded, attachments=_name_doubles(attachments)))
    _look_over(message, root, notebook)
    return replace(message, notes=notebook.notes)


def _at(element: Element) -> str:
    return f"{element.name}, line {element.line}"


# --- is it one? --------------------------------------------------------------------------------------------------------


def _recognise(root: Element, notebook: Notebook) -> Element:
    """Return the element that is the message. :raises EdxmlRefused: there is none"""
    old = next((one for one in root.iterate() if _is_old(one.namespace)), None)
    if old is not None and (one_of(root, "edXML") is None or _is_old(root.namespace)):
        raise OldForm(_at(old), what=old.namespace)
    if root.name.lower() == "envelope" and (root.namespace in SOAP_NAMESPACES or one_of(root, "MessageHeader")):
        notebook.write("soap", _at(root))
        inner = one_of(root, "edXML") or one_of(root, "edXMLEnvelope")
        if inner is None:
            header = one_of(root, "MessageHeader")
            if header is None:
                raise NotEdxml(_at(root), what=root.name)
            if header.namespace != NAMESPACE:
                raise OldForm(_at(header), what=header.namespace)
            root.name, root.namespace = "edXMLEnvelope", NAMESPACE
            return Element("edXML", NAMESPACE, {}, [root], root.line)
        root = inner
    if root.name.lower() == "edxmlenvelope":
        notebook.write("root", _at(root), what=root.name)
        root = Element("edXML", root.namespace, {}, [root], root.line)
    if root.name.lower() != "edxml":
        raise NotEdxml(_at(root), what=root.name)
    envelope = next((child for child in root.children if child.name.lower() == "edxmlenvelope"), root)
    if NAMESPACE not in (root.namespace, envelope.namespace):
        if root.namespace:
            notebook.write("namespace", _at(root), what=root.namespace)
        else:
            notebook.write("no-namespace", _at(root))
    return root


def _is_old(namespace: str) -> bool:
    return namespace.lower().startswith(OLD_NAMESPACES)


def one_of(root: Element, name: str) -> Element | None:
    """The first element of this name at or below the root, whatever its case."""
    return next((one for one in root.iterate() if one.name.lower() == name.lower()), None)


# --- everything where it belongs ---------------------------------------------------------------------------------------


def _bring_home(root: Element, notebook: Notebook) -> None:
    """Move the containers to where the regulation has them, wherever they stand, and make one of several."""
    for home in HOMES:
        path: Element | None = root
        for names in home:
            path = path and _child(path, names)
        if path is None:
            _fetch(root, home, notebook)
    _gather_loose(root, notebook)
    blocks = [child for child in root.children if child.name.lower() == "attachmentencoded"]
    for extra in blocks[1:]:
        notebook.write("misplaced", _at(extra), what=extra.name, where=root.name)
        blocks[0].parts += extra.parts
    _leave_out(root, blocks[1:])


def _child(parent: Element, names: tuple[str, ...]) -> Element | None:
    wanted = {name.lower() for name in names}
    return next((child for child in parent.children if child.name.lower() in wanted), None)


def _add(parent: Element, name: str) -> Element:
    made = Element(name, NAMESPACE, line=parent.line)
    parent.parts.append(made)
    return made


def _fetch(root: Element, home: tuple[tuple[str, ...], ...], notebook: Notebook) -> None:
    wanted = {name.lower() for name in home[-1]}
    for parent in list(root.iterate()):
        found = next((child for child in parent.children if child.name.lower() in wanted), None)
        if found is None:
            continue
        parent.parts = [part for part in parent.parts if part is not found]
        place = root
        for names in home[:-1]:
            place = _child(place, names) or _add(place, names[0])
        place.parts.append(found)
        notebook.write("misplaced", _at(found), what=found.name, where=parent.name)
        return


def _gather_loose(root: Element, notebook: Notebook) -> None:
    """Attachments that stand in no `AttachmentEncoded`."""
    if one_of(root, "AttachmentEncoded") is not None:
        return
    home = Element("AttachmentEncoded", NAMESPACE, line=root.line)
    for parent in list(root.iterate()):
        loose = [
            child
            for child in parent.children
            if child.name.lower() == "attachment" and _child(child, ("ContentTransferEncoded",)) is not None
        ]
        for child in loose:
            notebook.write("misplaced", _at(child), what=child.name, where=parent.name)
        home.parts += loose
        _leave_out(parent, loose)
    if home.parts:
        root.parts.append(home)


def _leave_out(parent: Element, gone: list[Element]) -> None:
    """Take children out of an element, all at once: there may be very many."""
    if gone:
        out = {id(child) for child in gone}
        parent.parts = [part for part in parent.parts if id(part) not in out]


# --- the files ---------------------------------------------------------------------------------------------------------


def _take_payloads(root: Element, notebook: Notebook, allowance: Allowance) -> Iterator[str]:
    """Take the base64 out of the tree, one text for each attachment. :raises TooMuch: there are too many attachments"""
    block = _child(root, ("AttachmentEncoded",))
    if block is None:
        return
    attachments = [child for child in block.children if child.name.lower() == "attachment"]
    if len(attachments) > allowance.limits.attachments:
        raise TooMuch(_at(block), what=gettext("số tệp đính kèm"), limit=str(allowance.limits.attachments))
    for attachment in attachments:
        found = _child(attachment, ("ContentTransferEncoded",))
        if found is None:
            yield ""
            continue
        if found.name != "ContentTransferEncoded":
            notebook.write("spelling", _at(found), what=found.name, meant="ContentTransferEncoded")
        attachment.parts = [part for part in attachment.parts if part is not found]
        yield found.text


def join(
    attachments: tuple[Attachment, ...], references: tuple[Reference, ...], notebook: Notebook
) -> tuple[Attachment, ...]:
    """Find each attachment's line of the manifest: by content id, then by name, then by position."""
    ids = [codes.content_id(each.content_id) for each in attachments]
    reference_ids = [codes.content_id(_reference_id(each)) for each in references]
    names = [unicodedata.normalize("NFC", codes.file_name(each.name)) for each in attachments]
    reference_names = [unicodedata.normalize("NFC", codes.file_name(each.name)) for each in references]
    free = dict.fromkeys(range(len(references)))
    joined: dict[int, int] = {}
    how: dict[int, str] = {}
    for keys, others, note in ((ids, reference_ids, ""), (names, reference_names, "joined-by-name")):
        for index, key in enumerate(keys):
            match = next((line for line in free if others[line] == key), None) if key and index not in joined else None
            if match is not None:
                joined[index], how[index] = match, note
                del free[match]
    for index in range(len(attachments)):
        if index not in joined and index in free:
            joined[index], how[index] = index, "joined-by-position"
            del free[index]
    for line in free:
        notebook.write(
            "reference-without-attachment",
            f"edXMLManifest/Reference[{line + 1}]",
            what=references[line].name or reference_ids[line],
        )
    if [joined[index] for index in sorted(joined)] != sorted(joined.values()):
        notebook.write("order", "AttachmentEncoded")
    return tuple(
        _with_reference(each, joined.get(index), references, how.get(index, ""), bool(references))
        for index, each in enumerate(attachments)
    )


def _reference_id(reference: Reference) -> str:
    return reference.content_id or dict(reference.attributes).get(XLINK_HREF, "")


def _with_reference(
    attachment: Attachment, line: int | None, references: tuple[Reference, ...], how: str, has_manifest: bool
) -> Attachment:
    notes = Notebook()
    reference = references[line] if line is not None else Reference()
    if line is None and has_manifest:
        notes.write("attachment-without-reference")
    if how:
        notes.write(how)
    for given in (attachment.content_id, _reference_id(reference)):
        if given.lower().replace(" ", "").startswith("cid:cid:"):
            notes.write("content-id", text=given)
    given = attachment.name or reference.name
    name = codes.file_name(given)
    if not name:
        notes.write("no-name")
    elif "/" in given or "\\" in given:
        notes.write("path-in-name", text=given)
    if attachment.name and reference.name and not codes.same_name(codes.file_name(reference.name), name):
        notes.write("names-differ", text=reference.name)
    kind = attachment.content_type or attachment.mime_type or attachment.format or reference.content_type
    if not kind:
        notes.write("no-type")
    if reference.content_type and attachment.content_type and reference.content_type != attachment.content_type:
        notes.write("types-differ", text=reference.content_type)
    return replace(attachment, reference=line, shown_name=name, shown_type=kind, notes=notes.notes)


def _open(attachment: Attachment, files: list[str], index: int, allowance: Allowance) -> Attachment:
    """Decode and unwrap one file; its text is let go. :raises TooMuch: it inflates beyond the limits"""
    notes = Notebook()
    at = f"AttachmentEncoded/Attachment[{index + 1}]"
    encoded, files[index] = files[index], ""
    carried = payload.decode(encoded, notes, "")
    name, kind = attachment.shown_name, attachment.shown_type
    file = carried
    if not any(note.code == "not-base64" for note in notes.notes):
        file = payload.unwrap(carried, name, kind, notes, allowance, at=at)
        payload.look_at(file, name, notes, "")
    allowance.check_time(at)
    seen = tuple(replace(note, at="") for note in notes.notes)
    return replace(attachment, file=file, notes=attachment.notes + seen)


def _name_doubles(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    seen: set[str] = set()
    named = []
    for each in attachments:
        notes = Notebook()
        if each.shown_name and each.shown_name in seen:
            notes.write("same-name")
        seen.add(each.shown_name)
        named.append(replace(each, notes=each.notes + notes.notes))
    return tuple(named)


# --- what is missing, or should not be there ------------------------------------------------------------------------------


def _look_over(message: Message, root: Element, notebook: Notebook) -> None:
    header = message.header
    assert message.envelope.header is not None
    for signature in message.envelope.header.signatures:
        notebook.write("signature", signature.name)
    if message.is_status:
        _look_over_status(message, header, notebook)
        return
    says_nothing = not (any(header.receivers) or header.code or header.document_id)
    if says_nothing and not message.attachments and not message.references:
        raise NotAnExchange(_at(root))
    for held, name in (
        (header.sender and header.sender.organ_id, "From/OrganId"),
        (any(each.organ_id for each in header.receivers), "To"),
        (header.code, "Code"),
        (header.document_id, "DocumentId"),
        (header.subject, "Subject"),
        (header.promulgation, "PromulgationInfo"),
        (header.type, "DocumentType"),
        (message.trace, "TraceHeaderList"),
    ):
        if not held:
            notebook.write("missing", "MessageHeader" if name != "TraceHeaderList" else "edXMLHeader", what=name)
    if message.trace is not None:
        for hop in message.trace.hops:
            if not hop.organ_id:
                notebook.write("missing", "TraceHeader", what="OrganId")
    if not message.references and message.attachments:
        notebook.write("missing", "edXMLBody", what="edXMLManifest")
    block = one_of(root, "edXMLAttachments")
    if block is not None and not message.attachments:
        notebook.write("no-conformant-attachments", _at(block), what=block.name)
    elif not message.attachments:
        for line, reference in enumerate(message.references):
            notebook.write(
                "reference-without-attachment",
                f"edXMLManifest/Reference[{line + 1}]",
                what=reference.name or reference.content_id,
            )


def _look_over_status(message: Message, header: MessageHeader, notebook: Notebook) -> None:
    for held, name in (
        (header.sender and header.sender.organ_id, "From/OrganId"),
        (any(header.response_for), "ResponseFor"),
        (header.status_code, "StatusCode"),
        (header.timestamp, "Timestamp"),
    ):
        if not held:
            notebook.write("missing", "MessageHeader", what=name)
    parts = [
        name
        for held, name in (
            (header.subject, "Subject"),
            (header.code, "Code"),
            (message.attachments, "AttachmentEncoded"),
        )
        if held
    ]
    if parts:
        notebook.write("both-kinds", "MessageHeader", what=", ".join(parts))
