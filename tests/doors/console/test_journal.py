"""`antin journal …`, as operators and auditors type it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from antin.console.main import main
from antin.journal import operations, queries
from antin.journal.operations import Entry

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]


@pytest.fixture
def fill(at):
    """Record and seal so many things."""

    def fill(n):
        operations.record_many(Entry("thing.happened", ("task", i), None, at, facts={"i": i}) for i in range(n))
        operations.seal(at=at)

    return fill


def alone(*words):
    """Run the command as somebody without database, settings or state would."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ANTIN_STATE", "DJANGO_SETTINGS_MODULE")
    }
    environment |= {"ANTIN_STATE": "/nowhere/at/all", "DATABASE_URL": "not-a-database"}
    ran = subprocess.run(
        [sys.executable, "-m", "antin", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout, ran.stderr


def export(path, capsys):
    assert main(["journal", "export", str(path)]) == 0
    capsys.readouterr()
    return path


def test_an_export_is_verified_without_a_database(fill, tmp_path, capsys):
    fill(5)
    path = export(tmp_path / "nhat-ky.jsonl", capsys)
    code, out, err = alone("journal", "verify", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{path}: còn nguyên vẹn"
    assert "5 mục, 1 điểm niêm phong, 0 mục chưa niêm phong" in out


def test_a_changed_export_does_not_hold_and_the_entry_is_named(fill, tmp_path, capsys):
    fill(5)
    path = export(tmp_path / "nhat-ky.jsonl", capsys)
    path.write_bytes(path.read_bytes().replace(b'"i":3', b'"i":7'))
    code, out, _err = alone("journal", "verify", "--json", str(path))
    assert code == 1
    said = json.loads(out)
    assert said["verdict"] == "broken"
    first = said["exports"][0]["first_bad"]
    assert (first["code"], first["index"], first["line"]) == ("entry_changed", 3, 5)


def test_what_is_no_export_cannot_be_told(tmp_path):
    other = tmp_path / "thu.pdf"
    other.write_bytes(b"%PDF-1.7")
    assert alone("journal", "verify", str(other))[:2] == (
        2,
        f"{other}: không kết luận được\n  - dòng 1: Đây không phải tệp xuất nhật ký An Tín.\n",
    )
    code, _out, err = alone("journal", "verify", str(tmp_path / "missing"))
    assert (code, err) == (2, f"Không mở được {tmp_path / 'missing'}: No such file or directory\n")
    code, out, _err = alone("journal", "verify", "--json", "--checkpoint", str(other), str(other))
    assert (code, json.loads(out)["trouble"]) == (2, f"Không đọc được điểm niêm phong: {other}")
    assert alone("journal", "verify", "--key", "abc", str(other))[0] == 2


def test_a_kept_checkpoint_finds_out_an_old_copy(fill, tmp_path, capsys, own_state):
    fill(3)
    old = export(tmp_path / "cu.jsonl", capsys)
    fill(2)
    assert main(["journal", "checkpoint"]) == 0
    kept = tmp_path / "diem"
    kept.write_text(capsys.readouterr().out)
    new = export(tmp_path / "moi.jsonl", capsys)
    key = own_state / "journal" / "node.pem"
    assert alone("journal", "verify", "--checkpoint", str(kept), "--key", str(key), str(new))[0] == 0
    code, out, _err = alone("journal", "verify", "--checkpoint", str(kept), str(old))
    assert code == 1
    assert "mục 3: Nhật ký dừng ở mục 3, nhưng điểm niêm phong 2 đã thấy trước đây bao gồm đến mục 5." in out
    remembered = next((own_state / "journal").glob("*.checkpoints"))
    assert alone("journal", "verify", "--checkpoint", str(remembered), str(old))[0] == 1


def test_two_exports_are_held_against_each_other(fill, tmp_path, capsys):
    fill(3)
    old = export(tmp_path / "cu.jsonl", capsys)
    fill(2)
    new = export(tmp_path / "moi.jsonl", capsys)
    assert alone("journal", "verify", str(old), str(new))[0] == 0
    code, out, _err = alone("journal", "verify", "--key", "00" * 32, str(old), str(new))
    assert code == 1 and out.count("Khóa niêm phong không thuộc các khóa đã biết") == 2


def test_an_export_that_came_later_and_reaches_less_far_is_a_rollback(fill, tmp_path, capsys, at):
    fill(3)
    before = list(queries.list_checkpoints())
    fill(2)
    new = export(tmp_path / "moi.jsonl", capsys)
    with connection.cursor() as cursor:
        for table in ("journal_leaf", "journal_checkpoint"):
            cursor.execute(f"alter table {table} disable trigger {table}_stays")
        cursor.execute("delete from journal_leaf where index >= %s", [before[-1].says["size"]])
        cursor.execute("delete from journal_checkpoint where number > %s", [before[-1].says["number"]])
        for table in ("journal_leaf", "journal_checkpoint"):
            cursor.execute(f"alter table {table} enable trigger {table}_stays")
    later = tmp_path / "sau.jsonl"
    later.write_bytes(b"".join(queries.export_lines(at=at.replace(year=2099))))
    code, out, _err = alone("journal", "verify", "--json", str(new), str(later))
    said = json.loads(out)["exports"]
    assert (code, said[0]["verdict"]) == (1, "holds")
    assert [finding["code"] for finding in said[1]["findings"]] == ["rolled_back"]


@pytest.mark.usefixtures("guarded")
def test_the_live_journal_holds(fill, capsys):
    fill(4)
    assert main(["journal", "verify", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["exports"][0]
    assert (said["verdict"], said["entries"], said["key_is_known"]) == ("holds", 4, True)


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(
    ("harm", "code", "index"),
    [
        ("update journal_record set facts = '{\"i\": 9}' where id = {2}", "entry_changed", 2),
        ("update journal_record set person_name = 'Ai đó' where id = {0}", "entry_changed", 0),
        ("update journal_leaf set hash = sha256('x') where index = 1", "entry_changed", 1),
        ("delete from journal_leaf where index = 1", "entry_missing", 1),
        ("delete from journal_leaf where index = 5; delete from journal_record where id = {5}", "entry_missing", 5),
        ("delete from journal_checkpoint where number = 1", "checkpoint_missing", 0),
        ("delete from journal_checkpoint where number = 2", "rolled_back", 4),
        ("delete from journal_leaf; delete from journal_checkpoint", "other_journal", 0),
        ("update journal_checkpoint set body = 'x' where number = 2", "damaged_line", 6),
        ("update journal_checkpoint set size = 3 where number = 1", "entry_missing", 3),
        (
            "update journal_checkpoint set body = replace(body, ':\"antin\"', ':\"nitna\"') where number = 2",
            "checkpoint_forged",
            4,
        ),
    ],
)
def test_harm_done_to_the_live_journal_is_named(fill, capsys, harm, code, index):
    fill(4)
    fill(2)
    ids = sorted({row.id for n in range(4) for row in queries.list_for(("task", n))})
    tables = ("journal_record", "journal_leaf", "journal_checkpoint")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger {table}_stays")
        for statement in harm.split("; "):
            cursor.execute(re.sub(r"\{(\d)\}", lambda found: str(ids[int(found[1])]), statement))
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger {table}_stays")
    assert main(["journal", "verify", "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["exports"][0]["first_bad"]
    assert (first["code"], first["index"]) == (code, index)


def test_a_guard_that_is_switched_off_is_named(fill, capsys):
    fill(1)
    assert main(["journal", "verify"]) == 1
    assert "thiếu hoặc tắt journal_checkpoint_stays_whole" in capsys.readouterr().out


def test_verifying_an_export_loads_nothing_of_the_database():
    code = "import sys, antin.console.journal_verify; print([m for m in sys.modules if 'psycopg' in m or m == 'django.db'])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.fixture
def scripts(tmp_path):
    """The shell scripts of docs/journal-format.md, as they stand there."""
    page = (ROOT / "docs" / "journal-format.md").read_text()
    found = {}
    for script in re.findall(r"```bash\n(.*?)```", page, re.DOTALL):
        name = re.search(r"usage: ([\w-]+)", script)[1]
        found[name] = tmp_path / name
        found[name].write_text(script)
    return found


def test_the_journal_is_verified_by_hand_with_a_sha256_tool_alone(fill, scripts, tmp_path, capsys):
    fill(3)
    fill(4)
    path = export(tmp_path / "nhat-ky.jsonl", capsys)
    root = queries.find_last_checkpoint().says["root"]
    by_hand = ["bash", str(scripts["verify-by-hand"]), str(path)]
    ran = subprocess.run(by_hand, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, f"holds: {root}\n")
    path.write_bytes(path.read_bytes().replace(b'"i":2', b'"i":9', 1))
    ran = subprocess.run(by_hand, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and ran.stdout.startswith('changed: {"agency":')


def test_the_signature_is_verified_by_hand_with_openssl(fill, scripts, tmp_path, capsys, own_state):
    fill(3)
    path = export(tmp_path / "nhat-ky.jsonl", capsys)
    by_hand = ["bash", str(scripts["verify-signature"]), str(path), str(own_state / "journal" / "node.pem")]
    ran = subprocess.run(by_hand, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "Signature Verified Successfully\n")
    path.write_bytes(path.read_bytes().replace(b'"size":3', b'"size":4'))
    assert subprocess.run(by_hand, capture_output=True, text=True, check=False).returncode == 1
