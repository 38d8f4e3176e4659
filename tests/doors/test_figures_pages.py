"""The pages of figures as several people open them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.files import operations as files
from antin.files import queries as file_queries
from antin.indicators import operations, queries
from antin.journal import operations as journal
from antin.people import operations as people
from antin.people import queries as people_queries
from tests import given
from tests.cast import Cast, Member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def bearer(member: Member, *scopes: str) -> dict[str, str]:
    """What a machine says that speaks for a member."""
    now = timezone.now()
    made = people.create_token(
        person_id=member.person_id,
        post_id=member.post_id,
        name="bảng điều hành",
        scopes=("read", *scopes),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    return {"Authorization": f"Bearer {made.secret}"}


def test_the_pages_show_figures_and_refuse_what_is_above(
    cast: Cast, at: datetime, enter: Callable[..., Client]
) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    head, centre = enter(cast.head), enter(cast.recipient_head)
    page = head.get("/figures", {"since": "01/11/2026", "until": "30/11/2026"})
    assert page.status_code == 200
    assert "Văn bản đến có chữ ký số hợp lệ" in page.content.decode()
    assert head.get("/figures?as=xlsx").headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert "Đã định nghĩa, chưa có nguồn số liệu" in page.content.decode()
    assert "Chưa có nguồn số liệu" in head.get("/figures/index_online").content.decode()
    for code in ("arrived_signed", "tasks_late", "agencies_connected", "registration_delay", "documents_signed"):
        assert head.get(f"/figures/{code}").status_code == 200
    assert centre.get(f"/figures?unit={cast.agency_id}").status_code == 404
    assert centre.get("/figures/arrived_signed").status_code == 200
    assert centre.get("/figures/arrived_signed/formula").status_code == 403
    assert head.get("/figures/arrived_signed/formula").status_code == 200
    told = {"expression": "arrived + 1", "target": "", "valid_from": "01/12/2026", "only_try": "on"}
    tried = head.post("/figures/arrived_signed/formula", told).content.decode()
    assert "Xem thử công thức, chưa ban hành" in tried
    assert "expression=arrived+%2B+1" in tried
    hostile = head.post("/figures/arrived_signed/formula", told | {"expression": "arrived.__class__"})
    assert (hostile.status_code, "Công thức không đọc được" in hostile.content.decode()) == (422, True)
    assert len(queries.list_formulas(queries.get_indicator("arrived_signed"))) == 1
    assert centre.get("/figures/nothing").status_code == 404
    assert enter(cast.administrator).get("/figures").status_code == 404


def test_a_dashboard_pulls_the_same_figures_as_a_table(cast: Cast, at: datetime, client: Client) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    asked = "since=2026-11-01&until=2026-11-30"
    answer = client.get(f"/api/figures/table.csv?{asked}", headers=bearer(cast.head))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    told = client.get(f"/api/figures?{asked}", headers=bearer(cast.head)).json()
    whole = [row for row in rows if row["unit_id"] == str(cast.agency_id)]
    assert [(row["figure"], row["value"] and float(row["value"])) for row in whole] == [
        (each["code"], "" if each["value"] is None else float(each["value"])) for each in told["figures"]
    ]
    below = {row["unit"]: row["value"] for row in rows if row["figure"] == "arrived_signed"}
    assert below == {"Tổng cục Z": "100.00", "Trung tâm B1": "100.00"}
    other = client.get(f"/api/figures/table.csv?unit_id={cast.agency_id}", headers={"Authorization": "Bearer x"})
    assert other.status_code == 401


def test_a_machine_reads_what_is_defined_and_says_who_answers_for_it(cast: Cast, at: datetime, client: Client) -> None:
    operations.count(at=at)
    head, other = bearer(cast.head, "act"), bearer(cast.recipient_head, "act")
    told = client.get("/api/figures/dictionary", headers=head).json()
    waits = {each["name"]: each["awaits"] for each in told["facts"]}
    assert (waits["dossiers_done"], waits["signers"]) == ("procedures", "")
    counted = {each["code"]: each["counted"] for each in told["indicators"]}
    assert (counted["index_progress"], counted["signers_equipped"]) == (False, True)
    given_to = {"unit_id": cast.plan_id}
    ways = {"content_type": "application/json"}
    refused = client.post("/api/figures/signers_equipped/owner", given_to, headers=other, **ways)
    assert refused.status_code == 403
    elsewhere = client.post("/api/figures/signers_equipped/owner", {"unit_id": cast.recipient_id}, headers=head, **ways)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "not_a_part")
    answer = client.post("/api/figures/signers_equipped/owner", given_to, headers=head, **ways)
    assert answer.json() == {"code": "signers_equipped", "unit_id": cast.plan_id, "unit_name": "Phòng Kế hoạch"}


def test_a_row_is_contested_and_answered_on_its_pages(cast: Cast, at: datetime, enter: Callable[..., Client]) -> None:
    bad = given.an_arrival(cast, at, key="b", verdict="undetermined")
    journal.seal(at=at)
    operations.count(at=at)
    period = "since=01/11/2026&until=30/11/2026"
    clerk, head, officer = enter(cast.recipient_clerk), enter(cast.head), enter(cast.technique_officer)
    address = f"/figures/arrived_signed/contest?row=document:{bad.pk}&{period}"
    page = clerk.get(f"/figures/arrived_signed?{period}").content.decode()
    assert f"row=document:{bad.pk}" in page
    assert head.get(address).status_code == 404  # the paper is not his to see
    assert clerk.get(address).status_code == 200
    told = {"claim": "counts", "words": "Chữ ký hợp lệ <b>"}
    assert clerk.post(address, {"claim": "counts"}).status_code == 422
    answer = clerk.post(address, told)
    [contest] = queries.list_contests(cast.head.actor(), people_queries.get_unit(cast.agency_id))
    where = f"/figures/contests/{contest.contest.pk}"
    assert (answer.status_code, answer["Location"]) == (302, where)
    assert clerk.post(address, told).status_code == 422
    assert "Chữ ký hợp lệ &lt;b&gt;" in head.get(where).content.decode()
    for reader in (officer, enter(cast.recipient_works_officer)):
        hidden = reader.get(where)
        assert (hidden.status_code, "Chữ ký hợp lệ" in hidden.content.decode()) == (200, False)
    assert enter(cast.administrator).get(where).status_code == 404
    assert "1 kiến nghị chờ trả lời" in head.get("/figures/contests").content.decode()
    assert clerk.post(f"{where}/agree", {"words": ""}).status_code == 403
    assert head.post(f"{where}/refuse", {"words": ""}).status_code == 422
    assert head.post(f"{where}/agree", {"words": "Đồng ý"}).status_code == 302
    operations.count_again(kind="contest", ids=[contest.contest.pk], at=at)
    page = clerk.get(f"/figures/arrived_signed?{period}").content.decode()
    assert ("theo đính chính" in page, where in page) == (True, True)
    assert "Chấp nhận, đính chính" in clerk.get(where).content.decode()
    missing = clerk.post(
        f"/figures/arrived_signed/contest?{period}", {"title": "CV 9", "day": "20/11/2026", "words": "Chưa nhập"}
    )
    assert missing.status_code == 302
    assert clerk.post(f"{missing['Location']}/withdraw").status_code == 302
    assert head.post("/figures/arrived_signed/owner", {"unit": cast.plan_id}).status_code == 302
    assert clerk.get("/figures/arrived_signed/owner").status_code == 403


def test_a_machine_contests_and_answers(cast: Cast, at: datetime, client: Client) -> None:
    bad = given.an_arrival(cast, at, key="b", verdict="undetermined")
    journal.seal(at=at)
    operations.count(at=at)
    clerk, head = bearer(cast.recipient_clerk, "act"), bearer(cast.head, "act")
    told = {"claim": "counts", "words": "Hợp lệ", "kind": "document", "thing_id": bad.pk}

    def post(path: str, told: dict[str, Any], who: dict[str, str]) -> Any:
        return client.post(f"/api/figures/{path}", told, content_type="application/json", headers=who)

    assert post("arrived_signed/contests", told, head).status_code == 404
    made = post("arrived_signed/contests", told, clerk)
    assert (made.status_code, made.json()["status"]) == (201, "open")
    number = made.json()["id"]
    [row] = client.get("/api/figures/contests?status=open", headers=head).json()
    assert (row["id"], row["title"], row["thing_id"], row["words"]) == (number, "", 0, "Hợp lệ")
    assert post(f"contests/{number}/agree", {"words": ""}, clerk).status_code == 403
    assert post(f"contests/{number}/agree", {"words": ""}, head).json()["status"] == "agreed"
    assert post(f"contests/{number}/withdraw", {}, clerk).status_code == 409
    assert client.get(f"/api/figures/contests/{number}", headers=clerk).json()["answered_by"]


def test_charts_have_their_tables_and_go_on_paper(cast: Cast, at: datetime, enter: Callable[..., Client]) -> None:
    """Months and units are drawn from the same numbers that stand in the tables; who rests on few rows has no rank."""
    early = at - timedelta(days=40)
    for place, moment in enumerate([early] * 2 + [at] * 11):
        own = {
            "number": place + 1,
            "code": f"{place + 1}/TCZ-KH",
            "identifier": f"G11.90,2026/11/23,{place + 1}/TCZ-KH",
        }
        given.an_arrival(cast, moment, key=f"a{place}", verdict="valid" if place % 3 else "undetermined", **own)
    journal.seal(at=at)
    operations.count(at=at)
    head = enter(cast.head)
    period = "since=01/10/2026&until=23/11/2026"
    page = head.get(f"/figures/arrived_signed?{period}").content.decode()
    assert page.count('<svg class="chart"') == 2
    assert "Diễn biến từ T12 đến T11: 50,0 đến 63,6" in page
    assert "Trung tâm B1 (61,5)" in page
    drawn = page[page.index('<svg class="chart"') : page.rindex("</svg>")]
    assert ("<style" in drawn, "style=" in drawn, "<script" in drawn, "<desc" in drawn) == (False,) * 4
    few = head.get("/figures/arrived_signed?since=01/10/2026&until=31/10/2026").content.decode()
    assert (
        few.count('<svg class="chart"') == 0
    )  # one month is no line, and nobody is ranked; he still stands in the table
    assert '<td class="num">50,0</td>' in few
    for chart, sort in (("months", b"\x89PNG"), ("units", b"\x89PNG")):
        answer = head.get(f"/figures/arrived_signed?as=png&chart={chart}&{period}")
        assert (answer["Content-Type"], answer.content[:4]) == ("image/png", sort)
    assert head.get(f"/figures/arrived_signed?as=png&chart=x&{period}").status_code == 404
    for address in (f"/figures/arrived_signed?as=pdf&{period}", f"/figures?as=pdf&{period}"):
        answer = head.get(address)
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    kept = files.keep(head.get(f"/figures/arrived_signed?as=pdf&{period}").content, at=at)
    text = " ".join(file_queries.text_of(kept.digest).split())
    assert "Văn bản đến có chữ ký số hợp lệ" in text
    assert "Trung tâm B1 1 61,5" in text


def test_how_long_it_took_stands_beside_the_share_in_time(
    cast: Cast, at: datetime, enter: Callable[..., Client], client: Client
) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    centre, period = enter(cast.recipient_head), f"since={at:%d/%m/%Y}&until={at:%d/%m/%Y}"
    for code in ("registration_delay", "registered_in_time"):
        page = centre.get(f"/figures/{code}?{period}").content.decode()
        assert "Chín phần mười xong trong" in page
        assert "trong ngày" in page
        for form in ("xlsx", "pdf"):
            assert centre.get(f"/figures/{code}?as={form}&{period}").status_code == 200
    assert "Chín phần mười" not in centre.get(f"/figures/arrived_signed?{period}").content.decode()
    mine, days = bearer(cast.recipient_head), {"since": f"{at:%Y-%m-%d}", "until": f"{at:%Y-%m-%d}"}
    told = client.get("/api/figures/registration_delay/delay", days, headers=mine).json()
    [unit] = told["units"]
    assert (unit["things"], unit["half_within"], unit["nine_tenths_within"], unit["few"]) == (1, 0, 0, True)
    assert told["bounds"][:2] == [1, 2]
    assert client.get("/api/figures/arrived_signed/delay", headers=mine).status_code == 404
    assert (
        client.get(f"/api/figures/registration_delay/delay?unit_id={cast.agency_id}", headers=mine).status_code == 404
    )


def test_a_great_closed_period_is_reckoned_again_when_somebody_asks(
    cast: Cast, at: datetime, enter: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    given.an_arrival(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    day = at.date()
    later = at + timedelta(days=40)
    told = {"code": "arrived_signed", "unit_id": cast.agency_id, "since": day, "until": day}
    closing = operations.close(**told, actor=cast.head.actor(), at=later)
    head = enter(cast.head)
    assert "tính lại vẫn giống" in head.get("/figures/arrived_signed").content.decode()
    monkeypatch.setattr(queries, "LIGHT", 0)
    page = head.get("/figures/arrived_signed").content.decode()
    assert ("tính lại vẫn giống" in page, f"again={closing.pk}#closings" in page) == (False, True)
    assert "tính lại vẫn giống" in head.get(f"/figures/arrived_signed?again={closing.pk}").content.decode()


@pytest.mark.usefixtures("known_health")
def test_reading_figures_asks_a_fixed_number_of_questions(
    cast: Cast, at: datetime, enter: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    given.an_arrival(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    head = enter(cast.head)
    for most, address in ((16, "/figures"), (22, "/figures/arrived_signed"), (22, "/figures/tasks_late")):
        with django_assert_max_num_queries(most):
            assert head.get(address).status_code == 200
    root, day = people_queries.get_unit(cast.agency_id), at.date()
    indicators = queries.list_indicators()
    since = day.replace(month=1, day=1)
    with django_assert_max_num_queries(4):
        basis = queries.basis_of(root, indicators, since, day)
        found = queries.list_figures(root, indicators, since, day, basis)
        ends = queries.ends_of(day)
        trends = queries.list_trends(root, indicators, ends, basis)
    for each in found:
        assert each == queries.get_figure(root, each.indicator, day.replace(month=1, day=1), day)
        for end, one in zip(ends, trends[each.indicator.pk], strict=True):
            assert one == queries.get_figure(root, each.indicator, end.replace(day=1), end)
