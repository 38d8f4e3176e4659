"""Between nodes: a delivery becomes a parcel, a parcel becomes an arrival, and the recipient's acts come back as signed receipts.

Out: the sending agency signs the manifest, the feed numbers it (`carry`); the line or a stick does the rest. In: a parcel that came
whole is opened, its signatures are believed or not, its files are kept, and the arrival, the receipts owed and the settled number
are one transaction (`take`). What cannot be taken is set aside with the reason, and the sender learns it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.correspondents.states import Channel, Source
from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.documents.operations import NewArrival
from antin.documents.states import MASKS, Circulation, Secrecy
from antin.documents.types import ALL_TYPES
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.channels.wire import LineFault
from antin.exchange.operations import From, Signed
from antin.exchange.states import ChangeKind, Status
from antin.files import operations as files
from antin.files import queries as kept
from antin.identifiers.text import clean_line
from antin.journeys import change_document, deliver, give_memory, sealing, sealing_abroad, secrecy_abroad, telling
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, policy, receipts, statements
from antin.nodes import queries as members
from antin.nodes.directory import OldEdition
from antin.nodes.parcels import Letter, NotAParcel
from antin.nodes.receipts import NotAReceipt
from antin.nodes.states import Coming, Standing
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.outbox import queries as outbox
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.signing import operations as signing
from antin.vault import operations as secrets
from antin.vault import queries as vault
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Answer, ChangeReply, Delivery, Incoming
    from antin.nodes.models import Member, Parcel, Received
    from antin.people.actor import Actor

SIGNINGS = 5
MOST_URGENT = 3
AT_ONCE = 32
"""How many messages of a stick are taken in at once."""
ASKED_AGAIN = 5
"""How often a parcel with something lacking or damaged is asked for again before it is set aside."""
REJECTED = _("Đã từ chối dữ liệu mang tên nút %(sender)s: %(words)s")


class NotToANode(LineFault):
    """No parcel can be made of it: no such member any more, too large, nobody to sign."""

    code = "not_to_a_node"
    words = _("Không gửi được sang nút %(node)s: %(why)s")
    final = True


class NotSignedYet(LineFault):
    code = "receipt_not_signed"
    words = _("Chưa ký được giấy báo gửi nút %(node)s: %(why)s")


class NotRememberedYet(Refusal):
    """This node was restored: a receipt signed now could contradict one that was signed after the backup."""

    code = "not_remembered_yet"
    words = _("máy chủ này vừa được khôi phục, chờ bên kia cho biết đã ký những gì sau bản sao lưu")


class NotSealedToThem(Refusal):
    code = "not_sealed_to_them"
    words = _("Văn bản mật chưa được niêm phong cho người đọc của %(agency)s khi phát hành.")


class SecretInClear(Refusal):
    """A paper that says it is secret and comes unsealed, or the other way round: somebody has let a level fall."""

    code = "secret_in_clear"
    words = _("Văn bản ghi độ mật nhưng không niêm phong đúng độ mật đó; không nhận.")


class NotServedHere(Refusal):
    code = "agency_not_served_here"
    words = _("Cơ quan %(agency)s không thuộc nút này.")


class SenderNotServedThere(Refusal):
    """A node speaks for an agency that the directory gives to another."""

    code = "sender_not_served_there"
    words = _("Danh bạ không giao cơ quan %(agency)s cho nút %(node)s.")


class NotYoursToAskBack(Refusal):
    """Somebody asks back, replaces or corrects what another agency sent."""

    code = "not_yours_to_ask_back"
    words = _("Cơ quan %(agency)s không gửi văn bản mà họ yêu cầu thu hồi, thay thế hoặc đính chính.")


class BrokenHere(Refusal):
    """Nothing is known to be wrong with the parcel: whoever opens it here fails, or is killed by it."""

    code = "parcel_broken_here"
    words = _("Máy chủ này mở kiện nhiều lần không được, lỗi của chương trình: %(fault)s")


class BrokeItsTaker(Refusal):
    code = "message_broke_its_taker"
    words = _("Không xử lý được một thông điệp trên đường (%(what)s); xem nhật ký của máy chủ.")


class FileLacking(Refusal):
    """A file that the partner thought we had has to come first."""

    code = "parcel_file_lacking"
    words = _("Thiếu tệp mà bên gửi cho rằng bên này đã có.")


# Out -------------------------------------------------------------------------------------------------------------------------


def carry(delivery: Delivery, at: datetime) -> str:
    """Make a parcel of one delivery, signed by its agency, and give it the next number of the feed. Returns the parcel's name.

    :raises NotToANode:
    """
    try:
        identity, member = members.get_identity(), members.get_member(delivery.line)
        document = papers.get_issued(delivery.dispatch.document_id)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
        assert delivery.correspondent is not None
        paper = deliver.paper_of(document)
        sealed = _sealed_for(document, delivery.correspondent.code)
        if sealed:  # declassified meanwhile it goes as it was sealed, and the decision follows
            paper = replace(paper, secrecy=sealed["level"], subject=MASKS[Secrecy(sealed["level"])])
        told = {
            "form": parcels.MANIFEST,
            "kind": "document",
            "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
            "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
            "at": delivery.sent_at.isoformat(),
            "document": _told(paper),
            "files": _files(paper) + _sealed_files(paper, sealed),
            **({"classified": sealed} if sealed else {}),
        }
        manifest = statements.sign(told, signer, at=at)
        with transaction.atomic(durable=True):
            parcel = nodes.enqueue(
                member_id=member.pk,
                key=f"delivery:{delivery.pk}:{delivery.attempts}",
                manifest=manifest,
                urgency=document.urgency,
                about=document.code,
                actor=None,
                at=at,
            )
    except LineFault:
        raise
    except Refusal as no:
        raise NotToANode(node=delivery.line, why=no.message) from no
    return parcel.digest


def _sealed_for(document: Document, agency: str) -> dict[str, Any]:
    """What the agency was handed of a classified document when it was issued. :raises NotSealedToThem:"""
    if document.classified_id is None:
        return {}
    handed = vault.find_handed_abroad(document.classified_id, agency)
    if handed is None:
        raise NotSealedToThem(agency=agency)
    held = vault.get(document.classified_id)
    now = {"level": held.level, "fixed_on": held.fixed_on.isoformat(), "until": held.protected_until.isoformat()}
    return {**handed.told, **now}  # what was decided since then is as it is


def _sealed_files(paper: NewArrival, sealed: dict[str, Any]) -> list[dict[str, Any]]:
    """The sealed bytes that go along beside the page and the attachments: title, names of files."""
    there = {paper.file, *(digest for _name, digest, _size, _type in paper.attachments)}
    named = dict.fromkeys(each["file"] for each in sealed.get("contents", []) if each["file"] not in there)
    return [
        {
            "role": "sealed",
            "name": "",
            "media_type": kept.get(digest).media_type,
            "size": kept.get(digest).size,
            "sha256": digest,
        }
        for digest in named
    ]


def _told(paper: NewArrival) -> dict[str, Any]:
    return {
        "type_code": paper.type_code,
        "subject": paper.subject,
        "urgency": paper.urgency,
        "issuer_name": paper.issuer_name,
        "issuer_code": paper.issuer_code,
        "number": paper.number,
        "notation": paper.notation,
        "code": paper.code,
        "date": paper.document_date.isoformat() if paper.document_date else None,
        "identifier": paper.identifier,
        "reply_by": paper.reply_by.isoformat() if paper.reply_by else None,
        "pages": paper.pages,
        "signer_name": paper.signer_name,
        "answers": paper.answers,
        "paper": paper.file,
        **({"secrecy": paper.secrecy} if paper.secrecy else {}),
        **({"circulation": paper.circulation} if paper.circulation else {}),
    }


def _files(paper: NewArrival) -> list[dict[str, Any]]:
    own = kept.get(paper.file)
    first = {"role": "paper", "name": "", "media_type": own.media_type, "size": own.size, "sha256": paper.file}
    return [first] + [
        {"role": "attachment", "name": name, "media_type": media_type, "size": kept.get(digest).size, "sha256": digest}
        for name, digest, _size, media_type in paper.attachments
    ]


def ask(reply: ChangeReply, at: datetime) -> str:
    """Ask a holder on another node to let a document be recalled, replaced or corrected: a parcel signed by its agency.

    It is urgent: should it be there before the document, it waits for that. Returns the parcel's name. :raises NotToANode:
    """
    change, delivery = reply.change, reply.delivery
    assert delivery is not None and delivery.correspondent is not None and change.document is not None
    document, by = change.document, change.by
    try:
        identity, member = members.get_identity(), members.get_member(delivery.line)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        carried = members.find_parcel_for(f"delivery:{delivery.pk}")
        told = {
            "form": parcels.MANIFEST,
            "kind": "change",
            "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
            "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
            "at": change.asked_at.isoformat(),
            "parcel": delivery.reference or (carried.digest if carried is not None else ""),
            "document": {"code": document.code, "identifier": document.identifier},
            "change": {
                "kind": change.kind,
                "reason": change.reason,
                "by_code": change.by_code,
                "by": by.identifier if by is not None else "",
                "asked_by": change.asked_by,
            },
            "files": [],
        }
        manifest = statements.sign(told, keys.open_signer(certificate_id=certificate.pk, pin=None, at=at), at=at)
        with transaction.atomic(durable=True):
            parcel = nodes.enqueue(
                member_id=member.pk,
                key=f"change:{reply.pk}",
                manifest=manifest,
                urgency=MOST_URGENT,
                about=document.code,
                actor=None,
                at=at,
            )
    except LineFault:
        raise
    except Refusal as no:
        raise NotToANode(node=delivery.line, why=no.message) from no
    return parcel.digest


def answer(answer: Answer, at: datetime) -> str:
    """Sign every receipt owed for an arrival that is not signed yet, and send the whole chain. Returns the last one's digest.

    The chain goes whole each time: what was lost on the way is in the next one. :raises NotSignedYet:
    """
    incoming = answer.incoming
    try:
        member = members.get_member(incoming.line)
        if members.awaits_memory(member):
            raise NotRememberedYet()
        for _attempt in range(SIGNINGS):
            if _sign_owed(incoming, at):
                break
        chain = deliveries.list_signed_of_incoming(incoming.pk)
        send_chain(member, incoming, at)
    except LineFault:
        raise
    except Refusal as no:
        raise NotSignedYet(node=incoming.line, why=no.message) from no
    return chain[-1].digest


def _sign_owed(incoming: Incoming, at: datetime) -> bool:
    """Sign what is owed behind the chain's end; False when another process was quicker."""
    owed, chain = deliveries.list_owed(incoming.pk), deliveries.list_signed_of_incoming(incoming.pk)
    there = {(each.kind, each.about) for each in chain}
    fresh = [each for each in owed if (each.kind, each.about) not in there]
    if not fresh:
        return True
    document = papers.get(incoming.document_id)
    certificate = certificates.get_certificate_for_agency(document.agency_id, at)
    signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
    former = chain[-1].digest if chain else incoming.reference
    signed: list[Signed] = []
    for number, each in enumerate(fresh, len(chain) + 1):
        told = receipts.tell(
            kind=each.kind,
            number=number,
            former=former,
            parcel=incoming.reference,
            document={"code": document.code, "identifier": document.identifier, "paper": document.file},
            sender=incoming.sender_code,
            agency=incoming.addressed_code,
            at=each.at,
            facts=each.facts | {"change": each.about} if each.about else each.facts,
        )
        former = statements.digest_of(told)
        signed.append(Signed(number, each.kind, former, statements.sign(told, signer, at=at), each.about))
    with transaction.atomic(durable=True):
        return exchange.keep_signed(incoming_id=incoming.pk, after=len(chain), signed=signed, actor=None, at=at)


