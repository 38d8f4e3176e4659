"""Who may see a document and who may do what to it. Each `why_not_…` gives the reason, so that a greyed button can say it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.documents import states
from antin.documents.models import CoDrafter, Document, Hold, Making, OwnCopy, Signatory, Visibility
from antin.documents.states import EDITABLE, Act, CopyForm, Direction, Part, Secrecy, Status
from antin.documents.types import ALL_TYPES, COPIES, Family, family_of
from antin.people.actor import Actor
from antin.people.states import BodyKind, Clearance
from antin.refusal import NotAllowed, Refusal, WrongState
from antin.typeset import body as bodies
from antin.vault.policy import highest
from antin.workdays import queries as workdays

HOLD_LAPSES = timedelta(minutes=15)
"""A draft that nobody saved for so long is nobody's again."""


class ClassifiedElsewhere(Refusal):
    code = "classified_elsewhere"
    words = _(
        "Văn bản mật (Mật, Tối mật, Tuyệt mật) không được soạn, gửi, nhận trên kênh này: Quyết định 28/2018/QĐ-TTg không áp "
        "dụng cho văn bản chứa bí mật nhà nước; xử lý theo Luật Bảo vệ bí mật nhà nước."
    )


class SealedDocument(Refusal):
    code = "sealed_document"
    words = _("Nội dung văn bản mật đã niêm phong; mở bằng mã PIN của đồng chí.")


class NotDeclassified(Refusal):
    code = "not_declassified"
    words = _("Văn bản chưa giải mật; chỉ văn bản đã phát hành hoặc đã đến, đã giải mật, mới bỏ niêm phong được.")


class UnsealedAlready(Refusal):
    code = "unsealed_already"
    words = _("Văn bản đã bỏ niêm phong.")


class NotAReader(NotAllowed):
    code = "not_a_reader"
    words = _("Đồng chí không có tên trong danh sách được đọc văn bản mật này.")


class LevelByDecision(Refusal):
    code = "level_by_decision"
    words = _("Độ mật đã xác định chỉ thay đổi bằng quyết định có số, ngày; không sửa ở đây.")


class LevelBelowAnswered(Refusal):
    code = "level_below_answered"
    words = _("Văn bản trả lời phải có độ mật không thấp hơn văn bản được trả lời (%(level)s).")


class HandedOnInClear(Refusal):
    code = "handed_on_in_clear"
    words = _(
        "Dự thảo này đã lưu tên tệp hoặc lời lẽ trong nhật ký không xóa được, nên không chuyển thành văn bản mật. Soạn dự thảo "
        "mới, chọn độ mật ngay từ đầu, rồi bỏ dự thảo này."
    )


class NotTheDrafter(NotAllowed):
    code = "not_the_drafter"
    words = _("Chỉ người soạn thảo được sửa dự thảo này.")


class HeldByAnother(Refusal):
    code = "held_by_another"
    words = _(
        "%(name)s đang sửa dự thảo (từ %(since)s). Đồng chí xem, góp ý, xin sửa, nhận sửa tiếp, hoặc sửa bản riêng rồi ghép vào."
    )


class NotHeld(Refusal):
    code = "not_held"
    words = _("Dự thảo không có ai đang giữ; đồng chí sửa được ngay.")


class HeldBySelf(Refusal):
    code = "held_by_self"
    words = _("Đồng chí đang giữ dự thảo này.")


class CannotCoDraft(Refusal):
    code = "cannot_co_draft"
    words = _(
        "%(name)s không cùng soạn được: chỉ người đang giữ chức vụ trong cơ quan soạn thảo, hoặc ở nơi đã được xin ý kiến."
    )


class TooManyCopies(Refusal):
    code = "too_many_copies"
    words = _("Đồng chí đang có %(n)d bản sửa riêng của dự thảo này; ghép hoặc bỏ bớt trước.")


class CopyEnded(Refusal):
    code = "own_copy_ended"
    words = _("Bản sửa riêng này đã ghép hoặc đã bỏ.")


