"""The secrets of who leaves a post are passed on at one PIN: each by its own rules, gone on with after a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from antin.handovers import operations as acts
from antin.handovers import queries as held
from antin.handovers.models import PostHandOver
from antin.handovers.policy import GiverPassesOn
from antin.journal.models import Record
from antin.journeys import hand_over_post
from antin.keys import operations as keys
from antin.keys.policy import PinMissing, WrongPin
from antin.people.actor import Actor
from antin.refusal import NotFound, WrongState
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.models import Classified, SealedContent
from tests.cast import TODAY
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import Letter, Vaulted, clear, sealed

pytestmark = pytest.mark.django_db


def handed(house: Vaulted, at: datetime) -> PostHandOver:
    """The planning officer's post goes to the technique's head, who is cleared and has a key."""
    giver, taker = house.plan_officer, house.technique_head
    told = {"vacant": False, "from_date": date(2026, 12, 1), "basis": "QĐ 15/QĐ-TCZ", "words": "", "today": TODAY}
    return acts.begin(post_id=giver.post_id, taker_id=taker.person_id, actor=giver, at=at, **told)  # type: ignore[arg-type]


def another(house: Vaulted, at: datetime, level: int = 1, by: Actor | None = None) -> Classified:
    begun = vault.begin(level=level, actor=by or house.plan_officer, at=at)
    sealed(begun, "title", b"Hai", by or house.plan_officer, at)
    return begun


def test_many_go_over_at_one_pin_and_each_says_what_became_of_it(
    house: Vaulted,
    letter: Letter,
    at: datetime,
    opened: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    giver, taker = house.plan_officer, house.technique_head
    second, kept = another(house, at), another(house, at)
    reviewed = another(house, at, by=house.plan_head)
    vault.add_reader(
        classified_id=reviewed.pk, person_id=giver.person_id, need="reviewer", pin=PIN, actor=house.plan_head, at=at
    )
    act = handed(house, at)
    told = {"act_id": act.pk, "actor": giver, "at": at}
    refused(PinMissing, lambda: hand_over_post.pass_secrets(pin="", **told))
    with pytest.raises(WrongPin):
        hand_over_post.pass_secrets(pin="000000", **told)
    assert queries.find_reader(second.pk, taker.person_id) is None
    refused(GiverPassesOn, lambda: hand_over_post.pass_secrets(act_id=act.pk, pin=PIN, actor=taker, at=at))
    refused(NotFound, lambda: hand_over_post.pass_secrets(act_id=act.pk, pin=PIN, actor=house.head, at=at))
    calls = []
    open_reader = keys.open_reader
    monkeypatch.setattr(keys, "open_reader", lambda **given: (calls.append(given), open_reader(**given))[1])
    chosen = {letter.classified.pk, second.pk, reviewed.pk}
    hand_over_post.fix(act_id=act.pk, actor=giver, at=at)
    done = hand_over_post.pass_secrets(chosen=chosen, pin=PIN, **told)
    assert len(calls) == 1, "the key is opened once"
    assert [(each.classified_id, each.reads) for each in done] == [
        (letter.classified.pk, True),
        (second.pk, True),
        (reviewed.pk, False),
    ]
    remarks = {each.subject_id: each.remark for each in held.list_items(act.pk) if each.kind == "secret"}
    assert remarks[second.pk] == "đã trao: bên nhận đọc được" and remarks[reviewed.pk].startswith("không trao: ")
    assert remarks[kept.pk].startswith("chưa trao") and queries.find_reader(kept.pk, taker.person_id) is None
    reader = queries.find_reader(second.pk, taker.person_id)
    assert reader is not None and reader.need == "drafter"
    assert (
        opened(letter.title, taker)
        == b"K\xe1\xba\xbf ho\xe1\xba\xa1ch b\xe1\xba\xa3o \xc4\x91\xe1\xba\xa3m trang b\xe1\xbb\x8b n\xc4\x83m 2027"
    )
    (said,) = Record.objects.filter(event="post_hand_over.secrets", subject_kind="post_hand_over")
    assert (said.facts["asked"], said.facts["passed"]) == (3, 2)
    again = hand_over_post.pass_secrets(chosen=None, pin=PIN, **told)
    assert [each.words.partition(":")[0] for each in again] == [
        "bên nhận đã có tên trong danh sách được đọc",
        "bên nhận đã có tên trong danh sách được đọc",
        "đã trao",
        "không trao",
    ]


def test_cut_short_it_goes_on_and_who_is_not_cleared_gets_nothing(
    house: Vaulted, letter: Letter, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    giver, taker = house.plan_officer, house.technique_head
    second, high = another(house, at), another(house, at, level=2)
    clear(taker.person_id, "mat")
    act = handed(house, at)
    told = {"act_id": act.pk, "pin": PIN, "actor": giver, "at": at}
    assert [each.subject_id for each in hand_over_post.list_to_pass(act, at)] == [letter.classified.pk, second.pk]
    from antin.vault.operations import readers

    def dies(**given: object) -> None:
        if given["unlocked"].classified_id == second.pk:  # type: ignore[attr-defined]
            raise RuntimeError("power")
        let_read(**given)  # type: ignore[arg-type]

    let_read = readers.let_read
    monkeypatch.setattr(readers, "let_read", dies)
    with pytest.raises(RuntimeError):
        hand_over_post.pass_secrets(**told)
    assert queries.find_reader(letter.classified.pk, taker.person_id) is not None, "what is done is done"
    monkeypatch.setattr(readers, "let_read", let_read)
    done = {each.classified_id: each for each in hand_over_post.pass_secrets(**told)}
    assert [done[n].reads for n in (letter.classified.pk, second.pk, high.pk)] == [True, True, False]
    assert "Tối mật" in done[high.pk].words
    for pk in (second.pk, letter.classified.pk):
        contents = SealedContent.objects.filter(classified_id=pk)
        assert all(row.wraps.filter(reader__person_id=taker.person_id).count() == 1 for row in contents)
    acts.withdraw(act_id=act.pk, reason="Thôi", actor=giver, at=at)
    refused(WrongState, lambda: hand_over_post.pass_secrets(**told))