def send_chain(member: Member, incoming: Incoming, at: datetime, *, again: str = "") -> None:
    """Send the chain of receipts of one arrival to its sender's node, once per length, or `again` when it has lost them."""
    identity = members.get_identity()
    chain = deliveries.list_signed_of_incoming(incoming.pk)
    told = {
        "form": parcels.MANIFEST,
        "kind": "receipts",
        "from": {"node": identity.code, "agency": incoming.addressed_code, "name": identity.name},
        "to": {"node": member.code, "agency": incoming.sender_code, "name": incoming.sender_name},
        "at": at.isoformat(),
        "parcel": incoming.reference,
        "receipts": [base64.b64encode(bytes(each.content)).decode() for each in chain],
        "files": [],
    }
    manifest = statements.sign(told, _node_signer(at), at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=member.pk,
            key=f"receipts:{incoming.pk}:{len(chain)}{again}",
            manifest=manifest,
            urgency=1,
            actor=None,
            at=at,
        )


def send_test(*, code: str, actor: Actor, at: datetime) -> Parcel:
    """Send a partner a parcel that carries nothing: it comes back as its statement that it has taken it, over the whole way.

    :raises NotAllowed: :raises NoIdentity: :raises NoSuchMember: :raises Expelled:
    """
    refuse(policy.why_not_run(actor))
    identity, member = members.get_identity(), members.get_member(code)
    told = {
        "form": parcels.MANIFEST,
        "kind": members.TEST,
        "from": {"node": identity.code, "agency": "", "name": identity.name},
        "to": {"node": member.code, "agency": "", "name": member.name},
        "at": at.isoformat(),
        "files": [],
    }
    manifest = statements.sign(told, _node_signer(at), at=at)
    key = f"test:{member.pk}:{at.isoformat()}"
    with transaction.atomic(durable=True):
        return nodes.enqueue(member_id=member.pk, key=key, manifest=manifest, urgency=3, actor=actor, at=at)


