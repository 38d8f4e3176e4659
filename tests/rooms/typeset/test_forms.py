"""The ten forms of Appendix III, the circular, the Party's: each line stands where it stood when it was looked at beside its rule.

After a wanted change of the layout, look at the pages; then this writes the files anew:
`DJANGO_SETTINGS_MODULE=config.settings python -m tests.rooms.typeset.test_forms`
"""

from pathlib import Path

import django
import pytest

from antin.typeset.letter import Form, lay_out
from tests.rooms.typeset.letters import OTHERS, TEN
from tests.rooms.typeset.reading import MM, lines

FOLDER = Path(__file__).parent / "forms"
ALL = TEN | OTHERS


def positions(form: str) -> str:
    """One row a line of text: page, left edge, baseline (mm), size, face, words."""
    every = lines(lay_out(ALL[form]).pdf)
    return "".join(
        f"{each.page + 1} {each.left / MM:6.1f} {each.baseline / MM:6.1f} {each.size:g} {each.face} {each.text}\n"
        for each in every
    )


def test_there_is_one_document_of_each_form():
    assert set(OTHERS) == {str(form) for form in Form if form.is_party or form == Form.CIRCULAR}
    assert set(TEN) == {str(form) for form in Form} - set(OTHERS)


@pytest.mark.parametrize("form", sorted(ALL))
def test_every_line_stands_where_it_was_approved(form):
    assert positions(form) == (FOLDER / f"{form}.txt").read_text()


if __name__ == "__main__":
    django.setup()
    for each in ALL:
        (FOLDER / f"{each}.txt").write_text(positions(each))
