import unicodedata

import pytest

from antin.identifiers.text import clean, clean_line, fold


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (unicodedata.normalize("NFD", "Quyết định"), "Quyết định"),
        ("  Tờ \t trình  số\u00a0 5 ", "Tờ trình số 5"),
        ("a\x00b\u200bc\ufeffd\u202ee", "abcde"),
        ("dòng một \r\n  dòng hai", "dòng một\ndòng hai"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_clean(typed, meant):
    assert clean(typed) == meant


def test_a_line_stays_one_line():
    assert clean_line("một\n\nhai") == "một hai"


@pytest.mark.parametrize(
    "typed", ["Quyết định", unicodedata.normalize("NFD", "Quyết định"), "QUYẾT  ĐỊNH", "quyet dinh", "Quyết\u00a0định"]
)
def test_fold_makes_spellings_equal(typed):
    assert fold(typed) == "quyet dinh"


def test_every_vietnamese_letter_folds_to_a_plain_one():
    letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    assert set(fold(letters + letters.upper())) == set("adeiouy")