def _take_test(received: Received, letter: Letter, at: datetime) -> None:
    statements.read_by(letter.manifest.der, bytes(received.member.sign_certificate), name=received.member.code)
    with transaction.atomic(durable=True):
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def _node_signer(at: datetime) -> keys.Signer:
    identity = members.get_identity()
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)


# In --------------------------------------------------------------------------------------------------------------------------


def take(*, received_id: int, at: datetime) -> None:
    """Take one parcel that has come whole; repeating it changes nothing. What is refused is set aside, and told to both sides."""
    received = members.get_received(received_id)
    if received.status != Coming.WHOLE:
        return
    try:
        letter = nodes.open_received(received_id=received_id, at=at)
        _refuse_another_way(received, letter)
        match received.kind:
            case "document":
                _take_document(received, letter, at)
            case "receipts":
                _take_receipts(received, letter, at)
            case "change":
                _take_change(received, letter, at)
            case secrecy_abroad.KIND:
                secrecy_abroad.take(received, letter, at)
            case sealing_abroad.KIND:
                sealing_abroad.take(received, letter, at)
            case give_memory.KIND:
                give_memory.take(received, letter, at)
            case "directory":
                _take_directory(received, letter, at)
            case members.TEST:
                _take_test(received, letter, at)
            case _:
                raise NotAParcel()
    except (FileLacking, parcels.PieceDamaged) as no:
        if received.attempts % (ASKED_AGAIN + 1) < ASKED_AGAIN:  # trying again what was set aside asks anew
            with transaction.atomic(durable=True):
                nodes.lack(received_id=received_id, actor=None, at=at)
        else:
            _set_aside(received, no, at)
    except Refusal as no:
        _set_aside(received, no, at)


