"""Files as they come from outside, good and bad, made when asked for: nothing binary is kept in the repository."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pikepdf
from docx import Document as DocxFile
from pikepdf import Array, Dictionary, Name, Pdf

A4 = (595, 842)


def pdf(
    *,
    pages: int = 1,
    words: str = "Cong van",
    size: tuple[int, int] = A4,
    change: Callable[[Pdf], None] | None = None,
    **save: object,
) -> bytes:
    """Return a PDF of so many pages with these words (plain ASCII) on each; `change` may do anything to it before it is saved."""
    made = pikepdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = made.add_blank_page(page_size=size)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 24 Tf 72 700 Td ({words} {number}) Tj ET".encode() if words else b"")
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()


def encrypted(password: str = "bi-mat") -> bytes:
    return pdf(encryption=pikepdf.Encryption(user=password, owner="chu"))


def encrypted_without_password() -> bytes:
    """Opens for everybody, but only prints: still encrypted."""
    return pdf(encryption=pikepdf.Encryption(user="", owner="chu", allow=pikepdf.Permissions(modify_other=False)))


def cut(share: float = 0.6) -> bytes:
    """A transfer that broke off."""
    whole = pdf(pages=5)
    return whole[: int(len(whole) * share)]


def broken_in_the_middle() -> bytes:
    """The table of contents is whole; a page's compressed content is not."""
    whole = bytearray(pdf(words="x" * 2000, compress_streams=True))
    start = whole.index(b"stream\n") + 20
    whole[start : start + 20] = bytes(20)
    return bytes(whole)


def signed(times: int = 1) -> bytes:
    """Has the shape of a signed file; the signatures say nothing."""

    def change(made: Pdf) -> None:
        fields = Array()
        for n in range(times):
            value = Dictionary(
                Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/ETSI.CAdES.detached"),
                ByteRange=Array([0, 10, 20, 30]), Contents=pikepdf.String(b"\x00" * 16),
            )  # fmt: skip
            field = Dictionary(FT=Name.Sig, T=f"Chu ky {n}", V=made.make_indirect(value), Rect=Array([0, 0, 0, 0]))
            fields.append(made.make_indirect(field))
        made.Root.AcroForm = Dictionary(Fields=fields, SigFlags=3)

    return pdf(change=change)


def form(value: str) -> bytes:
    """Return a page with one text field and its appearance, as our own documents have them for number and date."""

    def change(made: Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        drawn = made.make_stream(
            f"/Tx BMC BT /F1 24 Tf 4 10 Td ({value}) Tj ET EMC".encode(),
            Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 40]), Resources=Dictionary(Font=Dictionary(F1=font)),
        )  # fmt: skip
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="so", V=value, F=4, Rect=Array([100, 600, 300, 640]),
            AP=Dictionary(N=drawn),
        )  # fmt: skip
        field = made.make_indirect(field)
        made.pages[0].Annots = Array([field])
        made.Root.AcroForm = Dictionary(Fields=Array([field]))

    return pdf(words="", change=change)


def _open_action(**action: object) -> Callable[[Pdf], None]:
    def change(made: Pdf) -> None:
        made.Root.OpenAction = Dictionary(**action)

    return change


def _embed(made: Pdf) -> None:
    made.attachments["phu-luc.exe"] = pikepdf.AttachedFileSpec(made, b"MZ...", filename="phu-luc.exe")


def _annotate(**annotation: object) -> Callable[[Pdf], None]:
    def change(made: Pdf) -> None:
        whole = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 10, 10]), **annotation)
        made.pages[0].Annots = Array([made.make_indirect(whole)])

    return change


def _forget_in_a_corner(made: Pdf) -> None:
    """JavaScript that nothing refers to yet: a later revision could."""
    made.Root.PieceInfo = Dictionary(X=Array([Dictionary(Y=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))]))


def active() -> Iterator[tuple[str, str, bytes]]:
    """Return (a name, the kind it must be found to be, the bytes) of every way a file can act by itself that we know."""
    script = {"S": Name.JavaScript, "JS": "app.alert(1)"}
    yield "open action", "javascript", pdf(change=_open_action(**script))
    yield (
        "script in a compressed object",
        "javascript",
        pdf(change=_open_action(**script), object_stream_mode=pikepdf.ObjectStreamMode.generate),
    )
    yield "script in a corner", "javascript", pdf(change=_forget_in_a_corner)
    yield (
        "script of a page",
        "javascript",
        pdf(change=lambda made: made.pages[0].obj.update({"/AA": Dictionary(O=Dictionary(**script))})),
    )
    yield "launch", "launch", pdf(change=_open_action(S=Name.Launch, F="calc.exe"))
    yield "submit", "submit_form", pdf(change=_open_action(S=Name.SubmitForm, F="http://192.0.2.1/"))
    yield "import", "import_data", pdf(change=_open_action(S=Name.ImportData, F="x.fdf"))
    yield "other file", "remote_file", pdf(change=_open_action(S=Name.GoToR, F="other.pdf", D="x"))
    yield "embedded file", "embedded_files", pdf(change=_embed)
    yield "attached by a note", "embedded_files", pdf(change=_annotate(Subtype=Name.FileAttachment))
    yield "rich media", "multimedia", pdf(change=_annotate(Subtype=Name.RichMedia))
    yield (
        "xfa",
        "xfa",
        pdf(
            change=lambda made: setattr(
                made.Root, "AcroForm", Dictionary(Fields=Array(), XFA=made.make_stream(b"<xdp/>"))
            )
        ),
    )


def heavy(gigabytes: int = 8) -> bytes:
    """Some kilobytes on disk, eight gigabytes when opened: what a page draws, deflated twice over."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = squeezer.compress(bytes(1_000_000)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    times = gigabytes * 1000
    checksum = (times * 1_000_000 % 65521) << 16 | 1  # Adler-32 of so many zeros
    bomb = zlib.compress(b"\x78\xda" + megabyte * times + b"\x03\x00" + checksum.to_bytes(4, "big"), 9)

    def change(made: Pdf) -> None:
        made.pages[0].Contents = pikepdf.Stream(made, bomb, Filter=Array([Name.FlateDecode] * 2))

    return pdf(change=change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def office(kind: str) -> bytes:
    """Return the least that is a docx, xlsx, pptx, odt or plain zip."""
    parts = {
        "docx": "word/document.xml",
        "xlsx": "xl/workbook.xml",
        "pptx": "ppt/presentation.xml",
        "odt": "content.xml",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if kind == "odt":
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(parts.get(kind, "x.txt"), "<x/>")
    return out.getvalue()


def docx(*paragraphs: str) -> bytes:
    """Return a DOCX with these paragraphs, the last one in a table."""
    made = DocxFile()
    for words in paragraphs[:-1]:
        made.add_paragraph(words)
    made.add_table(rows=1, cols=1).cell(0, 0).text = paragraphs[-1]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
