"""The documents as the tests read them: their links, their code, their YAML examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GUIDES = (ROOT / "docs" / "guide.kk.md", ROOT / "docs" / "guide.ru.md")
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    return [Block(match[1], match[2]) for match in _FENCE.finditer(text)]


def links(text: str) -> list[str]:
    """Targets of links and pictures, those inside fenced blocks aside."""
    return _LINK.findall(_FENCE.sub("", text))


def code(text: str) -> list[str]:
    """Everything written as code: inline spans and shell blocks, line by line."""
    shell = [line for block in blocks(text) if block.language == "sh" for line in block.text.splitlines()]
    return _INLINE.findall(_FENCE.sub("", text)) + shell


def anchors(text: str) -> set[str]:
    """The anchors that a forge makes of headings."""
    kept = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(_FENCE.sub("", text)))
    return {re.sub(r"\s", "-", each.strip()) for each in kept}


def named(document: Path) -> str:
    """A document's path as tests are called by."""
    return document.relative_to(ROOT).as_posix()
