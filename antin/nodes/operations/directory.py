"""Naming this node, inviting others, taking their answers, and the editions of the directory that follow."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys.operations import NodeKeys, Signer
from antin.nodes import broker, directory, parcels, policy, queries, statements, tls
from antin.nodes.directory import Listed, NotADirectory, OldEdition
from antin.nodes.models import Edition, Identity, Invitation, Member, Parcel
from antin.nodes.operations import feeds
from antin.nodes.states import UNSETTLED, Asking, Standing, Status, Way
from antin.people import at_rest
from antin.people.actor import Actor
from antin.refusal import refuse

INVITATION_LASTS = timedelta(days=14)


def signer(identity: Identity, at: datetime) -> Signer:
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)


def establish(
    *, code: str, name: str, address: str = "", agencies: Mapping[str, str], actor: Actor | None, at: datetime
) -> Identity:
    """Name this node, as the one that coordinates a directory of its own; `agencies` are those it serves, code to name.

    :raises NotAllowed: the actor does not administer the whole house
    :raises BadNodeCode: :raises HasIdentity: it is named already
    :raises NoAuthority: the node has no certification authority yet
    """
    refuse(policy.why_not_run(actor))
    _check_code(code)
    found = queries.find_identity()
    if found is not None:
        raise policy.HasIdentity(code=found.code, coordinator=found.coordinator)
    made = keys.make_node_keys(code=code, name=clean_line(name), actor=actor, at=at)
    with transaction.atomic():
        identity = _keep_identity(code, name, made, coordinator=code, certificate=made.sign_certificate, at=at)
        identity.address = tls.with_scheme(address)
        identity.password = at_rest.seal(secrets.token_urlsafe(24).encode())
        identity.save(update_fields=["address", "password"])
        _keep_member(_own_listing(identity, agencies, Way.NATS), at=at)
        transaction.on_commit(broker.mark)
        journal.record("node.named", subject=("node", identity.pk), actor=actor, at=at, code=code, name=identity.name)
    publish(actor=actor, at=at)
    return identity


def _check_code(code: str) -> None:
    if not directory.CODE.fullmatch(code):
        raise policy.BadNodeCode()


def _keep_identity(
    code: str, name: str, made: NodeKeys, *, coordinator: str, certificate: bytes, at: datetime
) -> Identity:
    return Identity.objects.create(
        code=code,
        name=clean_line(name)[:300] or code,
        sign_reference=made.sign_reference,
        sign_certificate=made.sign_certificate,
        seal_reference=made.seal_reference,
        seal_certificate=made.seal_certificate,
        root=made.root,
        coordinator=coordinator,
        coordinator_certificate=certificate,
        made_at=at,
    )


def _own_listing(identity: Identity, agencies: Mapping[str, str], way: str) -> Listed:
    return Listed(
        code=identity.code,
        name=identity.name,
        way=way,
        standing=Standing.MEMBER,
        sign=bytes(identity.sign_certificate),
        seal=bytes(identity.seal_certificate),
        roots=(bytes(identity.root),),
        agencies=tuple(directory.Agency(each, agencies[each]) for each in sorted(agencies)),
    )


def _listing(member: Member) -> Listed:
    return Listed(
        code=member.code,
        name=member.name,
        way=member.way,
        standing=member.standing,
        sign=bytes(member.sign_certificate),
        seal=bytes(member.seal_certificate),
        roots=tuple(queries.roots_of(member)),
        agencies=tuple(_agency(member, each) for each in sorted(member.agencies)),
    )


def _agency(member: Member, code: str) -> directory.Agency:
    before = member.formers.get(code, {})
    return directory.Agency(code, member.agencies[code], before.get("node", ""), before.get("since", 0))


def _note_left(member: Member, codes: Collection[str], version: int) -> None:
    """Note that a member serves agencies no more, from this version of the directory on."""
    member.left = {**member.left, **dict.fromkeys(codes, version)}


def _note_came(member: Member, codes: Collection[str], version: int) -> None:
    """Note of agencies that came to a member which one served them last; nothing where that was itself."""
    for code in codes:
        last = max(Member.objects.filter(left__has_key=code), key=lambda row: row.left[code], default=None)
        if last is not None and last.pk != member.pk:
            member.formers = {**member.formers, code: {"node": last.code, "since": version}}
        elif last is not None and member.left.get(code) == last.left[code]:
            member.left = {each: said for each, said in member.left.items() if each != code}


def _keep_member(listed: Listed, *, at: datetime) -> Member:
    expelled = listed.standing == Standing.EXPELLED
    told = {
        "name": listed.name,
        "way": listed.way,
        "standing": listed.standing,
        "sign_certificate": listed.sign,
        "seal_certificate": listed.seal,
        "roots": [base64.b64encode(each).decode() for each in listed.roots],
        "agencies": {each.code: each.name for each in listed.agencies},
        "formers": {each.code: {"node": each.former, "since": each.since} for each in listed.agencies if each.former},
    }
    member, fresh = Member.objects.get_or_create(code=listed.code, defaults={**told, "since_at": at})
    if not fresh:
        for name, value in told.items():
            setattr(member, name, value)
    if expelled and member.expelled_at is None:
        member.expelled_at = at
        Parcel.objects.filter(member=member, status__in=UNSETTLED).update(status=Status.STOPPED, settled_at=at)
    member.save()
    return member


def _free(agencies: Mapping[str, str], *, but: str = "") -> None:
    """Demand that no other member serves any of these. :raises AgencyServedElsewhere:"""
    for code in agencies:
        member = queries.find_member_serving(code)
        if member is not None and member.code != but:
            raise policy.AgencyServedElsewhere(agency=code, node=member.code)


# Joining ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invited:
    """An invitation and the file that is carried to the invited node by hand: whoever has the file can answer it."""

    invitation: Invitation
    content: bytes


def invite(
    *, code: str, name: str, way: str, agencies: Mapping[str, str], actor: Actor | None, at: datetime
) -> Invited:
    """Invite a node that will serve these agencies; the file it gets holds the secret of its line.

    :raises NotAllowed: :raises NotTheCoordinator: :raises BadNodeCode: :raises NodeCodeTaken: :raises AgencyServedElsewhere:
    """
    identity = queries.get_identity()
    refuse(policy.why_not_coordinate(actor, identity))
    _check_code(code)
    _free(agencies)
    token, password = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    with transaction.atomic():
        queries.lock_identity()
        asked = Invitation.objects.filter(code=code, status__in=(Asking.OPEN, Asking.ANSWERED)).exists()
        if asked or Member.objects.filter(code=code).exists():
            raise policy.NodeCodeTaken(code=code)
        row = Invitation.objects.create(
            code=code,
            name=clean_line(name)[:300] or code,
            way=Way(way),
            agencies=dict(agencies),
            token=_digest(token),
            password=at_rest.seal(password.encode()),
            made_at=at,
            expires_at=at + INVITATION_LASTS,
        )
        journal.record("node.invited", subject=("invitation", row.pk), actor=actor, at=at, code=code, name=row.name)
    told = {
        "form": directory.INVITATION,
        "token": token,
        "password": password,
        "address": identity.address,
        "code": code,
        "name": row.name,
        "way": row.way,
        "agencies": dict(agencies),
        "expires": row.expires_at.isoformat(),
        "coordinator": _listing(queries.get_member(identity.code)).told(),
        "tls": tls.give(code, at=at) if tls.is_on(identity.address) and way == Way.NATS else {},
    }
    return Invited(row, statements.sign(told, signer(identity, at), at=at))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def withdraw_invitation(*, invitation_id: int, actor: Actor | None, at: datetime) -> Invitation:
    """Take an invitation back: its file is worth nothing any more. :raises NotAllowed: :raises InvitationOver:"""
    refuse(policy.why_not_coordinate(actor, queries.lock_identity()))
    row = _lock_invitation(invitation_id)
    row.status, row.settled_at = Asking.WITHDRAWN, at
    row.save(update_fields=["status", "settled_at"])
    journal.record("node.invitation_withdrawn", subject=("invitation", row.pk), actor=actor, at=at, code=row.code)
    return row


def _lock_invitation(invitation_id: int) -> Invitation:
    found = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if found is None or found.status not in (Asking.OPEN, Asking.ANSWERED):
        raise policy.InvitationOver()
    return found


@dataclass(frozen=True)
class Read:
    """An invitation as its file tells it, for the confirmation: who invites, under which fingerprint, to serve whom."""

    code: str
    name: str
    coordinator: Listed
    fingerprint: str
    agencies: dict[str, str]


def read_invitation(*, content: bytes, at: datetime) -> Read:
    """Read an invitation's file before anybody confirms it.

    :raises NotAStatement: :raises NotADirectory: :raises InvitationOver:
    """
    found = statements.read(content)
    told = found.told
    try:
        listed = directory.read_listed(told["coordinator"])
        expires = datetime.fromisoformat(told["expires"])
        agencies = {str(code): str(name) for code, name in told["agencies"].items()}
        if told["form"] != directory.INVITATION or found.certificate != listed.sign:
            raise NotADirectory()
        if at >= expires:
            raise policy.InvitationOver()
        read = Read(str(told["code"]), str(told["name"]), listed, statements.fingerprint(listed.sign), agencies)
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotADirectory() from trouble
    _check_code(read.code)
    return read


def accept_invitation(*, content: bytes, actor: Actor | None, at: datetime) -> bytes:
    """Join by an invitation: make this node's keys, pin the coordinator's, and return the answer's file to carry back.

    :raises NotAllowed: :raises HasIdentity: :raises NoAuthority:
    :raises NotAStatement: :raises NotADirectory: :raises InvitationOver:
    """
    refuse(policy.why_not_run(actor))
    held = queries.find_identity()
    if held is not None:
        raise policy.HasIdentity(code=held.code, coordinator=held.coordinator)
    read = read_invitation(content=content, at=at)
    told = statements.peek(content)
    made = keys.make_node_keys(code=read.code, name=read.name, actor=actor, at=at)
    if told.get("tls"):
        tls.take(told["tls"])
    with transaction.atomic():
        identity = _keep_identity(
            read.code, read.name, made, coordinator=read.coordinator.code, certificate=read.coordinator.sign, at=at
        )
        identity.address = str(told["address"])[:300]
        identity.password = at_rest.seal(str(told["password"]).encode())
        identity.save(update_fields=["address", "password"])
        _keep_member(read.coordinator, at=at)
        _keep_member(_own_listing(identity, read.agencies, str(told["way"])), at=at)
        _trust(read.coordinator, actor=actor, at=at)
        if told["way"] == Way.NATS:
            transaction.on_commit(broker.mark)
        journal.record(
            "node.joined",
            subject=("node", identity.pk),
            actor=actor,
            at=at,
            code=read.code,
            coordinator=read.coordinator.code,
            fingerprint=read.fingerprint,
        )
    own = _own_listing(identity, read.agencies, str(told["way"]))
    answer = {"form": directory.ANSWER, "token": told["token"], "member": own.told()}
    return statements.sign(answer, signer(identity, at), at=at)


def _trust(listed: Listed, *, actor: Actor | None, at: datetime) -> None:
    for root in listed.roots:
        keys.trust_member(root=root, name=f"{listed.name} ({listed.code})", actor=None, at=at)


@transaction.atomic
def take_answer(*, content: bytes, actor: Actor | None, at: datetime) -> Invitation:
    """Take the answer's file back; the newcomer is no member before its fingerprint has been confirmed.

    :raises NotAllowed: :raises NotTheCoordinator: :raises NotAStatement: :raises NotADirectory: :raises InvitationOver:
    """
    refuse(policy.why_not_coordinate(actor, queries.lock_identity()))
    found = statements.read(content)
    if found.told.get("form") != directory.ANSWER or not isinstance(found.told.get("member"), dict):
        raise NotADirectory()
    listed = directory.read_listed(found.told["member"])
    if found.certificate != listed.sign:
        raise NotADirectory()
    open_ones = Invitation.objects.select_for_update().filter(status__in=(Asking.OPEN, Asking.ANSWERED))
    row = open_ones.filter(token=_digest(str(found.told.get("token"))), code=listed.code).first()
    if row is None or at >= row.expires_at:
        raise policy.InvitationOver()
    row.status, row.answer = Asking.ANSWERED, listed.told()
    row.save(update_fields=["status", "answer"])
    journal.record("node.answered", subject=("invitation", row.pk), actor=actor, at=at, code=row.code)
    return row


def confirm_member(*, invitation_id: int, actor: Actor | None, at: datetime) -> Member:
    """Confirm the newcomer, once its fingerprint was compared; the next edition lists it.

    :raises NotAllowed: :raises NotTheCoordinator: :raises InvitationOver: :raises AgencyServedElsewhere:
    """
    with transaction.atomic():
        identity = queries.lock_identity()
        refuse(policy.why_not_coordinate(actor, identity))
        row = _lock_invitation(invitation_id)
        if row.status != Asking.ANSWERED:
            raise policy.InvitationOver()
        _free(row.agencies)
        said = directory.read_listed(row.answer)
        agencies = tuple(directory.Agency(each, row.agencies[each]) for each in sorted(row.agencies))
        listed = Listed(row.code, row.name, row.way, Standing.MEMBER, said.sign, said.seal, said.roots, agencies)
        member = _keep_member(listed, at=at)
        member.password = bytes(row.password)
        _note_came(member, row.agencies, identity.version + 1)
        member.save(update_fields=["password", "formers", "left"])
        _trust(listed, actor=actor, at=at)
        row.status, row.settled_at = Asking.CONFIRMED, at
        row.save(update_fields=["status", "settled_at"])
        journal.record(
            "node.confirmed",
            subject=("member", member.pk),
            actor=actor,
            at=at,
            code=row.code,
            fingerprint=statements.fingerprint(said.sign),
        )
    publish(actor=actor, at=at)
    return member


# The directory ---------------------------------------------------------------------------------------------------------------


def change_member(*, code: str, way: str, agencies: Mapping[str, str], actor: Actor | None, at: datetime) -> Member:
    """Change how a member is reached and which agencies it serves; an agency that another one served moves over to it.

    :raises NotAllowed: :raises NotTheCoordinator: :raises NoSuchMember: :raises Expelled:
    """
    with transaction.atomic():
        identity = queries.lock_identity()
        refuse(policy.why_not_coordinate(actor, identity))
        member = queries.lock_member(code)
        refuse(policy.why_not_believe(member))
        version = identity.version + 1
        for other in Member.objects.select_for_update(no_key=True).exclude(pk=member.pk).order_by("id"):
            moved = {each for each in agencies if each in other.agencies}
            if moved:
                other.agencies = {each: name for each, name in other.agencies.items() if each not in moved}
                _note_left(other, moved, version)
                other.save(update_fields=["agencies", "formers", "left"])
        was, before = sorted(member.agencies), str(member.way)
        _note_left(member, [each for each in was if each not in agencies], version)
        _note_came(member, [each for each in agencies if each not in was], version)
        member.way, member.agencies = Way(way), dict(agencies)
        member.save(update_fields=["way", "agencies", "formers", "left"])
        journal.record(
            "node.changed",
            subject=("member", member.pk),
            actor=actor,
            at=at,
            code=code,
            way=way,
            before=before,
            was=was,
            agencies=sorted(agencies),
        )
    publish(actor=actor, at=at)
    return member


def expel(*, code: str, reason: str, actor: Actor | None, at: datetime) -> Member:
    """Expel a member: from the next edition on nobody takes anything from it or sends to it.

    :raises NotAllowed: :raises NotTheCoordinator: :raises NoSuchMember: :raises Expelled: it was before
    :raises ItselfOrCoordinator: the coordinating node itself
    """
    with transaction.atomic():
        identity = queries.lock_identity()
        refuse(policy.why_not_coordinate(actor, identity))
        member = queries.lock_member(code)
        refuse(policy.why_not_believe(member))
        if member.code == identity.code:
            raise policy.ItselfOrCoordinator()
        _note_left(member, list(member.agencies), identity.version + 1)
        member.save(update_fields=["formers", "left"])
        _keep_member(_expelled(member), at=at)
        journal.record(
            "node.expelled", subject=("member", member.pk), actor=actor, at=at, code=code, reason=reason[:500]
        )
    publish(actor=actor, at=at)
    return queries.get_member(code)


def _expelled(member: Member) -> Listed:
    was = _listing(member)
    return Listed(was.code, was.name, was.way, Standing.EXPELLED, was.sign, was.seal, was.roots, ())


def publish(*, actor: Actor | None, at: datetime) -> Edition | None:
    """Sign the next edition when the directory has changed since the last, and send it to every member; repeatable.

    Nothing happens on a node that does not coordinate.
    """
    identity = queries.find_identity()
    if identity is None or not identity.coordinates:
        return None
    newest = queries.find_edition()
    members = tuple(_listing(member) for member in Member.objects.order_by("code"))
    held = statements.peek(bytes(newest.content)) if newest is not None else {"members": []}
    if held["members"] == [member.told() for member in members]:
        return newest
    version = newest.version + 1 if newest is not None else 1
    edition = directory.Edition(version, newest.digest if newest else "", identity.code, members)
    content = statements.sign(edition.told(), signer(identity, at), at=at)
    with transaction.atomic():
        identity = queries.lock_identity()
        if identity.version != version - 1:
            return queries.find_edition()  # another process published meanwhile: it is repeated by the timetable
        made = Edition.objects.create(
            version=version, digest=statements.digest_of(edition.told()), content=content, taken_at=at
        )
        identity.version = version
        identity.save(update_fields=["version"])
        journal.record(
            "directory.published",
            subject=("edition", version),
            actor=actor,
            at=at,
            digest=made.digest,
            members=len(members),
        )
    send_edition(at=at)
    return made


def send_edition(*, at: datetime) -> int:
    """Send the edition in force to every partner that was not sent it; returns how many parcels were made."""
    identity, newest = queries.get_identity(), queries.find_edition()
    if newest is None or not identity.coordinates:
        return 0
    made = 0
    for member in queries.list_partners():
        key = f"directory:{newest.version}:{member.code}"
        if queries.find_parcel(key) is not None:
            continue
        told = {
            "form": parcels.MANIFEST,
            "kind": "directory",
            "from": {"node": identity.code, "agency": "", "name": identity.name},
            "to": {"node": member.code, "agency": "", "name": member.name},
            "at": at.isoformat(),
            "edition": base64.b64encode(bytes(newest.content)).decode(),
            "files": [],
        }
        manifest = statements.sign(told, signer(identity, at), at=at)
        feeds.enqueue(member_id=member.pk, key=key, manifest=manifest, urgency=3, actor=None, at=at)
        made += 1
    return made


@transaction.atomic
def take_edition(*, content: bytes, actor: Actor | None, at: datetime) -> Edition:
    """Put an edition of the coordinating node into force; the same one again changes nothing.

    :raises NotAStatement: :raises NotByItsKey: not signed by the key that was pinned when this node joined
    :raises NotADirectory: :raises NotInDirectory: it does not list this node
    :raises OldEdition: an older version, or the same version with other words: somebody would take something back
    """
    identity = queries.lock_identity()
    found = statements.read_by(content, bytes(identity.coordinator_certificate), name=identity.coordinator)
    edition = directory.read_edition(found)
    newest = queries.find_edition()
    if newest is not None and newest.digest == found.digest:
        return newest
    if newest is not None and edition.version <= newest.version:
        raise OldEdition(version=edition.version, held=newest.version)
    own = next((listed for listed in edition.members if listed.code == identity.code), None)
    if edition.coordinator != identity.coordinator or own is None or own.sign != bytes(identity.sign_certificate):
        raise policy.NotInDirectory()
    for listed in edition.members:
        _keep_member(listed, at=at)
        if listed.standing == Standing.MEMBER and listed.code != identity.code:
            _trust(listed, actor=actor, at=at)
    gone = Member.objects.exclude(code__in=[listed.code for listed in edition.members])
    gone.update(standing=Standing.EXPELLED, expelled_at=at, agencies={})
    identity.version = edition.version
    identity.save(update_fields=["version"])
    made = Edition.objects.create(version=edition.version, digest=found.digest, content=content, taken_at=at)
    journal.record(
        "directory.taken",
        subject=("edition", edition.version),
        actor=actor,
        at=at,
        digest=made.digest,
        members=len(edition.members),
    )
    return made
