"""A drawing behind a remark longer than what is looked at of other files."""

from pathlib import Path


def make(folder: Path) -> Path:
    remark = "лицензия " * 9000
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><rect width="9" height="9"/></svg>'
    path = folder / "drawing.svg"
    path.write_text(f"<!-- {remark} -->\n{drawing}\n", "utf-8")
    return path
