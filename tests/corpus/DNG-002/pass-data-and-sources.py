"""Python and WebAssembly are data for a browser."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.hostile_zip import Item, index, write, zip_bytes


def make(folder: Path) -> Path:
    return write(
        folder,
        zip_bytes(
            [
                index(),
                Item("task.py", b"print(1)\n"),
                Item("engine.wasm", b"\0asm\1\0\0\0"),
                Item("style.map", b"{}"),
            ]
        ),
    )
