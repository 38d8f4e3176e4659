"""What is put in is found by words and tokens, in its order, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from antin.index import asking, engine, words
from antin.index.asking import Found, Narrowing
from antin.index.engine import Entry, Unusable, Writer

SYNONYMS = words.synonyms_of([("QĐ", "Quyết định")])
ENTRIES = [
    Entry(1, ["R1", "P7"], 100, "15/QĐ-VP Kế hoạch kiểm tra năm 2026", "Kính gửi các phòng", ["15/QĐ-VP"], day=100),
    Entry(2, ["R1"], 200, "115/QĐ-VP Quyết định khen thưởng", "theo kế hoạch kiểm tra", ["115/QĐ-VP"], day=200),
    Entry(3, ["R1", "U2"], 300, "15/QĐ-VPTC Ke hoach khong dau", "", ["15/QĐ-VPTC"], day=300),
    Entry(4, ["R2"], 400, "15/QĐ-VP Của cơ quan khác", "kế hoạch", ["15/QĐ-VP"]),
    Entry(5, ["R1"], 500, "Văn bản mật số 5", "", level=2, facets={"box": "in"}),
    Entry(6, ["R1"], 600, "Kê hoach sai dấu", "", facets={"box": "in", "kind": "CV"}),
]

Ask = Callable[..., Found]


@pytest.fixture
def ask(own_state: Path) -> Ask:
    generation = engine.make()
    writer = Writer(generation)
    writer.put(ENTRIES, fresh=True)
    writer.commit()
    writer.close()
    engine.put_in_use(generation)

    def find(text: str, *holders: str, level: int = 0, limit: int = 10, offset: int = 0, **more: object) -> Found:
        latest = bool(more.pop("latest", False))
        narrowing = Narrowing(holders or ("R1",), level, **more)  # type: ignore[arg-type]
        return asking.find(words.ask(text, SYNONYMS), narrowing, limit=limit, offset=offset, latest=latest)

    return find


def test_marks_as_typed_come_first_then_the_head_then_the_text(ask: Ask) -> None:
    assert ask("kế hoạch").ids == [1, 6, 3, 2]
    assert ask("ke hoach").ids == [6, 3, 1, 2]
    assert ask("kế hoạch", latest=True).ids == [6, 3, 2, 1]


def test_a_page_goes_on_where_the_one_before_ended(ask: Ask) -> None:
    whole = ask("kế hoạch").ids
    for size in (1, 2, 3):
        pages = [ask("kế hoạch", limit=size, offset=at) for at in range(0, 5, size)]
        assert [each for page in pages for each in page.ids] == whole
        assert {page.count for page in pages} == {4}


@pytest.mark.parametrize("written", ["15/QĐ-VP", "15/QD-VP", "15/qd-vp", "015/QĐ-VP"])
def test_a_number_with_its_notation_is_found_exactly(ask: Ask, written: str) -> None:
    assert ask(written).ids[0] == 1
    assert 2 not in ask(written).ids


def test_a_beginning_of_the_notation_finds_it_too(ask: Ask) -> None:
    assert ask("15/QĐ-VPT").ids == [3]
    assert ask("115/qd").ids == [2]


def test_a_phrase_stays_together(ask: Ask) -> None:
    assert ask('"kiểm tra năm"').ids == [1]
    assert ask('"năm kiểm tra"').ids == []
    assert ask("hoạch kiểm").ids == [1, 2]
    assert ask('"kế hoạch" -năm').ids == [6, 3, 2]


def test_an_abbreviation_finds_its_name_and_the_other_way_round(ask: Ask) -> None:
    assert set(ask("qđ").ids) == {1, 2, 3}
    assert set(ask("quyết định khen").ids) == {2}
    assert set(ask("quyết định").ids) == {1, 2, 3}


def test_nobody_finds_what_is_not_his(ask: Ask) -> None:
    assert ask("kế hoạch", "P7").ids == [1]
    assert ask("kế hoạch", "P7", "U2").ids == [1, 3]
    assert ask("kế hoạch", "R2").ids == [4]
    assert ask("kế hoạch", "P8").ids == []
    assert ask("kế hoạch", "P8").count == 0
    assert ask("", "P").ids == []


def test_secrecy_is_part_of_the_question(ask: Ask) -> None:
    assert ask("mật").ids == []
    assert ask("mật", level=2).ids == [5]
    assert ask("mật", level=3).ids == [5]


def test_facets_and_dates_narrow_and_are_counted(ask: Ask) -> None:
    assert ask("", facets={"box": ("in",)}).ids == [6]
    assert ask("", level=3, facets={"box": ("in", "out")}).ids == [6, 5]
    assert ask("", level=3).facets["box"] == [("in", 2)]
    assert ask("", since=100, until=200).ids == [2, 1]
    assert ask("", until=100).ids == [1]
    assert ask("", since=301).ids == []


@pytest.mark.parametrize(
    "hostile",
    [
        '"',
        '""',
        "-",
        "- -",
        "*",
        "a*",
        ".*",
        "[",
        "(" * 50,
        "text:a",
        "holder:R2",
        "R2",
        "\\",
        "a AND OR NOT",
        "\x00",
        "ﷺ" * 90,
        "đ" * 999,
    ],
)
def test_hostile_questions_find_nothing_more_and_never_fail(ask: Ask, hostile: str) -> None:
    assert 4 not in ask(hostile).ids


def test_what_is_put_again_replaces_what_was_said_before(ask: Ask) -> None:
    writer = engine.writer()
    writer.put([Entry(1, ["R1"], 100, "Đã đổi trích yếu")], gone=[2])
    assert ask("kiểm tra").ids == [1, 2]
    writer.commit()
    writer.close()
    assert ask("kiểm tra").ids == []
    assert ask("đổi trích yếu").ids == [1]


def test_a_lost_or_damaged_index_says_so(ask: Ask, own_state: Path) -> None:
    for file in engine.root().glob("*/*"):
        if file.name != "meta.json":
            file.write_bytes(b"")
    engine._opened = None
    with pytest.raises(Unusable):
        ask("kế hoạch")
    with pytest.raises(Unusable):
        engine.writer().put([Entry(9, ["R1"], 1, "x")])
    (engine.root() / "current").unlink()
    with pytest.raises(Unusable):
        ask("kế hoạch")


def test_a_flipped_byte_anywhere_is_found_before_it_is_trusted(ask: Ask) -> None:
    [folder] = [each for each in engine.root().iterdir() if each.is_dir() and not each.is_symlink()]
    files = [each for each in sorted(folder.iterdir()) if len(each.stem) == 32 and each.suffix != ".lock"]
    assert len(files) >= 6
    for file in files:
        whole = file.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            engine._verify(folder)
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
            with pytest.raises(Unusable):
                engine.writer()
            file.write_bytes(whole)
            (folder / "damaged").unlink()


def test_an_index_of_another_form_is_not_opened(ask: Ask) -> None:
    for form in engine.root().glob("*/form"):
        form.write_text("0")
    engine._opened = None
    with pytest.raises(Unusable):
        ask("kế hoạch")


def test_a_new_one_takes_the_place_of_the_old_while_it_is_asked(ask: Ask) -> None:
    assert ask("khác", "R2").ids == [4]
    generation = engine.make()
    writer = Writer(generation)
    writer.put([Entry(8, ["R2"], 1, "Cái khác")], fresh=True)
    writer.commit()
    assert ask("khác", "R2").ids == [4]
    writer.close()
    engine.put_in_use(generation)
    assert ask("khác", "R2").ids == [8]
    assert len([each for each in engine.root().iterdir() if each.is_dir() and not each.is_symlink()]) == 1


@pytest.fixture
def crowd(own_state: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Found]:
    """Forty entries of four spans; a question is dear beyond twenty, and the newest two spans are enough."""
    monkeypatch.setattr(asking, "DEAR", 25)
    monkeypatch.setattr(asking, "NEWEST", 15)
    monkeypatch.setattr(asking, "ENOUGH", 8)
    generation = engine.make()
    writer = Writer(generation)
    span = 1 << engine.SPAN
    writer.put(
        [
            Entry(
                n + 1,
                ["R1", *(["P7"] if n % 20 == 0 else [])],
                (n // 10) * span + n,
                f"kế hoạch số {n}" + (" thanh tra" if n % 2 else ""),
                "nhiều lời" if n < 5 else "",
                facets={"year": str(2020 + n // 10)},
            )
            for n in range(40)
        ],
        fresh=True,
    )
    writer.commit()
    writer.close()
    engine.put_in_use(generation)

    def find(text: str, holder: str = "R1", *, limit: int = 3, **more: object) -> Found:
        narrowing = {name: more.pop(name) for name in ("facets", "since", "until") if name in more}
        return asking.find(words.ask(text, {}), Narrowing((holder,), **narrowing), limit=limit, **more)  # type: ignore[arg-type]

    return find


def test_of_what_is_frequent_only_the_newest_are_counted_and_that_is_said(crowd: Callable[..., Found]) -> None:
    span = 1 << engine.SPAN
    found = crowd("kế hoạch")
    assert (found.ids, found.count, found.since) == ([40, 39, 38], 20, 2 * span)
    assert found.facets["year"] == [("2022", 10), ("2023", 10)]
    found = crowd("kế hoạch", exactly=True)
    assert (found.ids, found.count, found.since) == ([40, 39, 38], 40, None)
    assert sum(n for _, n in found.facets["year"]) == 40
    assert (crowd("").count, crowd("").since) == (20, 2 * span)


def test_what_is_rare_is_counted_to_the_end(crowd: Callable[..., Found]) -> None:
    for found, count in (
        (crowd("kế hoạch", "P7"), 2),
        (crowd("nhiều lời"), 5),
        (crowd("kế hoạch nhiều"), 5),
        (crowd("kế hoạch", facets={"year": ("2020",)}), 10),
        (crowd("kế hoạch số -thanh", facets={"year": ("2020",)}), 5),
        (crowd("kế hoạch", until=10), 0),
        (crowd('"không có"'), 0),
    ):
        assert (found.count, found.since) == (count, None)


def test_pages_are_the_same_whatever_is_looked_at_first(
    crowd: Callable[..., Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pages(text: str) -> list[int]:
        return [each for at in range(0, 45, 7) for each in crowd(text, limit=7, offset=at).ids]

    asked = ("kế hoạch", "kế hoạch thanh", "ke hoach th", "hoạch -tra", "nhiều kế")
    bounded = [pages(text) for text in asked]
    assert [len(ids) for ids in bounded] == [40, 20, 20, 20, 5]
    monkeypatch.setattr(asking, "DEAR", 10_000)
    assert [pages(text) for text in asked] == bounded


@pytest.mark.parametrize("expanded", [64, 0])
@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("kế ho", 40),
        ("kế hoac", 40),
        ("kế hoạch th", 20),
        ("kế hoạch than", 20),
        ("kế hoạch thanh", 20),
        ("kế hoạch thanh ", 20),
        ("kế hoạch thuế", 0),
        ('"kế hoạch số"', 40),
        ('"kế số"', 0),
        ("số/7", 1),
        ("số/3", 1),
        ("hoạch/s", 0),  # a single letter begins nothing
        ("hoạch/số", 40),
        ("kế/hoạch/số", 40),
        ("kế/hoạch/s7", 0),
        ("kế-hoạch-số-7", 1),
    ],
)
def test_words_that_go_on_and_words_that_stand_together(
    crowd: Callable[..., Found], monkeypatch: pytest.MonkeyPatch, typed: str, count: int, expanded: int
) -> None:
    monkeypatch.setattr(asking, "EXPANDED", expanded)
    assert crowd(typed, exactly=True).count == count


def test_a_last_word_that_goes_on_in_very_many_ways_finds_them_all(own_state: Path) -> None:
    """The engine's own query for this looks at fifty."""
    generation = engine.make()
    writer = Writer(generation)
    said = [f"trang bị máy {one}{other}" for one in "abcdefghijk" for other in "abcdefghijk"]
    writer.put([Entry(n, ["R1"], n, f"{each}x7 cấp") for n, each in enumerate(said, 1)], fresh=True)
    writer.commit()
    writer.close()
    engine.put_in_use(generation)
    found = asking.find(words.ask("trang-bị-máy-ab", {}), Narrowing(("R1",)), limit=5)
    whole = asking.find(words.ask("trang-bị-máy", {}), Narrowing(("R1",)), limit=5)
    assert (found.count, whole.count) == (1, len(said))
    writer = Writer(generation)
    writer.put([Entry(n + 200, ["R1"], n + 200, f"trang bị máy ab{n:03}") for n in range(70)], fresh=True)
    writer.commit()
    writer.close()
    assert asking.find(words.ask("trang-bị-máy-ab", {}), Narrowing(("R1",)), limit=5).count == 71
