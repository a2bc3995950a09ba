"""Draws docs/images/gallery.png: builds all samples as a batch, and opens the gallery in a browser (chromium).

`python docs/images/gallery.py [OUT]` takes the minutes that three films take, unless OUT holds them already.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(__file__).with_name("gallery.png")
SIZE = "1280,860"


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("this picture needs chromium")
    with tempfile.TemporaryDirectory() as private:
        out = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(private) / "out"
        build = [sys.executable, "-m", "pipeline.cli.main", "--lang", "en", "build", "sample_lessons", "-o", str(out)]
        subprocess.run(build, check=True, cwd=ROOT)
        shot = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={SIZE}"]
        shot += [f"--screenshot={TARGET}", f"--user-data-dir={private}/browser", (out / "index.html").as_uri()]
        subprocess.run(shot, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
