"""PDFs in, PDFs out: places prepared, fields filled, signatures made. Pure functions on bytes; pyHanko and pikepdf are hidden here.

The form is PAdES (ETSI EN 319 142-1): B-T as a rule, B-LT when revocation data are given. A document is rewritten once, in
`prepare`, before the first signature; everything after it is an incremental update.

The first person's signature certifies (DocMDP 2: filling fields and signing are allowed); the agency's field carries a lock on
number and date (FieldMDP), so that from the agency's signature on they cannot change.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from io import SEEK_END, BytesIO
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pikepdf
from asn1crypto import cms as asn1_cms
from asn1crypto import core, ocsp, x509
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import extract_contents

from antin.keys import cms, timestamping
from antin.keys.providers import Key
from antin.keys.timestamping import NotStamped, Timestamper
from antin.signing import lettering, quick
from antin.signing.lettering import FIELD_LETTERS, Name, Stream

quick.install()

PERSON, AGENCY, COSIGNER, ARRIVAL, ATTACHMENT = "Person", "Agency", "Cosigner", "Arrival", "Attachment"
SIGNATURES = {"person": PERSON, "agency": AGENCY, "cosigner": COSIGNER, "arrival": ARRIVAL}
ARRIVAL_ELSEWHERE = "Arrival2"
"""The recipient's stamp in a file whose own place for it is not free."""
INITIALS, FORMAT = "Initials", "Format"
SIGNATURES |= {"initials": INITIALS, "format": FORMAT}
SIGNATURES |= {f"cosigner{turn}": f"{COSIGNER}{turn}" for turn in range(1, 10)}
SIGNATURES |= {f"seal{turn}": f"Seal{turn}" for turn in range(1, 10)}
TEXTS = ("number", "day", "month", "year")
MILLIMETRE = 72 / 25.4
STAMP = 36 * MILLIMETRE
ATTACHMENT_SIZE = 10
ATTACHMENT_WIDTH = 120 * MILLIMETRE
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class Place(Protocol):
    """Where something goes: a page (0-based) and a box in points from its bottom left; how a text is set there."""

    @property
    def page(self) -> int: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...


class CannotSign(Exception):
    """The file does not allow it. `fault`: unreadable, encrypted, signed, no_field, field_filled, locked, no_page."""

    def __init__(self, fault: str, subject: str = "") -> None:
        super().__init__(f"{fault} {subject}".strip())
        self.fault = fault
        self.subject = subject


@dataclass(frozen=True)
class ArrivalStamp:
    """The "ĐẾN" stamp of a recipient: its lines (the agency, "ĐẾN", what follows), and where it stands if the file has no place."""

    lines: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Credential:
    """Who signs: the certificate, those above it without the root, and the opened key."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: Key


# Preparing


def prepare(pdf: bytes, places: Mapping[str, Place], *, in_order: bool = False) -> bytes:
    """Put empty fields where later acts will write: number and date, then the signatures of persons and agency.

    That those who sign together do so in order is written into the form, for whoever judges the file later.

    :raises CannotSign: unreadable, encrypted or signed already, or a place lies on a page that is not there
    """
    with _opened(pdf) as document:
        form = _form_of(document)
        _prepare_fonts(document, form, places)
        taken = {str(field.get("/T", "")) for field in form.Fields}
        for name, place in _with_agency(places).items():
            title = SIGNATURES.get(name, name)
            if (name in TEXTS or name in SIGNATURES) and title not in taken:
                _add_field(document, form, title, place)
        if in_order:
            form.XXInOrder = True
        return _saved(document)


def prepare_attachment(pdf: bytes) -> bytes:
    """Put the empty field of a text-only signature at the top right of page 1 (Decree 30, Appendix I).

    A file with signatures of its own is returned as it is: `sign` adds the field by an incremental update.

    :raises CannotSign: unreadable or encrypted
    """
    with _opened(pdf) as document:
        try:
            form = _form_of(document)
        except CannotSign:
            return pdf
        if not any(str(field.get("/T", "")) == ATTACHMENT for field in form.Fields):
            _left, _bottom, right, top = (float(edge) for edge in document.pages[0].mediabox)
            _add_field(document, form, ATTACHMENT, _attachment_place(right, top, ATTACHMENT_WIDTH))
        return _saved(document)


def _opened(pdf: bytes) -> pikepdf.Pdf:
    try:
        document = pikepdf.open(BytesIO(pdf))
    except pikepdf.PasswordError as trouble:
        raise CannotSign("encrypted") from trouble
    except pikepdf.PdfError as trouble:
        raise CannotSign("unreadable") from trouble
    if document.is_encrypted:
        document.close()
        raise CannotSign("encrypted")
    if not document.pages:
        document.close()
        raise CannotSign("unreadable")
    return document


def _form_of(document: pikepdf.Pdf) -> pikepdf.Object:
    """The document's form, made when there is none. :raises CannotSign: it is signed already"""
    form = document.Root.get("/AcroForm")
    if form is None:
        form = document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array()))
    if int(form.get("/SigFlags", 0)) & 1:
        raise CannotSign("signed")
    _within(form, "/Fields", pikepdf.Array())
    return form