def set_broken_aside(*, at: datetime) -> int:
    """Set parcels aside whose taking was given up: by a fault of the program or after its process died of it time and again.

    They would be whole for ever, and everything behind them not acknowledged. Run by the clock; how many there were.
    """
    broken = 0
    for made in outbox.list_dead_named("take_parcel"):
        received = members.find_whole(int(made.ids["received_id"]))
        if received is not None and made.key == received.taking:
            _set_aside(received, BrokenHere(fault=made.last_fault[:300]), at)
            broken += 1
    return broken


def _set_aside(received: Received, no: Refusal, at: datetime) -> None:
    with transaction.atomic(durable=True):
        nodes.set_aside(received_id=received.pk, code=no.code, words=no.message, actor=None, at=at)
    _reject(received.member.code, no, at)


def _reject(sender: str, no: Refusal, at: datetime) -> None:
    """Record that something was not believed; administrators are told of the first of a kind each day."""
    row = nodes.reject(sender=sender, refusal=no, actor=None, at=at)
    holders = _administrators(at)
    if row.count > 1 or not holders:
        return
    news = News(
        holders,
        "parcel.rejected",
        REJECTED,
        ("rejection", row.pk),
        {"sender": row.sender, "words": row.words},
        "/administration/nodes",
        f"rejected:{row.pk}",
    )
    with transaction.atomic(durable=True):
        notices.tell_many([news], actor=None, at=at)


def _administrators(at: datetime) -> list[str]:
    root = people.find_root()
    if root is None:
        return []
    rows = people.find_posts_with_role(agency_id=root.pk, role=Role.ADMINISTRATOR, on=local_date(at))
    return [f"P{row.id}" for row in rows]


def _refuse_another_way(received: Received, letter: Letter) -> None:
    """Demand that the manifest names the two nodes that the envelope names, and its own kind."""
    told = letter.manifest.told
    try:
        ways = (told["from"]["node"], told["to"]["node"], told["kind"])
    except (KeyError, TypeError) as trouble:
        raise NotAParcel() from trouble
    if ways != (received.member.code, members.get_identity().code, received.kind):
        raise NotAParcel()


