"""The press: one compiler for many threads, fonts of our own only."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from antin.typeset import fonts, press
from antin.typeset.letter import lay_out
from tests.rooms.typeset.letters import doc, facts, par
from tests.rooms.typeset.reading import line


def test_threads_print_side_by_side_each_its_own() -> None:
    def printed(n: int) -> tuple[int, int]:
        pdf = lay_out(facts(subject=f"việc số {n}", body=doc(par(f"Nội dung số {n}.")))).pdf
        return int(line(pdf, "V/v").text.split()[-1]), int(line(pdf, "Nội dung số").text.split()[-1].rstrip("./"))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(printed, range(24))) == [(n, n) for n in range(24)]


def test_a_template_reads_nothing_outside_its_folder() -> None:
    assert {path.suffix for path in press.SHEETS.iterdir()} == {".typ"}


def test_without_its_fonts_nothing_is_printed_in_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FACES", {"Regular": fonts.FOLDER / "absent.ttf"})
    with pytest.raises(fonts.FontsMissing, match="make setup"):
        fonts.folder()


@pytest.mark.parametrize("name", ["Regular", "Italic"])
def test_the_cut_for_fields_has_every_vietnamese_letter_and_is_small(name: str) -> None:
    cut = fonts.field_face(name)
    with TTFont(BytesIO(cut)) as font:
        held = set(font.getBestCmap())
    assert {ord(letter) for letter in fonts.VIETNAMESE} - held == set()
    assert {ord(letter) for letter in "ĂẰẴẬĐỄỘỚỪỸ0123456789/-₫"} <= held
    assert len(cut) < 120_000
