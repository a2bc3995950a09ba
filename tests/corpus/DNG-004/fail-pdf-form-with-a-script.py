"""A form of Adobe that holds a script."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_documents import pdf
from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    document = pdf(
        "/AcroForm << /Fields [] /XFA 4 0 R >>",
        "<< /Length 40 >>\nstream\n<xdp><script>app.alert(1)</script></xdp>  \nendstream",
    )
    return write(folder, zip_bytes([index(), Item("plan.pdf", document)]))
