"""The paper itself: which files a page shows, their page images, the download and the sheet for printing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.documents import operations, queries
from antin.documents.queries import Whole
from antin.documents.states import Circulation, Direction, Standing, Use
from antin.files import queries as kept
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal
from antin.signing import queries as signatures
from antin.typeset import marks
from antin.vault.states import NO_LONGER
from antin.web.clocks import LOCAL
from antin.web.drafting import pages
from antin.web.session.middleware import SignedRequest

if TYPE_CHECKING:
    from antin.documents.models import Document, FileUse

PDF = "application/pdf"
WIDTHS = (600, 900, 1400, 2000)
"""Page images are made in these widths and no others, so that each is made once."""
MOST_PAGES = 200
"""So many pages are shown; the rest of a longer file is read after download."""
FOR_EVER = 365 * 24 * 3600


@dataclass(frozen=True)
class Tab:
    """One file of the document, as a tab over the paper."""

    words: str
    digest: str
    size: int | None
    media_type: str
    href: str
    current: bool

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF


@dataclass(frozen=True)
class Leaf:
    """One page as an image: `src` of the middle width, `srcset` of all."""

    number: int
    src: str
    srcset: str


@dataclass(frozen=True)
class Paper:
    """What the paper side of the page shows: tabs, the pages of the open one, or why there are none."""

    tabs: tuple[Tab, ...]
    opened: Tab | None
    leaves: tuple[Leaf, ...]
    pages: int
    draft: bool = False
    trouble: str = ""
    download: str = ""
    prints: str = ""


def mark_of(document: Document) -> str:
    """What is laid over every page, as a stamp would be: that it no longer holds as it is, or that it is declassified."""
    if document.standing:
        return str(Standing(document.standing).label).upper()
    return NO_LONGER if document.sealed_as and not document.secrecy else ""


def image_of(document_id: int, digest: str, number: int) -> Leaf:
    """The addresses of a page's images."""
    address = reverse("document-page", args=[document_id, digest, number])
    srcset = ", ".join(f"{address}?w={width} {width}w" for width in WIDTHS)
    return Leaf(number, f"{address}?w={WIDTHS[1]}", srcset)


def paper_of(whole: Whole, actor: Actor, *, asked: str, query: str, now: datetime) -> Paper:
    """The paper of a document. `asked` names the tab: empty or unknown is the document itself."""
    document = whole.document
    tabs = _tabs(whole, asked, query)
    opened = next((tab for tab in tabs if tab.current), None)
    if opened is None:
        return _draft(document, actor, tabs, now)
    prints = reverse("document-print", args=[document.pk, opened.digest])
    download = reverse("document-file", args=[document.pk, opened.digest])
    if not opened.is_pdf:
        return Paper(tabs, opened, (), 0, download=download)
    try:
        count = kept.page_count(opened.digest)
    except Refusal as no:
        return Paper(tabs, opened, (), 0, trouble=no.message, download=download)
    leaves = tuple(image_of(document.pk, opened.digest, n) for n in range(1, min(count, MOST_PAGES) + 1))
    return Paper(tabs, opened, leaves, count, download=download, prints=prints)


def _tabs(whole: Whole, asked: str, query: str) -> tuple[Tab, ...]:
    document = whole.document
    known: list[tuple[str, str, int | None, str]] = []
    if document.file:
        known.append((_("Văn bản"), document.file, None, PDF))
    known += [(row.name, row.sealed_file or row.file, row.size, row.media_type) for row in whole.attachments]
    digests = [digest for _words, digest, _size, _type in known]
    current = asked if asked in digests else document.file
    here = reverse("document", args=[document.pk])
    joined = f"{query}&" if query else ""
    return tuple(
        Tab(words, digest, size, media_type, f"{here}?{joined}file={digest}", digest == current)
        for words, digest, size, media_type in known
    )


def _draft(document: Document, actor: Actor, tabs: tuple[Tab, ...], now: datetime) -> Paper:
    """The pages of a draft as they would be fixed now, by the pictures that drafting draws."""
    if document.direction != Direction.OUT:
        return Paper(tabs, None, (), 0, trouble=_("Văn bản không có tệp."))
    plan = queries.get_plan_for(actor, document.pk)
    if not plan.making.body and not plan.making.uploaded_file:
        return Paper(tabs, None, (), 0, draft=True, trouble=_("Chưa có nội dung."))
    drawn = pages.told(plan, now)
    leaves = [
        Leaf(number, f"{reverse('draft-page', args=[document.pk, number])}?r={drawn['stamp']}", "")
        for number in drawn["pages"]
    ]
    return Paper(tabs, None, tuple(leaves), len(leaves), draft=True, trouble=drawn["trouble"])


