"""A unit is split: people, posts and units below it part, and what is open and what was seen goes with them; or nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.estate import operations as estate
from antin.estate import queries as things
from antin.journeys import look_ahead
from antin.journeys.look_ahead import Ahead
from antin.opinions import operations as opinions
from antin.opinions import queries as asked
from antin.people import operations as people
from antin.people import queries
from antin.people.actor import Actor
from antin.people.operations import Part, Split
from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks import queries as work
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Unit


class WorkLeftBehind(Refusal):
    code = "split_work_left_behind"
    words = _("Còn %(n)s việc, ý kiến giao chung cho %(unit)s chưa xong: chọn đơn vị mới nhận việc của đơn vị cũ.")


class ThingsLeftBehind(Refusal):
    code = "split_things_left_behind"
    words = _("%(unit)s còn %(n)s thiết bị: chọn đơn vị mới nhận việc của đơn vị cũ, hoặc chuyển thiết bị trước.")


class PostLeftWithWork(Refusal):
    code = "split_post_left_with_work"
    words = _("Chức vụ %(post)s còn %(n)s văn bản, công việc chưa xong mà không về đơn vị mới nào: không có ai nhận.")


class PostHasPapers(Refusal):
    code = "split_post_has_papers"
    words = _(
        "Chức vụ %(post)s còn %(n)s văn bản, công việc chưa xong của %(unit)s. Văn bản ở lại văn thư của cơ quan: làm xong hoặc "
        "chuyển người khác trước khi chức vụ sang cơ quan mới."
    )


class AgencyHasPapers(Refusal):
    code = "split_agency_has_papers"
    words = _("%(unit)s còn %(n)s văn bản chưa xong, đơn vị mới không làm tiếp được: xử lý xong trước khi chia.")


class FilesStay(Refusal):
    code = "split_files_stay"
    words = _("Hồ sơ của cơ quan có văn thư riêng ở lại văn thư của cơ quan đó; cơ quan mới lập sổ của mình từ số 01.")


@dataclass(frozen=True)
class Done:
    """What came of it: the split, and how many drafts, pieces of work and opinions went along; `sights`: rows of sight given;
    `things`: of the estate, with its programs."""

    split: Split
    drafts: int
    works: int
    opinions: int
    sights: int
    things: int


@dataclass(frozen=True)
class Outlook:
    """What a split would do, on which day: who would see what, and what would go along. Nothing is written."""

    ahead: Ahead
    done: Done


def split(*, unit_id: int, parts: Sequence[Part], keeps: bool, decision: str, actor: Actor, at: datetime) -> Done:
    """Split a unit from today on; all or nothing.

    Posts take along what waits for them. Work given to the unit itself goes to the part that takes it, or stays with a unit that
    lives on; what a unit that is closed has of the estate goes there too. Documents and series of an agency stay in its registry:
    what is open is finished first.

    :raises WorkLeftBehind: :raises PostLeftWithWork: :raises ThingsLeftBehind: it is to be closed, and nobody takes what is there
    :raises PostHasPapers: :raises AgencyHasPapers: :raises FilesStay: what an agency's registry keeps does not go along
    :raises Refusal: as people.split_unit
    """
    with transaction.atomic(durable=True):
        return _split(unit_id=unit_id, parts=parts, keeps=keeps, decision=decision, actor=actor, at=at)


def foresee(*, unit_id: int, parts: Sequence[Part], keeps: bool, decision: str, actor: Actor, at: datetime) -> Outlook:
    """Tell what a split would do, and do nothing. :raises Refusal: as `split`"""
    unit, day = queries.get_unit_for(actor, unit_id), local_date(at)
    made: list[Done] = []

    def change() -> Done:
        done = _split(unit_id=unit_id, parts=parts, keeps=keeps, decision=decision, actor=actor, at=at)
        made.append(done)
        return done

    ahead = look_ahead.look(
        change=change,
        persons=queries.list_who_sit(path=unit.path, on=day),
        on=day,
        sees=lambda done: {
            f"U{new.pk}": f"U{unit_id}" for part, new in zip(parts, done.split.parts, strict=True) if _sees(unit, part)
        },
    )
    return Outlook(ahead, made[0])


def _split(*, unit_id: int, parts: Sequence[Part], keeps: bool, decision: str, actor: Actor, at: datetime) -> Done:
    before = queries.get_unit(unit_id)
    parted = people.split_unit(unit_id=unit_id, parts=parts, keeps=keeps, decision=decision, actor=actor, at=at)
    if before.is_agency:
        _refuse_papers(before, parts, keeps)
    heir = parted.heir
    works = opined = 0
    if heir is not None and not before.is_agency:
        works = tasks.take_over(unit_id=unit_id, heir_id=heir.pk, words=decision, actor=actor, at=at)
        opined = opinions.take_over(unit_id=unit_id, heir_id=heir.pk, actor=actor, at=at)
    moved = 0
    if heir is not None and not keeps:
        moved = estate.pass_on(unit_id=unit_id, heir_id=heir.pk, words=decision, actor=actor, at=at)
    if not keeps:
        _refuse_left(before)
    drafts = documents.follow_posts(posts=parted.posts, actor=actor, at=at)
    works += tasks.follow_posts(posts=parted.posts, actor=actor, at=at)
    seeing = [new.pk for part, new in zip(parts, parted.parts, strict=True) if _sees(before, part)]
    sights = documents.share_sight(unit_id=unit_id, with_units=seeing, actor=actor, at=at)
    return Done(parted, drafts, works, opined, sights, moved)


def _sees(unit: Unit, part: Part) -> bool:
    """Whether the leaders of a part see what the unit's leaders see: who takes its work must see what the work is about."""
    return part.sees or (part.takes_work and not unit.is_agency)


def open_of(post_id: int) -> int:
    """Count what is open of a post: documents that wait for it, drafts it began, work and opinions it is asked for."""
    waiting, begun = papers.list_of_post(post_id)
    to_do, _given = work.list_of_post(post_id)
    return len(waiting) + len(begun) + len(to_do) + len(asked.list_of_post(post_id))


def _refuse_papers(unit: Unit, parts: Sequence[Part], keeps: bool) -> None:
    if any(part.sees for part in parts):
        raise FilesStay()
    for post_id in [each for part in parts for each in part.posts]:
        if n := open_of(post_id):
            raise PostHasPapers(post=queries.get_post(post_id).title, n=n, unit=unit.name)
    if not keeps and (n := papers.count_open_of_agency(unit.pk)):
        raise AgencyHasPapers(unit=unit.name, n=n)


def _refuse_left(unit: Unit) -> None:
    if n := work.count_of_unit(unit.pk) + asked.count_of_unit(unit.pk):
        raise WorkLeftBehind(unit=unit.name, n=n)
    for post in queries.list_posts_ever(unit.pk):
        if n := open_of(post.pk):
            raise PostLeftWithWork(post=post.title, n=n)
    if n := len(things.list_kept(unit.pk)):
        raise ThingsLeftBehind(unit=unit.name, n=n)
