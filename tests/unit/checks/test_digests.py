"""The digest of a large file is taken beside its other facts."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.checks.subject import Kind, Subject, Submitted, Task

LARGE = 40_000_000


def subject_of(path: Path, scratch: Path) -> Subject:
    return Subject(Task(Submitted(path, path.name, path.name, Kind.OTHER), scratch))


@pytest.mark.parametrize("size", [0, 1000, LARGE])
def test_the_digest_is_that_of_the_bytes_however_large_the_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * size)
    subject = subject_of(path, tmp_path)
    with subject.digested_ahead():
        assert subject.sha256 == sha256(b"x" * size).hexdigest()


def test_nothing_reads_on_when_judging_has_been_given_up(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    with path.open("wb") as file:
        file.truncate(200_000_000_000)  # nothing but a hole: reading it would take minutes
    before = threading.active_count()
    with pytest.raises(TimeoutError), subject_of(path, tmp_path).digested_ahead():
        raise TimeoutError
    assert threading.active_count() == before


def test_a_large_file_that_is_gone_is_told_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(bytes(LARGE))
    subject = subject_of(path, tmp_path)
    assert subject.size == LARGE
    assert subject.plain
    path.unlink()
    with pytest.raises(FileNotFoundError), subject.digested_ahead():
        assert subject.sha256
