"""A paper issued here is judged as it lies there: filled fields, signature, seal and all."""

from __future__ import annotations

from datetime import datetime

import pytest

from antin.decree30 import judging
from antin.files import queries as kept
from tests import paper
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def test_an_issued_paper_conforms_and_tells_its_number_and_date(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    issued = paper.an_issued_page(cast, at)
    answer = judging.judge(kept.read(issued.file))
    assert (answer["reason"], answer["findings"]) == (None, [])
    told = answer["facts"]
    assert (told["code"], told["date"]) == (issued.code, issued.document_date.isoformat())
    assert (told["signer_name"], told["authority"]) == ("Nguyễn Văn An", None)