def _take_document(received: Received, letter: Letter, at: datetime) -> None:
    told, member = letter.manifest.told, received.member
    try:
        sender, sender_name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        recipient = str(told["to"]["agency"])
        moment = datetime.fromisoformat(told["at"])
        paper = _read_paper(told)
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAParcel() from trouble
    if sender not in member.agencies or paper.issuer_code != sender:
        raise SenderNotServedThere(agency=sender, node=member.code)
    roots = members.roots_of(member)
    statements.refuse_stranger(letter.manifest, code=sender, name=sender_name, roots=roots, at=moment)
    agency = people.find_agency_by_code(recipient)
    if agency is None or recipient not in members.get_member(members.get_identity().code).agencies:
        raise NotServedHere(agency=recipient)
    returned = give_memory.read_own(list(letter.returned), parcel=received.digest, agency=recipient, name=agency.name)
    classified = _classified_of(told, paper)
    key = f"node:{received.digest}"
    is_new = classified and papers.find_arrived(key) is None
    clerks = sealing.find_clerks(agency.pk, paper.secrecy, at=at) if is_new else {}
    named = _keep_files(received, letter, at)
    report = None if classified else signing.verify(file=paper.file, at=at)  # sealed, its clerk judges it
    manifest = files.keep(letter.manifest.der, at=at)
    arrival = NewArrival(
        **{
            **vars(paper),
            "delivery_key": key,
            "agency_id": agency.pk,
            "verdict": report.verdict if report else "",
            "replaces_paper": report.replaces_paper if report else False,
        }
    )
    come = From(
        channel=Channel.FILE if received.way == "file" else Channel.NODE,
        line=member.code,
        sender_code=sender,
        sender_name=sender_name,
        addressed_code=recipient,
        reference=received.digest,
        message_file=manifest.digest,
        correspondent=directory.find_by_code(sender),
    )
    with transaction.atomic(durable=True):
        there = papers.find_arrived(key)
        if classified and there is None:
            held = secrets.take_from_abroad(
                agency_id=agency.pk,
                came_from=paper.issuer_name,
                told=classified,
                files=frozenset(named),
                persons=clerks,
                actor=None,
                at=at,
            )
            arrival = replace(arrival, classified_id=held.pk)
        arrived = there or documents.arrive_many(arrivals=[arrival], actor=None, at=at)[key]
        before = deliveries.lock_incoming(arrived)
        incoming = exchange.record_incoming(arrival_id=arrived, come=come, actor=None, at=at)
        if before is None:
            if report is not None:
                verdict = {"verdict": str(report.verdict), "paper": paper.file}
                exchange.owe_verification(arrival_id=arrived, actor=None, at=at, **verdict)
            news = telling.news(
                "document.arrived",
                [f"R{agency.pk}"],
                arrived,
                code=paper.code,
                subject=paper.subject,
                by=paper.issuer_name,
            )
            notices.tell_many([news], actor=None, at=at)
            if returned:
                give_memory.take_up(incoming, returned, after=0, kind="document.came_back", at=at)
        nodes.settle(received_id=received.pk, files_kept=named, actor=None, at=at)
        for kind in ("change", secrecy_abroad.KIND):
            nodes.take_waiting(code=member.code, kind=kind, actor=None, at=at)
    if before is not None and deliveries.count_signed(incoming.pk):  # it came again: its sender has lost our receipts
        send_chain(member, incoming, at, again=f":again:{received.pk}")


def _classified_of(told: dict[str, Any], paper: NewArrival) -> dict[str, Any]:
    """What is sealed of a classified paper; nothing of any other. :raises SecretInClear: the levels do not agree"""
    sealed = told.get("classified")
    if not sealed and not paper.secrecy:
        return {}
    if not isinstance(sealed, dict) or sealed.get("level") != paper.secrecy or paper.secrecy not in MASKS:
        raise SecretInClear()
    contents = sealed.get("contents")
    bodies = {each.get("file") for each in contents if isinstance(each, dict)} if isinstance(contents, list) else set()
    if not bodies.issuperset((paper.file, *(digest for _name, digest, _size, _type in paper.attachments))):
        raise SecretInClear()
    return sealed


def _take_change(received: Received, letter: Letter, at: datetime) -> None:
    """Take in that an agency of the partner's asks back, replaces or corrects what it sent us; before that has come, it waits."""
    told, member = letter.manifest.told, received.member
    try:
        sender, sender_name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        moment, change = datetime.fromisoformat(told["at"]), told["change"]
        kind, about = ChangeKind(change["kind"]), str(told["parcel"])
        reason, by_code = clean_line(change["reason"])[:1000], clean_line(change["by_code"])[:80]
        asked_by = clean_line(change["asked_by"])[:200]
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAParcel() from trouble
    if sender not in member.agencies:
        raise SenderNotServedThere(agency=sender, node=member.code)
    statements.refuse_stranger(
        letter.manifest, code=sender, name=sender_name, roots=members.roots_of(member), at=moment
    )
    with transaction.atomic(durable=True):
        members.lock_member(member.code)  # the document's own taking waits for us, or we see it
        incoming = deliveries.find_incoming_of(member.code, about)
        if incoming is None:
            return
        if (incoming.sender_code, incoming.addressed_code) != (sender, str(told["to"].get("agency"))):
            raise NotYoursToAskBack(agency=sender)
        change_document.take_question(
            arrival_id=incoming.document_id,
            kind=kind,
            reason=reason,
            by_code=by_code,
            asked_by=asked_by,
            reference=received.digest,
            at=at,
        )
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def _read_paper(told: dict[str, Any]) -> NewArrival:
    """The paper's facts as the manifest has them, each of its kind and within its bounds. :raises ValueError: and its like"""
    facts = told["document"]
    files_named = parcels.files_of(told)
    attachments = tuple(
        (clean_line(each["name"])[:200] or "?", each["sha256"], each["size"], each["media_type"][:100])
        for each in files_named
        if each["role"] == "attachment"
    )
    if [each["sha256"] for each in files_named if each["role"] == "paper"] != [facts["paper"]]:
        raise ValueError("paper")
    if facts["type_code"] not in ALL_TYPES or facts["urgency"] not in range(4):
        raise ValueError("type")
    secrecy = facts.get("secrecy", 0)
    if secrecy not in range(4):
        raise ValueError("secrecy")
    number = facts["number"]
    if number is not None and not (isinstance(number, int) and 0 < number < 2**31):
        raise ValueError("number")
    return NewArrival(
        delivery_key="",
        agency_id=0,
        type_code=facts["type_code"],
        subject=str(MASKS[Secrecy(secrecy)]) if secrecy else clean_line(facts["subject"])[:500],
        secrecy=secrecy,
        circulation=Circulation(facts.get("circulation", "")),
        urgency=facts["urgency"],
        issuer_name=clean_line(facts["issuer_name"])[:300],
        issuer_code=facts["issuer_code"][:35],
        number=number,
        notation=clean_line(facts["notation"])[:60],
        code=clean_line(facts["code"])[:80],
        document_date=date.fromisoformat(facts["date"]) if facts["date"] else None,
        identifier=clean_line(facts["identifier"])[:160],
        reply_by=date.fromisoformat(facts["reply_by"]) if facts["reply_by"] else None,
        file=facts["paper"],
        pages=max(0, min(int(facts["pages"]), 32_767)),
        signer_name=clean_line(facts["signer_name"])[:160],
        answers=clean_line(facts["answers"])[:160],
        attachments=attachments,
    )