def _saved(document: pikepdf.Pdf) -> bytes:
    """The whole file written anew; the same file and places give the same bytes."""
    out = BytesIO()
    document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _with_agency(places: Mapping[str, Place]) -> dict[str, Place]:
    """The places, with the stamp's beside the person's where none was given: it covers the left third of it (Appendix I, box 8)."""
    known = dict(places)
    if "person" in known and "agency" not in known:
        person = known["person"]
        x, y = person.x + person.width / 3 - STAMP, person.y + (person.height - STAMP) / 2
        known["agency"] = _Box(person.page, x, y, STAMP, STAMP)
    return known


@dataclass(frozen=True)
class _Box:
    page: int
    x: float
    y: float
    width: float
    height: float


def find_place(pdf: bytes, title: str) -> Place | None:
    """Where a field of the form lies; None when the file has none of that name, or cannot be read."""
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            for number, page in enumerate(document.pages):
                for widget in page.get("/Annots", []):
                    if str(widget.get("/T", "")) == title:
                        left, bottom, right, top = (float(edge) for edge in widget.Rect)
                        return _Box(number, left, bottom, right - left, top - bottom)
    except pikepdf.PdfError:
        return None
    return None


def _face(place: Place) -> str:
    return "Italic" if getattr(place, "italic", False) else "Regular"


def _prepare_fonts(document: pikepdf.Pdf, form: pikepdf.Object, places: Mapping[str, Place]) -> None:
    held = _within(_within(form, "/DR", pikepdf.Dictionary()), "/Font", pikepdf.Dictionary())
    for face in sorted({_face(place) for name, place in places.items() if name in TEXTS}):
        key = f"/Tinos{face}"
        if key not in held:
            held[key] = lettering.cut(face, FIELD_LETTERS).embed(
                lambda value: document.make_indirect(_pike(document, value))
            )


def _add_field(document: pikepdf.Pdf, form: pikepdf.Object, title: str, place: Place) -> None:
    if not 0 <= place.page < len(document.pages):
        raise CannotSign("no_page", title)
    page = document.pages[place.page].obj
    empty = document.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=_box(place))
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        T=pikepdf.String(title),
        F=4,  # printed
        P=page,
        Rect=[place.x, place.y, place.x + place.width, place.y + place.height],
        AP=pikepdf.Dictionary(N=empty),
    )
    if title in TEXTS:
        size = getattr(place, "size", 0) or 13
        field.FT = pikepdf.Name.Tx
        field.Ff = 1  # read-only: only the node writes it
        field.DA = pikepdf.String(f"/Tinos{_face(place)} {size:g} Tf 0 g")
        field.Q = {"center": 1, "right": 2}.get(getattr(place, "align", ""), 0)
        field.XXBaseline = getattr(place, "baseline", 0) or place.height * 0.25  # a third-class name, ISO 32000-1, E.2
    else:
        field.FT = pikepdf.Name.Sig
        if title == AGENCY or title.startswith("Seal"):
            lock = pikepdf.Dictionary(Type=pikepdf.Name.SigFieldLock, Action=pikepdf.Name.Include)
            lock.Fields = pikepdf.Array([pikepdf.String(name) for name in TEXTS])
            field.Lock = document.make_indirect(lock)
    widget = document.make_indirect(field)
    form.Fields.append(widget)
    _within(page, "/Annots", pikepdf.Array()).append(widget)


