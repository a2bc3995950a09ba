"""An SVG with an instruction for a web server in it."""

from pathlib import Path


def make(folder: Path) -> Path:
    path = folder / "sun.svg"
    code = "<?" + "php echo 1; ?>"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3">{code}<g/></svg>')
    return path
