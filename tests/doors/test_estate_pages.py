"""The estate on its pages: a unit, a machine, imports looked through and taken in, checks, what is not protected."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from antin.estate.models import Asset, Finding, Import, Norm
from antin.tasks.models import Assignment
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def test_a_unit_and_a_machine_on_their_pages(cast: Cast, enter: Enter) -> None:
    keeper, boss, head = enter(cast.administrator), enter(cast.technique_head), enter(cast.head)
    assert "Chưa ghi thiết bị nào" in keeper.get("/estate").content.decode()
    home = f"/estate/units/{cast.technique_id}"
    said = {"code": "KT-01", "kind": "workstation", "name": "Máy <1>", "unit_id": cast.technique_id, "network": "military", "use": "used", "keeper": "Đặng Thị Hương"}  # fmt: skip  # noqa: E501
    assert boss.get(f"{home}/add").status_code == 200
    made = boss.post(f"{home}/add", said).headers["Location"]
    machine = Asset.objects.get()
    page = boss.get(made).content.decode()
    assert "Máy &lt;1&gt;" in page
    assert "không có phần mềm phòng, chống mã độc" in page
    assert "1 máy chưa được bảo vệ" in head.get("/estate").content.decode()
    assert "KT-01" in head.get("/estate/unprotected").content.decode()
    assert "KT-01" in head.get("/estate?q=huong").content.decode()
    changed = {name: value for name, value in said.items() if name != "code"}
    changed |= {"protection": "Lá chắn", "updated_on": "01/01/2099", "revision": machine.revision}
    assert boss.post(f"{made}/change", changed).status_code == 422  # a day to come
    assert boss.post(f"{made}/change", changed | {"updated_on": "", "words": "Cài mới"}).status_code == 302
    assert "không rõ ngày cập nhật mẫu" in boss.get(made).content.decode()
    assert "Cài mới" in boss.get(made).content.decode()
    assert enter(cast.plan_head).get(made).status_code == 404
    assert enter(cast.plan_head).get(home).status_code == 404
    assert enter(cast.technique_officer).get(f"{home}/add").status_code == 403
    told = {"product": "An Tín", "edition": "web", "version": "1.0", "shared": "on", "signing": "on"}
    assert boss.post(f"{home}/software", told).status_code == 302
    assert "đã bàn giao ký số" in boss.get(home).content.decode()
    checked = {"day": "01/11/2026", "words": "Đạt", "found": "KT-01: Mẫu cũ\nChưa niêm phong"}
    assert boss.get(f"{home}/check").status_code == 200
    answer = boss.post(f"{home}/check", checked)
    assert answer.status_code == 302, answer.content.decode()
    first, second = Finding.objects.order_by("id")
    assert (first.asset, second.asset) == (machine, None)
    assert head.get(f"/estate/findings/{first.pk}/give").status_code == 200
    give = {"unit_id": cast.technique_id, "due": "20/12/2099", "begun_in": "once"}
    assert head.post(f"/estate/findings/{first.pk}/give", give).status_code == 302
    assert f"/tasks/{Assignment.objects.get().pk}" in boss.get(made).content.decode()
    assert boss.post(f"/estate/findings/{second.pk}/settle", {"words": "Đã niêm phong"}).status_code == 302
    assert "Đã niêm phong" in boss.get(home).content.decode()
    assert boss.get("/estate/norm").status_code == 403
    assert (
        keeper.post("/estate/norm", {"days": 3, "valid_from": "01/01/2099", "basis": "Chỉ thị 01"}).status_code == 302
    )
    assert Norm.objects.get().days == 3


def test_a_file_is_looked_through_then_taken_in_and_can_be_had_back(cast: Cast, enter: Enter) -> None:
    keeper = enter(cast.administrator)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Mã", "Loại", "Tên", "Đơn vị"], ["A-1", "máy trạm", "=1+1", "KT"], ["A-2", "xe tăng", "x", "KT"]):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)

    def send(data: bytes, **more: str) -> object:
        return keeper.post("/estate/imports", {"file": SimpleUploadedFile("may.xlsx", data), **more})

    bad = send(kept.getvalue())
    assert bad.status_code == 422  # type: ignore[attr-defined]
    assert "xe tăng" in bad.content.decode()  # type: ignore[attr-defined]
    good = "Mã;Loại;Tên;Đơn vị\nA-1;máy trạm;Máy;KT\n".encode()
    looked = send(good).content.decode()  # type: ignore[attr-defined]
    assert "Mọi dòng đều đúng" in looked
    assert Asset.objects.count() == 0
    digest = looked.split('name="digest" value="')[1].split('"')[0]
    other = send(good + b"A-3;x\n", digest=digest)
    assert (other.status_code, Asset.objects.count()) == (422, 0)  # type: ignore[attr-defined]
    assert send(good, digest=digest + "x").status_code == 422  # type: ignore[attr-defined]
    taken = send(good, digest=digest).headers["Location"]  # type: ignore[attr-defined]
    assert taken == f"/estate/imports/{Import.objects.get().pk}"
    assert "A-1" in keeper.get(taken).content.decode()
    for hostile in (b"", b"{}", b"PK\x03\x04", b"\x00\x01"):
        assert send(hostile).status_code == 422  # type: ignore[attr-defined]
    table = load_workbook(io.BytesIO(keeper.get("/estate/imports/table").content))
    rows = list(table.worksheets[0].values)
    assert rows[1][:3] == ("A-1", "Máy trạm", "Máy")
    assert enter(cast.plan_officer).get("/estate/imports").status_code == 403
    assert enter(cast.plan_officer).get(taken).status_code == 404
