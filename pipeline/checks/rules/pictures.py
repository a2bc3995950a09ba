"""Pictures (order-121 §45 1), C1)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.endings import require_harmless
from pipeline.checks.picture import (
    MOST_CANVAS,
    MOST_FRAME_PIXELS,
    MOST_FRAMES,
    MOST_PIXELS,
    PictureSubject,
)
from pipeline.checks.registry import Limits, rule
from pipeline.errors import Severity
from pipeline.media.pictures.formats import EXTENSIONS, nature, other_picture, picture_format
from pipeline.media.pictures.hidden import HiddenSort
from pipeline.media.pictures.svg import MOST_STYLES
from pipeline.reports.model import Finding

_FIRST_FRAMES = 3
"""An animation is followed at least this often through, so that its seam is seen too."""


@rule("PIC-001")
def format_of_the_order(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C1: JPEG, PNG, SVG or GIF, by content."""
    if picture_format(picture.beginning) is not None:
        return
    expected = ", ".join(EXTENSIONS)
    other = other_picture(picture.head)
    if other:
        yield Finding(variant="packed-drawing" if other == "SVGZ" else "", measured=other, expected=expected)
    else:
        found = nature(picture.head)
        yield Finding(variant="unknown" if found == "?" else "no-picture", measured=found, expected=expected)


@rule("PIC-002")
def extension_agrees_with_content(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C1: a picture is called what it is; letter case does not matter."""
    fitting = EXTENSIONS[picture.format]
    require_harmless(picture.name)
    # Dots and blanks at the end are told by the rule on portable names.
    stem, dot, ending = picture.name.rstrip(". ").lower().rpartition(".")
    if not dot or not stem:
        yield Finding(variant="none", measured="", expected=fitting[0], fields={"format": picture.format})
    elif f".{ending}" not in fitting:
        yield Finding(measured=f".{ending}", expected=fitting[0], fields={"format": picture.format})
    else:
        inner = stem.rpartition(".")[2] if "." in stem else ""
        if inner in limits["inner"]:
            doubled = f".{inner}.{ending}"
            yield Finding(variant="doubled", severity="warning", measured=doubled, expected=f".{ending}")


@rule("PIC-003")
def no_larger_than_limit(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C1: at most 100 MB a file; a megabyte is 1,000,000 bytes."""
    if picture.size > limits["bytes"]:
        # Rounded up: a byte too many must not read "100.0 of 100".
        tenths = -(-picture.size // 100_000)
        yield Finding(measured=tenths / 10, expected=limits["bytes"] // 1_000_000)


@rule("PIC-004")
def decodes_to_the_last_row(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: the picture is there to its last row (an animation: to its last frame)."""
    flaw = picture.flaw
    if flaw is not None:
        # Every row is there: viewers show the picture, and only the strict ones complain.
        severity: Severity | None = "warning" if flaw.sort == "no-end" else None
        yield Finding(variant=flaw.sort, severity=severity, measured=flaw.what)


@rule("PIC-005")
def no_decompression_bomb(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a picture does not unpack past all measure. Judged from headers, before anything is decoded."""
    if picture.format == "SVG":
        yield from _drawing_bomb(picture, limits)
        return
    layout = picture.measured
    moving = layout.frames > 1
    pixels = min(limits["canvas"], MOST_CANVAS) if moving else min(limits["pixels"], MOST_PIXELS)
    frames = min(limits["frames"], MOST_FRAMES)
    together = min(limits["frame_pixels"], MOST_FRAME_PIXELS)
    if layout.width * layout.height > pixels:
        yield _too_many_pixels(layout.width, layout.height, pixels)
    elif layout.frames > frames:
        yield Finding(variant="frames", measured=layout.frames, expected=frames)
    elif moving and layout.frame_pixels > together:
        yield Finding(
            variant="frame-pixels",
            measured=_millions(layout.frame_pixels),
            expected=_millions(together),
            fields={"frames": layout.frames},
        )
    elif layout.inflates:
        yield Finding(variant="note", measured=layout.inflates // 1_000_000)


def _drawing_bomb(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    drawing = picture.read_drawing
    width, height = drawing.largest
    if drawing.endless:
        yield Finding(variant="endless")
    elif drawing.shapes > limits["shapes"]:
        yield Finding(variant="shapes", measured=drawing.shapes, expected=limits["shapes"])
    elif drawing.styles > (characters := min(limits["style_characters"], MOST_STYLES)):
        yield Finding(variant="styles", measured=drawing.styles, expected=characters)
    elif width * height > limits["pixels"]:
        yield _too_many_pixels(width, height, limits["pixels"])


def _too_many_pixels(width: int, height: int, limit: int) -> Finding:
    fields = {"width": width, "height": height}
    return Finding(measured=_millions(width * height), expected=_millions(limit), fields=fields)


def _millions(pixels: int) -> float:
    return round(pixels / 1e6, 1)


@rule("PIC-006")
def large_enough_for_the_screen(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: not smaller both ways than a third of a 1080-line screen. A drawing is sharp at any size."""
    layout = picture.measured
    if layout.width < limits["width"] and layout.height < limits["height"]:
        yield Finding(
            measured=f"{layout.width}×{layout.height}",
            expected=f"{limits['width']}×{limits['height']}",
        )


@rule("PIC-007")
def no_flashing(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy after ITU-R BT.1702 (screening only): at most three flashes a second on a quarter of the area."""
    from pipeline.media.flashes import SECOND, most_flashes

    layout = picture.animated
    frames = picture.frames
    times = (layout.durations or [])[: len(frames)]
    length = sum(times)
    # The seam between the last frame and the first flashes like any other change.
    rounds = 1 + -(-SECOND * _FIRST_FRAMES // max(length, 1)) if layout.plays != 1 else 1
    rounds = min(rounds, layout.plays or rounds)
    found = most_flashes(
        (pair for _ in range(rounds) for pair in zip(times, frames, strict=False)), area=limits["area"]
    )
    if found > limits["flashes"]:
        yield Finding(measured=found, expected=limits["flashes"])


@rule("PIC-008")
def ordinary_colours(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: red, green, blue or grey in 8 bits, in a coding that every browser and television shows."""
    layout = picture.measured
    if layout.exotic or layout.mode not in {*limits["modes"], "CMYK"}:
        yield Finding(variant="coding", measured=layout.exotic or layout.mode)
    elif layout.mode not in limits["modes"]:
        yield Finding(measured=layout.mode)
    elif layout.bits > limits["bits"]:
        yield Finding(variant="deep", measured=layout.bits, expected=limits["bits"])


@rule("PIC-009")
def tells_nothing_about_people(picture: PictureSubject, _: Limits) -> Iterator[Finding]:
    """Project policy: no place, owner, serial number, name or address of a person in the metadata."""
    by_sort: dict[str, dict[str, None]] = {}
    for sort, name in picture.personal:
        by_sort.setdefault(sort, {})[name] = None
    for variant, names in by_sort.items():
        yield Finding(variant=variant, measured=", ".join(names))


_MILDER: dict[HiddenSort, Severity] = {"unknown": "warning", "blob": "warning", "film": "note", "maker": "note"}


@rule("PIC-010")
def nothing_hidden(picture: PictureSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a picture file is a picture and nothing else."""
    for each in picture.hidden:
        if each.size <= {"unknown": limits["stray_bytes"], "blob": limits["blob_bytes"]}.get(each.sort, -1):
            continue
        yield Finding(
            variant=each.sort,
            severity=_MILDER.get(each.sort),
            measured=each.what or each.size,
            fields={"at": each.at, "size": each.size},
        )
