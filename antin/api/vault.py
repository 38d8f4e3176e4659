"""State secrets for machines: everything about them but what they say. Words of a document come from `openDocument` alone."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Keys, now
from antin.api.paging import After, BadCursor, Limit, Page
from antin.api.problems import declared
from antin.journeys import change_secrecy, recover_secret, secret_minutes
from antin.keys.providers import Wrapped
from antin.refusal import NotFound, refuse
from antin.vault import operations, policy, queries
from antin.vault import states as vault

if TYPE_CHECKING:
    from antin.vault.models import Classified

router = Router(tags=["Vault"])

Level = Annotated[Literal[1, 2, 3], Field(description="1 Mật, 2 Tối mật, 3 Tuyệt mật.")]
Pin = Annotated[
    str, Field(max_length=64, description="Of the caller's own encryption key; used for this act, kept nowhere.")
]
Paper = Annotated[str, Field(min_length=1, max_length=100, description="Number, notation and day of the paper.")]
Number = Annotated[int, Field(ge=1, lt=2**63)]


class Secret(Schema):
    """Something classified as the caller's agency holds it. It has a number and no name: its title is sealed."""

    id: int
    agency_id: int
    agency_name: str
    level: Level
    status: Literal["protected", "declassified", "destroyed"]
    fixed_on: date
    protected_until: date = Field(description="The last day of the term.")
    received_from: str = Field(description="The agency that decides over level and term, when it is another.")


class Content(Schema):
    """The newest version of one sealed part."""

    id: int
    part: Literal["title", "body", "pages", "text", "attachment", "name", "comment"]
    number: int
    version: int
    media_type: str
    sealed_at: datetime


class Reader(Schema):
    """Somebody with a need to know; `not_opened` counts contents that are not sealed to the key that counts for him now."""

    person_id: int
    name: str
    need: Literal["drafter", "reviewer", "signer", "clerk", "recipient", "assignee", "recovered"]
    added_by: str
    added_at: datetime
    not_opened: int = 0
    removed_by: str = ""
    removed_at: datetime | None = None


class Decision(Schema):
    """What was decided over level or term, by which paper of which day."""

    change: Literal["fixed", "raised", "lowered", "extended", "declassified", "ended"]
    level_after: int
    protected_until: date
    paper: str
    decided_on: date
    decided_by: str


class Copy(Schema):
    """A numbered copy in the register, of paper or electronic."""

    id: int
    number: int
    medium: Literal["paper", "electronic"]
    holder_id: int
    holder: str
    given_at: datetime
    returned_at: datetime | None
    destroyed_at: datetime | None
    minutes: str


class Destruction(Schema):
    minutes: str
    witness: str
    destroyed_by: str
    destroyed_at: datetime


class SecretDetail(Secret):
    """One thing with its readers, decisions and counters. `copies` is null to who does not keep the register."""

    contents: list[Content]
    readers: list[Reader]
    former_readers: list[Reader]
    decisions: list[Decision]
    copies: list[Copy] | None
    copies_outstanding: int
    prints: int
    destruction: Destruction | None


class Reading(Schema):
    """One view or print: of what, by whom, the how manieth."""

    part: str
    content_number: int
    version: int
    use: Literal["viewed", "printed"]
    number: int
    person_id: int
    name: str
    read_at: datetime


class LeftWith(Schema):
    """What ending somebody's reading does not take back."""

    person_id: int
    viewed: int = Field(description="How often he opened a content.")
    printed: int
    copies: list[int] = Field(description="Numbers of the copies he still holds: the register is to end them.")
    backups: Literal["keep_his_keys"] = Field(
        "keep_his_keys", description="Backups made before still hold what was sealed to him."
    )


class OpeningIn(Schema):
    pin: Annotated[
        str, Field(max_length=64, description="Of the caller's own encryption key; empty where `keys` come.")
    ] = ""
    keys: Keys = None

    @property
    def opening(self) -> operations.Opening:
        """What opens: the PIN, or keys of the caller's own device. :raises ContentDamaged: they cannot be read"""
        return operations.DeviceKeys.read(self.keys) if self.keys else self.pin


class AddReaderIn(OpeningIn):
    person_id: Number
    need: Literal["reviewer", "signer", "clerk", "recipient", "assignee"]


class PaperIn(Schema):
    paper: Paper
    decided_on: date


class ChangeLevelIn(PaperIn):
    level: Level


class ExtendIn(PaperIn):
    until: date


class CopyIn(Schema):
    holder_id: Number
    medium: Literal["paper", "electronic"]


class MinutesIn(Schema):
    minutes: Paper