def _within(holder: pikepdf.Object, key: str, empty: pikepdf.Object) -> pikepdf.Object:
    """What the dictionary holds there, after putting the empty thing there if it held nothing."""
    if key not in holder:
        holder[key] = empty
    return holder[key]


def _box(place: Place) -> pikepdf.Array:
    return pikepdf.Array([0, 0, place.width, place.height])


def _pike(document: pikepdf.Pdf, value: Any) -> Any:
    """A neutral value as pikepdf's."""
    match value:
        case Name():
            return pikepdf.Name("/" + value)
        case Stream():
            stream = document.make_stream(b"")
            stream.write(value.deflated, filter=pikepdf.Name.FlateDecode)
            for key, entry in value.entries.items():
                stream[f"/{key}"] = _pike(document, entry)
            return stream
        case dict():
            return pikepdf.Dictionary({f"/{key}": _pike(document, entry) for key, entry in value.items()})
        case list():
            return pikepdf.Array([_pike(document, entry) for entry in value])
        case bytes():
            return pikepdf.String(value.decode("latin-1"))
    return value


def _hanko(value: Any) -> Any:
    """A neutral value as pyHanko's."""
    match value:
        case Name():
            return pdf_name("/" + value)
        case Stream():
            entries = {pdf_name(f"/{key}"): _hanko(entry) for key, entry in value.entries.items()}
            entries[pdf_name("/Filter")] = pdf_name("/FlateDecode")
            return generic.StreamObject(entries, encoded_data=value.deflated)
        case dict():
            return generic.DictionaryObject({pdf_name(f"/{key}"): _hanko(entry) for key, entry in value.items()})
        case list():
            return generic.ArrayObject([_hanko(entry) for entry in value])
        case bytes():
            return generic.ByteStringObject(value)
        case bool():
            return generic.BooleanObject(value)
        case int():
            return generic.NumberObject(value)
        case float():
            return generic.FloatObject(f"{value:.4f}")
    return value


# Filling


def fill(pdf: bytes, values: Mapping[str, str]) -> bytes:
    """Write values into the prepared text fields, as an incremental update that earlier signatures allow.

    :raises CannotSign: unreadable, no field of that name, one filled with something else, or locked by the agency's signature
    """
    writer = _writer(pdf)
    fields = _fields(writer)
    for name, text in values.items():
        field = fields.get(name)
        if field is None or field.get("/FT") != "/Tx":
            raise CannotSign("no_field", name)
        if field.get("/V") is not None and str(field["/V"]) != text:
            raise CannotSign("field_filled", name)
        _fill_one(writer, field, text)
    return _written(writer)


def _fill_one(writer: IncrementalPdfFileWriter, field: generic.DictionaryObject, text: str) -> None:
    resource, size = str(field["/DA"]).split()[:2]
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    width, height = right - left, top - bottom
    face = resource.removeprefix("/Tinos")
    content = lettering.line(
        text,
        lettering.cut(face, FIELD_LETTERS),
        width=width,
        size=float(size),
        baseline=float(field["/XXBaseline"]),
        align=("left", "center", "right")[int(field.get("/Q", 0))],
    )
    font = writer.root["/AcroForm"]["/DR"]["/Font"].raw_get(resource)
    appearance = _form(width, height, {"Font": {"F": font}}, content)
    field[pdf_name("/V")] = generic.pdf_string(text)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(_hanko(appearance))})
    writer.update_container(field)


TAIL = 64 * 1024
"""What an update's identifier is made of: the end of what it follows, where the last identifier and cross-references stand."""


class _Update(IncrementalPdfFileWriter):
    """An incremental update of what it is for and nothing else.

    pyHanko would also write the machine's clock into the metadata and draw a random file identifier: here the metadata stay those
    of the laid-out page, and the same update of the same file gives the same bytes.
    """

    def _update_meta(self) -> None:
        return None

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        first, _ = super()._handle_id(prev)
        size = prev.stream.seek(0, SEEK_END)
        prev.stream.seek(max(0, size - TAIL))
        changing = hashlib.sha256(b"%d " % size + prev.stream.read()).digest()[:16]
        return generic.ArrayObject([first, generic.ByteStringObject(changing)])


def _writer(pdf: bytes) -> IncrementalPdfFileWriter:
    try:
        writer = _Update(BytesIO(pdf))
    except (PdfError, ValueError, KeyError, TypeError, RecursionError) as trouble:
        raise CannotSign("unreadable") from trouble
    if writer.prev.encrypted:
        raise CannotSign("encrypted")
    return writer


