"""Several people at one draft, for machines: who holds it, who writes it, edits made apart and brought together."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Detail, Pin, detail, now
from antin.api.problems import declared
from antin.documents import policy, queries
from antin.journeys import draft_together
from antin.journeys.draft_together import Meeting
from antin.typeset.merging import Choice, Piece

router = Router(tags=["Drafts"])


class Holding(Schema):
    """Who has a draft checked out. It lapses 15 minutes after his last save."""

    name: str
    mine: bool
    since: datetime
    at: datetime = Field(description="Of his last save.")
    asked_by: str = Field(description="Who asked him for it; empty where nobody did.")


class WithDrafter(Schema):
    post_id: int
    name: str
    invited_by: str
    invited_at: datetime


class Apart(Schema):
    """An edit beside the draft."""

    id: int
    author: str
    mine: bool
    late: bool = Field(description="A save that came too late; otherwise written apart.")
    revision: int = Field(description="Of the draft it began from.")
    edits: int = Field(description="To be given with the next save of it.")
    changed_at: datetime
    returned_at: datetime | None


class Kept(Schema):
    revision: int
    by: str = Field(description="Who saved it so.")
    at: datetime


class Together(Schema):
    """How several people are at a draft."""

    held: Holding | None
    drafters: list[WithDrafter]
    copies: list[Apart]
    editions: list[Kept]


class HoldIn(Schema):
    act: Literal["take-over", "hand-back", "ask"]


class InviteIn(Schema):
    post_id: int
    pin: Pin = None


class ApartIn(Schema):
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="Of the draft it began from; the present one.")
    subject: str | None = None
    body: dict[str, Any] | None = Field(None, description="By docs/body.md; the draft's own if it is not given.")


class ApartSaved(Schema):
    edits: int = Field(
        ge=1, le=2**31 - 1, description="As it was last read, so that two windows do not overwrite each other."
    )
    subject: str
    body: dict[str, Any] | None


class Clash(Schema):
    """Passages that both sides changed differently."""

    base: list[dict[str, Any]]
    mine: list[dict[str, Any]]
    theirs: list[dict[str, Any]]


class FactOut(Schema):
    name: str
    base: Any = None
    mine: Any = None
    theirs: Any = None


class Met(Schema):
    """An edit and the draft as it stands: `mine` is the edit, `theirs` the draft."""

    revision: int = Field(description="The draft's; to be given with the merge.")
    clashes: list[Clash]
    facts: list[FactOut]
    by_itself: int = Field(description="Places that only one side changed.")


class Chosen(Schema):
    choice: Literal["mine", "theirs", "both", "hand"]
    words: str = Field("", description="Of a choice by hand: a passage a line.")


class MergeIn(Schema):
    revision: int = Field(ge=1, le=2**31 - 1)
    choices: list[Chosen] = Field([], max_length=40_000, description="One for each clash, in order.")
    facts: dict[str, Literal["mine", "theirs"]] = {}


class BackIn(Schema):
    revision: int = Field(ge=1, le=2**31 - 1, description="The draft's, as it was last read.")


def _apart(request: CalledRequest, copy: Any) -> dict[str, Any]:
    told = {name: getattr(copy, name) for name in Apart.model_fields if name not in ("id", "mine")}
    return told | {"id": copy.pk, "mine": copy.person_id == request.auth.actor.person_id}


def _together(request: CalledRequest, document_id: int) -> dict[str, Any]:
    actor = request.auth.actor
    document = queries.get_for(actor, document_id)
    queries.making_of(document)
    hold = queries.find_hold(document_id)
    if not policy.stands_held(hold, timezone.now()):
        hold = None
    return {
        "held": hold
        and {
            "name": hold.name,
            "mine": hold.person_id == actor.person_id,
            "since": hold.since,
            "at": hold.at,
            "asked_by": hold.asked_by,
        },
        "drafters": queries.list_co_drafters(document_id),
        "copies": [_apart(request, each) for each in queries.list_own_copies(actor, document_id)],
        "editions": queries.list_editions(document_id),
    }


@router.get(
    "/documents/{int:document_id}/together",
    auth=READ,
    response={200: Together, **declared(403, 404)},
    operation_id="getTogether",
)
def get_together(request: CalledRequest, document_id: int) -> dict[str, Any]:
    """Who holds a draft, with whom it is written, which edits wait to be merged, which earlier states are kept."""
    return _together(request, document_id)


ACTS = {
    "take-over": draft_together.take_over,
    "hand-back": draft_together.hand_back,
    "ask": draft_together.ask_for,
}


@router.post(
    "/documents/{int:document_id}/hold",
    auth=ACT,
    response={200: Together, **declared(*PROBLEMS)},
    operation_id="holdDraft",
)
def hold(request: CalledRequest, document_id: int, given: HoldIn) -> dict[str, Any]:
    """Take a draft over from whoever holds it, hand it back, or ask for it. Saving it holds it too."""
    ACTS[given.act](document_id=document_id, actor=request.auth.actor, at=timezone.now())
    return _together(request, document_id)


@router.post(
    "/documents/{int:document_id}/drafters",
    auth=ACT,
    response={200: Together, **declared(*PROBLEMS)},
    operation_id="inviteDrafter",
)
def invite(request: CalledRequest, document_id: int, given: InviteIn) -> dict[str, Any]:
    """Let a post write the draft too; of a classified one it becomes a reader, by the drafter's PIN."""
    draft_together.invite(
        document_id=document_id, post_id=given.post_id, pin=given.pin, actor=request.auth.actor, at=timezone.now()
    )
    return _together(request, document_id)


