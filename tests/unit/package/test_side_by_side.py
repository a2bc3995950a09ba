"""Work in forked copies gives what work in one process gives, and leaves no process behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from pipeline.package.references import PackageFacts, read_package
from pipeline.package.side_by_side import side_by_side
from pipeline.package.tree import FolderTree


def children() -> set[int]:
    """Processes that were started from here and are still there."""
    return {each.pid for each in psutil.Process().children()}


def test_every_part_is_done_and_in_its_place() -> None:
    before = children()
    assert side_by_side(lambda part: (part, os.getpid() > 0), 3) == [(0, True), (1, True), (2, True)]
    assert children() == before


def test_parts_but_the_first_run_in_processes_of_their_own() -> None:
    assert len(set(side_by_side(lambda _: os.getpid(), 3))) == 3


def test_what_a_child_fails_at_fails_here() -> None:
    def work(part: int) -> int:
        return 1 // (1 - part)

    before = children()
    with pytest.raises(ZeroDivisionError):
        side_by_side(work, 2)
    assert children() == before


def test_a_child_that_is_killed_is_stood_in_for() -> None:
    here = os.getpid()

    def work(part: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return part

    assert side_by_side(work, 2) == [0, 1]


def test_work_called_off_leaves_no_child_behind() -> None:
    here = os.getpid()

    def work(_: int) -> int:
        if os.getpid() == here:
            raise KeyboardInterrupt
        while True:
            pass

    before = children()
    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, 2)
    assert children() == before


def test_a_package_reads_the_same_on_one_core_and_on_three(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"p{number}.html").write_text(
            f"<!doctype html><meta charset=utf-8><base href='b{number}/'><form><input name=email></form>"
            f"<a href='p{number + 1}.html'>next</a><script src=s{number}.js></script>"
            f"<script>fetch('x{number}')</script>"
            f"<img src='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>'>{' ' * 20_000}"
        )
        (tmp_path / f"s{number}.js").write_text(f"import './s{number + 1}.js'; fetch('d{number}.json');" * 50)
        (tmp_path / f"c{number}.css").write_text("a { background: url(i.png) }")
    one, three = (read_package(FolderTree(tmp_path), cores) for cores in (1, 3))
    assert isinstance(one, PackageFacts)
    assert one.references
    assert one.scripts
    assert one == three
    assert list(one.bases) != []