class NotTheReviewer(NotAllowed):
    code = "not_the_reviewer"
    words = _("Văn bản đang chờ %(holder)s duyệt.")


class NotTheSigner(NotAllowed):
    code = "not_the_signer"
    words = _("Văn bản đang chờ %(holder)s ký.")


class NotTheRegistry(NotAllowed):
    code = "not_the_registry"
    words = _("Chỉ văn thư cơ quan được làm việc này.")


class NotTheSealKeeper(NotAllowed):
    code = "not_the_seal_keeper"
    words = _("Chỉ người giữ con dấu của cơ quan được đóng dấu, ký số cơ quan.")


class NoSigner(Refusal):
    code = "no_signer"
    words = _("Chưa chọn người ký.")


class NoText(Refusal):
    code = "no_text"
    words = _("Chưa có nội dung: soạn văn bản hoặc tải tệp PDF lên.")


class NoRecipient(Refusal):
    code = "no_recipient"
    words = _("Chưa chọn nơi nhận.")


class PageNotFixed(Refusal):
    code = "page_not_fixed"
    words = _("Trang văn bản chưa dàn xong; đồng chí chờ ít giây rồi mở lại.")


class NotNumbered(Refusal):
    code = "not_numbered"
    words = _("Chưa có số.")


class SealedByHand(Refusal):
    code = "sealed_by_hand"
    words = _("Bản sao giấy do người có thẩm quyền ký và đóng dấu trên giấy, không ký số.")


class SecretCopy(Refusal):
    code = "secret_copy"
    words = _(
        "Tài liệu mật chỉ được sao, chụp theo Luật Bảo vệ bí mật nhà nước: ghi bản sao ở trang của tài liệu mật, trong sổ bản sao."
    )


class NotTheOriginal(Refusal):
    code = "not_the_original"
    words = _("Chữ ký số của văn bản điện tử này không hợp lệ hoặc không có: không phải bản gốc để sao.")


class CopyOfACopy(Refusal):
    code = "copy_of_a_copy"
    words = _("Bản này là bản sao: bản sao tiếp theo là sao lục, hoặc trích sao từ bản gốc.")


class NoCopyToCopy(Refusal):
    code = "no_copy_to_copy"
    words = _("Sao lục là sao từ bản sao y; văn bản này là bản chính, chọn sao y.")


class WayNotAllowed(Refusal):
    code = "copy_way_not_allowed"
    words = _("%(kind)s không làm được từ %(of)s sang %(to)s (Nghị định 30/2020/NĐ-CP, Điều 25).")


class AlreadyNumbered(Refusal):
    code = "already_numbered"
    words = _("Văn bản đã có số %(code)s.")


class JointSealsAwaited(Refusal):
    code = "joint_seals_awaited"
    words = _("Chưa đủ dấu của các cơ quan cùng ban hành; cơ quan chủ trì đóng dấu sau cùng.")


class SealedAlready(Refusal):
    code = "sealed_already"
    words = _("%(agency)s đã đóng dấu văn bản này.")


class NotSealed(Refusal):
    code = "not_sealed"
    words = _("Chưa có chữ ký số của cơ quan.")


class NotPresented(NotAllowed):
    code = "not_presented"
    words = _("Văn bản đang trình %(holder)s; chỉ người được trình cho ý kiến chỉ đạo.")


def level_of(actor: Actor) -> int:
    """Return the highest secrecy the actor is cleared for."""
    return Clearance.values.index(actor.clearance)


def visible_to(actor: Actor) -> Q:
    """Return the filter of the documents this actor may see: someone he stands for holds it, and his clearance reaches it."""
    held = Visibility.objects.filter(holder__in=actor.holders).values("document_id")
    return Q(pk__in=held) & Q(secrecy__lte=level_of(actor))


def is_registry(actor: Actor, document: Document) -> bool:
    """Whether the actor is a clerk of the agency that holds the document."""
    return actor.role == "clerk" and actor.agency_id == document.agency_id


class Cancelled(Refusal):
    code = "cancelled"
    words = _("Văn bản này %(how)s%(by)s: vẫn xem được, không thực hiện được nữa.")