class _Following(io.RawIOBase):
    """A file of a parcel as a stream, opened piece by piece; it fails at its end when it is not the file that was named."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        size = min(len(into), len(self._rest))
        into[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _keep_files(received: Received, letter: Letter, at: datetime) -> list[str]:
    """Keep the files that followed; those that did not must have come from this very partner before."""
    for which, _content in enumerate(letter.following):
        stream = _Following(nodes.read_following(received_id=received.pk, letter=letter, which=which, at=at))
        files.keep(io.BufferedReader(stream), at=at)
    named = [each["sha256"] for each in parcels.files_of(letter.manifest.told)]
    followed = {content.digest for content in letter.following}
    for digest in named:
        if digest not in followed and not members.has_carried(received.member, digest):
            raise FileLacking()
    return named


def _take_receipts(received: Received, letter: Letter, at: datetime) -> None:
    told, member = letter.manifest.told, received.member
    statements.read_by(letter.manifest.der, bytes(member.sign_certificate), name=member.code)
    try:
        digest, sent = str(told["parcel"]), [base64.b64decode(each, validate=True) for each in told["receipts"]]
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    parcel = members.find_parcel_of(member, digest)
    delivery = give_memory.delivery_of(parcel) if parcel is not None else None
    if delivery is None or delivery.correspondent is None or len(sent) > receipts.MOST:
        raise NotAReceipt(what=gettext("nói về kiện khác hoặc nơi nhận khác"))
    chain = deliveries.list_links(delivery.pk)
    for known, again in zip(chain, sent, strict=False):
        if statements.digest_of(statements.peek(again)) != known.digest:
            raise NotAReceipt(what=gettext("khác với giấy báo đã nhận"))
    former = chain[-1].digest if chain else digest
    fresh: list[receipts.Receipt] = []
    for number, der in enumerate(sent[len(chain) :], len(chain) + 1):
        found = receipts.read(
            der,
            parcel=digest,
            agency=delivery.correspondent.code,
            name=delivery.recipient_name,
            number=number,
            former=former,
            roots=members.roots_of(member),
        )
        former = found.digest
        fresh.append(found)
    signed = [Signed(each.number, each.kind, each.digest, each.der) for each in fresh]
    with transaction.atomic(durable=True):
        exchange.keep_links(delivery_id=delivery.pk, signed=signed, actor=None, at=at)
        for each in fresh:
            _tell_board(delivery, each, at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


CHANGES = ("change_agreed", "change_refused")
FACTS = ("arrival_number", "return_code", "return_words", "reply_code", "names")


def _tell_board(delivery: Delivery, receipt: receipts.Receipt, at: datetime) -> None:
    if receipt.kind == "verified":
        return
    if receipt.kind in CHANGES:
        change_document.take_answer(
            delivery_id=delivery.pk,
            agreed=receipt.kind == "change_agreed",
            words=clean_line(str(receipt.facts.get("return_words", "")))[:1000],
            reference=str(receipt.facts.get("change", "")),
            at=at,
        )
        return
    facts = {name: receipt.facts[name] for name in FACTS if name in receipt.facts}
    exchange.record_receipt(
        delivery_id=delivery.pk, kind=Status(receipt.kind), facts=facts, actor=None, at=min(receipt.at, at)
    )
    if receipt.kind == "returned":
        document = papers.get(delivery.dispatch.document_id)
        words = str(facts.get("return_words") or documents.RETURN_REASONS.get(facts.get("return_code", ""), ""))
        telling.tell(
            "delivery.returned",
            [f"R{delivery.dispatch.agency_id}"],
            document.pk,
            actor=None,
            at=at,
            code=document.code,
            to=delivery.recipient_name,
            words=words,
        )


def _take_directory(received: Received, letter: Letter, at: datetime) -> None:
    try:
        edition = base64.b64decode(letter.manifest.told["edition"], validate=True)
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    try:
        take_edition(content=edition, at=at)
    except OldEdition as no:
        if no.facts["version"] == no.facts["held"]:
            raise
        # true, and overtaken on its way by a newer one: nothing is left to do
    with transaction.atomic(durable=True):
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def take_edition(*, content: bytes, at: datetime) -> None:
    """Put an edition into force, and let the directory of outside agencies agree with it. :raises Refusal: as nodes.take_edition"""
    with transaction.atomic(durable=True):
        nodes.take_edition(content=content, actor=None, at=at)
    list_agencies(at=at)


def list_agencies(*, at: datetime) -> None:
    """Let the directory of outside agencies say of every agency of a member that it is reached there. Repeatable.

    An agency that went over to another member goes on under the way that leads there today; one that nobody serves is closed.
    """
    identity = members.find_identity()
    if identity is None:
        return
    by_hand = {member.pk for member in members.list_partners("file")}
    for member in members.list_partners():
        channel = Channel.FILE if member.pk in by_hand else Channel.NODE
        for code, name in sorted(member.agencies.items()):
            with transaction.atomic(durable=True):
                _list_agency(code, name, channel, member.code, at)
    _close_gone(identity.code, at)
    _free_stopped(at)


def _free_stopped(at: datetime) -> None:
    """What was on its way to a node when that was expelled goes after its agency, or has failed. Repeatable."""
    gone = {row.code: row for row in members.list_members() if row.standing == Standing.EXPELLED}
    for delivery in deliveries.list_on_the_way(list(gone)):
        if members.is_stopped(gone[delivery.line], delivery.reference):
            no = policy.Expelled(code=delivery.line)
            _fail(delivery, no.code, no.message, at)


def keep_directory(*, at: datetime) -> None:
    """Finish what a crash cut short: an edition not published or not sent, agencies not listed. Run by the clock."""
    identity = members.find_identity()
    if identity is None:
        return
    nodes.publish(actor=None, at=at)
    nodes.send_edition(at=at)
    list_agencies(at=at)
    sealing_abroad.publish(at=at)


def _list_agency(code: str, name: str, channel: Channel, line: str, at: datetime) -> None:
    found = directory.find_by_code(code)
    if found is None:
        correspondents.enter(code=code, name=name, channel=channel, line=line, source=Source.NODE, actor=None, at=at)
        return
    if found.source != Source.NODE:
        return
    if found.closed_at is not None:
        found = correspondents.open_again(correspondent_id=found.pk, channel=channel, line=line, actor=None, at=at)
    if (found.name, found.channel, found.line) != (name, channel, line):
        correspondents.change(correspondent_id=found.pk, name=name, channel=channel, line=line, actor=None, at=at)


def _close_gone(own: str, at: datetime) -> None:
    served = {code for member in members.list_partners() for code in member.agencies}
    for row in directory.list_from(Source.NODE):
        if row.code not in served and row.closed_at is None:
            with transaction.atomic(durable=True):
                correspondents.close(correspondent_id=row.pk, actor=None, at=at)


# What a partner said ---------------------------------------------------------------------------------------------------------


def accept(*, message: bytes, way: str, at: datetime) -> bool:
    """Take one message of a line or a stick in; False when it was refused, which is recorded. Durable when this returns."""
    [taken] = accept_many(messages=[message], way=way, at=at)
    return taken


def accept_many(*, messages: Sequence[bytes], way: str, at: datetime) -> list[bool]:
    """Take messages in, in the order in which they came; False for each that was refused, which is recorded. Durable after."""
    done = []
    for message, accepted in zip(messages, nodes.accept_many(messages=messages, way=way, at=at), strict=True):
        if accepted.refusal is not None:
            _reject(_claimed(message), accepted.refusal, at)
        elif accepted.stated is not None:
            for parcel in accepted.stated.stuck:
                _fail_delivery(parcel, at)
            for parcel in accepted.stated.lost:
                _give_back(parcel, at)
        done.append(accepted.refusal is None)
    return done


def give_up(*, message: bytes, trouble: Exception, at: datetime) -> None:
    """Let a message go that breaks whoever takes it; its sender keeps the parcel and sends it again, later and later."""
    _reject(_claimed(message), BrokeItsTaker(what=type(trouble).__name__), at)


def _give_back(parcel: Parcel, at: datetime) -> None:
    """Let a partner that lost a parcel, restored from its backup, get the receipts it had signed for it together with it."""
    delivery = give_memory.delivery_of(parcel)
    if delivery is not None:
        chain = [bytes(each.content) for each in deliveries.list_links(delivery.pk)]
        nodes.give_back(parcel_id=parcel.pk, receipts=chain, actor=None, at=at)


def _claimed(message: bytes) -> str:
    """Which node of the directory a message that is not believed claims to be from; "?" for any other of many names."""
    try:
        signed = parcels.split(message)[0] if message.startswith(parcels.PARCEL_MAGIC) else message
        return members.get_member(str(statements.peek(signed).get("from"))).code
    except Refusal:
        return "?"


def _fail_delivery(parcel: Parcel, at: datetime) -> None:
    """A partner could not take a parcel: its delivery has failed, in the partner's words."""
    delivery = give_memory.delivery_of(parcel)
    if delivery is not None:
        _fail(delivery, parcel.fault_code, parcel.fault, at)


