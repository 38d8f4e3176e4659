"""Keeping the lines to the outside: set up, changed, opened and shut by administrators; what each round noted."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.exchange import policy, queries
from antin.exchange.models import Line, LineCode
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import at_rest
from antin.people import queries as people
from antin.refusal import NotFound, Refusal, refuse

if TYPE_CHECKING:
    from antin.people.actor import Actor

ROUND = timedelta(minutes=15)  # the longest a round may take before another may begin
EVERY = timedelta(minutes=1)
AFTER_FAULTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))


class BadLine(Refusal):
    code = "bad_line"
    words = _("Kênh liên thông cần đủ tên, mã hệ thống và địa chỉ https (http chỉ khi đã chọn “không mã hóa”).")


class BadLineName(Refusal):
    code = "bad_line_name"
    words = _(
        "Tên ngắn của kênh “%(name)s” phải là 1 đến 60 chữ thường không dấu, chữ số và dấu gạch, và chưa ai dùng."
    )


class BadAuthority(Refusal):
    code = "bad_line_authority"
    words = _("Chứng thư của máy chủ kênh phải ở dạng PEM đọc được.")


class CodeTwice(Refusal):
    code = "line_code_twice"
    words = _("Mã %(code)s ghi cho hai đơn vị trên cùng một kênh.")


class SecretMissing(Refusal):
    code = "line_secret_missing"
    words = _("Chưa có khóa bí mật của kênh; nhập trước khi mở.")


@dataclass(frozen=True)
class LineFacts:
    """What an administrator says of a line. A secret left empty stays as it was. `codes`: of our agencies, by unit id."""

    title: str
    address: str
    system_id: str
    user_name: str = ""
    secret: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    plain: bool = False
    raw: bool = False
    authority: str = ""
    codes: Mapping[int, str] = field(default_factory=dict)


def _check(facts: LineFacts) -> LineFacts:
    try:
        parts = urlsplit(clean_line(facts.address))
        proper = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise BadLine() from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and facts.plain)
    if not (clean_line(facts.title) and clean_line(facts.system_id) and proper and safe) or len(facts.address) > 300:
        raise BadLine()
    if facts.authority.strip():
        try:
            ssl.create_default_context(cadata=facts.authority)
        except (ssl.SSLError, ValueError):
            raise BadAuthority() from None
    return facts


def _write(line: Line, facts: LineFacts) -> None:
    """Write what was said of a line, and its codes, in the caller's transaction."""
    held = queries.secrets_of(line)
    told = {"secret": facts.secret or held.get("secret", ""), "password": facts.password or held.get("password", "")}
    line.title, line.address = clean_line(facts.title)[:120], clean_line(facts.address).rstrip("/")
    line.system_id, line.user_name = clean_line(facts.system_id)[:120], clean_line(facts.user_name)[:120]
    line.plain, line.raw, line.authority = facts.plain, facts.raw, facts.authority.strip()
    line.sealed = at_rest.seal(json.dumps(told).encode())
    line.save()
    codes = {agency_id: text[:64] for agency_id, code in facts.codes.items() if (text := clean_line(code))}
    units = people.list_units(list(codes))
    if len(units) != len(codes) or not all(unit.is_agency for unit in units.values()):
        raise NotFound()
    for code in codes.values():
        if list(codes.values()).count(code) > 1:
            raise CodeTwice(code=code)
    line.codes.all().delete()
    LineCode.objects.bulk_create(LineCode(line=line, agency_id=agency, code=code) for agency, code in codes.items())


@transaction.atomic
def set_up_line(*, name: str, channel: str, facts: LineFacts, actor: Actor | None, at: datetime) -> Line:
    """Set up a line, shut. `name` is what deliveries will call it, for ever.

    :raises NotAllowed: the actor administers no lines
    :raises BadLineName: :raises BadLine: :raises BadAuthority: :raises CodeTwice:
    """
    refuse(policy.why_not_keep_lines(actor))
    plain_name = name.isascii() and name.replace("-", "").isalnum() and name == name.lower()
    if not 0 < len(name) <= 60 or not plain_name or Line.objects.filter(name=name).exists():
        raise BadLineName(name=name[:60])
    if channel not in (Channel.AXIS, Channel.GATEWAY):
        raise BadLine()
    line = Line(name=name, channel=channel, made_at=at)
    _write(line, _check(facts))
    _record("set_up", line, actor, at)
    return line