class DestroyIn(MinutesIn):
    witness_id: Number = Field(description="Another person who reads it.")


class Sealed(Schema):
    contents: int = Field(description="How many contents were sealed to the present key.")


class SearchIn(Schema):
    asked: str = Field(max_length=200, description="All words must occur; marks do not count.")
    pin: Pin


class Hit(Schema):
    id: int
    parts: list[Content]
    phrase: bool = Field(description="Whether the words stand beside each other.")


class Found(Schema):
    """Phrases first, then the newest. What was asked stands nowhere."""

    hits: list[Hit]
    looked: int
    closed: int = Field(description="Things the caller's present key does not open.")
    left: int = Field(description="Older things that were not looked at.")


class Wrap(Schema):
    """A content's key closed to the caller's own device: what `POST /open` of the agent takes, in base64."""

    sealed: str
    ephemeral: str = Field(description="Point of the sender, uncompressed; empty for RSA.")


class Lock(Wrap):
    content: Content


class ListsIn(Schema):
    before: Number | None = Field(None, description="As the answer before had it: older things.")


class WordList(Schema):
    id: int = Field(description="Of what is classified.")
    content: Content
    lock: Wrap
    nonce: str
    words: str = Field(
        description="AES-256-GCM, its tag at the end; folded words with one space before, between and after."
    )


class Lists(Schema):
    certificate: str = Field(description="DER, base64: for whose key the locks are.")
    lists: list[WordList]
    looked: int
    closed: int = Field(description="Things that the device's key does not open.")
    before: int | None = Field(description="Ask with it for older ones; null: there are none.")


class LocksIn(Schema):
    everything: bool = Field(False, description="Older versions too, which an act that lets somebody read needs.")


class Locks(Schema):
    certificate: str = Field(description="DER, base64: for whose key the locks are.")
    locks: list[Lock]


class SealedOut(Schema):
    """A content as it is sealed: AES-256-GCM without additional data, its tag at the end of `sealed`."""

    nonce: str
    sealed: str
    media_type: str
    use: Literal["viewed", "printed"]
    number: int = Field(description="The how manieth view or print this is; to be marked on it.")


class UseIn(Schema):
    use: Literal["viewed", "printed"] = "viewed"


class Person(Schema):
    id: int
    name: str


# ---- answers ---------------------------------------------------------------------------------------------------------------


def _secret(row: Classified) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("id", "agency_id", "level", "status", "fixed_on", "protected_until")}
    return told | {"agency_name": row.agency.name, "received_from": row.received_from}


def _content(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Content.model_fields}


def _reader(row: Any, not_opened: int = 0) -> dict[str, Any]:
    return {
        "person_id": row.person_id,
        "name": row.person.name,
        "need": row.need,
        "added_by": row.added_by.name if row.added_by is not None else "",
        "added_at": row.added_at,
        "not_opened": not_opened,
        "removed_by": row.removed_by.name if row.removed_by else "",
        "removed_at": row.removed_at,
    }


def _decision(row: Any) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in Decision.model_fields if name != "decided_by"}
    return own | {"decided_by": row.decided_by.name if row.decided_by else ""}


def _copy(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Copy.model_fields if name != "holder"} | {"holder": row.holder.name}


def _detail(request: CalledRequest, classified_id: int) -> dict[str, Any]:
    actor = request.auth.actor
    _today, at = now()
    row = queries.get_for(actor, classified_id)
    own = queries.find_reader(classified_id, actor.person_id)
    keeps = policy.why_not_keep_copies(actor, row, own) is None
    ended = row.status == vault.Status.DESTROYED
    lagging = {} if ended else queries.list_lagging(row, at)
    end = queries.find_destruction(classified_id)
    return _secret(row) | {
        "contents": [_content(each) for each in queries.list_contents(actor, classified_id)],
        "readers": [_reader(each, lagging.get(each.person_id, 0)) for each in queries.list_readers(classified_id)],
        "former_readers": [_reader(each) for each in queries.list_readers(classified_id, former=True)],
        "decisions": [_decision(each) for each in queries.list_decisions(classified_id)],
        "copies": [_copy(each) for each in queries.list_copies(actor, classified_id)] if keeps else None,
        "copies_outstanding": queries.count_outstanding_copies(classified_id),
        "prints": queries.count_prints(classified_id),
        "destruction": end
        and {
            "minutes": end.minutes,
            "witness": end.witness.name,
            "destroyed_by": end.destroyed_by.name,
            "destroyed_at": end.destroyed_at,
        },
    }


# ---- what is classified ----------------------------------------------------------------------------------------------------


