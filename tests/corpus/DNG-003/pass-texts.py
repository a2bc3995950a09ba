"""Texts that begin like programs."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("MZ.txt", b"MZ is the sign of programs. " * 9),
                Item("dex.txt", b"dex\nand other words"),
                Item("title.txt", b"#! a title\n"),
            ]
        ),
    )
