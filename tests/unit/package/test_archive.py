"""Archives read by ourselves: what an ordinary tool wrote comes out as zipfile says, hostile records are told."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from pipeline.package.archive import Archive
from tests.unit.checks.hostile_zip import DEFLATED, Item, end_record, index, write, zip_bytes

FILES = {"index.html": b"<p>" * 4000, "img/алма.png": bytes(range(256)) * 30, "empty.txt": b"", "Қ/і.js": b"let a = 1;"}


def variants(archive: Archive) -> set[tuple[str, str]]:
    return {(each.concern, each.variant) for each in archive.faults}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_file_reads_as_zipfile_reads_it(method: int, tmp_path: Path) -> None:
    path = tmp_path / "app.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    ours = Archive(path)
    assert {name: ours.read(name) for name in ours.names} == FILES
    assert [ours.size(name) for name in ours.names] == [len(content) for content in FILES.values()]
    assert ours.survey().faults == ()


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([Item("a.txt", b"0123456789" * 1000, DEFLATED)])))
    assert archive.read("a.txt", 12) == b"012345678901"


def test_unpacking_stops_at_the_announced_size(tmp_path: Path) -> None:
    small = {"size": 5}
    bomb = Item("a.txt", b"0" * 50_000_000, DEFLATED, local=small, central=small)
    archive = Archive(write(tmp_path, zip_bytes([bomb])))
    assert archive.read("a.txt") == b""
    assert [each.variant for each in archive.survey().faults] == ["understated"]


def test_a_link_is_listed_and_has_no_content(tmp_path: Path) -> None:
    link = Item("a.txt", b"/etc/passwd", central={"attributes": 0o120777 << 16})
    archive = Archive(write(tmp_path, zip_bytes([index(), link])))
    assert archive.names == ("index.html", "a.txt")
    assert archive.read("a.txt") == b""


def test_names_that_lead_out_are_no_files(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([index(), Item("../a.txt", b"a"), Item("C:\\b.txt", b"b")])))
    assert archive.names == ("index.html",)
    assert len(archive.entries) == 3


def test_backslashes_are_folders_as_windows_means_them(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([index(), Item("img\\a.txt", b"a")])))
    assert archive.read("img/a.txt") == b"a"
    assert variants(archive) == {("path", "backslash")}


def test_after_a_fatal_fault_there_are_no_files(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([index(), Item("a.txt", b"a", local={"name": b"b.txt"})])))
    assert archive.fatal is not None
    assert archive.names == ()


def test_a_sort_of_fault_is_told_once_with_its_count(tmp_path: Path) -> None:
    items = [index(), *(Item(f"../{number}.txt") for number in range(50))]
    (fault,) = Archive(write(tmp_path, zip_bytes(items))).faults
    assert (fault.variant, fault.count, fault.entry) == ("traversal", 50, "../0.txt")


def test_an_archive_behind_foreign_bytes_is_still_read(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([index(), Item("a.txt", b"a")], prefix=b"GIF89a" * 50)))
    assert archive.read("a.txt") == b"a"
    assert variants(archive) == {("around", "prefix")}


def test_the_first_of_two_end_records_that_fit_is_believed(tmp_path: Path) -> None:
    inner = zip_bytes([Item("other.txt", b"b")])
    archive = Archive(write(tmp_path, zip_bytes([index()], comment=inner)))
    assert [each.name for each in archive.entries] == ["index.html"]
    assert ("around", "second-directory") in variants(archive) or ("around", "comment") in variants(archive)


@pytest.mark.parametrize("count", [1, 3])
def test_an_end_record_with_a_wrong_count_is_told(count: int, tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, zip_bytes([index(), Item("a.txt", b"a")], count=count)))
    assert variants(archive) == {("records", "count")}


def test_a_file_of_end_records_is_read_in_no_time(tmp_path: Path) -> None:
    archive = Archive(write(tmp_path, b"PK\3\4" + end_record(1, 46, 0) * 40_000))
    assert archive.fatal is not None


@pytest.mark.parametrize("seed", range(8))
def test_no_mutation_makes_it_raise(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311  # mutations, not secrets
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    whole = stream.getvalue()
    for _ in range(60):
        mutated = bytearray(whole)
        for _ in range(dice.choice([1, 3, 12])):
            mutated[len(mutated) - 1 - dice.randrange(400)] = dice.randrange(256)
        ours = Archive(write(tmp_path, bytes(mutated)))
        ours.survey()
        for name in ours.names:
            assert len(ours.read(name)) <= ours.size(name)
