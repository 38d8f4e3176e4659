"""A message taken apart into a folder, and put together from one or from a short JSON of facts.

The folder of an unpacked message holds `facts.json` (what it says, and its whole structure with everything unknown) and the files
in `files/`. Packing it again loses nothing but white space and empty elements.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.exchange.edxml import codes
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.limits import Limits
from antin.exchange.edxml.message import (
    Attachment,
    Body,
    Business,
    Code,
    DocumentType,
    Encoded,
    Envelope,
    Header,
    Manifest,
    Message,
    MessageHeader,
    Organisation,
    OtherInfo,
    PromulgationInfo,
    Reference,
    ReplacementInfo,
    ReplacementInfoList,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    TraceHeader,
    TraceHeaderList,
)
from antin.exchange.edxml.notes import EdxmlRefused, Notebook
from antin.exchange.edxml.payload import RAW_TYPES, ZIP
from antin.exchange.edxml.reading import join
from antin.exchange.edxml.shape import BadFacts, from_json, to_json

FORM = "antin-edxml-1"
FACTS = "facts.json"
FILES = "files"


class FolderNotEmpty(EdxmlRefused):
    code = "edxml_folder_not_empty"
    words = _("Thư mục đích đã có nội dung; hãy chọn thư mục mới.")


class CannotWrite(EdxmlRefused):
    code = "edxml_cannot_write"
    words = _("Không ghi được: %(why)s.")


class FileMissing(EdxmlRefused):
    code = "edxml_file_missing"
    words = _("Không đọc được tệp đính kèm: %(why)s.")


@dataclass(frozen=True)
class Named:
    """A file to be sent."""

    name: str
    content: bytes
    content_type: str = ""
    description: str = ""


# --- into a folder ------------------------------------------------------------------------------------------------------


def unpack(message: Message, folder: Path) -> list[Path]:
    """Write a message into a folder that is new or empty; nothing is written outside it. Return what was written.

    :raises FolderNotEmpty: something is there :raises CannotWrite: the disk says no
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderNotEmpty(str(folder))
        names = safe_names(each.shown_name for each in message.attachments)
        if names:
            (folder / FILES).mkdir()
        written = []
        for name, attachment in zip(names, message.attachments, strict=True):
            written.append(_put(folder / FILES / name, attachment.file))
        said = {
            "form": FORM,
            "facts": facts_of(message),
            "message": to_json(message),
            "files": [f"{FILES}/{name}" for name in names],
        }
        shown = json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace")
        written.append(_put(folder / FACTS, shown + b"\n"))
    except (OSError, ValueError) as trouble:
        raise CannotWrite(str(folder), why=getattr(trouble, "strerror", None) or str(trouble)) from None
    return written


def _put(path: Path, content: bytes) -> Path:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o644), "wb") as out:
        out.write(content)
    return path


