"""The formula language: what pupils type, what it means, where it is wrong."""

from __future__ import annotations

import contextlib
import json
import time

import pytest

from pipeline.lesson.formula import FormulaError, parse_formula
from pipeline.lesson.formula_plain import formula_plain

PLAIN = [
    ("D = b^2 - 4ac", "D = b² − 4ac"),
    ("x_(1,2) = (-b +- sqrt(D))/(2a)", "x₁,₂ = (−b ± √D)/(2a)"),
    ("(a+b)/(2a)", "(a + b)/(2a)"),
    ("1/2x", "1/2 x"),
    ("4ac/b", "4a c/b"),
    ("a/b/c", "(a/b)/c"),
    ("x^10", "x¹⁰"),
    ("x^(n+1)", "xⁿ⁺¹"),
    ("x^{ab}", "x^ab"),
    ("x^ab", "x^ab"),
    ("10^-3", "10⁻³"),
    ("x_1^2 + x^2_1", "x₁² + x₁²"),
    ("T_макс", "T макс"),
    ("x² + x₁", "x² + x₁"),
    ("sqrt(x+1)", "√(x + 1)"),
    ("√2x", "√2x"),
    ("root(3, x)", "∛x"),
    ("root(3; 5)", "∛5"),
    ("root(3,5)", "∛5"),
    ("vec(AB) + bar(x) + hat(y)", "AB⃗ + x̄ + ŷ"),
    ("abs(x) = |x|", "|x| = |x|"),
    ("||x| - 1|", "||x| − 1|"),
    ("[0; 1)", "[0; 1)"),
    ("cases(x + y = 5; x - y = 1)", "{ x + y = 5; x − y = 1 }"),
    ("sin^2 x + cos^2 x = 1", "sin² x + cos² x = 1"),
    ("sinx + tgx", "sin x + tg x"),
    ("log_2 8 = 3", "log₂ 8 = 3"),
    ("2pi r", "2πr"),
    ("alpha + Δ", "α + Δ"),
    ("a <= b >= c != d ~= e", "a ≤ b ≥ c ≠ d ≈ e"),
    ("a -> b <- c => d <=> e", "a → b ← c ⇒ d ⇔ e"),
    ("x<-5", "x < −5"),
    ("a*b xx c : d", "a · b × c : d"),
    ("oo ... 90deg", "∞…90°"),
    ("n!/(n-k)!", "n!/(n − k)!"),
    ("f'(x) = 0", "f′(x) = 0"),
    ("v = 60 км/сағ", "v = 60 км/сағ"),
    ('m = 5 "kg"', "m = 5 kg"),
    ("1 000 000 + 3,5 + 3.5", "1\u00a0000\u00a0000 + 3,5 + 3.5"),
    ("chem(2H_2 + O_2 -> 2H_2O)", "2H₂ + O₂ → 2H₂O"),
    ("chem(Ca^(2+) + SO_4^(2-))", "Ca²⁺ + SO₄²⁻"),
    ("ax", "ax"),
    (r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}", "(−b ± √(b² − 4ac))/(2a)"),
    (r"\alpha \cdot \beta \leq \gamma", "α · β ≤ γ"),
    (r"\vec{a} \times \sqrt[3]{x}", "a⃗ × ∛x"),
    (r"\left( x \right)^2", "(x)²"),
    (r"30^\circ \text{бұрыш}", "30° бұрыш"),
    (r"\{1; 2\}", "{1; 2}"),
    ("-5 + -3", "−5 + −3"),
]


@pytest.mark.parametrize(("typed", "plain"), PLAIN)
def test_what_is_typed_reads_as_in_print(typed, plain):
    node = parse_formula(typed)
    assert formula_plain(node) == plain
    assert json.loads(json.dumps(node)) == node


NODES = [
    ("a/b", {"k": "frac", "n": {"k": "var", "t": "a"}, "d": {"k": "var", "t": "b"}}),
    ("-a", {"k": "row", "a": [{"k": "op", "t": "−", "c": "ord"}, {"k": "var", "t": "a"}]}),
    (
        "a-b",
        {"k": "row", "a": [{"k": "var", "t": "a"}, {"k": "op", "t": "−", "c": "bin"}, {"k": "var", "t": "b"}]},
    ),
    ("sqrt(x)", {"k": "root", "i": None, "r": {"k": "var", "t": "x"}}),
    ("root(3, x)", {"k": "root", "i": {"k": "num", "t": "3"}, "r": {"k": "var", "t": "x"}}),
    ("vec(a)", {"k": "accent", "t": "arrow", "b": {"k": "var", "t": "a"}}),
    ("|x|", {"k": "paren", "o": "|", "c": "|", "a": {"k": "var", "t": "x"}}),
    ("cases(a; b)", {"k": "cases", "a": [{"k": "var", "t": "a"}, {"k": "var", "t": "b"}]}),
    ("sin", {"k": "fn", "t": "sin"}),
    ("орт", {"k": "text", "t": "орт"}),
    ("3,5", {"k": "num", "t": "3,5"}),
    (
        "x_1^2",
        {"k": "script", "b": {"k": "var", "t": "x"}, "sub": {"k": "num", "t": "1"}, "sup": {"k": "num", "t": "2"}},
    ),
]