def _fail(delivery: Delivery, code: str, words: str, at: datetime) -> None:
    """A node will not have a delivery: it goes after its agency when that has moved to another one, else its clerk is told."""
    with transaction.atomic(durable=True):
        after = exchange.fail(delivery_id=delivery.pk, code=code[:30], words=words, actor=None, at=at)
        if after.status == Status.FAILED and not exchange.follow(delivery_id=delivery.pk, actor=None, at=at):
            document = papers.get(delivery.dispatch.document_id)
            telling.tell(
                "delivery.failed",
                [f"R{document.agency_id}"],
                document.pk,
                actor=None,
                at=at,
                code=document.code,
                to=delivery.recipient_name,
                words=words,
            )


# By hand ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside:
    """One parcel of a bundle as its envelope and letter tell it, before anything is taken in."""

    number: int
    kind: str
    urgency: int
    words: str
    is_known: bool


@dataclass(frozen=True)
class Bundle:
    """What lies on a medium: from which node, made when, its parcels."""

    sender: Member
    made_at: datetime
    inside: list[Inside]
    size: int


def look_into(*, source: IO[bytes] | Path, actor: Actor | None, at: datetime) -> Bundle:
    """Say what is in a bundle without taking it in. :raises Refusal: as nodes.opened_bundle"""
    reader = nodes.opened_bundle(source=source, actor=actor, at=at)
    member = members.get_member(reader.contents.sender)
    inside = []
    for name, envelope in reader.parcels():
        _signed, letter = parcels.split(reader.read(name))
        inside.append(
            Inside(
                number=envelope.number,
                kind=envelope.kind,
                urgency=envelope.urgency,
                words=_words_of(nodes.peek_letter(envelope=envelope, letter=letter, at=at)),
                is_known=members.has_received(member, envelope.feed, envelope.number),
            )
        )
    size = sum(size for size, _digest in reader.contents.entries.values())
    return Bundle(member, reader.contents.made_at, inside, size)


