"""Only operations write; every operation says who acts and when."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

from tests.house.plan import HOUSE, ROOMS, modules, room_of

WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "update", "delete"}
WRITING_SQL = ("insert ", "update ", "delete ", "truncate ")

WRITES_ELSEWHERE = {"numbering/queries.py": "a series' row comes into being when it is first locked"}

# Operations that no person starts, or that are given what they need in another form.
WITHOUT_ACTOR = {
    "outbox": "the queue acts for nobody; what a handler does has its own actor",
    "journal": "writes down who acted; its own acts are the node's",
    "index": "derived from what acts wrote; the node's own work",
    "files": "bytes have no owner; who brought them is a fact of the act that keeps them",
    "upkeep": "the machinery says how it is; nobody acts",
}
WITHOUT_ACTOR_ONE_BY_ONE: dict[str, str] = {
    "agenda.use_feed": "nobody is known yet",
    "keys.open_signer": "signing asks, for the actor of its request",
    "keys.open_elsewhere": "signing asks, for the actor of its request",
    "keys.refresh_revocation_lists": "the timetable's",
    "keys.open_responder": "the node's own authority, about its own certificates",
    "keys.open_timestamper": "the node's own clock authority",
    "keys.timestamp": "the node's own clock authority",
    "keys.answer_timestamp_request": "anybody may have a digest timestamped",
    "keys.open_node_reader": "the node's own key",
    "keys.open_node_signer": "the node's own key",
    "nodes.accept_many": "what a partner sent: nobody here acts",
    "nodes.each_piece": "reads and seals; nothing is written",
    "nodes.find_damaged": "looks at what a partner sent",
    "nodes.open_received": "opens what a partner sent",
    "nodes.pack": "reads and seals; nothing is written",
    "nodes.pack_many": "reads and seals; nothing is written",
    "nodes.peek_letter": "reads",
    "nodes.read_following": "reads",
    "nodes.read_invitation": "reads",
    "nodes.send_edition": "the timetable's, and the acts that change the directory",
    "nodes.sweep": "the timetable's",
    "notices.tell": "told by the act that gives the reason, in its transaction",
    "notices.tell_many": "told by the act that gives the reason, in its transaction",
    "people.forget_attempts": "the timetable's",
    "people.meet_device": "the one who comes in",
    "people.seal_again": "the keeper of the node's keys, at its console",
    "people.show_code": "who proves himself is named by his id; nobody has signed in yet",
    "people.show_key": "who proves himself is named by his id; nobody has signed in yet",
    "people.show_password": "who proves himself is named by his id",
    "people.sign_in": "nobody has signed in yet",
    "people.sign_in_by_certificate": "nobody has signed in yet",
    "people.use_token": "nobody is known yet",
    "signing.begin_sealed": "begins the evidence of what its caller seals or opens, in its transaction",
    "signing.prepare": "a file's form, before anybody signs",
    "signing.fill_content": "a file's form, before anybody signs",
    "signing.prepare_file": "a file's form, before anybody signs",
    "signing.prepare_attachment": "a file's form, before anybody signs",
    "signing.to_be_signed": "the request knows who asked",
    "signing.xml_properties": "the request knows who asked",
    "signing.fill": "a file's form; the act that gives the values records who",
    "signing.carry_out": "the request names who signs",
    "signing.complete_proof": "the outbox's",
    "signing.join_batch": "in the transaction of the request, which names who",
    "signing.settle_item": "the batch names who signs",
    "signing.keep_watch": "the timetable's",
    "signing.forget_unsigned_files": "the timetable's",
    "signing.know_signature": "the act that brought the two files records who",
    "signing.renew_proofs": "the outbox's",
    "signing.try_again": "the timetable's",
    "signing.timestamp": "adds the node's evidence to a file",
    "signing.verify": "reads a file; the same for everybody",
    "signing.examine": "reads a file; the same for everybody",
    "signing.ask_others": "reads a file; the same for everybody",
    "signing.attest": "says what was read, in the node's name",
    "signing.read_attested": "reads",
    "tasks.holders_of": "reads",
    "vault.commit": "reckons; nothing is written",
}
WITHOUT_MOMENT: dict[str, str] = {
    "people.seal_again": "changes how a secret is kept, and nothing else",
    "outbox.promise": "made at the transaction's moment unless it is due later",
    "outbox.promise_many": "made at the transaction's moment unless it is due later",
    "outbox.keeps": "registers a handler, writes nothing",
    "outbox.kept_names": "tells which handlers there are",
    "outbox.kept_by_caller": "a setting of the caller's context",
    "index.mark": "by the database's clock, like the triggers' rows",
    "index.mark_slow": "by the database's clock, like the triggers' rows",
    "index.write_due": "says what is true when it is read",
    "index.rebuild": "says what is true when it is read",
    "vault.commit": "reckons; nothing is written",
    "outbox.revive": "tried again as soon as possible",
    "outbox.retry_stalled": "by the database's clock, like the heartbeats it reads",
    "outbox.retry_abandoned": "by the database's locks, which have no moment",
    "outbox.remove_old_jobs": "by the database's clock, like the jobs it removes",
    "files.destroy": "takes away; nothing is dated",
    "signing.prepare": "a file goes in, a file comes out",
    "signing.fill_content": "a file goes in, a file comes out",
    "signing.ask_others": "other tools have no clock of ours",
    "signing.attest": "the report says its moment",
    "signing.read_attested": "reads",
    "documents.check_before_signing": "refuses or not, on a day; writes nothing",
    "documents.find_begun": "reads",
    "journal.record_many": "each entry has its own",
    "tasks.holders_of": "reads",
}
POSITIONAL: dict[str, str] = {
    "outbox.promise": "reads as a sentence",
    "outbox.promise_many": "reads as a sentence",
    "outbox.keeps": "a decorator",
    "journal.record": "reads as a sentence",
    "journal.record_many": "takes the entries",
    "notices.tell": "reads as a sentence",
    "notices.tell_many": "takes the news",
    "signing.prepare": "takes the file",
    "signing.fill_content": "takes the file",
    "tasks.holders_of": "reads",
    "files.keep": "reads as a sentence",
    "files.keep_rendition": "reads as a sentence",
}


def _is_operations(path: Path) -> bool:
    parts = path.relative_to(HOUSE).parts
    return len(parts) > 1 and parts[1].removesuffix(".py") == "operations"


def _chain(node: ast.AST) -> set[str]:
    """Names along a.b(c).d: what a call is made on."""
    names = set()
    while True:
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return names


def _writes(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        act = node.func.attr
        of_objects = act in WRITES and "objects" in _chain(node.func.value)
        of_a_row = act == "save" and not node.args and (not node.keywords or node.keywords[0].arg == "update_fields")
        text = node.args[0] if node.args and isinstance(node.args[0], ast.Constant) else None
        of_sql = act == "execute" and text is not None and str(text.value).lower().lstrip().startswith(WRITING_SQL)
        if of_objects or of_a_row or of_sql:
            found.append(f"line {node.lineno}: .{act}(")
    return found


@pytest.mark.parametrize(
    "path", [path for path in modules() if not _is_operations(path)], ids=lambda path: str(path.relative_to(HOUSE))
)
def test_only_operations_write(path: Path):
    excepted = str(path.relative_to(HOUSE)) in WRITES_ELSEWHERE
    assert bool(_writes(ast.parse(path.read_text()))) is excepted, _writes(ast.parse(path.read_text()))


def _operations() -> list[tuple[str, object]]:
    found = []
    for room in ROOMS:
        if not (HOUSE / room / "operations.py").exists() and not (HOUSE / room / "operations").exists():
            continue
        module = import_module(f"antin.{room}.operations")
        for name, act in vars(module).items():
            if inspect.isfunction(act) and not name.startswith("_"):
                home = inspect.unwrap(act).__module__
                if home.startswith(f"antin.{room}.operations"):
                    found.append((f"{room}.{name}", act))
    return found


OPERATIONS = _operations()


@pytest.mark.parametrize(("name", "act"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_an_operation_says_who_acts_and_when(name: str, act):
    parameters = inspect.signature(act).parameters
    if name not in POSITIONAL:
        positional = [p.name for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        assert positional == [], "operations take keywords only"
    if name.split(".", maxsplit=1)[0] not in WITHOUT_ACTOR and name not in WITHOUT_ACTOR_ONE_BY_ONE:
        assert "actor" in parameters, "who acts?"
    if name not in WITHOUT_MOMENT:
        assert "at" in parameters, "when?"


@pytest.mark.parametrize(("name", "act"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_an_operation_explains_itself(name: str, act):
    assert inspect.getdoc(act)


def test_the_exceptions_are_still_needed():
    names = {name for name, _ in OPERATIONS}
    excepted = {*WITHOUT_ACTOR_ONE_BY_ONE, *WITHOUT_MOMENT, *POSITIONAL}
    assert excepted - names == set()


def test_rooms_are_where_the_writes_are():
    writers = {room_of(path) for path in modules() if _writes(ast.parse(path.read_text()))}
    assert writers <= set(ROOMS)