@pytest.mark.parametrize(("typed", "node"), NODES)
def test_node_shapes(typed, node):
    assert parse_formula(typed) == node


def test_in_chemistry_element_symbols_are_upright_and_digits_are_indices():
    typed_short = parse_formula("H2SO4 + Ca(OH)2", chemistry=True)
    assert typed_short == parse_formula("H_2SO_4 + Ca(OH)_2", chemistry=True)
    assert typed_short["a"][1] == {
        "k": "script",
        "b": {"k": "chem", "t": "SO"},
        "sub": {"k": "num", "t": "4"},
        "sup": None,
    }
    assert formula_plain(parse_formula("2NaOH", chemistry=True)) == "2NaOH"
    assert formula_plain(parse_formula("Na^+ + Cl^-", chemistry=True)) == "Na⁺ + Cl⁻"
    assert parse_formula("xyz", chemistry=True)["a"][0] == {"k": "var", "t": "x"}
    assert parse_formula("H_2")["b"] == {"k": "var", "t": "H"}


def test_a_chemistry_lesson_reads_its_texts_as_chemistry(lesson):
    read, problems = lesson.load_text(
        lesson.text.replace("Алгебра", "Химия").replace("- $x^2 = 4$", "- $H2O$ деген не?")
    )
    assert problems == []
    assert read.exercises[0].text.plain == "H₂O деген не?"


ERRORS = [
    ("", "formula.empty", 0),
    ("  ", "formula.empty", 0),
    ("(a", "formula.unclosed", 0),
    ("a + [b", "formula.unclosed", 4),
    ("a + |b", "formula.unclosed", 4),
    ("sqrt(x", "formula.unclosed", 4),
    ("a)", "formula.unopened", 1),
    ("{a)", "formula.wrong-closing", 2),
    ("x^", "formula.expected-script", 2),
    ("x_ + 1", "formula.expected-script", 3),
    ("x^=", "formula.expected-script", 2),
    ("x^2^3", "formula.double-script", 3),
    ("^2", "formula.script-of-nothing", 0),
    ("a + _1", "formula.script-of-nothing", 4),
    ("/2", "formula.expected-numerator", 0),
    ("a/", "formula.expected-denominator", 2),
    ("a/+b", "formula.expected-denominator", 2),
    ("2 + sqrt", "formula.expected-argument", 8),
    ("vec()", "formula.empty-group", 4),
    ("()", "formula.empty-group", 1),
    ("cases(a;)", "formula.empty-group", 8),
    ("root(2)", "formula.root-arguments", 4),
    (r"\frac{a}", "formula.expected-argument", 8),
    ("a + sqr(x)", "formula.misspelt-name", 4),
    (r"a + \foo", "formula.unknown-name", 4),
    (r"\text x", "formula.expected-group", 5),
    ("a + @", "formula.unknown-sign", 4),
    ("a & b", "formula.unknown-sign", 2),
    ('5 "kg', "formula.unclosed-quote", 2),
    ("(" * 21 + "x" + ")" * 21, "formula.too-deep", 20),
    ("a" + "/a" * 30, "formula.too-deep", 41),
    ("x" * 501, "formula.too-long", 500),
]


@pytest.mark.parametrize(("typed", "code", "offset"), ERRORS)
def test_an_error_says_where_and_what_was_expected(typed, code, offset):
    with pytest.raises(FormulaError) as caught:
        parse_formula(typed)
    assert (caught.value.code, caught.value.offset) == (code, offset)


def test_a_misspelt_name_is_guessed():
    with pytest.raises(FormulaError) as caught:
        parse_formula("sqtr(x)")
    assert caught.value.fields["hint"] == "sqrt"


@pytest.mark.parametrize(
    "piece", ["(", "[", "{", "|", "^", "_", "/", "sqrt(", "x^(", "a/(", "chem(", "'", r"\frac{", "-"]
)
def test_no_formula_exhausts_the_stack(piece):
    started = time.process_time()
    for length in (1, 30, 400):
        for text in (piece * (length // len(piece) + 1), "x" + piece * (length // len(piece) + 1) + "x"):
            with contextlib.suppress(FormulaError):
                formula_plain(parse_formula(text[:500]))
    assert time.process_time() - started < 2