def _width(request: SignedRequest) -> int:
    asked = request.GET.get("w", "")
    return int(asked) if asked.isdecimal() and int(asked) in WIDTHS else WIDTHS[1]


def _allowed(request: SignedRequest, document_id: int, digest: str) -> str:
    """The name of a file that belongs to a document the actor may see. :raises NotFound: it does not, or he may not"""
    name = queries.list_files(request.actor, document_id).get(digest) or _proof_of(request, document_id, digest)
    if name is None:
        raise NotFound()
    return name


def _proof_of(request: SignedRequest, document_id: int, digest: str) -> str | None:
    """The name of the document's own file with the newest evidence behind it, if that is what the digest names."""
    file = queries.get_for(request.actor, document_id).file
    proof = signatures.find_proof(file) if file else None
    return f"bang-chung-{digest[:12]}.pdf" if proof is not None and proof.newest_id == digest else None


@require_safe
def page_image(request: SignedRequest, document_id: int, digest: str, number: int) -> HttpResponse:
    """One page of a file as an image. What a digest names never changes, so the browser keeps it; of a paper of limited circulation
    it bears who looks at it and when, and is kept nowhere."""
    _allowed(request, document_id, digest)
    page = kept.page_image(digest, number, _width(request))
    circulation = Circulation(queries.get_circulation(document_id))
    if circulation != Circulation.FREE:
        page = marks.mark(page, _marked_with(request, document_id, circulation))
    response = HttpResponse(page, content_type="image/png")
    if circulation == Circulation.FREE:
        patch_cache_control(response, private=True, max_age=FOR_EVER, immutable=True)
    else:
        patch_cache_control(response, private=True, no_store=True)
    return response


def _marked_with(request: SignedRequest, document_id: int, circulation: Circulation) -> str:
    """Who looks, when; who printed, when and for which time, where the page is a printed one."""
    asked = request.GET.get("print", "")
    use = queries.find_print(request.actor, document_id, int(asked)) if asked.isdecimal() else None
    name, at = (use.name, use.at) if use else (request.actor.person_name, timezone.now())
    when = f"{at.astimezone(LOCAL):%H:%M %d/%m/%Y}"
    printed = [_("bản in %(n)s") % {"n": use.number}] if use else []
    return " · ".join([str(circulation.label), name, when, *printed])


def _note(request: SignedRequest, document_id: int, digest: str, use: Use) -> FileUse | None:
    if request.method != "GET":
        return None
    return operations.note_use(document_id=document_id, file=digest, use=use, actor=request.actor, at=timezone.now())


@require_safe
def download(request: SignedRequest, document_id: int, digest: str) -> FileResponse:
    """A file as it is kept, bit for bit. Always as an attachment: no browser runs what others sent."""
    name = _allowed(request, document_id, digest)
    noted = _note(request, document_id, digest, Use.TAKEN)
    row = kept.get(digest)
    response = FileResponse(kept.open_stream(digest), as_attachment=True, filename=name, content_type=row.media_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    if noted is not None:  # each download is asked for, and kept
        patch_cache_control(response, private=True, no_store=True)
        return response
    response.headers["ETag"] = f'"{digest}"'
    patch_cache_control(response, private=True, max_age=FOR_EVER, immutable=True)
    return response


@require_safe
def print_sheet(request: SignedRequest, document_id: int, digest: str) -> HttpResponse:
    """All pages of a file, for the printer: nothing else on the sheet."""
    _allowed(request, document_id, digest)
    count = min(kept.page_count(digest), MOST_PAGES)
    noted = _note(request, document_id, digest, Use.PRINTED)
    asks = f"?w={WIDTHS[3]}" + (f"&print={noted.pk}" if noted else "")
    address = [reverse("document-page", args=[document_id, digest, n]) + asks for n in range(1, count + 1)]
    document = queries.get_for(request.actor, document_id)
    told: dict[str, Any] = {
        "document": document,
        "images": address,
        "mark": mark_of(document),
        "now": timezone.now(),
    }
    return render(request, "documents/print.html", told)
