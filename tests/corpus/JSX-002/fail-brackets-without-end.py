"""A legal script whose brackets are nested so deeply that no browser gets through it."""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path) -> Path:
    target = folder / "deep.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        page = '<!DOCTYPE html>\n<meta charset="utf-8">\n<p>1/2</p>\n<script src="app.js"></script>\n'
        archive.writestr("index.html", page)
        archive.writestr("app.js", "var a = " + "(" * 50_000 + "1" + ")" * 50_000 + ";\n")
    return target
