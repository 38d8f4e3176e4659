"""The gallery: parts with invented words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from antin.signing.states import Verdict
from antin.typeset.beginnings import beginning
from antin.web import clocks, tones
from antin.web.clocks import LOCAL
from antin.web.tones import Tone
from antin.web.trees import Branch, TreeField, TreesField

NOW = datetime(2026, 11, 23, 8, 47, tzinfo=LOCAL)
UNITS = [
    Branch("1", "Tổng cục Z", code="Z"),
    Branch("2", "Phòng Kế hoạch", parent="1", code="Z.KH"),
    Branch("3", "Cục A1", parent="1", code="Z.A1"),
    Branch("4", "Phòng Kỹ thuật", parent="3", code="Z.A1.KT"),
    Branch("5", "Trung tâm B1", parent="1", code="Z.B1"),
    Branch("6", "Trung tâm B2", parent="1", code="Z.B2"),
    Branch("7", "Trung tâm B3", parent="1", code="Z.B3"),
    Branch("8", "Trường D1", parent="1", code="Z.D1"),
]


class Sample(forms.Form):
    """One field of each kind, one of them wrong."""

    subject = forms.CharField(
        label="Trích yếu", help_text="Một câu, không viết tắt", widget=forms.Textarea(attrs={"rows": 3})
    )
    deadline = forms.CharField(label="Hạn xử lý", required=False)
    recipients = TreesField(UNITS, label="Nơi nhận")
    lead = TreeField(UNITS, label="Chủ trì", required=False)
    urgent = forms.BooleanField(
        label="Gửi kèm bản giấy", required=False, help_text="Văn thư in, đóng dấu, gửi theo đường công văn"
    )

    def clean_deadline(self) -> str:
        raise forms.ValidationError("24/11/2026 là ngày nghỉ lễ. Ngày làm việc gần nhất: 25/11.")


def show(request: HttpRequest) -> HttpResponse:
    form = Sample(
        {
            "subject": "Đề nghị phối hợp khảo sát đường truyền phục vụ trung tâm dữ liệu",
            "deadline": "24/11/2026",
            "recipients": ["2", "5"],
        }
    )
    states = [
        Tone("Chờ tiếp nhận", "", "ring"),
        Tone("Đang xử lý", "flow", "half"),
        Tone("Hoàn thành", "ok", "check"),
        Tone("Có nguy cơ chậm", "warn", "clock"),
        Tone("Bị trả lại", "late", "undo"),
    ]
    deadlines = [timedelta(minutes=14), timedelta(hours=3), timedelta(days=5), timedelta(hours=-2), timedelta(days=-1)]
    events = [
        {"words": "Chờ Phòng Kế hoạch giao người làm", "sign": "ring", "when": "chậm nhất 17:00 hôm nay", "next": True},
        {"words": "Vũ Đức Thắng mở văn bản", "sign": "eye", "tone": "flow", "at": NOW - timedelta(minutes=1)},
        {"words": "Cục trưởng cho ý kiến chỉ đạo", "sign": "pen", "tone": "flow", "at": NOW - timedelta(minutes=6)},
        {"words": "Vào sổ, số đến 2148", "sign": "book", "tone": "ok", "at": NOW - timedelta(minutes=32)},
        {"words": "Đến qua trục liên thông", "sign": "inbox", "at": NOW - timedelta(days=1)},
    ]
    steps = [
        ("Dự thảo", "done"),
        ("Kiểm tra thể thức", "done"),
        ("Trình ký", "now"),
        ("Cấp số", ""),
        ("Ký số cơ quan", ""),
        ("Phát hành", ""),
    ]
    views = [
        {"words": "Tất cả", "href": "#", "n": 21, "current": True},
        {"words": "Vào sổ", "href": "#", "n": 13},
        {"words": "Cấp số", "href": "#", "n": 3},
    ]
    shares = [
        ("ok", 9, "hoàn thành", "#"),
        ("flow", 13, "đã tiếp nhận", "#"),
        ("idle", 5, "đã đến, chờ tiếp nhận", "#"),
        ("late", 3, "cần xử lý", "#"),
    ]
    told = {
        "form": form,
        "states": states,
        "clocks": [clocks.until(NOW + span, NOW) for span in deadlines],
        "soon": clocks.until(NOW + timedelta(minutes=14), NOW),
        "late": clocks.until(NOW - timedelta(days=1), NOW),
        "later": clocks.until(NOW + timedelta(days=3), NOW),
        "now": NOW,
        "today": NOW.date(),
        "events": events,
        "steps": steps,
        "views": views,
        "filters": [{"words": "Tuần này", "remove": "#", "label": "Bỏ lọc thời gian"}],
        "valid": tones.of(Verdict.VALID),
        "waiting": Tone("Chờ giao việc", "", "ring"),
        "flowing": Tone("Đ/c Tuấn đang xử lý", "flow", "half"),
        "failed": Tone("Gửi lỗi", "late", "warning"),
        "received": Tone("Đang xử lý", "flow", "half"),
        "urgent": ["KHẨN"],
        "secret": ["MẬT"],
        "sent": ["09:02"],
        "assigned": ["09:02", "09:20", "10:05", "10:40"],
        "shares": shares,
        "bar": [each[:3] for each in shares],
        "body": json.dumps(beginning("decision", issuer_name="Tổng cục Z"), ensure_ascii=False),
    }
    return render(request, "gallery/gallery.html", told)