def why_cancelled(document: Document) -> Refusal | None:
    """Why nothing can be done with the document any more: it was recalled or replaced."""
    if document.standing not in states.CANCELLED:
        return None
    by = f" ({document.standing_by})" if document.standing_by else ""
    return Cancelled(how=str(states.Standing(document.standing).label).lower(), by=by)


def _state(document: Document, step: str) -> Refusal | None:
    cancelled = why_cancelled(document)
    if cancelled is not None:
        return cancelled
    if document.status in states.STEPS[step][0]:
        return None
    return WrongState(state=str(Status(document.status).label))


class NotMandated(Refusal):
    code = "family_not_mandated"
    words = _("%(agency)s không ban hành %(family)s; quản trị ghi thẩm quyền ở trang của cơ quan nếu có căn cứ.")


class SignedByOrder(Refusal):
    code = "normative_signed_by_order"
    words = _("Văn bản quy phạm pháp luật do người đứng đầu ký, hoặc cấp phó ký thay; không ký %(form)s")


class BodyOfAnotherFamily(Refusal):
    code = "body_of_another_family"
    words = _("%(kind)s là %(family)s: %(why)s.")


class NotOfTheBody(NotAllowed):
    code = "not_of_the_body"
    words = _("Chỉ thành viên của %(body)s, người của bộ phận giúp việc được soạn văn bản nhân danh %(body)s.")


class BodyIssuesAlone(Refusal):
    code = "body_issues_alone"
    words = _("Văn bản nhân danh %(body)s không ban hành liên tịch ở đây.")


class FormMissing(Refusal):
    code = "form_missing"
    words = _("Văn bản chuyên ngành soạn bằng cách điền mẫu: chọn mẫu ở trang Điền mẫu.")


class FormTakesNoFile(Refusal):
    """The draft is a specialised form: its text is what was filled in, and no file takes its place."""

    code = "form_takes_no_file"
    words = _("Nội dung văn bản này lập từ mẫu: sửa bằng Điền lại mẫu, không thay bằng tệp.")


class FormStays(Refusal):
    code = "form_stays"
    words = _("Văn bản soạn theo mẫu không đổi sang loại khác; soạn văn bản mới.")


class NotNormative(Refusal):
    code = "not_normative"
    words = _("Chỉ văn bản quy phạm pháp luật có hồ sơ soạn thảo.")


class NotConsulted(Refusal):
    code = "not_consulted"
    words = _(
        "Chưa kết thúc lấy ý kiến về dự thảo văn bản quy phạm pháp luật: lấy ý kiến, hoặc ghi vào hồ sơ soạn thảo vì sao không lấy "
        "(trình tự rút gọn)."
    )


MANDATED = frozenset({Family.NORMATIVE})
"""Families that only an agency with a mandate issues."""
NOT_FOR_ALL = MANDATED | {Family.PARTY, Family.SPECIALISED}
"""And those for which there must be a body, or a form, besides."""


def why_not_mandate(actor: Actor | None) -> Refusal | None:
    """Why this actor may not say what an agency issues; that it is of his house, `people` has told. None is the node itself."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()


def why_not_signed_as(type_code: str, form: str) -> Refusal | None:
    """Why a type may not be signed in this form. Law: legal normative documents are signed by the head, or by a deputy for him."""
    if family_of(type_code) == Family.NORMATIVE and form in ("TL.", "TUQ."):
        return SignedByOrder(form=form)
    return None


def why_not_of_body(type_code: str, kind: str) -> Refusal | None:
    """Why a type may not be issued in the name of a body of this kind (`people.states.BodyKind`), or ("") of the agency itself."""
    family = family_of(type_code)
    name = ALL_TYPES[type_code].name
    told = {"kind": name, "family": str(family.label).lower()}
    if family == Family.PARTY and kind != BodyKind.PARTY:
        return BodyOfAnotherFamily(**told, why=gettext("chọn tổ chức đảng ban hành"))
    if family != Family.PARTY and kind == BodyKind.PARTY:
        return BodyOfAnotherFamily(**told, why=gettext("tổ chức đảng không ban hành"))
    if family == Family.NORMATIVE and kind:
        return BodyOfAnotherFamily(**told, why=gettext("hội đồng, ban, tổ không ban hành"))
    return None


def why_not_keep_drafting_file(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not write into the drafting file now."""
    if family_of(document.type_code) != Family.NORMATIVE:
        return NotNormative()
    return why_not_revise(actor, document, making) or (SealedDocument() if document.classified_id else None)


