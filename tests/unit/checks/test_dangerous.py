"""Dangerous files by name and by content."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import olefile
import pikepdf
import pytest

from pipeline.checks.dangerous import dangerous_extensions, dangerous_name, is_dangerous
from pipeline.checks.documents import active_content
from pipeline.checks.executables import executable_content
from pipeline.checks.members import _OnDisk
from pipeline.specs import load_yaml, specs_folder
from tests.unit.checks.hostile_documents import MSI_CLASS, ole, pdf, windows_program
from tests.unit.checks.office_documents import docx, text


@pytest.mark.parametrize(
    ("name", "extension", "disguised"),
    [
        ("a.exe", ".exe", False),
        ("A.EXE", ".exe", False),
        ("plan.pdf.exe", ".exe", False),
        ("folder/x.Bat", ".bat", False),
        ("folder\\x.bat", ".bat", False),
        (".exe", ".exe", False),
        ("a.exe.", ".exe", True),
        ("a.exe . ", ".exe", True),
        ("a.exe\u00a0", ".exe", True),
        ("a.ｅｘｅ", ".exe", True),
        ("a．exe", ".exe", True),
        ("a.ехе", ".exe", True),
        ("a.еxe", ".exe", True),
        ("a.e\u200bxe", ".exe", True),
        ("a.exe::$DATA", ".exe", True),
        ("a.txt:b.exe", ".exe", True),
        ("\u202egnp.exe", ".exe", False),
        ("a.vb", ".vb", False),
        ("a.sldm", ".sldm", False),
        ("a.appref-ms", ".appref-ms", False),
        ("site/.htaccess", ".htaccess", False),
        ("Web.Config", "web.config", False),
        ("web.config.", "web.config", True),
        ("a.php", ".php", False),
    ],
)
def test_a_dangerous_name_is_seen_through(name: str, extension: str, disguised: bool) -> None:
    found = dangerous_name(name)
    assert found is not None
    assert (found.extension, found.disguised) == (extension, disguised)


@pytest.mark.parametrize(
    "name",
    [
        *("app.js", "app.min.js", "a.mjs", "a.config", "a.wasm", "a.exe.png", "exe", "www.example.com/a.txt", "a.json"),
        *("урок.docx", "план.док", "Сабақ 1. com", "a.", "", "a.ts", "a.htc", "messages.pot", "game.ini"),
    ],
)
def test_other_names_are_left_alone(name: str) -> None:
    assert dangerous_name(name) is None


def test_the_order_and_the_project_are_told_apart() -> None:
    bases = dangerous_extensions()
    assert sum(basis == "order" for basis in bases.values()) == 44
    assert {bases[each] for each in (".exe", ".inf", ".doc", ".xltm", ".vb")} == {"order"}
    assert {bases[each] for each in (".sldm", ".ps1xml", ".psc2", ".jse", ".dll", ".apk")} == {"policy"}
    assert ".js" not in bases


def test_the_list_is_in_the_strict_order_by_which_it_was_found() -> None:
    listed = [each["extension"] for each in load_yaml(specs_folder() / "dangerous_files.yaml")["order"]]
    assert listed == sorted(listed)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (windows_program(), "EXE/DLL (PE)"),
        (b"\x7fELF\2\1\1" + bytes(60), "ELF"),
        (bytes.fromhex("cafebabe00000002") + bytes(20), "Mach-O"),
        (bytes.fromhex("cafebabe0000003d") + bytes(20), "Java class"),
        (b"#!/usr/bin/env python3\n", "#! script"),
        (b"\xef\xbb\xbf#! /bin/sh\n", "#! script"),
        (gzip.compress(windows_program(), mtime=0), "EXE/DLL (PE)"),
        (b"MZ is how programs of Windows begin, and this text too. " * 3, None),
        (b"#!AMR\n", None),
        (b"#![allow(dead_code)]", None),
        (b"\x7fELF in words", None),
        (b"dex\nterity", None),
        (b"\0asm\1\0\0\0", None),
        (b"<package xmlns='http://www.idpf.org/2007/opf'><metadata/></package>", None),
        (b"MZ", None),
        (b"", None),
    ],
)
def test_programs_are_told_from_what_begins_like_them(head: bytes, found: str | None) -> None:
    assert executable_content(head) == found


def test_a_script_for_an_engine_of_javascript_is_javascript() -> None:
    line = b"#!/usr/bin/env node\n"
    assert executable_content(line, "tool.js") is None
    assert executable_content(line, "tool") == "#! script"
    assert executable_content(b"#!/bin/sh\n", "tool.js") == "#! script"


def test_a_name_or_a_content_alone_is_enough() -> None:
    assert is_dangerous("a.bat", b"")
    assert is_dangerous("a.png", windows_program())
    assert not is_dangerous("a.png", b"\x89PNG\r\n\x1a\n")


def test_our_documents_are_what_their_own_libraries_read(tmp_path: Path) -> None:
    with olefile.OleFileIO(io.BytesIO(ole(["Macros/VBA/dir", "WordDocument"]))) as document:
        assert document.exists("Macros/VBA/dir")
    with olefile.OleFileIO(io.BytesIO(ole(["Property"], MSI_CLASS))) as installer:
        assert installer.root.clsid == MSI_CLASS
    with pikepdf.open(io.BytesIO(pdf("/OpenAction 4 0 R", "<< /S /Launch >>"))) as document:
        assert str(document.Root.OpenAction.S) == "/Launch"


@pytest.mark.parametrize(
    ("part", "trouble"),
    [
        (text(" DDE", "AUTO cmd "), "dde"),
        (text(" DDE", "AUTO cmd ").decode().replace('encoding="UTF-8"', "").encode("utf-16"), "dde"),
        (text(" D&#68;E cmd "), "dde"),
        (b"<a>" * 400 + text(" DDE cmd ").partition(b"?>")[2], "dde"),
        (b'<?xml version="1.0" encoding="none"?><a><instrText>DDE</instrText>', "dde"),
        (text(' HYPERLINK "https://example.kz/DDE" '), ""),
    ],
)
def test_a_field_is_found_however_the_markup_is_written(part: bytes, trouble: str, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx({"word/document.xml": part}))
    found = {each.trouble for each in active_content(_OnDisk(path, "a.docx", None))}
    assert found <= {trouble, "unreadable"}
    assert not trouble or trouble in found