def _fields(writer: IncrementalPdfFileWriter) -> dict[str, generic.DictionaryObject]:
    """The form's own fields by name, with those of one level; ours have no parents."""
    listed = writer.root["/AcroForm"]["/Fields"] if "/AcroForm" in writer.root else ()
    found = (field.get_object() for field in listed)
    return {str(field["/T"]): field for field in found if "/T" in field}


# Signing


def sign(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    at: datetime,
    stamper: Timestamper | None = None,
    unstamped: Callable[[NotStamped], None] | None = None,
    image: bytes | None = None,
    text: str = "",
    arrival: ArrivalStamp | None = None,
) -> bytes:
    """Sign an empty field, showing the image in it, or only the text (attachments, copies).

    The field "Arrival" shows the recipient's stamp; it is made where the stamp is to stand when the sender left none, and
    "Arrival2" when the place the sender left is not free.

    A person's image is centred in its place, a stamp shown at its real size. The first signature of a document that has an
    agency's field certifies it. The field "Attachment" is made when it is not there, at the top right of page 1.

    When no timestamp can be had, `unstamped` is told and may raise; if it does not, the signature is made without (B-B).

    :raises CannotSign: unreadable, encrypted, no such field, or the field is signed
    :raises NotStamped: the timestamp authority refused, and nobody is there to be told
    """
    writer = _writer(pdf)
    fields = {name: (value, holder) for name, value, holder in enumerate_sig_fields(writer)}
    fresh = None
    if field not in fields:
        if field in (ARRIVAL, ARRIVAL_ELSEWHERE) and arrival is not None:
            fresh = _arrival_spec(writer, field, arrival.place)
        elif field == ATTACHMENT:
            fresh = _attachment_spec(writer)
        else:
            raise CannotSign("no_field", field)
    elif fields[field][0] is not None:
        raise CannotSign("field_filled", field)
    first = all(value is None for value, _ in fields.values())
    certify = first and AGENCY in fields and field != AGENCY
    placeholder = SignatureObject(
        timestamp=at.astimezone(HANOI), subfilter=SigSeedSubFilter.PADES, bytes_reserved=_reserve(credential, stamper)
    )
    rules = SigMDPSetup(
        md_algorithm="sha256",
        certify=certify,
        field_lock=_lock(fields[field][1]) if field in fields else None,
        docmdp_perms=MDPPerm.FILL_FORMS if certify else None,
    )

    def make(digest: bytes) -> bytes:
        return cms.sign(
            digest=digest,
            key=credential.key,
            certificate=credential.certificate,
            chain=credential.chain,
            stamp=partial(timestamping.ask_if_any, stamper=stamper, unstamped=unstamped),
        )

    show: Callable[[IncrementalPdfFileWriter, generic.DictionaryObject], None]
    if arrival is not None:
        show = partial(_show_stamp, lines=arrival.lines)
    else:
        show = partial(_show, image=image, text=text, small=field in (INITIALS, FORMAT))
    return _embed(writer, field, fresh, SigObjSetup(placeholder, rules), make, show=show)


def _embed(
    writer: IncrementalPdfFileWriter,
    field: str,
    fresh: SigFieldSpec | None,
    setup: SigObjSetup,
    make: Callable[[bytes], bytes],
    *,
    show: Callable[[IncrementalPdfFileWriter, generic.DictionaryObject], None] | None = None,
) -> bytes:
    """Write the update with room for the CMS, have the CMS made over the digest of all the rest, and put it there."""
    embedder = PdfCMSEmbedder(new_field_spec=fresh).write_cms(field, writer, existing_fields_only=fresh is None)
    reference = next(embedder)
    if show is not None:
        show(writer, reference.get_object())
    embedder.send(setup)
    out = BytesIO()
    prepared, _ = embedder.send(SigIOSetup(md_algorithm="sha256", output=out))
    embedder.send(make(prepared.document_digest))
    return out.getvalue()


def _lock(field: Any) -> FieldMDPSpec | None:
    """What the field's own lock forbids to change once it is signed."""
    held = field.get_object()
    return FieldMDPSpec.from_pdf_object(held["/Lock"]) if "/Lock" in held else None


