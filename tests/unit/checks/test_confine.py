"""The walls round a worker: tried from within, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

WALLS = """
    import sys
    from pathlib import Path
    from pipeline.checks.confine import Bounds, confine, needed_folders

    folder = Path(sys.argv[1])
    walls = confine(Bounds(), [*needed_folders(), folder / "submission"], [folder / "private"])
    if sys.argv[2] not in walls:
        sys.exit("no such wall here")
"""


def inside(folder: Path, wall: str, code: str) -> str:
    """What a confined process prints; skipped where this machine's kernel lacks the wall."""
    script = textwrap.dedent(WALLS) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", script, folder, wall], check=False, capture_output=True, text=True, timeout=60
    )
    if done.stderr.strip() == "no such wall here":
        pytest.skip(f"this kernel cannot put up the wall “{wall}”")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("submission", "private"):
        (tmp_path / name).mkdir()
    (tmp_path / "canary.txt").write_text("secret")
    (tmp_path / "submission" / "inside.txt").write_text("submitted")
    (tmp_path / "submission" / "link.txt").symlink_to(tmp_path / "canary.txt")
    return tmp_path


def test_a_worker_reads_the_submission_and_writes_its_private_folder(folder: Path) -> None:
    code = """
        (folder / "private" / "made.txt").write_text((folder / "submission" / "inside.txt").read_text())
        print((folder / "private" / "made.txt").read_text())
    """
    assert inside(folder, "files", code) == "submitted"


@pytest.mark.parametrize("name", ["canary.txt", "submission/link.txt"])
def test_a_worker_cannot_read_beside_the_submission_nor_through_its_links(folder: Path, name: str) -> None:
    code = f"""
        try:
            print((folder / "{name}").read_text())
        except PermissionError:
            print("refused")
    """
    assert inside(folder, "files", code) == "refused"


@pytest.mark.parametrize("name", ["submission/new.txt", "submission/inside.txt", "elsewhere.txt"])
def test_a_worker_writes_nowhere_but_in_its_private_folder(folder: Path, name: str) -> None:
    code = f"""
        try:
            (folder / "{name}").write_text("changed")
        except PermissionError:
            print("refused")
    """
    assert inside(folder, "files", code) == "refused"


def test_a_child_of_a_worker_is_behind_the_same_walls(folder: Path) -> None:
    code = """
        import subprocess
        done = subprocess.run(["/bin/cat", folder / "canary.txt"], check=False, capture_output=True, text=True)
        print(done.stdout or done.stderr)
    """
    assert "Permission denied" in inside(folder, "files", code)


def test_a_worker_has_no_network(folder: Path) -> None:
    code = """
        import socket
        for address in (("127.0.0.1", 9), ("192.0.2.1", 80)):
            try:
                socket.create_connection(address, timeout=5)
            except OSError as error:
                print(error.strerror)
    """
    assert inside(folder, "network", code).splitlines() == ["Network is unreachable"] * 2


def test_a_worker_cannot_take_more_memory_than_it_may(folder: Path) -> None:
    code = """
        try:
            bytes(4_000_000_000)
        except MemoryError:
            print("refused")
    """
    assert inside(folder, "limits", code) == "refused"
