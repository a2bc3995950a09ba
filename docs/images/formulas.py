"""Draws docs/images/formulas.png for the guides by the film's own templates: `python docs/images/formulas.py`."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from PIL import Image

from pipeline.cards.theme import load_theme
from pipeline.lesson.formula import parse_formula
from pipeline.specs import fonts_folder

TARGET = Path(__file__).with_name("formulas.png")

FORMULAS = (
    "3/4",
    "(a + b)/(2c)",
    "x^2 + 5x - 6 = 0",
    "x_(1,2) = (-b +- sqrt(D))/(2a)",
    "root(3, 27) = 3",
    "|x - 2| >= 3",
    "cases(x + y = 5; x - y = 1)",
    "vec(AB) = vec(a) + vec(b)",
    "sin^2 alpha + cos^2 alpha = 1",
    "2,5 xx 10^(-3) кг",
    "x ~= 3,14",
    "alpha = 30 deg",
    "x ∈ (-oo; 2]",
    "chem(2H_2 + O_2 -> 2H_2O)",
    "chem(Ca^(2+) + CO_3^(2-))",
)
"""As a teacher types them, and as both guides list them."""

_SHEET = """
#import "words.typ": equation
#let rows = json(bytes(sys.inputs.rows))
#let look = (body: "Noto Sans", early: false, strong: false)
#set page(width: auto, height: auto, margin: 18pt, fill: white)
#set text(font: ("Noto Sans", "Noto Sans Math"), size: 22pt, fill: rgb("#10161D"), fallback: false)
#show math.equation: set text(font: ("Noto Sans Math", "Noto Sans"), weight: "regular")
#grid(
  columns: (400pt, 430pt),
  align: left + horizon,
  inset: (x: 14pt, y: 11pt),
  stroke: (y: 0.7pt + rgb("#D5DCE2")),
  ..rows.map(row => (text(fill: rgb("#0B2A6B"), row.typed), equation(row.node, look, 27pt))).flatten(),
)
"""


def main() -> None:
    rows = [{"typed": typed, "node": parse_formula(typed)} for typed in FORMULAS]
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for template in load_theme().templates:
            shutil.copyfile(template, work / template.name)
        (work / "formulas.typ").write_text(_SHEET, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder())])
        compiler = typst.Compiler(str(work / "formulas.typ"), root=str(work), font_paths=fonts)
        inputs = {"rows": json.dumps(rows, ensure_ascii=False)}
        drawn = compiler.compile(format="png", ppi=72, sys_inputs=inputs)
        assert isinstance(drawn, bytes)  # one page
        with Image.open(io.BytesIO(drawn)) as picture:
            picture.convert("RGB").quantize(64).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
