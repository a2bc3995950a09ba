"""The rows of a bench, their table and their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"

Row = dict[str, Any]


def row(what: str, value: float, unit: str, limit: str = "", *, holds: bool | None = None, note: str = "") -> Row:
    """One line: a measured value, and whether it keeps within its limit (None: only told)."""
    return {"what": what, "value": round(value, 3), "unit": unit, "limit": limit, "holds": holds, "note": note}


def at_most(what: str, value: float, limit: float, unit: str = "×", note: str = "") -> Row:
    return row(what, value, unit, f"at most {limit:g}", holds=value <= limit, note=note)


def at_least(what: str, value: float, limit: float, unit: str = "×", note: str = "") -> Row:
    return row(what, value, unit, f"at least {limit:g}", holds=value >= limit, note=note)


def show(title: str, rows: Sequence[Row]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in ("what", "measured", "wanted", "", "note"):
        table.add_column(heading)
    for each in rows:
        mark = {True: "[green]holds[/]", False: "[bold red]FAILS[/]", None: ""}[each["holds"]]
        table.add_row(each["what"], f"{each['value']} {each['unit']}", each["limit"], mark, each["note"])
    Console(width=140).print(table)


def keep(name: str, rows: Sequence[Row], about: Mapping[str, Any]) -> Path:
    """Write the rows as JSON into results/; the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**about, "rows": list(rows)}, indent=2, ensure_ascii=False))
    return path
