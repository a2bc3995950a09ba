"""A picture as a subject: what is told of it, what keeps what from being judged, its thumbnail."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.checks.judge import judge
from pipeline.checks.kinds import kind_of
from pipeline.checks.picture import PictureSubject
from pipeline.checks.rules.pictures import no_larger_than_limit
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import load_check_profile
from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.pictures import sun, windows_program, with_segment

PROFILE = load_check_profile(select=["PIC-*"])


def report_on(raw: bytes, name: str, folder: Path, *, quick: bool = False) -> SubjectReport:
    path = folder / name
    path.write_bytes(raw)
    file = Submitted(path, name, name, kind_of(path, name))
    return judge(Task(file, folder, quick=quick, thumbnails=True), PROFILE).report


def case(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


@pytest.mark.parametrize("sort", ["JPEG", "PNG", "GIF"])
def test_thumbnail_is_a_small_plain_jpeg(sort: str, tmp_path: Path) -> None:
    shown = report_on(sun(sort), f"sun.{sort.lower()}", tmp_path).thumbnail
    with Image.open(io.BytesIO(shown)) as small:
        assert small.format == "JPEG"
        assert small.size == (160, 90)
        assert not small.getexif()
    assert len(shown) < 5000


@pytest.mark.parametrize(
    "name",
    [
        "PIC-005/fail-sixty-thousand-each-way.png",
        "PIC-001/pass-drawing.svg",
        "PIC-001/fail-webp.webp",
        "PIC-004/fail-cut-in-half.jpg",
    ],
)
def test_what_cannot_be_drawn_has_no_thumbnail(name: str, tmp_path: Path) -> None:
    assert report_on(case(name), Path(name).name, tmp_path).thumbnail == b""


def test_thumbnail_of_a_see_through_picture_is_on_white(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (640, 360), (0, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(report_on(written.getvalue(), "clear.png", tmp_path).thumbnail)) as small:
        assert small.getpixel((80, 45)) == (255, 255, 255)


def test_facts_tell_size_mode_and_length(tmp_path: Path) -> None:
    facts = report_on(case("PIC-004/pass-animation.gif"), "a.gif", tmp_path).facts
    assert facts == {
        "format": "GIF",
        "width": 640,
        "height": 360,
        "mode": "palette",
        "bits": 8,
        "frames": 4,
        "seconds": 2.0,
    }


def test_facts_of_a_drawing_are_its_own_units(tmp_path: Path) -> None:
    assert report_on(case("PIC-001/pass-drawing.svg"), "a.svg", tmp_path).facts == {
        "format": "SVG",
        "width": 40,
        "height": 30,
    }


def test_quick_check_does_not_decode(tmp_path: Path) -> None:
    report = report_on(case("PIC-004/fail-cut-in-half.jpg"), "a.jpg", tmp_path, quick=True)
    assert report.left_out == ("PIC-004", "PIC-007")
    assert report.findings == ()


def test_what_is_no_picture_is_told_once(tmp_path: Path) -> None:
    report = report_on(b"PK\x03\x04" + bytes(100), "a.jpg", tmp_path)
    assert [each.rule for each in report.findings] == ["PIC-001"]
    assert report.passed == ("PIC-003",)
    assert set(report.blocked.values()) == {"PIC-001"}


def test_drawing_has_no_rows_and_a_photograph_no_markup(tmp_path: Path) -> None:
    drawing = report_on(case("PIC-001/pass-drawing.svg"), "a.svg", tmp_path).not_applicable
    photograph = report_on(sun("JPEG"), "a.jpg", tmp_path).not_applicable
    assert set(drawing) == {"PIC-004", "PIC-006", "PIC-007", "PIC-008", "PIC-009"}
    assert set(photograph) == {"PIC-007", "PIC-011", "PIC-012", "PIC-013", "PIC-014"}


def test_two_faults_are_two_findings(tmp_path: Path) -> None:
    raw = with_segment(sun("JPEG", 320, 180), 0xFE, b"call +7 701 555 01 23") + windows_program()
    found = [(each.rule, each.outcome) for each in report_on(raw, "a.png", tmp_path).findings]
    assert found == [("PIC-002", "fail"), ("PIC-006", "warn"), ("PIC-009", "warn"), ("PIC-010", "fail")]


def test_place_of_a_fault_in_a_drawing_is_its_line(tmp_path: Path) -> None:
    (finding,) = report_on(case("PIC-012/fail-script.svg"), "a.svg", tmp_path).findings
    assert finding.place is not None
    assert (finding.place.file, finding.place.line, finding.place.column) == ("a.svg", 3, 1)


def test_report_names_the_field_and_never_what_is_in_it(tmp_path: Path) -> None:
    (finding,) = report_on(case("PIC-009/fail-telephone-in-comment.gif"), "a.gif", tmp_path).findings
    assert "701" not in f"{finding.measured} {finding.fields}"


def test_one_byte_over_the_limit_does_not_read_as_the_limit(tmp_path: Path) -> None:
    raw = sun("PNG")
    path = tmp_path / "sun.png"
    path.write_bytes(raw)
    subject = PictureSubject(Task(Submitted(path, path.name, path.name, Kind.PICTURE), tmp_path))
    assert list(no_larger_than_limit(subject, {"bytes": len(raw)})) == []
    (finding,) = no_larger_than_limit(subject, {"bytes": len(raw) - 1})
    assert finding.measured == 0.1
