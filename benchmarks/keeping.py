"""Figures of parts that are measured at different times, kept together until each is measured again."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.table import RESULTS

FILE = RESULTS / "batch-figures.json"


def kept() -> dict[str, Any]:
    """Name of a measurement -> its figures."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    return found


def remember(name: str, figures: dict[str, Any]) -> None:
    """Put the figures of one measurement in the place of its earlier ones."""
    RESULTS.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(kept() | {name: figures}, indent=2, sort_keys=True), encoding="utf-8")
