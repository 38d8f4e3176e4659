"""The books of an agency go with it to another node: closed where they were, told and signed, taken in where the agency is now.

At no moment do two nodes number for one agency. The node that kept the books closes them for another one and signs what every
series holds; a parcel brings that with the lines of the registers. The other one takes them in when the directory says that the
agency came to it from there: every number is entered as given elsewhere, void, or kept back, and numbering goes on after the
last. Its signed answer settles the move; without one that says they were given back, the old node never opens them again.
docs/nodes.md.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as papers
from antin.documents import register_lines
from antin.documents.register_lines import Open
from antin.files import operations as files
from antin.files import queries as kept
from antin.keys import operations as keys
from antin.nodes import books, parcels, policy, statements
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes.books import Answer, Books, NotBooks, Register
from antin.nodes.policy import NotItsBooks
from antin.nodes.states import Moving
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.numbering import operations as numbering
from antin.numbering import queries as series_of
from antin.numbering.moving import Layout, Told
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.nodes.models import BookMove, Member, Received
    from antin.nodes.parcels import Letter
    from antin.numbering.models import Number
    from antin.people.actor import Actor
    from antin.people.models import Unit

URGENCY = 3
NEWS = {
    "books.arrived": (_("Sổ của %(agency)s từ nút %(node)s đã đến, chờ nhận."), "/administration/nodes/books/{}"),
    "books.taken": (
        _("Sổ của %(agency)s đã chuyển từ nút %(node)s sang; nhập các dòng sổ cũ."),
        "/registers/old-books",
    ),
}
CSV = "text/csv"


class NoSuchAgencyHere(NotFound):
    code = "agency_not_set_up_here"
    words = _("Nút này chưa lập cơ quan có mã %(agency)s; lập cơ quan rồi mới nhận sổ.")


class StillToIssue(Refusal):
    code = "numbered_not_issued"
    words = _("Còn văn bản đã cấp số chưa phát hành: %(codes)s. Phát hành hoặc trả lại rồi mới khóa sổ.")


class NotSetUpHere(Refusal):
    code = "moved_names_missing"
    words = _("Nút này chưa lập %(names)s của cơ quan; lập cùng tên rồi nhận lại.")


@dataclass(frozen=True)
class Ahead:
    """What closing the books of an agency would leave behind, and what would go along."""

    agency: Unit
    open: Open
    reserved: list[Number]
    series: int
    last: int


def look(*, agency: str, actor: Actor | None) -> Ahead:
    """Say what stands open in an agency before its books are closed. :raises NotAllowed: :raises NoSuchAgencyHere:"""
    refuse(policy.why_not_run(actor))
    unit = _agency(agency)
    rows = series_of.list_series(unit.pk)
    reserved = series_of.list_reserved(agency_id=unit.pk)
    return Ahead(unit, register_lines.find_open(unit.pk), reserved, len(rows), sum(row.last for row in rows))


def _agency(code: str) -> Unit:
    found = people.find_agency_by_code(code)
    if found is None:
        raise NoSuchAgencyHere(agency=code)
    return found


def _signer(at: datetime) -> keys.Signer:
    identity = members.get_identity()
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)


# At the node that kept the books ---------------------------------------------------------------------------------------------


def close(*, agency: str, to: str, actor: Actor | None, at: datetime) -> BookMove:
    """Close the books of an agency for a node; what they hold is told to it by the promise `send_books`.

    :raises NotAllowed: :raises NoSuchAgencyHere: :raises NotItsBooks: :raises MoveUnderWay: :raises TakesNoBooks:
    :raises BooksElsewhere: :raises StillImporting: :raises StillToIssue: a number was given and its paper has not left
    """
    refuse(policy.why_not_run(actor))
    unit = _agency(agency)
    with transaction.atomic(durable=True):
        move = nodes.begin_move(agency=agency, agency_name=unit.name, to=to, actor=actor, at=at)
        member = move.member
        numbering.close_books(agency_id=unit.pk, node=member.code, node_name=member.name, actor=actor, at=at)
        left = register_lines.find_open(unit.pk).numbered  # behind the locks: what was numbered until now is seen
        if left:
            raise StillToIssue(codes=", ".join(left[:10]))
        outbox.promise("send_books", key=f"send_books:{move.pk}", move_id=move.pk)
    return move


def send(*, move_id: int, at: datetime) -> None:
    """Sign what closed books hold and send it. They do not change any more, so that it may be done again after a crash."""
    move = members.get_move(move_id)
    if move.inward or move.status != Moving.CLOSED or members.find_parcel(_key(move)) is not None:
        return
    unit = _agency(move.agency)
    told = _gather(move, unit, at)
    der = statements.sign(told.told(), _signer(at), at=at)
    statement = files.keep(der, at=at)
    with transaction.atomic(durable=True):
        move = nodes.keep_statement(move_id=move_id, statement=statement.digest, books=told, actor=None, at=at)
    manifest = statements.sign(_manifest(move, at), _signer(at), at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=move.member_id,
            key=_key(move),
            manifest=manifest,
            urgency=URGENCY,
            about=move.agency_name,
            actor=None,
            at=at,
        )


def _key(move: BookMove) -> str:
    return f"books:{move.move}"


def _gather(move: BookMove, unit: Unit, at: datetime) -> Books:
    bodies = {body.pk: body.name for body in people.list_bodies(unit.pk)}
    rows: dict[tuple[str, bool], list[list[str]]] = defaultdict(list)
    found = []
    for series in series_of.list_series(unit.pk):
        lines, digest = rows[series.book, bool(series.secrecy_class)], hashlib.sha256()
        before = len(lines)
        for cells in register_lines.list_lines(series):
            lines.append(cells)
            digest.update(statements.canonical({"line": cells}))
        found.append(
            books.Series(
                told=series_of.list_told(series),
                body=bodies.get(series.body_id or 0, ""),
                form=papers.name_of_form(series.type_group),
                lines=len(lines) - before,
                digest=digest.hexdigest() if len(lines) > before else "",
            )
        )
    layouts = [
        (
            replace(series_of.layout_of(book), body_id=None),
            bodies.get(book.body_id or 0, ""),
        )
        for book in series_of.list_books(unit.pk)
    ]
    return Books(
        move=move.move,
        agency=move.agency,
        name=move.agency_name,
        sender=members.get_identity().code,
        receiver=move.member.code,
        edition=move.edition,
        at=move.told_at,
        layouts=tuple(layouts),
        series=tuple(found),
        registers=tuple(_register(book, secret, lines, at) for (book, secret), lines in sorted(rows.items()) if lines),
    )


def _register(book: str, secret: bool, lines: list[list[str]], at: datetime) -> Register:
    out = io.StringIO()
    csv.writer(out).writerows([register_lines.headings(book, secret=secret), *lines])
    file = files.keep(out.getvalue().encode(), at=at)
    return Register(book, secret, file.digest, file.size, len(lines))


def _manifest(move: BookMove, at: datetime) -> dict[str, object]:
    identity = members.get_identity()
    named = [("statement", move.statement, "application/pkcs7-mime")]
    named += [("register", each["sha256"], CSV) for each in move.registers]
    return {
        "form": parcels.MANIFEST,
        "kind": parcels.BOOKS,
        "from": {"node": identity.code, "agency": move.agency, "name": move.agency_name},
        "to": {"node": move.member.code, "agency": move.agency, "name": move.member.name},
        "at": at.isoformat(),
        "move": move.move,
        "files": [
            {"role": role, "name": "", "media_type": media, "size": kept.get(digest).size, "sha256": digest}
            for role, digest, media in named
        ],
    }


def take_answer(received: Received, letter: Letter, at: datetime) -> None:
    """Take in what a node says became of books that were sent to it. :raises NotBooks: :raises NotByItsKey: :raises AnotherMove:"""
    member = received.member
    try:
        der = base64.b64decode(str(letter.manifest.told["answer"]), validate=True)
    except (KeyError, ValueError) as trouble:
        raise NotBooks() from trouble
    said = statements.read_by(der, bytes(member.sign_certificate), name=member.code)
    answer = books.read_answer(said.told)
    if (answer.sender, answer.receiver) != (member.code, members.get_identity().code):
        raise NotBooks()
    with transaction.atomic(durable=True):
        _remember(answer, member, at)
        nodes.keep_answer(code=member.code, answer=answer, der=der, actor=None, at=at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def _remember(answer: Answer, member: Member, at: datetime) -> None:
    """A node restored from a backup of before the closing learns from the answer that another one numbers for the agency now."""
    own = members.get_identity().code
    unit = people.find_agency_by_code(answer.agency)
    there = member.formers.get(answer.agency, {}).get("node") == own and answer.agency in member.agencies
    if members.find_move(answer.move) is not None or answer.said != books.TAKEN or unit is None or not there:
        return
    if members.find_open_move(answer.agency) is not None:
        return
    nodes.remember_move(code=member.code, agency_name=unit.name, answer=answer, actor=None, at=at)
    if series_of.find_elsewhere(unit.pk) is None:
        numbering.close_books(agency_id=unit.pk, node=member.code, node_name=member.name, actor=None, at=at)


def reopen(*, move_id: int, actor: Actor | None, at: datetime) -> BookMove:
    """Open books again that the other node gave back by its signed answer. :raises NotAllowed: :raises WrongState:"""
    with transaction.atomic(durable=True):
        move = nodes.reopen_move(move_id=move_id, actor=actor, at=at)
        numbering.open_books(agency_id=_agency(move.agency).pk, why=move.reason, actor=actor, at=at)
    return move


# At the node that takes them -------------------------------------------------------------------------------------------------


def receive(received: Received, letter: Letter, keep: Callable[[], list[str]], at: datetime) -> None:
    """Keep books that a node sends: proven to be by its key, and what it says of itself. A person takes them in.

    `keep` keeps the files that came with them.

    :raises NotBooks: :raises NotByItsKey: :raises NotAStatement: :raises AnotherMove: :raises FileLacking:
    """
    member, told = received.member, letter.manifest.told
    statements.read_by(letter.manifest.der, bytes(member.sign_certificate), name=member.code)
    named = [(each["role"], each["sha256"], each["size"]) for each in parcels.files_of(told)]
    if [role for role, _digest, _size in named[:1]] != ["statement"]:
        raise NotBooks()
    digests = keep()
    found = read(named[0][1], certificate=bytes(member.sign_certificate), name=member.code)
    wanted = [("register", each.sha256, each.size) for each in found.registers]
    if (found.sender, found.receiver) != (member.code, members.get_identity().code) or named[1:] != wanted:
        raise NotBooks()
    if found.move != told.get("move"):
        raise NotBooks()
    with transaction.atomic(durable=True):
        move = nodes.receive_move(code=member.code, books=found, statement=named[0][1], actor=None, at=at)
        _tell(_administrators(at), "books.arrived", move, at)
        nodes.settle(received_id=received.pk, files_kept=digests, actor=None, at=at)


def read(statement: str, *, certificate: bytes, name: str) -> Books:
    """Return the books that a kept statement tells, by the key it should be by. :raises NotBooks: :raises NotByItsKey:"""
    said = statements.read_by(kept.read(statement), certificate, name=name, largest=books.LARGEST)
    return books.read(said.told)


def open_move(*, move_id: int, actor: Actor | None) -> tuple[BookMove, Books | None]:
    """Return a move with what its statement tells; None before it was told. :raises NotAllowed: :raises NotFound:"""
    refuse(policy.why_not_run(actor))
    move = members.get_move(move_id)
    if not move.statement:
        return move, None
    by = move.member if move.inward else members.get_member(members.get_identity().code)
    return move, read(move.statement, certificate=bytes(by.sign_certificate), name=by.code)


def why_not_take(move: BookMove, found: Books) -> Refusal | None:
    """Why books that came cannot be taken in now: the directory does not say so, something newer is known, nobody is set up."""
    own = members.get_member(members.get_identity().code)
    before = own.formers.get(found.agency) if found.agency in own.agencies else None
    if before is None or before["node"] != found.sender:
        return NotItsBooks(agency=found.agency, node=found.sender, to=own.code)
    newest = members.find_newest_move(found.agency, but=move.pk)
    if newest is not None and (found.edition < newest.edition or members.is_settled(found.agency, before["since"])):
        return policy.MoveOvertaken(agency=found.agency)
    return None


def take(*, move_id: int, actor: Actor | None, at: datetime) -> BookMove:
    """Take books in that came: from now on this node numbers for the agency, after the last of each series. All or nothing.

    :raises NotAllowed: :raises NotFound: :raises WrongState: :raises NotItsBooks: :raises MoveOvertaken:
    :raises NoSuchAgencyHere: :raises NotSetUpHere: bodies or forms by those names are not laid out here
    :raises NumbersDiffer: :raises BooksDiffer: what stands here contradicts it
    """
    move, found = open_move(move_id=move_id, actor=actor)
    if found is None:
        raise NotFound()
    with transaction.atomic(durable=True):
        members.lock_identity()  # no other edition meanwhile, and no other taking
        move = members.get_move(move_id)
        refuse(policy.why_not_take_move(move) or why_not_take(move, found))
        unit = _agency(found.agency)
        told, layouts = _named(unit.pk, found)
        done = numbering.take_moved(
            agency_id=unit.pk, told=told, layouts=layouts, move_id=move.pk, node=found.sender, actor=actor, at=at
        )
        since = members.get_member(found.receiver).formers[found.agency]["since"]
        move = nodes.take_move(move_id=move.pk, since=since, taken=done.__dict__, actor=actor, at=at)
        _promise_answer(move)
        if move.registers:
            _tell([f"R{unit.pk}"], "books.taken", move, at)
    return move


def _tell(holders: list[str], kind: str, move: BookMove, at: datetime) -> None:
    facts = {"agency": move.agency_name, "node": move.member.name}
    words, link = NEWS[kind]
    if holders:
        link = link.format(move.pk)
        news = News(holders, kind, words, ("bookmove", move.pk), facts, link, f"{kind}:{move.pk}")
        notices.tell_many([news], actor=None, at=at)


def _administrators(at: datetime) -> list[str]:
    root = people.find_root()
    rows = people.find_posts_with_role(agency_id=root.pk, role=Role.ADMINISTRATOR, on=local_date(at)) if root else []
    return [f"P{row.id}" for row in rows]


def _promise_answer(move: BookMove) -> None:
    outbox.promise("answer_books", key=f"answer_books:{move.pk}:{move.status}", move_id=move.pk)


def _named(agency_id: int, found: Books) -> tuple[list[Told], list[Layout]]:
    """What was told, with bodies and forms as they are called here. :raises NotSetUpHere:"""
    bodies = {body.name: body.pk for body in people.list_bodies(agency_id) if body.closed_on is None}
    forms = {form.name: f"F{form.pk}" for form in papers.list_forms(agency_id) if form.closed_at is None}
    missing = {each.body for each in found.series if each.body} | {body for _layout, body in found.layouts if body}
    missing -= set(bodies)
    missing |= {each.form for each in found.series if each.form} - set(forms)
    renamed = {each.told.group: forms[each.form] for each in found.series if each.form in forms}
    renamed |= {each.told.group: "" for each in found.series if not each.form and _is_of_form(each.told.group)}
    missing |= {group for group, name in renamed.items() if not name}
    if missing:
        raise NotSetUpHere(names=", ".join(sorted(missing)[:10]))
    told = [
        books.named(
            each,
            body_id=bodies[each.body] if each.body else None,
            group=renamed.get(each.told.group, each.told.group),
        )
        for each in found.series
    ]
    layouts = [
        replace(
            layout,
            body_id=bodies[body] if body else None,
            type_codes=tuple(sorted(renamed.get(code, code) for code in layout.type_codes)),
        )
        for layout, body in found.layouts
    ]
    return told, layouts


def _is_of_form(group: str) -> bool:
    return group[:1] == "F" and group[1:].isdecimal()


def give_back(*, move_id: int, reason: str, actor: Actor | None, at: datetime) -> BookMove:
    """Give books back to the node that sent them: not taken in, or taken and nothing numbered since. It may open them again then.

    :raises NotAllowed: :raises NotFound: :raises WrongState: :raises GivenSince:
    """
    refuse(policy.why_not_run(actor))
    with transaction.atomic(durable=True):
        members.lock_identity()
        move = members.get_move(move_id)
        was = move.status
        gone = nodes.give_move_back(move_id=move_id, reason=reason, actor=actor, at=at)
        if was == Moving.TAKEN:
            numbering.give_moved_back(
                agency_id=_agency(move.agency).pk,
                move_id=move.pk,
                node=move.member.code,
                node_name=move.member.name,
                taken=move.taken,
                actor=actor,
                at=at,
            )
        _promise_answer(gone)
    return gone


def answer(*, move_id: int, at: datetime) -> None:
    """Sign what became of books that came, and send it: once per word, whatever was cut short."""
    move = members.get_move(move_id)
    said = {Moving.TAKEN: books.TAKEN, Moving.GIVEN_BACK: books.GIVEN_BACK}.get(Moving(move.status))
    if said is None or not move.inward:
        return
    identity = members.get_identity()
    told = Answer(
        move=move.move,
        statement=move.statement,
        agency=move.agency,
        sender=identity.code,
        receiver=move.member.code,
        said=said,
        reason=move.reason,
        at=move.settled_at or at,
    )
    der = statements.sign(told.told(), _signer(at), at=at)
    manifest = {
        "form": parcels.MANIFEST,
        "kind": parcels.BOOKS_ANSWER,
        "from": {"node": identity.code, "agency": move.agency, "name": identity.name},
        "to": {"node": move.member.code, "agency": move.agency, "name": move.member.name},
        "at": at.isoformat(),
        "answer": base64.b64encode(der).decode(),
        "files": [],
    }
    signed = statements.sign(manifest, _signer(at), at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=move.member_id,
            key=f"books_answer:{move.move}:{said}",
            manifest=signed,
            urgency=URGENCY,
            about=move.agency_name,
            actor=None,
            at=at,
        )


def open_without(*, agency: str, reason: str, actor: Actor | None, at: datetime) -> BookMove:
    """Open the books of an agency that came here though its old node tells nothing: that one is gone for good.

    :raises NotAllowed: :raises NothingAwaited: :raises NoSuchAgencyHere:
    """
    refuse(policy.why_not_run(actor))
    unit = _agency(agency)
    with transaction.atomic(durable=True):
        move = nodes.waive_move(agency=agency, agency_name=unit.name, reason=reason, actor=actor, at=at)
        numbering.open_books(agency_id=unit.pk, why=move.reason, actor=actor, at=at)
    return move


def await_books(*, at: datetime) -> None:
    """Let nothing be numbered here for agencies that came to this node before their books have come. Repeatable.

    Where numbers of an agency stand and its books are not closed, they never left: the directory sent it away and back.
    """
    identity = members.find_identity()
    if identity is None:
        return
    for agency, node in members.list_awaited(identity.code):
        unit = people.find_agency_by_code(agency)
        if unit is None or series_of.find_elsewhere(unit.pk) is not None or series_of.list_series(unit.pk):
            continue
        name = members.get_member(node).name
        with transaction.atomic(durable=True):
            numbering.await_books(agency_id=unit.pk, node=node, node_name=name, actor=None, at=at)


def list_awaited() -> list[tuple[str, str]]:
    """Return the agencies for which nothing is numbered here until their books have come, with the node they come from."""
    found = []
    for agency, node in members.list_awaited(members.get_identity().code):
        unit = people.find_agency_by_code(agency)
        if unit is None or series_of.find_elsewhere(unit.pk) is not None:
            found.append((agency, node))
    return found


def registers_of(agency_code: str) -> list[tuple[BookMove, int, Mapping[str, object]]]:
    """Return the registers whose lines came with the books of an agency: the move, the place in it, what the file is."""
    rows = [row for row in members.list_moves(agency_code) if row.inward and row.status == Moving.TAKEN]
    return [(row, place, each) for row in rows for place, each in enumerate(row.registers)]
