"""A link to a site, one to a chapter beside it, and a form without scripts."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    document = pdf(
        "/AcroForm << /Fields [] /XFA 6 0 R >>",
        "<< /S /URI /URI (https://adilet.zan.kz/kaz) >>",
        "<< /S /GoToR /F (chapter-2.pdf) /D [0 /Fit] >>",
        "<< /Length 20 >>\nstream\n<xdp><field/></xdp>  \nendstream",
    )
    return write(folder, zip_bytes([index(), Item("plan.pdf", document)]))
