"""An application packed on a Mac: й is и and a breve."""

from __future__ import annotations

import zipfile
from pathlib import Path

PAGE = """<!doctype html>
<html lang="kk">
<head><meta charset="utf-8"><title>Мамыр айы</title></head>
<body><h1>Мамыр айы</h1><p>Гүлдер қай айда ашылады?</p></body>
</html>
"""
PICTURE = Path(__file__).parents[1] / "SUB-001" / "pass-picture-and-captions" / "picture.png"


def make(folder: Path) -> Path:
    target = folder / "application.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", PAGE)
        archive.writestr("сурет-ма\u0438\u0306.png", PICTURE.read_bytes())
    return target
