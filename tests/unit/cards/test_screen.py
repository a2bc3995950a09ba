"""Cards as they reach the eye: the safe area, codes a phone reads, letters a reader reads."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from lesson_cards import (
    PARTS,
    card,
    closing,
    exercise,
    link,
    picture_card,
    question,
    reference,
    resource,
    roots_formula,
    said,
    slide,
    title,
)
from PIL import Image, ImageChops, ImageDraw

from pipeline.cards.typeset import Typesetter
from pipeline.timeline.model import Card

SAFE = (96, 54, 1824, 1026)
LONG = "Қазақстан Республикасының қазіргі кезеңдегі әлеуметтік-экономикалық дамуы және оның көршілес елдермен байланысы"
URL = "https://kk.wikipedia.org/wiki/%D0%9A%D0%B2%D0%B0%D0%B4%D1%80%D0%B0%D1%82_%D1%82%D0%B5%D2%A3%D0%B4%D0%B5%D1%83"

PAIRS: dict[str, tuple[Card, Card]] = {
    "title": (title(said("А"), None), title(said(LONG), "Айгүл Серікқызы Нұрланова", subject="Қазақстан тарихы")),
    "slide": (slide(said("А")), slide(said(LONG[:60]), said(LONG), said([roots_formula()]), credit=LONG)),
    "question": (question(said("А")), question(said(LONG * 2), (3, 3))),
    "exercise": (exercise(said("А")), exercise(said([roots_formula()] * 3))),
    "resource": (
        resource(reference("А", "https://a.kz")),
        resource(reference(LONG[:50], URL, LONG[:30]), reference("Б", URL)),
    ),
    "link": (link(reference("А", "https://a.kz")), link(reference(LONG, URL + "?q=" + "a" * 300))),
    "closing": (closing("ru", topic=said("А")), closing("kk")),
}


def drawn(typesetter: Typesetter, shown: Card, step: int = 0, steps: int = 0) -> Image.Image:
    with Image.open(io.BytesIO(typesetter.png(shown, step, steps))) as picture:
        return picture.convert("RGB")


def outside(picture: Image.Image) -> Image.Image:
    """The picture with the graphics-safe area painted over."""
    framed = picture.copy()
    ImageDraw.Draw(framed).rectangle((SAFE[0], SAFE[1], SAFE[2] - 1, SAFE[3] - 1), fill=(0, 0, 0))
    return framed


@pytest.mark.parametrize("kind", PAIRS)
def test_only_the_ground_leaves_the_safe_area(typesetter: Typesetter, kind: str) -> None:
    """EBU R95 graphics-safe area: the rim is the same whatever the card says."""
    assert [typesetter.problems(shown) for shown in PAIRS[kind]] == [[], []]
    short, long = (drawn(typesetter, shown, 3, 6) for shown in PAIRS[kind])
    assert ImageChops.difference(short, long).getbbox() is not None
    assert ImageChops.difference(outside(short), outside(long)).getbbox() is None


def test_every_part_marks_its_own_place(typesetter: Typesetter) -> None:
    strips = [
        drawn(typesetter, card("question", part, {"text": said("А")}, item=(1, 1))).crop((96, 54, 330, 140)).tobytes()
        for part in PARTS
    ]
    assert len(set(strips)) == 5


def test_whole_screen_picture_covers_the_screen(typesetter: Typesetter, tmp_path: Path) -> None:
    file = tmp_path / "full.png"
    Image.new("RGB", (2400, 1350), (10, 200, 30)).save(file)
    picture = drawn(typesetter, picture_card(file))
    assert [picture.getpixel(at) for at in ((0, 0), (1919, 1079), (960, 540))] == [(10, 200, 30)] * 3


def test_tall_picture_stands_on_the_ground(typesetter: Typesetter, tmp_path: Path) -> None:
    file = tmp_path / "tall.png"
    Image.new("RGB", (600, 1200), (10, 200, 30)).save(file)
    picture = drawn(typesetter, picture_card(file))
    assert picture.getpixel((960, 0)) == picture.getpixel((960, 1079)) == (10, 200, 30)
    assert picture.getpixel((0, 540)) == picture.getpixel((1919, 540)) == (11, 42, 107)


def test_see_through_picture_lies_on_paper(typesetter: Typesetter, tmp_path: Path) -> None:
    file = tmp_path / "lines.png"
    Image.new("RGBA", (1200, 800), (0, 0, 0, 0)).save(file)
    picture = drawn(typesetter, slide(said("А"), picture=file))
    assert (239, 237, 230) in {colour for _, colour in picture.getcolors(1 << 20) or []}


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")
@pytest.mark.parametrize(
    "urls",
    [
        ["https://bilimland.kz/kk/courses/algebra"],
        ["https://kundelik.kz", "https://okulyk.kz/algebra-8"],
        [URL, "https://okulyk.kz/algebra-8?lang=kk#p45"],
        ["https://kitap.kz/" + "a1-" * 140],
    ],
)
def test_codes_are_read_back(typesetter: Typesetter, tmp_path: Path, urls: list[str]) -> None:
    file = tmp_path / "card.png"
    file.write_bytes(typesetter.png(resource(*(reference("Кітап", url) for url in urls))))
    seen = subprocess.run(["zbarimg", "--quiet", "--raw", file], capture_output=True, text=True, check=True, timeout=60)
    assert sorted(seen.stdout.split()) == sorted(urls)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
@pytest.mark.parametrize("grade", [3, 8])
def test_a_reader_reads_the_kazakh_letters(typesetter: Typesetter, tmp_path: Path, grade: int) -> None:
    sentence = "Әр өсімдік қалай қоректенеді және көбейеді? Үш мысал келтіріңіз."
    file = tmp_path / "card.png"
    # Dark letters on white are what the reader is trained on; the card's strip and number are cut off.
    light = drawn(typesetter, question(said(sentence), grade=grade)).crop((420, 170, 1824, 950)).convert("L")
    light.point(lambda level: 255 - level).save(file)
    argv = ["tesseract", file, "-", "-l", "kaz", "--psm", "6"]
    seen = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert " ".join(seen.stdout.split()) == sentence
