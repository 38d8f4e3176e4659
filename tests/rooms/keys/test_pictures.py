"""Pictures of stamps and signatures: what is refused and why, which is shown when, what was signed stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw

from antin.files import queries as files
from antin.journal.models import Record
from antin.keys import images, operations, pictures, queries
from antin.keys.models import Picture
from antin.keys.operations import showing
from antin.refusal import NotAllowed, NotFound
from tests import paper
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def drawn(
    size: tuple[int, int] = (472, 472),
    *,
    colour: tuple[int, int, int] = (200, 20, 30),
    ground: int = 0,
    dpi: int = 300,
    round_: bool = True,
    kind: str = "PNG",
) -> bytes:
    """A ring, or a stroke, on a ground as clear as said."""
    picture = Image.new("RGBA", size, (255, 255, 255, ground))
    pen = ImageDraw.Draw(picture)
    box = (2, 2, size[0] - 3, size[1] - 3)
    if round_:
        pen.ellipse(box, outline=(*colour, 255), width=14)
    else:
        pen.line(box, fill=(*colour, 255), width=9)
    out = BytesIO()
    (picture if kind == "PNG" else picture.convert("RGB")).save(out, kind, **({"dpi": (dpi, dpi)} if dpi else {}))
    return out.getvalue()


def hand(**more: Any) -> bytes:
    return drawn(**{"size": (400, 200), "colour": (28, 60, 158), "round_": False, **more})


BAD: list[tuple[type[Exception], bytes, bool, float | None]] = [
    (pictures.NotAPicture, b"\x89PNG\r\n\x1a\n broken", True, None),
    (pictures.NotAPicture, drawn(kind="JPEG"), True, None),
    (pictures.NotAPicture, b"x" * (pictures.LARGEST + 1), True, None),
    (pictures.NotAPicture, drawn((4_001, 40)), True, None),
    (pictures.NotClear, drawn(ground=255), True, None),
    (pictures.NoSize, drawn(dpi=0), True, None),
    (pictures.TooCoarse, drawn((236, 236)), True, 36),
    (pictures.WrongSize, drawn(dpi=150), True, None),
    (pictures.NotRound, drawn((472, 400)), True, None),
    (pictures.WrongColour, drawn(colour=(30, 30, 200)), True, None),
    (pictures.WrongColour, hand(colour=(200, 20, 30)), False, None),
    (pictures.WrongSize, hand(), False, 90),
    (pictures.NothingDrawn, drawn(colour=(0, 0, 0), size=(472, 472))[:0] or b"", False, None),
]


def test_what_is_no_picture_of_a_stamp_or_signature_is_refused_in_words(cast: Cast, at: datetime) -> None:
    empty = BytesIO()
    Image.new("RGBA", (400, 200), (0, 0, 0, 0)).save(empty, "PNG", dpi=(300, 300))
    for kind, content, is_stamp, width in BAD:
        owner = {"agency_id": cast.agency_id} if is_stamp else {"person_id": cast.head.person_id}
        given = content or empty.getvalue()
        refused(
            kind,  # type: ignore[arg-type]
            lambda given=given, owner=owner, width=width: operations.set_picture(  # type: ignore[misc]
                **owner,
                content=given,
                width_mm=width,
                since=TODAY,
                basis="1/QĐ",
                actor=cast.administrator.actor(),
                at=at,
            ),
        )


def test_our_own_drawn_images_would_do(cast: Cast) -> None:
    stamp = showing.look_at(content=images.stamp("Tổng cục Z", "Bộ Y"), is_stamp=True, width_mm=None)
    assert (stamp.width_mm, stamp.height_mm) == (36.0, 36.0)
    signature = showing.look_at(content=images.signature("Nguyễn Văn An"), is_stamp=False, width_mm=None)
    assert (signature.width_mm, signature.height_mm) == (36.0, 20.0)


def test_the_picture_in_use_is_shown_and_what_was_asked_before_stays(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at - timedelta(days=1))
    admin = cast.administrator.actor()
    seal = queries.get_certificate_for_agency(cast.agency_id, at)
    own = seal.device.image
    assert queries.image_of(seal, at) == own

    def bring(content: bytes, since: date, when: datetime, **owner: int) -> Picture:
        told = {"basis": "9/QĐ-TCZ", "actor": admin, "at": when}
        return operations.set_picture(**owner or {"agency_id": cast.agency_id}, content=content, since=since, **told)

    first = bring(drawn(), TODAY, at)
    assert (first.width_mm, first.height_mm) == (40.0, 40.0)
    kept = Image.open(BytesIO(files.read(first.file)))
    assert round(kept.info["dpi"][0]) == 300
    assert queries.image_of(seal, at) == first.file
    assert queries.image_of(seal, at - timedelta(seconds=1)) == own  # asked for before: the same bytes again
    later = at + timedelta(hours=1)
    second = bring(drawn(colour=(180, 0, 0)), TODAY, later)
    bring(drawn(colour=(220, 0, 0)), TODAY + timedelta(days=5), later)
    assert queries.image_of(seal, later) == second.file
    assert queries.image_of(seal, at) == first.file
    gone = later + timedelta(hours=1)
    operations.take_back_picture(picture_id=second.pk, basis="nhầm", actor=admin, at=gone)
    assert queries.image_of(seal, gone) == first.file
    assert queries.image_of(seal, later) == second.file
    refused(
        showing.PictureGone,
        lambda: operations.take_back_picture(picture_id=second.pk, basis="nhầm", actor=admin, at=gone),
    )
    person = queries.get_certificate_for_person(cast.head.person_id, at)
    mine = (
        bring(hand(dpi=0), TODAY, at, person_id=cast.head.person_id)
        if False
        else operations.set_picture(
            person_id=cast.head.person_id,
            content=hand(dpi=0),
            width_mm=40,
            since=TODAY,
            basis="9/QĐ",
            actor=admin,
            at=at,
        )
    )
    assert (mine.width_mm, mine.height_mm) == (40.0, 20.0)
    assert queries.image_of(person, at) == mine.file
    assert Record.objects.filter(event__in=("picture.set", "picture.taken_back")).count() == 5


def test_administrators_of_the_house_alone_set_them(cast: Cast, at: datetime) -> None:
    def bring(actor: Any, **more: Any) -> Any:
        told = {"content": hand(), "since": TODAY, "basis": "1/QĐ", "actor": actor, "at": at}
        return lambda: operations.set_picture(**told | more)

    refused(NotAllowed, bring(cast.head.actor(), agency_id=cast.agency_id))
    refused(NotAllowed, bring(cast.head.actor(), person_id=cast.head.person_id))
    refused(NotFound, bring(cast.administrator.actor()))
    refused(NotFound, bring(cast.administrator.actor(), agency_id=cast.agency_id, person_id=1))
    refused(NotFound, bring(cast.administrator.actor(), agency_id=cast.plan_id))
    admin = cast.administrator.actor()
    refused(showing.PictureNeedsBasis, bring(admin, person_id=cast.head.person_id, basis=" "))
