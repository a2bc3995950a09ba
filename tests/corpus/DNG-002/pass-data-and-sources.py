"""WebAssembly, maps of sources, settings and what a package says of itself are data for a browser."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("engine.wasm", b"\0asm\1\0\0\0"),
                Item("style.map", b"{}"),
                Item("tool.ts", b"const a: number = 1\n"),
                Item("app.config", b"<a/>"),
                Item("game.ini", b"a=b\n"),
                Item("README.md", b"see save.php\n"),
                Item("LICENSE", b"MIT\n"),
            ]
        ),
    )