def why_not_consulted(document: Document, *, consulted: bool, unconsulted: str) -> Refusal | None:
    """Why a draft may not go its way yet: a normative one was put to nobody, and its file does not say why."""
    if family_of(document.type_code) != Family.NORMATIVE or consulted or unconsulted:
        return None
    return NotConsulted()


def why_not_draft(actor: Actor, secrecy: int) -> Refusal | None:
    """Why this actor may not begin a document of this secrecy in clear."""
    if secrecy != Secrecy.NONE:
        return ClassifiedElsewhere()
    if actor.role == "administrator":
        return NotAllowed()
    return None


def stands(document: Document) -> bool:
    """Whether a document is no draft any more: it was issued here, or came from elsewhere."""
    return document.direction == Direction.IN or document.status == Status.ISSUED


def why_not_answer(secrecy: int, answered: Document | None) -> Refusal | None:
    """Why a document of this secrecy may not answer another: the level goes along with the reply."""
    if answered is None:
        return None
    level = answered.secrecy
    if answered.classified is not None:
        level = highest(level, answered.classified.asked_level)
    return LevelBelowAnswered(level=Secrecy(level).label) if secrecy < level else None


def why_not_classify(actor: Actor, document: Document, making: Making, versions: int) -> Refusal | None:
    """Why an open draft may not become a classified one: only its drafter's, never handed on, not classified yet."""
    refusal = why_not_own(actor, document, making)
    if refusal is not None:
        return refusal
    if CoDrafter.objects.filter(document=document).exists():
        return HandedOnInClear()
    if document.classified_id is not None:
        return LevelByDecision()
    return HandedOnInClear() if versions or document.status != Status.DRAFTED else None


def why_not_unseal(document: Document) -> Refusal | None:
    """Why the words of a document may not be brought into clear: only after the declassification, once it is in the book.

    Which of its readers may do it the vault says (`vault.policy.why_not_pass_on`).
    """
    if document.once_classified_id is not None:
        return UnsealedAlready()
    if document.classified_id is None or document.secrecy > 0 or not stands(document):
        return NotDeclassified()
    unregistered = document.direction == Direction.IN and document.arrival_number is None
    return WrongState(state=str(Status(document.status).label)) if unregistered else None


