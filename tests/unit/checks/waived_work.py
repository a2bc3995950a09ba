"""A submission with a finding, and waivers beside it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

CAPTIONS = "1\n00:00:00,500 --> 00:00:02,500\nСабақты бастаймыз.\n"
NOTES = "Мұғалімге арналған ескертпе.\n"
"""A file of no known kind: SUB-001."""

WAIVER = """\
  - rule: {rule}
    path: {path}
    sha256: {sha256}
    reason: Мұрағатта қалуы керек
    author: Сәрсенов Болат, тексеруші
    expires: {expires}
"""


def waiver(
    rule: str = "SUB-001", path: str = "work/notes.txt", content: str = NOTES, expires: str = "2099-12-31"
) -> str:
    """One entry; `content` is what the file is said to hold."""
    return WAIVER.format(rule=rule, path=path, sha256=sha256(content.encode()).hexdigest(), expires=expires)


def waived_work(folder: Path, *waivers: str, notes: str | None = NOTES, inside: bool = False) -> Path:
    """The folder work/ with captions and, unless `notes` is None, a file that nobody can judge."""
    work = folder / "work"
    work.mkdir()
    (work / "speech.srt").write_text(CAPTIONS, encoding="utf-8")
    if notes is not None:
        (work / "notes.txt").write_text(notes, encoding="utf-8")
    if waivers:
        written = "format: 1\nwaivers:\n" + "".join(waivers)
        ((work if inside else folder) / "telesabaq-waivers.yaml").write_text(written, encoding="utf-8")
    return work
