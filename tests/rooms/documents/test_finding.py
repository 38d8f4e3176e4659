"""Finding over real documents: what changes is told to the index, every hit is checked again, nothing is found by others."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from antin.documents import finding
from antin.documents import operations as documents
from antin.documents.finding import Search
from antin.documents.models import Document, Visibility
from antin.files import operations as files
from antin.index import asking, engine, operations
from antin.index.models import Due
from antin.journeys import direct_document
from antin.journeys.index_documents import DOCUMENTS
from antin.tasks.operations import Share
from tests import given, indexes, papers
from tests.cast import TODAY, Cast, Member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index(own_state: Path) -> None:
    """An index of the test's own, empty."""
    indexes.begin()


def found(member: Member, words: str, at: datetime, **more: object) -> list[int]:
    results = finding.find(actor=member.actor(), search=Search(words, **more), at=at)  # type: ignore[arg-type]
    assert results.usable
    return [hit.document.pk for hit in results.hits]


def test_an_act_is_found_by_those_who_see_it_once_it_is_written(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    assert found(cast.recipient_clerk, "báo cáo kết quả", at) == []
    indexes.write()
    for words in ("báo cáo kết quả", "bao cao", "15/TCZ-KH", "15/tcz", "tổng cục z", "công văn", '"ký số quý IV"'):
        assert found(cast.recipient_clerk, words, at) == [document.pk], words
    assert found(cast.recipient_works_officer, "báo cáo kết quả", at) == []
    assert found(cast.clerk, "báo cáo", at) == []


def test_it_says_how_far_it_is_behind(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at)
    now = Due.objects.earliest("id").made_at
    actor = cast.recipient_clerk.actor()
    assert finding.find(actor=actor, search=Search("x"), at=now + timedelta(seconds=2)).behind is None
    behind = finding.find(actor=actor, search=Search("x"), at=now + timedelta(seconds=3)).behind
    assert behind is not None
    assert (behind.since, behind.n, behind.slow) == (now, 1, 0)
    indexes.write()
    assert finding.find(actor=actor, search=Search("x"), at=now + timedelta(seconds=9)).behind is None


def test_a_hit_is_checked_again_in_the_database(cast: Cast, at: datetime) -> None:
    kept, lost = given.an_arrival(cast, at).pk, given.an_arrival(cast, at, key="delivery:2", identifier="").pk
    indexes.write()
    Visibility.objects.filter(document_id=lost).delete()
    results = finding.find(actor=cast.recipient_clerk.actor(), search=Search("báo cáo"), at=at)
    assert [hit.document.pk for hit in results.hits] == [kept]
    assert results.count == 1


def test_sight_given_later_is_found_with_the_words_of_the_directive(cast: Cast, at: datetime) -> None:
    document = given.a_registered_document(cast, at)
    indexes.write()
    officer = cast.recipient_works_officer
    assert found(officer, "báo cáo", at) == []
    direct_document.direct(
        document_id=document.pk,
        words="Khẩn trương khảo sát thực địa",
        shares=[Share("lead", post_id=officer.post_id)],
        actor=cast.recipient_head.actor(),
        at=at,
    )
    indexes.write()
    assert found(officer, "báo cáo", at) == [document.pk]
    assert found(officer, "khảo sát thực địa", at) == [document.pk]


def test_the_text_of_files_is_found_and_shown(cast: Cast, at: datetime) -> None:
    pdf = files.keep(papers.pdf(words="Trac dia ban do"), at=at).digest
    docx = files.keep(papers.docx("Phụ lục kê khai", "Trang thiết bị đo"), at=at)
    document = given.an_arrival(
        cast, at, file=pdf, attachments=(("phu-luc.docx", docx.digest, docx.size, docx.media_type),)
    )
    indexes.write()
    clerk = cast.recipient_clerk.actor()
    for words, passage in (
        ("trac dia", [("Trac", True), (" ", False), ("dia", True), (" ban do 1", False)]),
        ("thiet bi", [("Phụ lục kê khai Trang ", False), ("thiết", True), (" ", False), ("bị", True), (" đo", False)]),
        ("phu-luc.docx", []),
    ):
        [hit] = finding.find(actor=clerk, search=Search(words), at=at).hits
        assert (hit.document.pk, hit.passage) == (document.pk, passage)
    assert not Due.objects.exists()


def test_a_draft_is_found_by_its_text_and_lies_in_its_box(cast: Cast, at: datetime) -> None:
    draft = given.a_draft(cast, at)
    indexes.write()
    assert found(cast.plan_officer, "chuẩn bị hội nghị", at) == [draft.pk]
    assert found(cast.plan_officer, "", at, facets={"box": ("draft",)}) == [draft.pk]
    assert found(cast.plan_officer, "", at, facets={"box": ("in",)}) == []
    assert found(cast.plan_officer, "", at, facets={"kind": ("CV",), "status": ("drafted",)}) == [draft.pk]
    documents.abandon(document_id=draft.pk, actor=cast.plan_officer.actor(), at=at)
    indexes.write()
    assert found(cast.plan_officer, "", at, facets={"status": ("abandoned",)}) == [draft.pk]


def test_of_a_classified_document_only_its_line_is_indexed(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at, signer_name="Trần Mật Danh")
    Document.objects.filter(pk=document.pk).update(secrecy=1, subject="Văn bản mật")
    indexes.write()
    entries, unread = DOCUMENTS.entries([document.pk])
    assert (entries[0].text, entries[0].level, unread) == ("", 1, set())
    assert "Danh" not in entries[0].head
    assert found(cast.recipient_works_officer, "mật", at) == []


def test_what_is_classified_later_leaves_no_word_in_the_files_of_the_index(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at, subject="Hoatieumatnghiep")
    other = given.an_arrival(cast, at, key="delivery:2", identifier="").pk
    indexes.write()

    def kept() -> bool:
        return bool(engine.searcher().terms_with_prefix("text", "hoatieumatnghiep"))

    assert kept()
    assert not engine.is_outworn()
    Document.objects.filter(pk=document.pk).update(secrecy=2, subject="Văn bản tối mật")
    indexes.write()
    assert kept()
    assert engine.is_outworn()
    indexes.begin()
    assert not engine.is_outworn()
    assert not kept()
    assert found(cast.recipient_clerk, "", at) == [other]


def test_a_search_costs_as_many_questions_however_much_is_found(
    cast: Cast, at: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        given.an_arrival(cast, at, key=f"k{n}", identifier="", code=f"{n}/TCZ-KH", number=n + 1)
    indexes.write()
    actor = cast.recipient_clerk.actor()
    finding.find(actor=actor, search=Search("báo cáo"), at=at)
    with django_assert_max_num_queries(3):
        results = finding.find(actor=actor, search=Search("báo cáo"), at=at)
    assert (len(results.hits), results.count) == (12, 12)
    with django_assert_max_num_queries(4):
        assert len(finding.find(actor=actor, search=Search("tổng cục"), at=at).hits) == 12


def test_field_and_retention_narrow_and_are_told_by_themselves(cast: Cast, at: datetime) -> None:
    given.lists_to_file_by(cast, at)
    keys = [{"key": f"k{n}", "identifier": "", "code": f"{n}/TCZ-KH", "number": n} for n in (1, 2, 3)]
    first, second, third = (given.a_registered_document(cast, at, **told).pk for told in keys)
    indexes.write()
    clerk = cast.recipient_clerk
    assert finding.find(actor=clerk.actor(), search=Search(), at=at).facets["field"] == []
    given.filed(cast, at, first, field="KT", retention="I")
    given.filed(cast, at, second, field="KT", retention="II")
    given.filed(cast, at, third, retention="I")
    indexes.write()
    facets = finding.find(actor=clerk.actor(), search=Search("báo cáo"), at=at).facets
    assert facets["field"] == [("Kỹ thuật", 2)]
    assert sorted(facets["retention"]) == [("10", 2), (finding.FOR_EVER, 1)]
    for narrowed, ids in (
        ({"field": ("Kỹ thuật",)}, {first, second}),
        ({"retention": ("10",)}, {first, third}),
        ({"field": ("Kỹ thuật",), "retention": (finding.FOR_EVER,)}, {second}),
        ({"field": ("Tổng hợp",)}, set()),
    ):
        assert set(found(clerk, "", at, facets=narrowed)) == ids
    given.filed(cast, at, second, field="TH")
    indexes.write()
    assert found(clerk, "", at, facets={"field": ("Tổng hợp",)}) == [second]
    assert found(clerk, "", at, facets={"retention": (finding.FOR_EVER,)}) == []
    Document.objects.filter(pk=second).update(secrecy=1)
    assert DOCUMENTS.entries([second])[0][0].facets.get("field") is None


def test_what_is_not_counted_is_said_and_pages_go_on(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, n in (("DEAR", 5), ("NEWEST", 4), ("ENOUGH", 2)):
        monkeypatch.setattr(asking, name, n)
    month = timedelta(days=30)
    for n in range(8):
        given.an_arrival(
            cast, at - (month if n < 3 else timedelta()), key=f"k{n}", identifier="", code=f"{n}/TCZ-KH", number=n + 1
        )
    indexes.write()
    actor = cast.recipient_clerk.actor()
    results = finding.find(actor=actor, search=Search("báo cáo"), at=at, limit=3)
    assert (results.count, results.more) == (5, True)
    assert results.counted_since is not None
    assert at - month < results.counted_since <= at
    assert results.facets["kind"] == [("CV", 5)]
    last = finding.find(actor=actor, search=Search("báo cáo"), at=at, limit=3, offset=6)
    assert (len(last.hits), last.more) == (2, False)
    whole = finding.find(actor=actor, search=Search("báo cáo", exactly=True), at=at, limit=8)
    assert (len(whole.hits), whole.count, whole.counted_since, whole.more) == (8, 8, None, False)


def test_a_lost_index_is_said_and_the_lists_are_searched(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    (engine.root() / "current").unlink()
    results = finding.find(actor=cast.recipient_clerk.actor(), search=Search("bao cao"), at=at)
    assert (results.usable, results.count) == (False, None)
    assert [hit.document.pk for hit in results.hits] == [document.pk]
    assert finding.find(actor=cast.clerk.actor(), search=Search("bao cao"), at=at).hits == []


def test_what_changes_while_a_new_index_is_built_is_in_it(cast: Cast, at: datetime) -> None:
    first = given.an_arrival(cast, at).pk
    indexes.write()
    late: list[int] = []

    def meanwhile(n: int) -> None:
        if late:
            return
        Document.objects.filter(pk=first).update(subject="Báo cáo đã sửa lại")
        late.append(given.an_arrival(cast, at, key="delivery:late", identifier="", subject="Báo cáo đến muộn").pk)
        writer = engine.writer()
        operations.write_due(writer=writer, saying=DOCUMENTS)
        writer.close()
        assert set(found(cast.recipient_clerk, "báo cáo", at)) == {first, *late}

    assert operations.rebuild(saying=DOCUMENTS, tell=meanwhile) == 2
    assert found(cast.recipient_clerk, "sửa lại", at) == [first]
    assert set(found(cast.recipient_clerk, "báo cáo", at)) == {first, *late}
    indexes.write()
    assert not Due.objects.exists()
    assert set(found(cast.recipient_clerk, "báo cáo", at)) == {first, *late}


def test_two_never_build_at_once(cast: Cast) -> None:
    with engine.hold("build", wait=False) as ours:
        assert ours
        with pytest.raises(operations.BuiltElsewhere):
            operations.rebuild(saying=DOCUMENTS)


def test_deadlines_and_days_do_not_disturb(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    indexes.write()
    assert found(cast.recipient_clerk, "", at, since=TODAY, until=TODAY) == [document.pk]
    assert found(cast.recipient_clerk, "", at, since=TODAY + timedelta(days=1)) == []