def why_not_own(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not decide about the draft as its drafter: whom it is written with, what is asked, how secret it is."""
    if making.drafter_post_id != actor.post_id:
        return NotTheDrafter()
    if document.status not in states.EDITABLE:
        return WrongState(state=str(Status(document.status).label))
    return None


def why_not_revise(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not change the draft now: its drafter may, and whoever he lets write with him."""
    no = why_not_own(actor, document, making)
    beside = isinstance(no, NotTheDrafter) and document.status in states.EDITABLE
    return None if beside and is_co_drafter(actor, document) else no


def is_co_drafter(actor: Actor, document: Document) -> bool:
    """Whether the drafter lets this actor write the draft with him."""
    return CoDrafter.objects.filter(document=document, post_id=actor.post_id, ended_at=None).exists()


def stands_held(hold: Hold | None, at: datetime) -> bool:
    """Whether somebody has the draft checked out, and has not been quiet for too long."""
    return hold is not None and at - hold.at < HOLD_LAPSES


def why_not_hold(actor: Actor, hold: Hold | None, at: datetime) -> Refusal | None:
    """Why this actor may not write over the draft now: another has it."""
    if hold is None or not stands_held(hold, at) or hold.person_id == actor.person_id:
        return None
    return HeldByAnother(name=hold.name, since=f"{hold.since.astimezone(workdays.HERE):%H:%M %d/%m}")


def why_not_write_apart(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not keep an edit of his own beside the draft. A classified text lies in no row, so it has none."""
    return SealedDocument() if document.classified_id is not None else why_not_revise(actor, document, making)


def why_not_keep_late(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why a save of this actor that came late is not even kept beside the draft: it is, too, while the draft is on its way, so that
    it can be merged if the draft comes back."""
    no = why_not_write_apart(actor, document, making)
    if document.classified_id is not None or document.status not in states.ON_ITS_WAY:
        return no
    mine = making.drafter_post_id == actor.post_id or is_co_drafter(actor, document)
    return None if mine else no


def why_not_merge(actor: Actor, document: Document, making: Making, copy: OwnCopy) -> Refusal | None:
    """Why this actor may not bring that edit into the draft: he wrote it, or it was handed to those who draft."""
    if copy.ended_at is not None:
        return CopyEnded()
    if copy.person_id != actor.person_id and copy.returned_at is None:
        return NotAllowed()
    return why_not_write_apart(actor, document, making)


def list_missing(making: Making, recipients: int) -> list[Refusal]:
    """List everything a draft lacks before it can be handed on."""
    text = making.sealed_text or making.uploaded_file or bodies.plain_text(making.body or bodies.EMPTY).strip()
    lacks = ((making.signer_post_id is None, NoSigner), (not text, NoText), (recipients == 0, NoRecipient))
    return [refusal() for lacking, refusal in lacks if lacking]


class SecretOverOpenLine(Refusal):
    code = "secret_over_open_line"
    words = _(
        "Văn bản mật không gửi qua trục liên thông, vì máy chủ của trục đọc được nội dung: bỏ nơi nhận %(names)s, hoặc gửi "
        "bằng đường khác."
    )


def why_not_submit(actor: Actor, document: Document, making: Making, recipients: int) -> Refusal | None:
    """Why this actor may not hand the draft on."""
    if making.drafter_post_id != actor.post_id:
        return NotTheDrafter()
    wrong = _state(document, "submit")
    if wrong:
        return wrong
    return next(iter(list_missing(making, recipients)), None)


def why_not_withdraw(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not take the submitted draft back."""
    return NotTheDrafter() if making.drafter_post_id != actor.post_id else _state(document, "withdraw")


def why_not_abandon(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not give the draft up."""
    return NotTheDrafter() if making.drafter_post_id != actor.post_id else _state(document, "abandon")


def why_not_endorse(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not endorse the draft."""
    wrong = _state(document, "endorse")
    if wrong:
        return wrong
    if f"P{making.reviewer_post_id}" not in actor.holders:
        return NotTheReviewer(holder=making.reviewer_name)
    return None


def why_not_return(
    actor: Actor, document: Document, making: Making, signatories: Iterable[Signatory]
) -> Refusal | None:
    """Why this actor may not send the document back to its drafter: the signer may at any time, another hand in its turn.

    Once it is signed the registry may, and the keeper of a seal that a joint document waits for.
    """
    wrong = _state(document, "return")
    if wrong:
        return wrong
    if document.status == Status.SUBMITTED and f"P{making.reviewer_post_id}" not in actor.holders:
        return NotTheReviewer(holder=making.reviewer_name)
    if document.status == Status.ENDORSED and f"P{making.signer_post_id}" not in actor.holders:
        due = list_due(signatories, in_order=making.in_order)
        if not any(f"P{each.post_id}" in actor.holders for each in due):
            return NotTheSigner(holder=in_a_line(due) or making.signer_name)
    if document.status == Status.SIGNED and not is_registry(actor, document):
        return None if _is_awaited(actor, signatories) else NotTheRegistry()
    return None


def _is_awaited(actor: Actor, signatories: Iterable[Signatory]) -> bool:
    """Whether the seal that the actor keeps is awaited on a joint document: he may refuse it."""
    return actor.keeps_seal and any(each.seal_waiting and each.agency_id == actor.agency_id for each in signatories)


def list_due(signatories: Iterable[Signatory], *, in_order: bool) -> list[Signatory]:
    """List whose turn it is: initials, then the check of format, then those who sign: together, or in order, the signer last.

    Law: Decree 30/2020, art. 10 to 13; the same order as `signing.policy.find_disorder`.
    """
    missing = [each for each in signatories if each.signed_at is None]
    for part in (Part.INITIALS, Part.FORMAT):
        first = [each for each in missing if each.part == part]
        if first:
            return first
    competent = sorted(missing, key=lambda each: (each.part == Part.SIGNER, each.turn))
    return competent[:1] if in_order else competent


def find_hand(actor: Actor, signatories: Iterable[Signatory], *, in_order: bool) -> Signatory | None:
    """Return the hand of this actor whose turn it is, if it is."""
    due = list_due(signatories, in_order=in_order)
    return next(
        (each for each in due if f"P{each.post_id}" in actor.holders and each.person_id == actor.person_id), None
    )


def in_a_line(signatories: Iterable[Signatory]) -> str:
    """Return the names of some hands in a line."""
    return ", ".join(each.name for each in signatories)


def why_not_sign(actor: Actor, document: Document, making: Making, signatories: Iterable[Signatory]) -> Refusal | None:
    """Why this actor may not sign the document now. The right to sign itself is people's and keys' to judge."""
    wrong = _state(document, "sign")
    if wrong:
        return wrong
    rows = list(signatories)
    if find_hand(actor, rows, in_order=making.in_order) is None:
        return NotTheSigner(holder=in_a_line(list_due(rows, in_order=making.in_order)))
    if not making.laid_out_file or making.laid_out_revision != making.revision:
        return PageNotFixed()
    return None


def why_not_number(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not give the signed document its number."""
    wrong = _state(document, "issue")
    if wrong:
        return wrong
    if not is_registry(actor, document):
        return NotTheRegistry()
    if document.number is not None:
        return AlreadyNumbered(code=document.code)
    return None


def why_not_seal(document: Document) -> Refusal | None:
    """Why the agency's signature may not be put on the document."""
    wrong = _state(document, "issue")
    if wrong:
        return wrong
    if document.number is None:
        return NotNumbered()
    if document.next_act == Act.PRINT:
        return SealedByHand()
    return JointSealsAwaited() if document.next_act == Act.JOINT_SEAL else None


def find_joint_seal(actor: Actor, signatories: Iterable[Signatory]) -> Signatory | None:
    """Return the hand beside which the actor's agency seals a document that another agency drafted, if it does."""
    return next((each for each in signatories if each.seals and each.agency_id == actor.agency_id), None)


def why_not_seal_jointly(actor: Actor, document: Document, signatories: Iterable[Signatory]) -> Refusal | None:
    """Why this actor may not put the signature of his agency on a joint document: its keeper may, once, when it has its number.

    Law: Decree 30/2020, art. 15.1 (signed, then numbered), art. 33 (who keeps the seal).
    """
    row = find_joint_seal(actor, signatories)
    if row is None or actor.role != "clerk" or not actor.keeps_seal:
        return NotTheSealKeeper()
    if row.sealed_at is not None:
        return SealedAlready(agency=row.agency_name)
    wrong = _state(document, "issue")
    if wrong:
        return wrong
    return NotNumbered() if document.number is None else None


def why_not_seal_as(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not put the agency's signature on the document. Law: Decree 30/2020, art. 33 (who keeps the seal)."""
    if not is_registry(actor, document) or not actor.keeps_seal:
        return NotTheSealKeeper()
    return why_not_seal(document)


def why_not_issue(document: Document, making: Making) -> Refusal | None:
    """Why the document may not leave the agency: it must be signed, numbered and sealed."""
    wrong = why_not_seal(document)
    if wrong:
        return wrong
    return None if making.sealed_file else NotSealed()


def why_not_register(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not enter the arrival in the register book."""
    return NotTheRegistry() if not is_registry(actor, document) else _state(document, "register")


def why_not_receive_paper(actor: Actor, secrecy: int) -> Refusal | None:
    """Why this actor may not register a paper of this secrecy that came by hand, its words in clear."""
    if actor.role != "clerk":
        return NotTheRegistry()
    return ClassifiedElsewhere() if secrecy != Secrecy.NONE else None


def why_not_send_back(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not return the arrival to its sender."""
    return NotTheRegistry() if not is_registry(actor, document) else _state(document, "send_back")


def why_not_direct(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not write the first directive on the incoming document."""
    if document.direction != Direction.IN:
        return NotAllowed()
    if document.next_act == Act.DIRECT:
        if document.next_holder in actor.holders:
            return None
        return NotPresented(holder=document.arrival.presented_post.title if document.arrival.presented_post else "")
    wrong = _state(document, "direct")
    if wrong:
        return wrong
    if actor.role in ("head", "deputy") and actor.unit_id == document.agency_id:
        return None
    return NotAllowed()


def why_not_present(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not pass the registered document to another leader."""
    cancelled = why_cancelled(document)
    if cancelled is not None:
        return cancelled
    if document.status != Status.REGISTERED:
        return WrongState(state=str(Status(document.status).label))
    if is_registry(actor, document) or document.next_holder in actor.holders:
        return None
    return NotTheRegistry()


STAMPED_AFTER = frozenset({Status.REGISTERED, Status.DIRECTED, Status.PROCESSING, Status.COMPLETED})


class AlreadyStamped(Refusal):
    code = "already_stamped"
    words = _("Văn bản đã có dấu đến.")


def why_not_stamp(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not put the arrival stamp on the document.

    Law: Decree 30/2020, art. 22 (the stamp), art. 33 (who keeps the key).
    """
    if document.classified_id is not None:
        return SealedDocument()
    if document.direction != Direction.IN or document.status not in STAMPED_AFTER:
        return WrongState(state=str(Status(document.status).label))
    return None if is_registry(actor, document) and actor.keeps_seal else NotTheSealKeeper()


def why_not_close(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not close a registered document that needs no work ("để biết")."""
    cancelled = why_cancelled(document)
    if cancelled is not None:
        return cancelled
    if document.status != Status.REGISTERED:
        return WrongState(state=str(Status(document.status).label))
    return None if document.next_holder in actor.holders else why_not_direct(actor, document)


def why_not_keep(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not note what was done with a paper of this issued document: posted, lent, brought back."""
    if not is_registry(actor, document):
        return NotTheRegistry()
    return None if document.status == Status.ISSUED else WrongState(state=str(Status(document.status).label))


def why_not_keep_book(actor: Actor, agency_id: int) -> Refusal | None:
    """Why this actor may not go on with a line of the past in a book of this agency."""
    return None if actor.role == "clerk" and actor.agency_id == agency_id else NotTheRegistry()


def why_not_post(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not send a paper of this document by post: one that was recalled or replaced leaves no more."""
    return why_not_keep(actor, document) or why_cancelled(document)


FILED = frozenset({Status.ISSUED, Status.REGISTERED, Status.DIRECTED, Status.PROCESSING, Status.COMPLETED})


class FiledSealed(Refusal):
    code = "filed_sealed"
    words = _("Văn bản mật không phân loại ở đây: tên mục trong danh mục sẽ nằm ngoài niêm phong.")


def why_not_file(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not say under what a document is filed: the registry may, who drafted it, and who has it in hand."""
    if document.agency_id != actor.agency_id:
        return NotAllowed()
    if document.sealed_as is not None:
        return FiledSealed()
    if document.direction == Direction.OUT:
        mine = document.making.drafter_post_id == actor.post_id
        if document.status in EDITABLE:
            return None if mine else NotAllowed()
    else:
        mine = actor.leads or _has_in_hand(actor, document)
    if document.status not in FILED:
        return WrongState(state=Status(document.status).label)
    return None if mine or is_registry(actor, document) else NotAllowed()


def _has_in_hand(actor: Actor, document: Document) -> bool:
    held = Visibility.objects.filter(document=document, holder__in=actor.holders)
    return held.filter(reason__in=("lead", "join", "presented")).exists()


def why_not_follow_uses(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not see who else read, downloaded and printed a paper of limited circulation: who answers for it may, the
    agency's registry, its head and deputies, and who drafted it."""
    drafted = document.direction == Direction.OUT and document.making.drafter_post_id == actor.post_id
    leads = actor.agency_id == document.agency_id == actor.unit_id and actor.role in ("head", "deputy")
    return None if drafted or leads or is_registry(actor, document) else NotAllowed()


# ---- copies of papers: Decree 30/2020, art. 25 to 27


def form_of(document: Document) -> CopyForm:
    """What the paper is here: one that came by hand is paper, a scan or not; everything else is electronic."""
    arrival = document.arrival if document.direction == Direction.IN else None
    by_hand = arrival is not None and arrival.source == arrival.Source.PAPER
    return CopyForm.PAPER if by_hand else CopyForm.ELECTRONIC


def why_not_copy(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not ask for a copy of the paper: it must have been issued here or registered, and still hold."""
    if document.classified_id is not None:
        return SecretCopy()
    if actor.role == "administrator" or actor.agency_id != document.agency_id:
        return NotAllowed()
    cancelled = why_cancelled(document)
    if cancelled is not None:
        return cancelled
    if document.direction == Direction.OUT:
        if document.type_code in COPIES:
            return CopyOfACopy()
        return None if document.status == Status.ISSUED else WrongState(state=str(Status(document.status).label))
    if document.status not in STAMPED_AFTER:
        return WrongState(state=str(Status(document.status).label))
    lacking = form_of(document) == CopyForm.ELECTRONIC and document.arrival.verdict in ("invalid", "unsigned")
    return NotTheOriginal() if lacking else None


def why_not_this_copy(document: Document, kind: str, form: CopyForm) -> Refusal | None:
    """Why a copy of this kind may not be made of the paper in this form."""
    is_copy = document.type_code in COPIES
    if kind == "SL" and document.type_code != "SY":
        return NoCopyToCopy()
    if kind != "SL" and is_copy:
        return CopyOfACopy()
    of = form_of(document)
    if (of, form) in states.COPY_WAYS[kind]:
        return None
    return WayNotAllowed(kind=COPIES[kind].name, of=_in_form(of), to=_in_form(form))


def _in_form(form: CopyForm) -> str:
    return str(form.label).lower()


def why_not_permit(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not permit the copy: he is not the one asked, or it was decided already."""
    wrong = _state(document, "permit")
    if wrong:
        return wrong
    asked = f"P{making.signer_post_id}" in actor.holders and making.signer_person_id == actor.person_id
    return None if asked else NotTheSigner(holder=making.signer_name)


def why_not_drop(actor: Actor, document: Document, making: Making) -> Refusal | None:
    """Why this actor may not let the copy be: who asked for it and who is asked may, then the registry office, until it leaves."""
    wrong = _state(document, "drop")
    if wrong:
        return wrong
    if document.status == Status.PERMITTED:
        return None if is_registry(actor, document) else NotTheRegistry()
    mine = {f"P{making.drafter_post_id}", f"P{making.signer_post_id}"} & set(actor.holders)
    return None if mine else NotTheSigner(holder=making.signer_name)


def why_not_hand_out(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not say that a copy on paper was signed, stamped and handed out."""
    if not is_registry(actor, document) or not actor.keeps_seal:
        return NotTheSealKeeper()
    wrong = _state(document, "issue")
    if wrong:
        return wrong
    if document.number is None:
        return NotNumbered()
    if document.next_act != Act.PRINT:
        return WrongState(state=str(Status(document.status).label))
    return None if document.file == document.copying.page_file else PageNotFixed()


def may_read_title(actor: Actor, document: Document) -> bool:
    """Whether a line of a book may show what the document is about: his clearance reaches it."""
    return document.secrecy <= level_of(actor)
