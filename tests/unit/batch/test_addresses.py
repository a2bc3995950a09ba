"""Secrets in addresses are found however they are written, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.batch.addresses import has_secret, masked, masked_text, seen_from_here

SECRETS = (
    ("s3://key:word@bucket/x", "s3://key:***@bucket/x"),
    ("s3://key:wo/rd@bucket/x", "s3://key:***@bucket/x"),
    ("s3://key:22/wo/rd@bucket/x", "s3://key:***@bucket/x"),
    ("sftp://user:pass@word@host/x", "sftp://user:***@host/x"),
    ("sftp://user:pa/ss@word@host:22/x", "sftp://user:***@host:22/x"),
    ("s3://:word@bucket", "s3://:***@bucket"),
    ("s3://key%3Aword@bucket", "s3://key:***@bucket"),
    ("S3://key:word/bucket/x", "S3://key:***/bucket/x"),
    ("https://word@host/x", "https://***@host/x"),
    ("s3:/key:word@bucket/x", "s3:/key:***@bucket/x"),
    ("simplecache::s3://key:wo/rd@bucket", "simplecache::s3://key:***@bucket"),
    ("zip://a.zip::s3://key:word@bucket", "zip://a.zip:***@bucket"),
    ("https://host/l.yaml?X-Amz-Signature=word", "https://host/l.yaml?…"),
    ("https://host/l.yaml?a=1&X-Amz-Security-Token=word/x", "https://host/l.yaml?…"),
    ("https://host/l.yaml?sv=1&sig=word", "https://host/l.yaml?…"),
    ("file://user:word@host/x", "file://user:***@host/x"),
)

OPEN = (
    "s3://bucket/folder",
    "s3://bucket/a:b@c/lesson.yaml",
    "s3://arn:aws:s3:us-west-2:123456789012:accesspoint/mine/a@b",
    "sftp://user@host:2222/a@b",
    "sftp://host:22/a@b",
    "https://host:8080/a@b/lesson.yaml",
    "https://[::1]:80/a@b",
    "abfs://container@account.dfs.core.windows.net/term",
    "s3://bucket/why?/lesson.yaml",
    "file:///term/a:b@c",
    "memory://x",
    "/disk/a:b@c",
    "lessons",
)


@pytest.mark.parametrize(("address", "shown"), SECRETS)
def test_a_secret_is_found_and_not_shown(address: str, shown: str) -> None:
    assert has_secret(address)
    assert masked(address) == shown
    assert "word" not in masked_text(f"cannot connect to {address}, sorry")


@pytest.mark.parametrize("address", OPEN)
def test_an_address_without_secrets_is_shown_as_it_is(address: str) -> None:
    assert not has_secret(address)
    assert masked(address) == address


def test_a_query_that_may_be_anything_is_not_shown() -> None:
    assert not has_secret("https://host/list?page=2")
    assert masked("https://host/list?page=2") == "https://host/list?…"


def test_a_path_is_shown_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert seen_from_here(tmp_path / "out") == "out"
    assert seen_from_here(tmp_path.parent) == str(tmp_path.parent)
    assert seen_from_here("s3://bucket/x") == "s3://bucket/x"
    assert seen_from_here("../out") == "../out"
    assert seen_from_here("") == ""