@lru_cache(maxsize=512)
def _certificate(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)


def _reserve(credential: Credential, stamper: Timestamper | None) -> int:
    """Hexadecimal digits kept for the CMS: certificates, twice for a timestamp's own, and what is around them."""
    certificates = len(credential.certificate) + sum(len(der) for der in credential.chain)
    return 2 * (certificates + 1536 + (certificates + 3072 if stamper else 0))


def _attachment_spec(writer: IncrementalPdfFileWriter) -> SigFieldSpec:
    """The field of a text-only signature in a file that was not prepared for it."""
    page = writer.find_page_for_modification(0)[0].get_object()
    while "/MediaBox" not in page:
        page = page["/Parent"]
    _left, _bottom, right, top = (float(edge) for edge in page["/MediaBox"])
    place = _attachment_place(right, top, ATTACHMENT_WIDTH)
    box = (int(place.x), int(place.y), int(place.x + place.width), int(place.y + place.height))
    return SigFieldSpec(ATTACHMENT, on_page=0, box=box)


def _arrival_spec(writer: IncrementalPdfFileWriter, field: str, place: Place) -> SigFieldSpec:
    """The field of an arrival stamp in a file that has no place for it. :raises CannotSign: the page lies turned"""
    page = writer.find_page_for_modification(place.page)[0].get_object()
    if int(_of_page(page, "/Rotate", 0)) % 360:
        raise CannotSign("turned")
    left, bottom, *_rest = (float(edge) for edge in _of_page(page, "/CropBox", _of_page(page, "/MediaBox", (0, 0))))
    x, y = left + place.x, bottom + place.y
    return SigFieldSpec(field, on_page=place.page, box=(int(x), int(y), int(x + place.width), int(y + place.height)))


def _of_page(page: Any, name: str, otherwise: Any) -> Any:
    """What a page says, or the pages above it."""
    for _depth in range(50):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            break
        page = page["/Parent"]
    return otherwise


STAMP_BLUE = "0.10 0.20 0.55"


def _show_stamp(writer: IncrementalPdfFileWriter, field: generic.DictionaryObject, *, lines: Sequence[str]) -> None:
    """Draw the arrival stamp: a frame, the agency and "ĐẾN" in the middle, then line by line (Decree 30, Appendix IV)."""
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    width, height = right - left, top - bottom

    def make(value: Any) -> Any:
        return writer.add_object(_hanko(value))

    font = lettering.cut("Regular", _letters("".join(lines)))
    pitch, inner = (height - 6) / max(1, len(lines)), width - 10
    drawn = [f"q {STAMP_BLUE} RG 1 w 1 1 {width - 2:.2f} {height - 2:.2f} re S Q\n".encode()]
    for n, words in enumerate(lines):
        size = min(pitch * 0.8, 13 if n == 1 else 9)
        down = height - 3 - (n + 0.8) * pitch
        told = lettering.line(words, font, width=inner, size=size, baseline=0, align="center" if n < 2 else "left")
        coloured = told.replace(b"\n0 g\n", f"\n{STAMP_BLUE} rg\n".encode())
        drawn.append(f"q 1 0 0 1 5 {down:.2f} cm\n".encode() + coloured + b"Q\n")
    shown = make(_form(width, height, {"Font": {"F": font.embed(make)}}, b"".join(drawn)))
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): shown})
    writer.update_container(field)


def _attachment_place(right: float, top: float, width: float) -> _Box:
    """The top right corner of page 1 (Decree 30, Appendix I, box 14): 15 mm from the edge, above the text."""
    return _Box(0, right - 15 * MILLIMETRE - width, top - 14 * MILLIMETRE, width, 14)


def short_name(name: str) -> str:
    """A name as it stands in a small place: the first letters and the given name, "N.V. An"."""
    *before, given = name.split() or [""]
    return f"{'.'.join(word[0] for word in before)}. {given}" if before else given


def _letters(text: str) -> str:
    return "".join(sorted(set(text)))