_UNSAFE = re.compile(r'[<>:"|?*/\\\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST = 180  # bytes; file systems stop at 255, and a number may follow


def safe_names(names: Iterable[str]) -> list[str]:
    """File names as a folder can hold them, each once, whatever a file system thinks of capitals."""
    taken: set[str] = set()
    safe = []
    for number, given in enumerate(names, start=1):
        name = _safe(given) or f"tep-{number}"
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if stem else (name, "")
        again = 2
        while name.casefold() in taken:
            name = f"{stem} ({again}){ending}"
            again += 1
        taken.add(name.casefold())
        safe.append(name)
    return safe


def _safe(given: str) -> str:
    shown = "".join(letter for letter in codes.file_name(given) if unicodedata.category(letter) not in ("Cf", "Cs"))
    name = _UNSAFE.sub("_", shown).strip(" .\u00a0\u2028\u2029")
    name = name.encode("utf-8", "replace").decode()
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = LONGEST - len(f"{dot}{ending}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


# --- out of a folder, or of facts ---------------------------------------------------------------------------------------


def pack(facts_file: Path, extra: Iterable[Path] = ()) -> Message:
    """The message that a JSON of facts describes, or an unpacked folder. Files are named in it, beside it, or given.

    :raises BadFacts: the JSON is none, with the place :raises FileMissing: a file is not there, or not beside the JSON
    """
    path = facts_file / FACTS if facts_file.is_dir() else facts_file
    try:
        said = json.loads(path.read_bytes())
    except OSError as trouble:
        raise FileMissing(str(path), why=trouble.strerror or str(trouble)) from None
    except (ValueError, RecursionError) as trouble:
        raise BadFacts(str(path), what=str(trouble)) from None
    more = [_named(each) for each in extra]
    if isinstance(said, dict) and said.get("form") == FORM:
        try:
            return restore(said, lambda name: _beside(path.parent, name))
        except RecursionError:
            raise BadFacts(str(path), what=gettext("lồng quá sâu")) from None
    return compose(said, more, lambda name: _beside(path.parent, name))


def _named(path: Path) -> Named:
    try:
        if path.stat().st_size > Limits().message_bytes:
            raise FileMissing(str(path), why=gettext("quá lớn"))
        return Named(path.name, path.read_bytes())
    except (OSError, ValueError) as trouble:
        raise FileMissing(str(path), why=getattr(trouble, "strerror", None) or str(trouble)) from None


def _beside(folder: Path, name: str) -> bytes:
    """A file named in the JSON: only from its own folder."""
    steps = PurePosixPath(name)
    if steps.is_absolute() or ".." in steps.parts or not steps.parts:
        raise FileMissing(name, why=gettext("ngoài thư mục của tệp JSON"))
    path = folder.joinpath(*steps.parts)
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise FileMissing(name, why=gettext("ngoài thư mục của tệp JSON"))
    except (OSError, ValueError, RuntimeError) as trouble:
        raise FileMissing(name, why=str(trouble)) from None
    return _named(path).content


def restore(said: dict[str, Any], open_file: Callable[[str], bytes]) -> Message:
    """The message that `unpack` took apart. :raises BadFacts: with the place"""
    message = from_json(Message, said.get("message"), "$.message")
    names = said.get("files", [])
    if message.envelope is None or message.envelope.header is None or message.envelope.header.message is None:
        raise BadFacts("$.message.envelope", what=gettext("thiếu"))
    if not isinstance(names, list) or len(names) != len(message.attachments):
        raise BadFacts("$.files", what=gettext("phải có một tên tệp cho mỗi tệp đính kèm"))
    if message.encoded is None:
        return message
    joined = join(message.encoded.attachments, message.references, Notebook())
    files = tuple(replace(each, file=open_file(str(name))) for each, name in zip(joined, names, strict=True))
    return replace(message, encoded=replace(message.encoded, attachments=files))


#: `timestamp_iso`, `acts_on` and `notes` are printed by `inspect`, and say nothing of their own.
KEYS = frozenset(
    {
        "kind",
        "from",
        "to",
        "code",
        "date",
        "place",
        "document_id",
        "subject",
        "content",
        "type",
        "signer",
        "due",
        "priority",
        "sphere",
    }
    | {"steering", "business", "response_for", "attachments", "staff", "status_code", "description", "timestamp"}
    | {"timestamp_iso", "notes", "acts_on"}
)


def compose(said: Any, extra: Iterable[Named] = (), open_file: Callable[[str], bytes] | None = None) -> Message:
    """A message from the facts that `inspect` prints, or from richer ones: docs/edxml.md has the keys.

    :raises BadFacts: with the place
    """
    if not isinstance(said, dict):
        raise BadFacts("$", what=gettext("phải là một đối tượng {}"))
    for key in said:
        if key not in KEYS:
            raise BadFacts(f"$.{key}", what=gettext("khóa lạ"))
    facts = _Facts(said)
    files = [*facts.files(open_file), *extra]
    if facts.kind() == "status":
        return Message(envelope=Envelope(header=Header(message=facts.status_header())))
    header = facts.document_header()
    for required in ("sender", "receivers", "subject", "document_id"):
        if not getattr(header, required):
            raise BadFacts(f"$.{_SAID_AS.get(required, required)}", what=gettext("thiếu"))
    attachments = tuple(_attach(file) for file in files)
    references = tuple(
        Reference(
            content_id=each.content_id, content_type=each.content_type, name=each.name, description=each.description
        )
        for each in attachments
    )
    return Message(
        envelope=Envelope(
            header=Header(message=header, trace=facts.trace()), body=Body(manifest=Manifest(references=references))
        ),
        encoded=Encoded(attachments=attachments),
    )


_SAID_AS = {"sender": "from", "receivers": "to"}


def _attach(file: Named) -> Attachment:
    name = codes.file_name(file.name) or "tep"
    kind = file.content_type or RAW_TYPES.get(codes.extension(name), ZIP)
    made_of = f"{name}\0{len(file.content)}\0".encode() + file.content[:4096]
    identity = uuid.uuid5(uuid.NAMESPACE_OID, made_of.hex())
    return Attachment(
        content_id=f"cid:{identity}",
        name=name,
        description=file.description,
        content_type=kind,
        file=file.content,
        shown_name=name,
        shown_type=kind,
    )


class _Facts:
    """Facts in their short or rich form, as structures. :raises BadFacts: with the place"""

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said

    def kind(self) -> str:
        kind = self.said.get("kind", "status" if self.said.get("status_code") else "document")
        if kind not in ("document", "status"):
            raise BadFacts("$.kind", what="document | status")
        return str(kind)

    def text(self, key: str) -> str:
        return _word(self.said.get(key), f"$.{key}")

    def listed(self, key: str) -> list[Any]:
        held = self.said.get(key)
        if held is None:
            return []
        if not isinstance(held, list):
            raise BadFacts(f"$.{key}", what=gettext("phải là một danh sách []"))
        return held

    def document_header(self) -> MessageHeader:
        said = self.said
        code = _structure(Code, said.get("code"), "$.code", _split_code)
        issued = _day(said.get("date"), "$.date")
        sender = _structure(Organisation, said.get("from"), "$.from", _organisation)
        other = OtherInfo(priority=self.text("priority"), sphere=self.text("sphere"))
        return MessageHeader(
            sender=sender,
            receivers=tuple(self.organisations("to")),
            document_id=self.text("document_id") or _identifier(sender, issued, code),
            code=code,
            promulgation=PromulgationInfo(place=self.text("place"), date=issued)
            if issued or said.get("place")
            else None,
            type=_structure(DocumentType, _type(said.get("type")), "$.type", None),
            subject=self.text("subject"),
            content=self.text("content"),
            signer=_structure(SignerInfo, said.get("signer"), "$.signer", lambda name: SignerInfo(full_name=name)),
            due_date=_day(said.get("due"), "$.due"),
            other=other if other else None,
            response_for=tuple(self.responses()),
            steering=self.text("steering"),
        )

    def organisations(self, key: str) -> Iterable[Organisation]:
        for index, each in enumerate(self.listed(key)):
            found = _structure(Organisation, each, f"$.{key}[{index}]", _organisation)
            if found is not None:
                yield found

    def responses(self) -> Iterable[ResponseFor]:
        for index, each in enumerate(self.listed("response_for")):
            at = f"$.response_for[{index}]"
            found = from_json(ResponseFor, each, at)
            yield replace(found, date=_day(found.date, f"{at}.date"))

    def status_header(self) -> MessageHeader:
        header = MessageHeader(
            sender=_structure(Organisation, self.said.get("from"), "$.from", _organisation),
            response_for=tuple(self.responses()),
            staff=_structure(StaffInfo, self.said.get("staff"), "$.staff", lambda name: StaffInfo(staff=name)),
            status_code=self.text("status_code"),
            description=self.text("description"),
            timestamp=_moment(self.said.get("timestamp"), "$.timestamp"),
        )
        for key in ("sender", "response_for", "status_code", "timestamp"):
            if not getattr(header, key):
                raise BadFacts(f"$.{_SAID_AS.get(key, key)}", what=gettext("thiếu"))
        return header

    def trace(self) -> TraceHeaderList:
        """The first hop, the sender's own, and what is being done."""
        given = self.said.get("business")
        business = dict(given) if isinstance(given, dict) else {"type": 0 if given is None else given}
        replaced = business.pop("replaces", [])
        block = from_json(Business, business, "$.business")
        kind = codes.number(block.type or "0")
        if kind not in (codes.NEW, codes.RECALL, codes.UPDATE, codes.REPLACE):
            raise BadFacts("$.business", what="0-3")
        if not isinstance(replaced, list):
            raise BadFacts("$.business.replaces", what=gettext("phải là một danh sách []"))
        if replaced:
            named = tuple(ReplacementInfo(document_id=_word(each, "$.business.replaces")) for each in replaced)
            block = replace(block, replacements=ReplacementInfoList(replacement=named))
        block = replace(block, type=str(kind), paper=block.paper or "0")
        sender = _structure(Organisation, self.said.get("from"), "$.from", _organisation)
        hops: tuple[TraceHeader, ...] = ()
        if sender and (when := _moment(self.said.get("timestamp"), "$.timestamp")):
            hops = (TraceHeader(organ_id=sender.organ_id, timestamp=when),)
        return TraceHeaderList(business=block, hops=hops)

    def files(self, open_file: Callable[[str], bytes] | None) -> Iterable[Named]:
        for index, each in enumerate(self.listed("attachments")):
            at = f"$.attachments[{index}]"
            said = {"file": each} if isinstance(each, str) else each
            if not isinstance(said, dict) or not said.get("file") or open_file is None:
                raise BadFacts(at, what='{"file": …, "name": …, "type": …}')
            where = _word(said["file"], f"{at}.file")
            yield Named(
                _word(said.get("name"), f"{at}.name") or PurePosixPath(where).name,
                open_file(where),
                _word(said.get("type"), f"{at}.type"),
                _word(said.get("description"), f"{at}.description"),
            )


def _word(held: Any, at: str) -> str:
    if held is None:
        return ""
    if isinstance(held, bool) or not isinstance(held, str | int):
        raise BadFacts(at, what=gettext("phải là văn bản"))
    return str(held).strip()


def _structure(kind: Any, held: Any, at: str, short: Callable[[str], Any] | None) -> Any:
    """A structure given as an object, or in one text."""
    if held is None or held == "":
        return None
    if isinstance(held, dict) or short is None:
        found = from_json(kind, held, at)
        return found if found else None
    return short(_word(held, at))


def _organisation(code: str) -> Organisation:
    return Organisation(organ_id=code)


def _split_code(code: str) -> Code:
    number, notation = codes.split_code(code)
    return Code(number=number, notation=notation)


def _type(held: Any) -> Any:
    if isinstance(held, dict) and "code" in held:
        return {"type": held["code"], **{key: value for key, value in held.items() if key != "code"}}
    return held


def _day(held: Any, at: str) -> str:
    text = _word(held, at)
    if not text:
        return ""
    found = codes.day(text)
    if found is None:
        raise BadFacts(at, what=gettext("phải là một ngày"))
    return f"{found.year:04}/{found.month:02}/{found.day:02}"


def _moment(held: Any, at: str) -> str:
    text = _word(held, at)
    if not text:
        return ""
    found = codes.moment(text)
    if found is None:
        raise BadFacts(at, what=gettext("phải là một thời điểm"))
    return f"{found.year:04}/{found.month:02}/{found.day:02} {found:%H:%M:%S}"


def _identifier(sender: Organisation | None, issued: str, code: Code | None) -> str:
    """The identifier by convention, when everything it is made of is there."""
    if sender is None or not sender.organ_id or not issued or code is None:
        return ""
    whole = codes.joined_code(code.number, code.notation)
    return codes.document_id(sender.organ_id, date.fromisoformat(issued.replace("/", "-")), whole)