@router.get("/vault", auth=READ, response={200: Page[Secret], **declared(403, 422)}, operation_id="listSecrets")
def listing(request: CalledRequest, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """What the caller reads that is classified, newest first. Of everything else not even the number is told."""
    if after and not (after.isdigit() and len(after) < 18):
        raise BadCursor()
    rows, more = queries.list_for(request.auth.actor, before=int(after) if after else None, limit=limit)
    return {"items": [_secret(row) for row in rows], "next": str(more) if more else None}


@router.get(
    "/vault/people", auth=READ, response={200: list[Person], **declared(403, 404)}, operation_id="listSecretReaders"
)
def keyed_people(request: CalledRequest) -> list[dict[str, Any]]:
    """The people of the caller's agency to whom something can be sealed; whether each is cleared is asked at the act."""
    actor = request.auth.actor
    refuse(policy.why_not_see_recovery(actor, officer=queries.keeps_recovery_key(actor.person_id)))
    _today, at = now()
    return [{"id": person_id, "name": name} for person_id, name in recover_secret.list_keyed(actor.agency_id, at)]


@router.post("/vault/search", auth=ACT, response={200: Found, **declared(*PROBLEMS)}, operation_id="searchSecrets")
def search(request: CalledRequest, given: SearchIn) -> dict[str, Any]:
    """Search the sealed words of what the caller reads, by his PIN, in memory."""
    _today, at = now()
    found = operations.search(asked=given.asked, pin=given.pin, actor=request.auth.actor, at=at)
    hits = [
        {"id": hit.classified_id, "parts": [_content(each) for each in hit.parts], "phrase": hit.phrase}
        for hit in found.hits
    ]
    return {"hits": hits, "looked": found.looked, "closed": found.closed, "left": found.left}


@router.post(
    "/vault/search/lists",
    auth=ACT,
    response={200: Lists, **declared(*PROBLEMS)},
    operation_id="giveWordLists",
)
def word_lists(request: CalledRequest, given: ListsIn) -> dict[str, Any]:
    """Sealed word lists of what the caller reads, newest first, for a key on his own device: he opens and looks himself.

    A list opens by AES-256-GCM with HMAC-SHA-256(content key, "antin word list") as key. The node learns neither words nor hits.
    """
    _today, at = now()
    found = operations.give_words(before=given.before, actor=request.auth.actor, at=at)
    return {
        "certificate": base64.b64encode(bytes(found.certificate.certificate)).decode(),
        "lists": [
            {
                "id": each.content.classified_id,
                "content": _content(each.content),
                "lock": lock(each.wrapped),
                "nonce": base64.b64encode(each.nonce).decode(),
                "words": base64.b64encode(each.sealed).decode(),
            }
            for each in found.lists
        ],
        "looked": found.looked,
        "closed": found.closed,
        "before": found.before,
    }


@router.get(
    "/vault/{int:classified_id}",
    auth=READ,
    response={200: SecretDetail, **declared(403, 404)},
    operation_id="getSecret",
)
def get(request: CalledRequest, classified_id: int) -> dict[str, Any]:
    """One thing that is classified: everything about it but what it says."""
    return _detail(request, classified_id)


@router.get(
    "/vault/{int:classified_id}/readings",
    auth=READ,
    response={200: list[Reading], **declared(403, 404)},
    operation_id="listReadings",
)
def readings(request: CalledRequest, classified_id: int) -> list[dict[str, Any]]:
    """Who viewed and printed it, the newest 200 first. All of it is in the journal."""
    queries.get_for(request.auth.actor, classified_id)
    return [
        {
            "part": row.content.part,
            "content_number": row.content.number,
            "version": row.content.version,
            "use": row.use,
            "number": row.number,
            "person_id": row.person_id,
            "name": row.person.name,
            "read_at": row.read_at,
        }
        for row in queries.list_readings(classified_id)
    ]


@router.post(
    "/vault/{int:classified_id}/locks",
    auth=READ,
    response={200: Locks, **declared(*PROBLEMS)},
    operation_id="lockElsewhere",
)
def locks(request: CalledRequest, classified_id: int, given: LocksIn | None = None) -> dict[str, Any]:
    """The keys of the contents, closed to the caller's own device. Alone they open nothing: nothing is journalled.

    Of the newest version of each part; with `everything` of the older ones too, as an act takes them that lets others read.
    """
    _today, at = now()
    everything = given is not None and given.everything
    return locks_of(
        operations.lock_elsewhere(classified_id=classified_id, everything=everything, actor=request.auth.actor, at=at)
    )


def locks_of(locked: operations.Locked) -> dict[str, Any]:
    return {
        "certificate": base64.b64encode(bytes(locked.certificate.certificate)).decode(),
        "locks": [{"content": _content(content), **lock(wrapped)} for content, wrapped in locked.locks],
    }


def lock(wrapped: Wrapped) -> dict[str, str]:
    return {
        "sealed": base64.b64encode(wrapped.sealed).decode(),
        "ephemeral": base64.b64encode(wrapped.ephemeral).decode(),
    }


@router.post(
    "/vault/{int:classified_id}/sealed/{int:content_id}",
    auth=ACT,
    response={200: SealedOut, **declared(*PROBLEMS)},
    operation_id="giveSealed",
)
def give_sealed(request: CalledRequest, classified_id: int, content_id: int, given: UseIn) -> dict[str, Any]:
    """One content as it is sealed, for a key that the caller's own device opened. From here on it counts as read."""
    if queries.get_content(content_id).classified_id != classified_id:
        raise NotFound(content_id=content_id)
    _today, at = now()
    made = operations.give_sealed(content_id=content_id, use=given.use, actor=request.auth.actor, at=at)
    return {
        "nonce": base64.b64encode(made.nonce).decode(),
        "sealed": base64.b64encode(made.sealed).decode(),
        "media_type": made.media_type,
        "use": made.marking.use,
        "number": made.marking.number,
    }


# ---- readers ---------------------------------------------------------------------------------------------------------------


@router.post(
    "/vault/{int:classified_id}/readers",
    auth=ACT,
    response={201: SecretDetail, **declared(*PROBLEMS)},
    operation_id="addReader",
)
def add_reader(request: CalledRequest, classified_id: int, given: AddReaderIn) -> Status[Any]:
    """Let somebody read all of it, older versions too. He must be cleared for the level and have an encryption certificate."""
    queries.get_for(request.auth.actor, classified_id)
    _today, at = now()
    told = given.model_dump(exclude={"pin", "keys"}) | {"pin": given.opening}
    operations.add_reader(classified_id=classified_id, **told, actor=request.auth.actor, at=at)
    return Status(201, _detail(request, classified_id))


@router.get(
    "/vault/{int:classified_id}/readers/{int:person_id}/left",
    auth=READ,
    response={200: LeftWith, **declared(403, 404)},
    operation_id="getLeftWith",
)
def left_with(request: CalledRequest, classified_id: int, person_id: int) -> dict[str, Any]:
    """What ending this reader's reading would not take back: to be shown before it is done."""
    actor = request.auth.actor
    row = queries.get_for(actor, classified_id)
    refuse(policy.why_not_pass_on(actor, row, queries.find_reader(classified_id, actor.person_id)))
    if queries.find_reader(classified_id, person_id) is None:
        raise NotFound(person_id=person_id)
    return _left(classified_id, person_id)


def _left(classified_id: int, person_id: int) -> dict[str, Any]:
    found = queries.get_left_with(classified_id, person_id)
    return {"person_id": person_id, "viewed": found.viewed, "printed": found.printed, "copies": found.copies}


@router.post(
    "/vault/{int:classified_id}/readers/{int:person_id}/remove",
    auth=ACT,
    response={200: LeftWith, **declared(*PROBLEMS)},
    operation_id="removeReader",
)
def remove_reader(request: CalledRequest, classified_id: int, person_id: int) -> dict[str, Any]:
    """End somebody's reading. The answer says what that does not take back."""
    _today, at = now()
    operations.remove_reader(classified_id=classified_id, person_id=person_id, actor=request.auth.actor, at=at)
    return _left(classified_id, person_id)


@router.post(
    "/vault/{int:classified_id}/readers/{int:person_id}/again",
    auth=ACT,
    response={200: Sealed, **declared(*PROBLEMS)},
    operation_id="sealAgainFor",
)
def seal_again(request: CalledRequest, classified_id: int, person_id: int, given: OpeningIn) -> dict[str, Any]:
    """A reader lost his key: seal everything to his present one."""
    _today, at = now()
    made = operations.seal_again_for(
        classified_id=classified_id, person_id=person_id, pin=given.opening, actor=request.auth.actor, at=at
    )
    return {"contents": made}


# ---- level and term --------------------------------------------------------------------------------------------------------


@router.post(
    "/vault/{int:classified_id}/level",
    auth=ACT,
    response={200: SecretDetail, **declared(*PROBLEMS)},
    operation_id="changeLevel",
)
def change_level(request: CalledRequest, classified_id: int, given: ChangeLevelIn) -> dict[str, Any]:
    """Raise or lower the level by a decision with number and day; the head of the agency that began it, who reads it.

    Of a paper that came by hand the head or a clerk who reads it records what its sender decided; so too of term and end."""
    _today, at = now()
    change_secrecy.change_level(classified_id=classified_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return _detail(request, classified_id)


@router.post(
    "/vault/{int:classified_id}/extend",
    auth=ACT,
    response={200: SecretDetail, **declared(*PROBLEMS)},
    operation_id="extendTerm",
)
def extend(request: CalledRequest, classified_id: int, given: ExtendIn) -> dict[str, Any]:
    """Protect it longer, each time by no more than its level's own term."""
    _today, at = now()
    change_secrecy.extend(classified_id=classified_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return _detail(request, classified_id)


@router.post(
    "/vault/{int:classified_id}/declassify",
    auth=ACT,
    response={200: SecretDetail, **declared(*PROBLEMS)},
    operation_id="declassify",
)
def declassify(request: CalledRequest, classified_id: int, given: PaperIn) -> dict[str, Any]:
    """End the protection before its term. It stays sealed; its readers need no clearance any more."""
    _today, at = now()
    change_secrecy.declassify(classified_id=classified_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return _detail(request, classified_id)


# ---- copies ----------------------------------------------------------------------------------------------------------------


@router.get(
    "/vault/{int:classified_id}/copies",
    auth=READ,
    response={200: list[Copy], **declared(403, 404)},
    operation_id="listCopies",
)
def copies(request: CalledRequest, classified_id: int) -> list[dict[str, Any]]:
    """The register of copies, for who may say who else reads it."""
    queries.get_for(request.auth.actor, classified_id)
    return [_copy(row) for row in queries.list_copies(request.auth.actor, classified_id)]


@router.post(
    "/vault/{int:classified_id}/copies",
    auth=ACT,
    response={201: Copy, **declared(*PROBLEMS)},
    operation_id="giveCopy",
)
def give_copy(request: CalledRequest, classified_id: int, given: CopyIn) -> Status[Any]:
    """Enter a copy: the register gives its number."""
    _today, at = now()
    made = operations.give_copy(classified_id=classified_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return Status(201, _copy(made))


@router.post(
    "/vault/{int:classified_id}/copies/{int:copy_id}/return",
    auth=ACT,
    response={200: Copy, **declared(*PROBLEMS)},
    operation_id="returnCopy",
)
def return_copy(request: CalledRequest, classified_id: int, copy_id: int) -> dict[str, Any]:
    """Enter that a copy came back."""
    _of(request, classified_id, copy_id)
    _today, at = now()
    return _copy(operations.return_copy(copy_id=copy_id, actor=request.auth.actor, at=at))


@router.post(
    "/vault/{int:classified_id}/copies/{int:copy_id}/destroy",
    auth=ACT,
    response={200: Copy, **declared(*PROBLEMS)},
    operation_id="destroyCopy",
)
def destroy_copy(request: CalledRequest, classified_id: int, copy_id: int, given: MinutesIn) -> dict[str, Any]:
    """Enter that a copy was destroyed, by minutes."""
    _of(request, classified_id, copy_id)
    _today, at = now()
    return _copy(operations.destroy_copy(copy_id=copy_id, minutes=given.minutes, actor=request.auth.actor, at=at))


def _of(request: CalledRequest, classified_id: int, copy_id: int) -> None:
    """:raises NotFound: no such copy of it; :raises NotAllowed: the register is not the caller's"""
    queries.get_for(request.auth.actor, classified_id)
    if all(each.pk != copy_id for each in queries.list_copies(request.auth.actor, classified_id)):
        raise NotFound(copy_id=copy_id)


# ---- the end ---------------------------------------------------------------------------------------------------------------


@router.get("/vault/{int:classified_id}/minutes", auth=READ, response={**declared(403, 404)}, operation_id="getMinutes")
def minutes(request: CalledRequest, classified_id: int) -> HttpResponse:
    """The minutes of destruction as PDF: with empty places before the act, as they were entered after it; the head's."""
    _today, at = now()
    made = secret_minutes.lay_out(classified_id=classified_id, actor=request.auth.actor, at=at)
    return HttpResponse(made, content_type="application/pdf")


@router.post(
    "/vault/{int:classified_id}/destroy",
    auth=ACT,
    response={200: SecretDetail, **declared(*PROBLEMS)},
    operation_id="destroySecret",
)
def destroy(request: CalledRequest, classified_id: int, given: DestroyIn) -> dict[str, Any]:
    """Destroy it by minutes before a witness: nobody's key opens it any more. Backups made before go by the same minutes."""
    _today, at = now()
    operations.destroy(classified_id=classified_id, **given.model_dump(), actor=request.auth.actor, at=at)
    return _detail(request, classified_id)