def _show(
    writer: IncrementalPdfFileWriter, field: generic.DictionaryObject, *, image: bytes | None, text: str, small: bool
) -> None:
    """Give the field its appearance: the image, or only the text, or none. `small` is the place of initials."""
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    width, height = right - left, top - bottom

    def make(value: Any) -> Any:
        return writer.add_object(_hanko(value))

    resources: dict[str, Any]
    if image is not None:
        picture = _picture(image)
        colour = Stream({**picture.colour.entries, "SMask": make(picture.mask)}, picture.colour.deflated)
        resources = {"XObject": {"I": make(colour)}}
        content = _centred(picture, width, height)
    elif text:
        font = lettering.cut("Regular", _letters(text))
        resources = {"Font": {"F": font.embed(make)}}
        size, align = (8, "center") if small else (ATTACHMENT_SIZE, "right")
        content = lettering.line(text, font, width=width, size=size, baseline=3.5, align=align)
    else:
        return
    shown = make(_form(width, height, resources, content))
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): shown})
    writer.update_container(field)


def _form(width: float, height: float, resources: dict[str, Any], content: bytes) -> Stream:
    entries = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, width, height], "Resources": resources}
    return Stream(entries, zlib.compress(content))


@dataclass(frozen=True)
class _Picture:
    """An image ready to be embedded: its colours and its transparency, deflated once, and its size in points."""

    colour: Stream
    mask: Stream
    width: float
    height: float


@lru_cache(maxsize=128)
def _picture(png: bytes) -> _Picture:
    with Image.open(BytesIO(png)) as opened:
        across, down = opened.info.get("dpi", (300, 300))
        picture = opened.convert("RGBA")
    size = {"Width": picture.width, "Height": picture.height, "BitsPerComponent": 8}
    shape = {"Type": Name("XObject"), "Subtype": Name("Image"), **size}
    colour, mask = picture.convert("RGB").tobytes(), picture.getchannel("A").tobytes()
    return _Picture(
        colour=Stream({**shape, "ColorSpace": Name("DeviceRGB")}, zlib.compress(colour, 9)),
        mask=Stream({**shape, "ColorSpace": Name("DeviceGray")}, zlib.compress(mask, 9)),
        width=picture.width / float(across) * 72,
        height=picture.height / float(down) * 72,
    )


def _centred(picture: _Picture, width: float, height: float) -> bytes:
    """The image in the middle of the box at its real size, or smaller when it would not fit."""
    scale = min(1.0, width / picture.width, height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    x, y = (width - wide) / 2, (height - high) / 2
    return f"q {wide:.3f} 0 0 {high:.3f} {x:.3f} {y:.3f} cm /I Do Q".encode()


def attachment_text(words: str, at: datetime) -> str:
    """What a signature without an image shows: `words`, date, time (Decree 30/2020, Appendix I; ISO 8601, Vietnam's zone).

    On an attachment they are number and notation, and are introduced as such; on a copy its form and whose it is.
    """
    day, hour = at.astimezone(HANOI).replace(microsecond=0).isoformat().split("T")
    said = f"Số: {words}" if words[:1].isdigit() else words
    return f"{said}; {day}; {hour}"


# Long term


def add_revocation_data(
    pdf: bytes, *, certificates: Iterable[bytes], crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
) -> bytes:
    """Put certificates, revocation lists and OCSP answers into the document's security store: level B-LT (EN 319 142-1, 5.4).

    :raises CannotSign: unreadable or encrypted
    """
    writer = _writer(pdf)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        sig_contents=None,
        certs=[_certificate(der) for der in certificates],
        crls=[quick.revocation_list(der) for der in crls],
        ocsps=[ocsp.OCSPResponse.load(der) for der in ocsps],
    )
    return _written(writer)


@dataclass(frozen=True)
class Carried:
    """What one signature of a file carries: its certificates with those above them, and when it was stamped, by whom.

    `stamp` is the leaf of the timestamp authority; `whole` says that this is a document timestamp over the file.
    """

    field: str
    signer: bytes
    certificates: tuple[bytes, ...]
    stamped_at: datetime | None
    stamp: bytes
    whole: bool
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Contents:
    """The signatures of a file in their order, whether it has a security store, and whether a document timestamp covers that."""

    signatures: tuple[Carried, ...]
    stored: bool
    archived: bool


