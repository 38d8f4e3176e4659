"""The environment is read once, completely, and every fault is named."""

from __future__ import annotations

import json
import os

import pytest

from config import environment


def test_a_database_url_is_taken_apart(tmp_path):
    url = "postgresql://an%40tin:p%2Fw@db.example:6543/office?sslmode=verify-full"
    node = environment.read({"ANTIN_STATE": str(tmp_path), "DATABASE_URL": url})
    assert node.database == {"NAME": "office", "USER": "an@tin", "PASSWORD": "p/w", "HOST": "db.example", "PORT": 6543}
    assert node.database_options == {"sslmode": "verify-full"}
    assert not node.embedded


def test_of_several_servers_the_one_that_may_be_written_to_is_taken(tmp_path):
    url = "postgresql://antin:x@10.0.0.1:5432,[fd00::2]:6543,third/antin?sslmode=verify-full"
    node = environment.read({"ANTIN_STATE": str(tmp_path), "DATABASE_URL": url})
    assert (node.database["HOST"], node.database["PORT"]) == ("10.0.0.1,fd00::2,third", "5432,6543,5432")
    assert node.database_options == {"sslmode": "verify-full", "target_session_attrs": "read-write"}
    with pytest.raises(environment.BadEnvironment, match="DATABASE_URL"):
        environment.read({"ANTIN_STATE": str(tmp_path), "DATABASE_URL": "postgresql://antin@a:b/antin"})


def test_a_socket_folder_keeps_its_capitals(tmp_path):
    url = "postgresql://antin:x@%2Fsrv%2FAn%2Frun/antin"
    assert environment.read({"ANTIN_STATE": str(tmp_path), "DATABASE_URL": url}).database["HOST"] == "/srv/An/run"


def test_without_a_url_the_embedded_server_is_used(tmp_path):
    assert environment.read({"ANTIN_STATE": str(tmp_path)}).embedded
    kept = tmp_path / "postgres" / "connection.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({"NAME": "antin", "USER": "antin", "PASSWORD": "s", "HOST": "/run/x", "PORT": 5432}))
    assert environment.read({"ANTIN_STATE": str(tmp_path)}).database["PASSWORD"] == "s"


def test_every_fault_is_named_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    given = {"ANTIN_STATE": str(tmp_path / "file"), "ANTIN_PORT": "eighty", "DATABASE_URL": "mysql://x"}
    with pytest.raises(environment.BadEnvironment) as stopped:
        environment.read(given)
    words = str(stopped.value)
    assert "ANTIN_PORT" in words
    assert "DATABASE_URL" in words
    assert "ANTIN_STATE" in words


def test_the_secret_is_made_once_and_private(tmp_path):
    first = environment.read({"ANTIN_STATE": str(tmp_path)}).secret_key
    assert environment.read({"ANTIN_STATE": str(tmp_path)}).secret_key == first
    assert len(first) > 50
    assert (tmp_path / "secrets" / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5"])
def test_a_file_limit_is_whole_megabytes(tmp_path, limit):
    with pytest.raises(environment.BadEnvironment, match="ANTIN_FILE_LIMIT_MB"):
        environment.read({"ANTIN_STATE": str(tmp_path), "ANTIN_FILE_LIMIT_MB": limit})


def test_the_node_has_a_name_and_a_limit_unless_told_otherwise(tmp_path):
    node = environment.read({"ANTIN_STATE": str(tmp_path)})
    assert (node.node, node.file_limit) == ("antin", 100_000_000)
    told = environment.read(
        {"ANTIN_STATE": str(tmp_path), "ANTIN_NODE": "bo-tong-tham-muu", "ANTIN_FILE_LIMIT_MB": "7"}
    )
    assert (told.node, told.file_limit) == ("bo-tong-tham-muu", 7_000_000)


def test_libraries_of_tokens_and_signing_services_are_named(tmp_path):
    given = {
        "ANTIN_STATE": str(tmp_path),
        "ANTIN_PKCS11": "usb=/usr/lib/libmaker.so, hsm=/usr/lib/softhsm/libsofthsm2.so",
        "ANTIN_CSC": "x=https://sign.example/csc/v2,here=http://127.0.0.1:9000/csc/v1",
    }
    node = environment.read(given)
    assert node.pkcs11_modules == {"usb": "/usr/lib/libmaker.so", "hsm": "/usr/lib/softhsm/libsofthsm2.so"}
    assert node.csc_services == {"x": "https://sign.example/csc/v2", "here": "http://127.0.0.1:9000/csc/v1"}
    for name, wrong in (("ANTIN_PKCS11", "usb=libmaker.so"), ("ANTIN_CSC", "x=http://sign.example/csc/v2")):
        with pytest.raises(environment.BadEnvironment) as stopped:
            environment.read({"ANTIN_STATE": str(tmp_path), name: wrong})
        assert name in str(stopped.value)


def test_as_many_workers_as_cores_unless_told(tmp_path):
    told = {"ANTIN_STATE": str(tmp_path)}
    assert environment.read(told).workers == min(os.cpu_count() or 1, 8)
    assert environment.read(told | {"ANTIN_WORKERS": "12"}).workers == 12
    for wrong in ("0", "65", "two"):
        with pytest.raises(environment.BadEnvironment, match="ANTIN_WORKERS"):
            environment.read(told | {"ANTIN_WORKERS": wrong})


def test_files_lie_in_the_folder_unless_a_bucket_is_named(tmp_path):
    assert environment.read({"ANTIN_STATE": str(tmp_path)}).bucket is None
    given = {"ANTIN_S3": "https://s3.example:9000/house/antin/files/", "ANTIN_S3_KEY": "k", "ANTIN_S3_SECRET": "s"}
    found = environment.read({"ANTIN_STATE": str(tmp_path), **given}).bucket
    assert found == environment.Bucket("https://s3.example:9000", "house", "antin/files/", "us-east-1", "k", "s")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "given",
    [
        {"ANTIN_S3": "http://s3.example/house", "ANTIN_S3_KEY": "k", "ANTIN_S3_SECRET": "s"},
        {"ANTIN_S3": "https://s3.example", "ANTIN_S3_KEY": "k", "ANTIN_S3_SECRET": "s"},
        {"ANTIN_S3": "https://k:s@s3.example/house", "ANTIN_S3_KEY": "k", "ANTIN_S3_SECRET": "s"},
        {"ANTIN_S3": "https://s3.example/house"},
        {"ANTIN_S3": "https://s3.example/house", "ANTIN_S3_KEY": "k", "ANTIN_S3_SECRET": "s", "ANTIN_S3_CA": "/no/ca"},
    ],
)
def test_a_bucket_is_named_whole_and_with_tls(tmp_path, given):
    with pytest.raises(environment.BadEnvironment, match="ANTIN_S3"):
        environment.read({"ANTIN_STATE": str(tmp_path), **given})
