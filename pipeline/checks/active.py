"""What the rules on dangerous documents tell, free of the form of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Trouble = Literal[
    "program",
    "macros",
    "object",
    "inside",
    "remote",
    "dde",
    "unreadable",
    "pdf-launch",
    "pdf-script",
    "pdf-files",
    "pdf-remote",
    "pdf-sends",
    "pdf-media",
    "pdf-locked",
    "rtf-objects",
    "flash",
]


@dataclass(frozen=True, slots=True)
class ActiveContent:
    """What was found in a document: a trouble, and its name or the file inside that it is about."""

    trouble: Trouble
    detail: str = ""
