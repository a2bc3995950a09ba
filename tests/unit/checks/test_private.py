from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks.private import private_folder


def test_an_interrupt_in_the_moment_of_making_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make = os.mkdir

    def make_and_be_interrupted(*arguments: Any) -> None:
        make(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "mkdir", make_and_be_interrupted)
    with pytest.raises(KeyboardInterrupt), private_folder("ours-", tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_private_folder_is_its_owners_alone_and_gone_in_the_end(tmp_path: Path) -> None:
    with private_folder("ours-", tmp_path) as folder:
        (folder / "below").mkdir()
        (folder / "below" / "file").write_text("x")
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())


def test_what_went_wrong_inside_is_told_and_the_folder_gone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), private_folder("ours-", tmp_path):
        raise ValueError("inside")
    assert not list(tmp_path.iterdir())