@transaction.atomic
def change_line(*, line_id: int, facts: LineFacts, actor: Actor | None, at: datetime) -> Line:
    """Change where a line leads, who we are there, and its secrets.

    :raises NotAllowed: :raises NotFound: :raises BadLine: :raises BadAuthority: :raises CodeTwice:
    """
    refuse(policy.why_not_keep_lines(actor))
    line = queries.lock_line(line_id)
    was = _shown(line)
    _write(line, _check(facts))
    _record("changed", line, actor, at, was=was)
    return line


@transaction.atomic
def open_line(*, line_id: int, actor: Actor | None, at: datetime) -> Line:
    """Open a line: from now on it is asked for what came, and takes what waits. :raises NotAllowed: :raises SecretMissing:"""
    refuse(policy.why_not_keep_lines(actor))
    line = queries.lock_line(line_id)
    if not queries.secrets_of(line).get("secret"):
        raise SecretMissing()
    line.open, line.next_round_at, line.faults_in_row, line.fault = True, at, 0, ""
    line.save(update_fields=["open", "next_round_at", "faults_in_row", "fault"])
    _record("opened", line, actor, at)
    return line


@transaction.atomic
def shut_line(*, line_id: int, actor: Actor | None, at: datetime) -> Line:
    """Shut a line: nothing goes out or comes in over it; what waits goes on waiting. :raises NotAllowed:"""
    refuse(policy.why_not_keep_lines(actor))
    line = queries.lock_line(line_id)
    line.open, line.next_round_at = False, None
    line.save(update_fields=["open", "next_round_at"])
    _record("shut", line, actor, at)
    return line


def _shown(line: Line) -> dict[str, Any]:
    """What the journal says of a line: everything but its secrets."""
    own = {name: getattr(line, name) for name in ("title", "address", "system_id", "user_name", "plain", "raw")}
    return own | {"codes": {str(each.agency_id): each.code for each in line.codes.all()}}


def _record(what: str, line: Line, actor: Actor | None, at: datetime, **facts: Any) -> None:
    journal.record(
        f"line.{what}",
        subject=("line", line.pk),
        actor=actor,
        at=at,
        name=line.name,
        channel=line.channel,
        **_shown(line),
        **facts,
    )


@transaction.atomic
def begin_round(*, line_id: int, actor: Actor | None, at: datetime, now: bool = False) -> bool:
    """Take the lease of a round, if the line is open, due (or wanted `now`) and nobody has it."""
    line = queries.lock_line(line_id)
    held = line.round_until is not None and line.round_until > at
    due = now or (line.next_round_at is not None and line.next_round_at <= at)
    if not line.open or held or not due:
        return False
    line.round_until = at + ROUND
    line.save(update_fields=["round_until"])
    return True


@transaction.atomic
def end_round(*, line_id: int, fault: str, listed: bool = False, actor: Actor | None, at: datetime) -> Line:
    """Give the lease back and note how it went; after faults the next round waits longer."""
    line = queries.lock_line(line_id)
    _note(line, fault, at)
    wait = AFTER_FAULTS[min(line.faults_in_row, len(AFTER_FAULTS)) - 1] if fault else EVERY
    line.round_until, line.next_round_at = None, at + wait if line.open else None
    if listed:
        line.listed_at = at
    line.save()
    return line


@transaction.atomic
def note_contact(*, line_id: int, fault: str, actor: Actor | None, at: datetime) -> None:
    """Note that a line answered, or did not, outside a round."""
    line = queries.lock_line(line_id)
    _note(line, fault, at)
    line.save(update_fields=["contact_at", "fault", "fault_at", "faults_in_row"])


def _note(line: Line, fault: str, at: datetime) -> None:
    if fault:
        line.fault, line.fault_at, line.faults_in_row = fault[:500], at, line.faults_in_row + 1
    else:
        line.contact_at, line.fault, line.faults_in_row = at, "", 0


@transaction.atomic
def seal_again(*, actor: Actor | None, at: datetime) -> int:
    """Put the secrets of every line under the newest key; how many lines there are."""
    lines = list(Line.objects.select_for_update().order_by("id"))
    for line in lines:
        if line.sealed:
            line.sealed = at_rest.seal_again(bytes(line.sealed))
            line.save(update_fields=["sealed"])
    return len(lines)