def contents_of(pdf: bytes) -> Contents:
    """What the signatures of a file carry, read and not judged. :raises CannotSign: unreadable, encrypted or not signed"""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        if reader.encrypted:
            raise CannotSign("encrypted")
        found = []
        for name, value, _holder in enumerate_sig_fields(reader, filled_status=True):
            signature = value.get_object()
            _start, _length, second, rest = signature["/ByteRange"]
            whole = signature.get("/Type") == "/DocTimeStamp"
            found.append((int(second) + int(rest), carried(name, extract_contents(signature), whole=whole)))
        stored = "/DSS" in reader.root
        found.sort(key=lambda each: each[0])
        archived = bool(found) and stored and found[-1][1].whole and found[-1][0] == len(pdf)
    except (PdfError, ValueError, KeyError, TypeError, RecursionError, AttributeError, IndexError) as trouble:
        raise CannotSign("unreadable") from trouble
    if not found:
        raise CannotSign("no_field")
    return Contents(tuple(each for _, each in found), stored, archived)


@lru_cache(maxsize=512)
def carried(field: str, contents: bytes, *, whole: bool) -> Carried:
    """What one CMS signature carries; `whole` is a timestamp that covers everything before it."""
    signed = asn1_cms.ContentInfo.load(contents)["content"]
    (signer,) = signed["signer_infos"]
    leaf, above = _held(signed, signer)
    used = {signer["digest_algorithm"]["algorithm"].native}
    if whole:
        moment = signed["encap_content_info"]["content"].parsed["gen_time"].native
        return Carried(field, leaf, above, moment, leaf, True, tuple(used))
    unsigned = signer["unsigned_attrs"]
    for attribute in () if isinstance(unsigned, core.Void) else unsigned:
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            (stamper,) = token["signer_infos"]
            stamp, more = _held(token, stamper)
            moment = token["encap_content_info"]["content"].parsed["gen_time"].native
            return Carried(field, leaf, tuple(dict.fromkeys((*above, *more))), moment, stamp, False, tuple(used))
    return Carried(field, leaf, above, None, b"", False, tuple(used))


def _held(signed: asn1_cms.SignedData, signer: asn1_cms.SignerInfo) -> tuple[bytes, tuple[bytes, ...]]:
    """The signer's own certificate, and all that are held."""
    wanted = signer["sid"].chosen
    held = [each.chosen for each in signed["certificates"] if each.name == "certificate"]
    if isinstance(wanted, asn1_cms.IssuerAndSerialNumber):
        number = wanted["serial_number"].native
        own = next(each for each in held if each.serial_number == number and each.issuer == wanted["issuer"])
    else:
        own = next(each for each in held if each.key_identifier == wanted.native)
    return own.dump(), tuple(each.dump() for each in held)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def add_timestamp(pdf: bytes, *, stamper: Timestamper) -> bytes:
    """Put a document timestamp over the whole file (PAdES B-LTA).

    :raises CannotSign: unreadable or encrypted
    :raises NotStamped: the timestamp authority refused
    """
    field = f"Timestamp{len(list(enumerate_sig_fields(writer := _writer(pdf))))}"
    setup = SigObjSetup(DocumentTimestamp(bytes_reserved=16384))
    return _embed(writer, field, SigFieldSpec(field), setup, partial(timestamping.ask, stamper=stamper))


def form_of(pdf: bytes) -> tuple[list[str], list[str], dict[str, str], bool]:
    """The signature fields signed, those empty, the text fields with their values, and whether cosigners sign in order.

    :raises CannotSign: unreadable
    """
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            form: Any = document.Root.get("/AcroForm", pikepdf.Dictionary())
            listed: Any = form.get("/Fields", [])
            in_order = form.get("/XXInOrder") is True
            known = [(str(each.get("/T", "")), each.get("/FT"), each.get("/V")) for each in listed]
            signed = [name for name, kind, value in known if kind == "/Sig" and value is not None]
            empty = [name for name, kind, value in known if kind == "/Sig" and value is None]
            texts = {name: "" if value is None else str(value) for name, kind, value in known if kind == "/Tx"}
    except pikepdf.PasswordError as trouble:
        raise CannotSign("encrypted") from trouble
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError) as trouble:
        raise CannotSign("unreadable") from trouble
    return signed, empty, texts, in_order


def empty_fields(pdf: bytes) -> dict[str, bool]:
    """The signature fields of a file and whether each is still empty. :raises CannotSign: unreadable"""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        return {name: value is None for name, value, _ in enumerate_sig_fields(reader)}
    except (PdfError, ValueError, KeyError, TypeError, RecursionError) as trouble:
        raise CannotSign("unreadable") from trouble
