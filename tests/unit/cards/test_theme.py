"""The theme: colours that can be read, and no way to another folder."""

from __future__ import annotations

import pytest

from pipeline.cards.theme import COLOURS, load_theme
from pipeline.errors import SpecError, UsageError
from pipeline.specs import load_yaml, specs_folder

ENOUGH = 7.0
"""WCAG 2 contrast for all text on screen."""

PALETTES = sorted(load_theme().palettes)

PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("ground", "panel")),
    ("ink", "ornament"),  # a long topic may touch the ornament
    ("ground", "accent"),  # the grade
    ("dark", "paper"),  # the QR code
]


def rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))  # type: ignore[return-value]


def luminance(colour: str) -> float:
    def linear(level: int) -> float:
        share = level / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(level) for level in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#FFFFFF", "#00AFCA") == pytest.approx(2.63, abs=0.01)


@pytest.mark.parametrize("family", PALETTES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out(family: str, ink: str, ground: str) -> None:
    palette = load_theme().palettes[family]
    assert contrast(palette[ink], palette[ground]) >= ENOUGH


@pytest.mark.parametrize("family", PALETTES)
def test_ornament_stays_in_the_background(family: str) -> None:
    palette = load_theme().palettes[family]
    assert 1.1 < contrast(palette["ornament"], palette["ground"]) < 1.8


@pytest.mark.parametrize("family", PALETTES)
def test_colours_stay_inside_video_levels(family: str) -> None:
    """EBU R103 without its tolerance: 5-246 a channel; and no glaring white."""
    for name in COLOURS:
        levels = rgb(load_theme().palettes[family][name])
        assert min(levels) >= 0
        assert max(levels) <= 255
        red, green, blue = levels
        luma = 16 + (0.2126 * red + 0.7152 * green + 0.0722 * blue) * 219 / 255
        assert 16 <= luma <= 235
        if name in {"ink", "soft", "paper"}:
            assert max(levels) <= 246


def test_every_subject_has_a_palette() -> None:
    families = {subject["family"] for subject in load_yaml(specs_folder() / "subjects.yaml")}
    assert families <= set(PALETTES)


def test_type_is_never_below_the_floors() -> None:
    """order-121 §42: 22 pt, 44 px here; concept A4, A5: large letters."""
    sizes = load_theme().sizes
    assert sizes["floor"] == 44
    assert sizes["small"] >= 36
    assert sizes["task"] == {"floor": 72, "ceiling": 120}
    assert all(sizes[name]["floor"] >= 44 for name in ("topic", "heading", "slide", "formula", "reference", "closing"))


@pytest.mark.parametrize("name", ["no-such", "../telesabaq", "/telesabaq", "telesabaq/../telesabaq", "Telesabaq", "."])
def test_only_our_own_themes_are_opened(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_theme(name)
    assert caught.value.problems[0].fields["known"] == "telesabaq"


def test_unknown_family_is_named() -> None:
    with pytest.raises(SpecError) as caught:
        load_theme().palette("alchemy")
    assert caught.value.problems[0].fields["family"] == "alchemy"
