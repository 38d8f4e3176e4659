"""A backup of a node at work becomes a node again, the same in documents, secrets and journal; nothing of it is believed unseen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from antin.console import archive, backup, backup_verify
from antin.documents import queries as documents
from antin.files import queries as files
from antin.journal import operations as journal
from antin.keys import queries as keys
from antin.people import one_time
from antin.people import operations as people
from tests import paper
from tests.cast import PASSWORD, Cast
from tests.house.plan import ROOT
from tests.node_life.conftest import Node

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHRASE = "một cụm mật khẩu dài"


@pytest.fixture
def backed_up(cast: Cast, guarded: None, own_state: Path, tmp_path: Path) -> Iterator[tuple[Path, str, bytes]]:
    """A backup of a node that issued a letter; the letter's digest, and the secret of the clerk's app."""
    at = datetime.now(UTC) - timedelta(hours=1)
    paper.give_keys(cast, at - timedelta(days=1))
    paper.an_issued_page(cast, at, recipients=[cast.recipient_id], subject="Kiểm tra công tác sao lưu")
    made = people.add_app(person_id=cast.clerk.person_id, name="", actor=cast.clerk.actor(), at=at)
    code = one_time.code_at(made.secret, at)
    people.confirm_app(factor_id=made.id, code=code, actor=cast.clerk.actor(), at=at)
    journal.seal(at=datetime.now(UTC))
    [letter] = documents.list_documents(actor=cast.clerk.actor(), box="out").rows
    digest = next(iter(documents.list_files(cast.clerk.actor(), letter.pk)))
    yield backup.make(tmp_path / "backups", PHRASE, at=datetime.now(UTC)), digest, made.secret


def antin(state: Path, *given: str, phrase: str = PHRASE) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    told = kept | {"ANTIN_STATE": str(state), archive.PASSPHRASE: phrase}
    command = [sys.executable, "-m", "antin", *given]
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False, timeout=120)


def test_a_restored_node_has_everything_and_proves_it(
    backed_up: tuple[Path, str, bytes], node: Node, cast: Cast
) -> None:
    made, digest, _secret = backed_up
    assert antin(node.state, "restore", str(made), phrase="một cụm mật khẩu sai").returncode == 1
    refused = antin(node.state, "run")
    assert (refused.returncode, "khôi phục dở dang" in refused.stdout) == (2, True)
    done = antin(node.state, "restore", str(made), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["journal"], told["findings"], told["files"] > 0) == ("holds", [], True)
    assert archive.blob(node.state, digest).read_bytes() == files.read(digest)
    assert "đã có dữ liệu" in antin(node.state, "restore", str(made)).stderr
    node.start("--no-demo").await_well()
    assert "Lập đơn vị" not in node.words()
    assert second_factor_is_asked(node)
    assert node.stop() == 0


def second_factor_is_asked(node: Node) -> bool:
    """Sign in as the clerk: the password of the backup is right, and his app is asked for."""
    script = (
        "import sys, re, http.cookiejar, urllib.request as u, urllib.parse as p\n"
        "o=u.build_opener(u.HTTPCookieProcessor(http.cookiejar.CookieJar()))\n"
        "a=sys.argv[1]+'/sign-in'\n"
        't=re.search(\'csrfmiddlewaretoken" value="([^"]+)\', o.open(a).read().decode())[1]\n'
        "d=p.urlencode({'csrfmiddlewaretoken':t,'user_name':'vanthu','password':sys.argv[2]}).encode()\n"
        "print(o.open(u.Request(a,d,{'Referer':a})).geturl())\n"
    )
    command = [sys.executable, "-c", script, f"http://localhost:{node.port}", PASSWORD]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().endswith("/second")


@pytest.mark.parametrize("part", ["dump", "list", "file", "manifest"])
def test_what_was_changed_or_cut_short_is_not_restored(
    backed_up: tuple[Path, str, bytes], place: Path, part: str
) -> None:
    made, digest, _secret = backed_up
    match part:
        case "dump":
            dump = made / archive.DUMP
            dump.write_bytes(dump.read_bytes()[:-1] + b"x")
        case "list":
            (made / archive.FILES).write_text("")
        case "manifest":
            (made / archive.MANIFEST).unlink()
        case "file":
            lies = archive.blob(made.parent, digest)
            lies.chmod(0o600)
            lies.write_bytes(lies.read_bytes()[:-1] + b"x")
    done = antin(place, "restore", str(made))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Chưa khôi phục được" in done.stderr
    assert not (place / "postgres" / "data").exists()


def test_the_secrets_in_a_backup_are_sealed_and_the_rest_holds_none(backed_up: tuple[Path, str, bytes]) -> None:
    made, _digest, secret = backed_up
    state = Path(settings.STATE)
    hidden = [secret, *(path.read_bytes().strip() for path in (state / "secrets").rglob("*") if path.is_file())]
    for path in (path for path in made.parent.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert [each for each in hidden if each in content] == [], path


def test_a_file_that_is_missing_is_said_and_the_backup_is_none(cast: Cast, backed_up: Any) -> None:
    made, digest, _secret = backed_up
    lies = archive.blob(Path(settings.STATE), digest)
    kept = lies.read_bytes()
    shutil.rmtree(made.parent / "files")
    lies.unlink()
    try:
        with pytest.raises(archive.BadArchive, match=digest):
            backup.make(made.parent, PHRASE, at=datetime.now(UTC) + timedelta(seconds=1))
    finally:
        lies.write_bytes(kept)
    assert archive.list_backups(made.parent) == [made]


def test_only_the_newest_stay_and_files_that_none_names_go(cast: Cast, backed_up: Any) -> None:
    made, digest, _secret = backed_up
    (made.parent / "2020-01-01T000000Z").mkdir()  # cut short
    stray = archive.blob(made.parent, "0" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    later = backup.make(made.parent, PHRASE, at=datetime.now(UTC) + timedelta(seconds=2))
    assert backup.prune(made.parent, 1) == 2
    assert archive.list_backups(made.parent) == [later]
    assert (stray.exists(), archive.blob(made.parent, digest).exists()) == (False, True)


def test_a_backup_names_its_keys_and_the_journals_head_and_is_read_again(backed_up: tuple[Path, str, bytes]) -> None:
    made, digest, _secret = backed_up
    told = archive.read_manifest(made)
    assert '"number"' in told.head
    assert told.keys != []
    assert {each["kind"] for each in told.keys} == {"software"}
    listed = {row.reference for row in keys.list_devices()}
    assert {each["reference"] for each in told.keys} == listed
    assert backup_verify.check(made, PHRASE) == told.files
    lies = archive.blob(made.parent, digest)
    lies.chmod(0o600)
    lies.write_bytes(lies.read_bytes()[:-1] + b"x")
    with pytest.raises(archive.BadArchive, match=digest):
        backup_verify.check(made, PHRASE)
    with pytest.raises(archive.BadArchive):
        backup_verify.check(made, "một cụm mật khẩu khác")
