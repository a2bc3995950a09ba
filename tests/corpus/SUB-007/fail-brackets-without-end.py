"""Brackets inside each other that a parser could choke on."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> Path:
    work = folder / "submission"
    work.mkdir()
    (work / "manifest.json").write_text('{"a":' + "[" * 100_000, encoding="utf-8")
    return work