def _words_of(told: dict[str, Any]) -> str:
    document = told.get("document")
    return f"{document.get('code', '')} {document.get('subject', '')}"[:300] if isinstance(document, dict) else ""


@dataclass(frozen=True)
class Taken:
    """What came of taking a bundle in: parcels in it, messages that were refused."""

    parcels: int
    refused: int


def take_bundle(*, source: IO[bytes] | Path, actor: Actor | None, at: datetime) -> Taken:
    """Take in everything on a medium; the same one again changes nothing. :raises Refusal: as nodes.opened_bundle"""
    reader = nodes.opened_bundle(source=source, actor=actor, at=at)
    done, messages = [], iter(reader.messages())
    while some := list(islice(messages, AT_ONCE)):
        done += accept_many(messages=some, way="file", at=at)
    count = sum(name.startswith("parcels/") for name in reader.contents.entries)
    refused = done.count(False)
    nodes.record_bundle(code=reader.contents.sender, parcels_in=count, refused=refused, actor=actor, at=at)
    return Taken(count, refused)


def export_receipts(*, delivery_id: int) -> bytes:
    """Return the chain of receipts of a delivery to another node as a file for a third party. :raises NotFound:"""
    delivery = deliveries.find_delivery(delivery_id)
    chain = deliveries.list_links(delivery_id)
    if delivery is None or not chain:
        raise NotFound()
    member = members.get_member(delivery.line)
    parcel = members.find_parcel_of(member, delivery.reference)
    if parcel is None:
        raise NotFound()
    return receipts.export(
        manifest=bytes(parcel.manifest),
        receipts=[bytes(each.content) for each in chain],
        roots=[bytes(members.get_identity().root), *members.roots_of(member)],
    )