@router.delete(
    "/documents/{int:document_id}/drafters/{int:post_id}",
    auth=ACT,
    response={200: Together, **declared(*PROBLEMS)},
    operation_id="endDrafter",
)
def end(request: CalledRequest, document_id: int, post_id: int) -> dict[str, Any]:
    """Let a post write the draft no longer; it may still be read."""
    draft_together.end(document_id=document_id, post_id=post_id, actor=request.auth.actor, at=timezone.now())
    return _together(request, document_id)


@router.post(
    "/documents/{int:document_id}/own",
    auth=ACT,
    response={201: Apart, **declared(*PROBLEMS)},
    operation_id="keepOwnCopy",
)
def keep_own(request: CalledRequest, document_id: int, given: ApartIn) -> Status[Any]:
    """Keep an edit beside a draft, to be merged: from the draft as it stands, or of a save that was refused as overtaken."""
    made = draft_together.keep_apart(
        document_id=document_id,
        window=f"api:{token_hex(16)}",
        revision=given.revision,
        subject=given.subject,
        body=given.body,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return Status(201, _apart(request, made))


@router.put(
    "/own-copies/{int:copy_id}", auth=ACT, response={200: Apart, **declared(*PROBLEMS)}, operation_id="saveOwnCopy"
)
def save_own(request: CalledRequest, copy_id: int, given: ApartSaved) -> dict[str, Any]:
    """Save one's own edit."""
    made = draft_together.write_own(
        copy_id=copy_id,
        subject=given.subject,
        body=given.body,
        edits=given.edits,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _apart(request, made)


def _clash(piece: Piece) -> dict[str, Any]:
    return {"base": list(piece.base), "mine": list(piece.mine), "theirs": list(piece.theirs)}


def _met(met: Meeting) -> dict[str, Any]:
    return {
        "revision": met.making.revision,
        "clashes": [_clash(piece) for piece in met.text.clashes],
        "facts": met.clashes,
        "by_itself": sum(piece.source in ("mine", "theirs") for piece in met.text.pieces) + len(met.brought),
    }


@router.get(
    "/own-copies/{int:copy_id}/merge",
    auth=READ,
    response={200: Met, **declared(403, 404, 409, 422)},
    operation_id="lookAtMerge",
)
def look(request: CalledRequest, copy_id: int) -> dict[str, Any]:
    """What an edit and the draft say together, and where they clash."""
    return _met(draft_together.meet(copy_id, request.auth.actor))


@router.post(
    "/own-copies/{int:copy_id}/merge",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="mergeOwnCopy",
)
def merge(request: CalledRequest, copy_id: int, given: MergeIn) -> dict[str, Any]:
    """Bring an edit into the draft, each clash as chosen; the draft as it stood before is kept as an earlier state."""
    today, at = now()
    made = draft_together.merge(
        copy_id=copy_id,
        revision=given.revision,
        choices=[(Choice(each.choice), each.words) for each in given.choices],
        chosen={name: Choice(value) for name, value in given.facts.items()},
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, made.document_id)


@router.post(
    "/own-copies/{int:copy_id}/return",
    auth=ACT,
    response={200: Apart, **declared(*PROBLEMS)},
    operation_id="returnOwnCopy",
)
def give_back(request: CalledRequest, copy_id: int) -> dict[str, Any]:
    """Hand an edit to those who draft, so that any of them may merge it."""
    return _apart(request, draft_together.give_back(copy_id=copy_id, actor=request.auth.actor, at=timezone.now()))


@router.delete(
    "/own-copies/{int:copy_id}", auth=ACT, response={200: Together, **declared(*PROBLEMS)}, operation_id="dropOwnCopy"
)
def drop(request: CalledRequest, copy_id: int) -> dict[str, Any]:
    """Merge an edit no more. Its text stays."""
    copy = draft_together.let_be(copy_id=copy_id, actor=request.auth.actor, at=timezone.now())
    return _together(request, copy.document_id)


@router.post(
    "/documents/{int:document_id}/editions/{int:edition}",
    auth=ACT,
    response={200: Detail, **declared(*PROBLEMS)},
    operation_id="bringBackEdition",
)
def bring_back(request: CalledRequest, document_id: int, edition: int, given: BackIn) -> dict[str, Any]:
    """Let the text of an earlier state be the draft's again; what it is now is kept in turn."""
    today, at = now()
    draft_together.bring_back(
        document_id=document_id,
        edition=edition,
        revision=given.revision,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return detail(request, document_id)
