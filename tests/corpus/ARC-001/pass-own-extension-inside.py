"""A ZIP inside may have an extension of its own kind."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(folder, zip_bytes([index(), Item("task.sb3", zip_bytes([Item("project.json", b"{}")]))]))
