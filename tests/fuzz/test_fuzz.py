"""Three thousand damaged files of every kind: each gets a verdict, none breaks the checker or leaves a trace."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.fuzz.hunt import damaged, hunt, seeds

SEED = 20200406
FILES = 3_200
CHUNK = 200


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, FILES, CHUNK))
def test_damaged_files_get_a_verdict_and_leave_nothing_behind(
    first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, temporary = tmp_path / "files", tmp_path / "temporary"
    files.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(files)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert list(hunt(SEED, range(first, first + CHUNK), files)) == []
    assert list(temporary.iterdir()) == []


def test_the_same_seed_damages_the_same_way() -> None:
    assert [damaged(1, number) for number in range(20)] == [damaged(1, number) for number in range(20)]
    assert [damaged(1, number) for number in range(20)] != [damaged(2, number) for number in range(20)]


def test_every_kind_of_file_is_among_the_seeds() -> None:
    endings = {Path(name).suffix.lower() for name, _ in seeds()}
    assert endings >= {".jpg", ".png", ".svg", ".gif", ".mp3", ".wav", ".mp4", ".mov", ".zip", ".vtt", ".srt", ".yaml"}
