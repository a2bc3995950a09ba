"""What the build and `telesabaq new` write for themselves: whether a file that is called so is of that form.

Nobody opens these by hand, so nothing else would look into one that only bears the name.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.checks.kinds import CUE_SHEET, EDITOR_SCHEMA, GALLERY, MANIFEST, SUMMARY
from pipeline.specs import validator

LEASE = "lease.json"
_CUES = "track,start,end,start_frame,frames,seconds,part,kind,content"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheet programs; the build puts an apostrophe before one."""
_HOLDERS = ({"pid", "host", "driver"}, {"holder", "token"})
"""Who holds an output folder: on a disk, in a store."""
_EVENT = {"n", "t", "event"}
_CUT = re.compile(r'\{"n": \d+.*')
_MOST_CUT = 20
"""Lines of a journal that were cut off: by a full disk, a killed build."""
_MOST_BYTES = 64_000_000
_LONGEST_LINE = 1 << 20


def record_fault(path: Path, name: str) -> tuple[str, str] | None:
    """What is wrong with a record: a variant of the rule and where, or None. A manifest has a rule of its own, and a
    gallery is only taken for one when it is.
    """
    last = name.rpartition("/")[2]
    if last in {MANIFEST, GALLERY}:
        return None
    if path.stat().st_size > _MOST_BYTES:
        return "", f"> {_MOST_BYTES} B"
    try:
        text = path.read_bytes().decode("utf-8-sig")
        forms = {CUE_SHEET: _of_cues, LEASE: _of_lease}
        form = _of_journal if last.endswith(".jsonl") else forms.get(last)
        return form(text) if form else _of_object(last, text)
    except UnicodeDecodeError as error:
        return "", f"byte {error.start}"
    except (ValueError, RecursionError, csv.Error) as error:
        return "", f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "JSON"


def _of_cues(text: str) -> tuple[str, str] | None:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    harmful = next((cell for row in rows for cell in row if cell.startswith(_FORMULA)), None)
    if harmful is not None:
        return "formula", harmful[:40]
    columns = _CUES.split(",")
    other = next((number for number, row in enumerate(rows, 1) if len(row) != len(columns)), 0)
    if not rows or rows[0] != columns:
        other = 1
    return ("", f"line {other}") if other else None


def _of_journal(text: str) -> tuple[str, str] | None:
    cut = 0
    for number, line in enumerate(text.split("\n"), 1):
        try:
            event = json.loads(line) if len(line) <= _LONGEST_LINE else None
        except (ValueError, RecursionError):
            cut += 1
            event = dict.fromkeys(_EVENT) if _CUT.fullmatch(line) and cut <= _MOST_CUT else None
        if line and not (isinstance(event, Mapping) and event.keys() >= _EVENT):
            return "", f"line {number}"
    return None


def _of_lease(text: str) -> tuple[str, str] | None:
    return _of_object(LEASE, text) if text else None


def _of_object(last: str, text: str) -> tuple[str, str] | None:
    data: Any = json.loads(text)
    if not isinstance(data, dict):
        return "", "{}"
    return next((("", missing) for missing in _missing(last, data)), None)


def _missing(last: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The keys that an object of this form always has, and does not."""
    if last == LEASE:
        if not any(data.keys() >= each for each in _HOLDERS):
            yield "host"
    elif last == SUMMARY:
        schema: Any = validator("batch.schema.json").schema
        yield from sorted(set(schema["required"]) - data.keys())
        yield from sorted(data.keys() - set(schema["properties"]))
    elif last == EDITOR_SCHEMA:
        ours: Any = validator("lesson.schema.json").schema
        yield from sorted({"$schema", "$id", "type", "properties", "required"} - data.keys())
        yield from sorted(data.keys() - set(ours))
