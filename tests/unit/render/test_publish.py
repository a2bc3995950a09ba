"""What an output folder holds after a build: the new files, and nothing an earlier build left."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.render.publish import publish, withdraw


def test_files_that_are_no_longer_made_are_taken_away_and_others_stay(tmp_path: Path) -> None:
    folder, made = tmp_path / "out", tmp_path / "film.mp4"
    made.write_bytes(b"film")
    folder.mkdir()
    for name in ("film.vtt", "notes.txt"):
        (folder / name).write_text("old")
    publish({"film.mp4": made}, folder)
    withdraw({"outputs": [{"path": "film.mp4"}, {"path": "film.vtt"}]}, {"film.mp4": made}, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["film.mp4", "notes.txt"]


@pytest.mark.parametrize("manifest", [None, {}, {"outputs": 3}, {"outputs": [{"path": "../kept.txt"}]}])
def test_a_manifest_that_is_not_ours_takes_nothing_away(tmp_path: Path, manifest: dict[str, object] | None) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "kept.txt").touch()
    withdraw(manifest, {}, folder)
    assert (tmp_path / "kept.txt").exists()
