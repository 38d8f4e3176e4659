"""Certificates that run out are told of at 60, 30 and 7 days, once each; a list of revocation that grew old, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from antin.journeys.watch_keys import watch_keys
from antin.keys import operations as keys
from antin.notices import queries as notices
from antin.notices.models import Notice
from antin.web import health
from tests import signatures
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told(kind: str) -> list[tuple[str, int]]:
    return sorted((each.holder, each.facts.get("days", 0)) for each in Notice.objects.filter(kind=kind))


def test_the_holder_and_the_administrators_are_warned_three_times(cast: Cast, at: datetime, own_state: Path) -> None:
    held = signatures.issue_keys(cast)
    end = held.head.not_after
    keys.revoke(certificate_id=held.agency.pk, reason="superseded", actor=None, at=at)
    watch_keys(at=end - 61 * DAY)
    assert told("certificate.expires") == []
    own, administrator = f"M{cast.head.person_id}", f"P{cast.administrator.post_id}"
    for left in (59, 40, 29, 20, 6, 5):
        watch_keys(at=end - left * DAY - timedelta(hours=1))
        watch_keys(at=end - left * DAY)
    expected = [(who, left) for who in (own, administrator) for left in (6, 29, 59)]
    assert told("certificate.expires") == sorted(expected)
    (newest, *_) = notices.list_for(cast.head.actor())
    assert newest.text == "Chứng thư số của Nguyễn Văn An còn 6 ngày hiệu lực (đến 04/01/2029); cần gia hạn."


def test_the_keeper_of_an_agencys_device_is_warned_and_a_renewed_one_is_not(
    cast: Cast, at: datetime, own_state: Path
) -> None:
    keys.establish(name="x", organisation="y", actor=None, at=signatures.ISSUED_AT)
    seal = keys.issue_agency_certificate(
        agency_id=cast.agency_id, custodian_id=cast.seal_keeper.person_id, actor=None, at=at, lasts=20 * DAY
    )
    watch_keys(at=at)
    assert (f"M{cast.seal_keeper.person_id}", 20) in told("certificate.expires")
    Notice.objects.all().delete()
    keys.publish_revocation_list(actor=None, at=at)
    keys.renew(certificate_id=seal.pk, pin=None, actor=None, at=at)
    assert watch_keys(at=at) == 0


def test_a_list_that_grew_old_is_told_and_is_a_sign_of_health(cast: Cast, at: datetime, own_state: Path) -> None:
    keys.establish(name="x", organisation="y", actor=None, at=at)
    keys.publish_revocation_list(actor=None, at=at)
    week = timedelta(days=7)
    watch_keys(at=at + week - timedelta(seconds=1))
    assert told("revocations.stale") == []
    watch_keys(at=at + week)
    watch_keys(at=at + week + DAY)
    assert {who for who, _ in told("revocations.stale")} == {f"P{cast.administrator.post_id}"}
    assert Notice.objects.count() == 2
    facts = health._ask(at + week)
    assert not facts.fresh
    assert "Danh sách thu hồi chứng thư số" in [line.words for line in health.word(facts).lines if line.trouble]
    assert health._ask(at).fresh
