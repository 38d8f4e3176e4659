"""Imports into the estate: a file is looked through first, then taken in whole; and the estate as such a table."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from antin.estate import inventory, operations, policy, queries
from antin.estate.inventory import Inventory
from antin.estate.operations import Taken
from antin.estate.states import Edition, Kind, Network, Source, Use
from antin.files import queries as files
from antin.refusal import Refusal, refuse
from antin.web import sheets
from antin.web.asking import brought, sent
from antin.web.estate.views import change_rows, place_of
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table

SALT = "estate-import"
KEPT_SECONDS = 3600


def read(data: bytes) -> Inventory:
    """The lines of a file: a table, or what an agent wrote. :raises NotAnInventory: :raises NotATable: :raises NoSuchHeads:"""
    if data[:1] in (b"{", b"[") or data[:4] in (b"\xef\xbb\xbf{", b"\xef\xbb\xbf["):
        return inventory.of_file(data)
    return inventory.of_tables([sheet.rows for sheet in files.read_table(data)])


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Tệp XLSX, CSV hoặc JSON"), max_length=200)


@require_http_methods(["GET", "POST"])
def imports(request: SignedRequest) -> HttpResponse:
    """List what was imported; look a file through and say what it would do; take it in when that is wanted."""
    request.place = place_of(request.actor)
    if not policy.keeps(request.actor):
        refuse(policy.NotTheKeeper(unit=request.actor.unit_name))
    keeps = "digest" in request.POST
    form = FileForm(sent(request), brought(request))
    told: dict[str, Any] = {"form": form, "rows": queries.list_imports(request.actor)}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                came = form.cleaned_data["file"]
                data = came.read(inventory.LARGEST + 1)
                expected = signing.loads(request.POST["digest"], salt=SALT, max_age=KEPT_SECONDS) if keeps else ""
                done = _take(request, came.name or "", data, expected)
                if done.made is not None:
                    messages.success(request, _sum(done))
                    return HttpResponseRedirect(reverse("estate-import", args=[done.made.pk]))
                told |= _looked_through(done, data)
                status = 422 if done.faults else 200
        except signing.BadSignature:
            told["refused"] = StaleFile()
        except Refusal as no:
            told["refused"], status = no, status_of(no)
    return render(request, "estate/imports.html", told, status=status)


class StaleFile(Refusal):
    code = "estate_stale_file"
    words = gettext_noop(
        "Tệp này không phải tệp vừa kiểm tra, hoặc đã kiểm tra quá một giờ trước. Kiểm tra lại rồi ghi."
    )


def _take(request: SignedRequest, name: str, data: bytes, expected: str) -> Taken:
    if expected and sha256(data).hexdigest() != expected:
        raise StaleFile()
    return operations.take_in(
        told=read(data), name=name, content=data, keep=bool(expected), actor=request.actor, at=timezone.now()
    )


def _looked_through(done: Taken, data: bytes) -> dict[str, Any]:
    return {
        "done": done,
        "faults": [(each.row, each.refusal.message) for each in done.faults[:500]],
        "digest": "" if done.faults else signing.dumps(sha256(data).hexdigest(), salt=SALT),
        "nothing": not (done.added or done.changed),
    }


def _sum(done: Taken) -> str:
    return _("Đã nhập: thêm %(added)d, sửa %(changed)d, giữ nguyên %(same)d.") % {
        "added": done.added,
        "changed": done.changed,
        "same": done.same,
    }


@require_GET
def one(request: SignedRequest, import_id: int) -> HttpResponse:
    """Show one import: where it came from, and what it changed."""
    request.place = place_of(request.actor)
    found, rows = queries.get_import(request.actor, import_id)
    context = {
        "import": found,
        "source": Source(found.source).label,
        "rows": [(row, change_rows(row.fields)) for row in rows],
    }
    return render(request, "estate/import.html", context)


@require_GET
def template(request: SignedRequest) -> HttpResponse:
    """What the actor keeps, as the table that is taken in: to be filled further, or kept."""
    if not policy.keeps(request.actor):
        refuse(policy.NotTheKeeper(unit=request.actor.unit_name))
    things, programs = queries.list_all(request.actor)
    rows = [
        [
            row.code,
            str(Kind(row.kind).label),
            row.name,
            row.unit.code.value if row.unit.code else row.unit.name,
            row.keeper,
            row.place,
            row.serial,
            row.system,
            str(Network(row.network).label),
            str(Use(row.use).label),
            row.protection,
            f"{row.updated_on:%d/%m/%Y}" if row.updated_on else "",
        ]
        for row in things
    ]
    used = [
        [
            row.unit.code.value if row.unit.code else row.unit.name,
            row.product,
            str(Edition(row.edition).label),
            row.version,
            "x" if row.shared else "",
            "x" if row.signing else "",
        ]
        for row in programs
    ]
    heads = [words[0].capitalize() for words in inventory.HEADS.values()]
    software_heads = [words[0].capitalize() for words in inventory.SOFTWARE_HEADS.values()]
    return sheets.answer(
        _("Thiết bị, phần mềm %(unit)s") % {"unit": request.actor.unit_name},
        Table(_("Thiết bị"), heads, rows),
        Table(_("Phần mềm"), software_heads, used),
    )
