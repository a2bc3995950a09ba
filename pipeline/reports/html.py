"""The report as one web page that loads nothing from elsewhere and runs no script."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from pipeline import __version__
from pipeline.messages import say
from pipeline.reports.digest import Digest, FailOn, digest, listed, summary_line
from pipeline.reports.model import Report, SubjectReport
from pipeline.reports.wording import kind_word, shown, visible
from pipeline.specs import specs_folder

TEMPLATE = "report.html"
SHORT_CODE = 24
"""Characters of a name or word that stays on one line; commands are longer, and telephones narrow."""
_CODE = re.compile("`([^`\n]+)`")
_NUMBERED = re.compile(r"(?<=[.№]) (?=\d)")
_JPEG = b"\xff\xd8\xff"


def html(report: Report, language: str, fail_on: FailOn = "error") -> str:
    """The page. Thumbnails are shown of the subjects that carry one."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(specs_folder() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"coded": coded, "tied": tied}
    told = digest(report, language, fail_on)
    page: str = environment.get_template(TEMPLATE).render(
        language=language,
        told=told,
        tone=_tone(told),
        summary=summary_line(told.totals, language),
        filters=_filters(told, language),
        kind=lambda subject: kind_word(subject.kind, language),
        size=lambda subject: _size(subject, language),
        thumbnail=_thumbnail,
        visible=visible,
        listed=listed,
        words=_words(told, language),
    )
    return page


def coded(text: str) -> str:
    """Text of a message for a page: all of it escaped, and what stands in backticks as code."""
    from markupsafe import Markup, escape

    told = Markup()
    for at, piece in enumerate(_CODE.split(text)):
        if at % 2:
            told += Markup('<code class="{}">{}</code>').format("" if len(piece) <= SHORT_CODE else "long", piece)
        else:
            told += escape(piece)
    return told


def tied(clause: str) -> str:
    """A clause for a page, whose numbers stay on the line of the word before them: "п. 45" is one."""
    from markupsafe import Markup, escape

    return Markup(_NUMBERED.sub("&nbsp;", str(escape(clause))))  # noqa: S704  # escaped on this very line


def _words(told: Digest, language: str) -> dict[str, str]:
    """Everything the template says besides the findings."""
    return {
        "title": say("report.title", language),
        "profile": say("report.profile", language, profile=told.profile),
        "show": say("report.show", language),
        "todo": say("report.what-to-do", language),
        "questions": say("report.questions", language),
        "waived": say("report.outcome-waived", language),
        "clean": say("report.clean-files", language, count=shown(len(told.clean), language)),
        "made": say("report.made-by", language, version=__version__),
    }


def _filters(told: Digest, language: str) -> list[dict[str, Any]]:
    """What can be hidden: only what there is."""
    sums = told.totals
    counted = [
        ("fail", say("report.count-errors", language, count=shown(sums.errors, language)), sums.errors),
        ("not-run", say("report.count-not-run", language, count=shown(sums.not_run, language)), sums.not_run),
        ("warn", say("report.count-warnings", language, count=shown(sums.warnings, language)), sums.warnings),
        ("pass", say("report.count-notes", language, count=shown(sums.notes, language)), sums.notes),
        ("waived", say("report.count-waived", language, count=shown(sums.waived, language)), sums.waived),
    ]
    return [{"id": id_, "label": label} for id_, label, count in counted if count]


def _tone(told: Digest) -> str:
    """The colour of the verdict."""
    if told.exit_code in {3, 4}:
        return "not-run"
    return "fail" if told.totals.errors else "warn" if told.totals.warnings else "good"


def _size(subject: SubjectReport, language: str) -> str:
    if not subject.size:
        return ""
    if subject.size < 100_000:
        return say("report.size-kb", language, size=shown(max(subject.size, 100) / 1e3, language, 1))
    return say("report.size-mb", language, size=shown(subject.size / 1e6, language, 1))


def _thumbnail(subject: SubjectReport) -> str:
    """A data: address of the subject's small picture; empty where there is none."""
    if not subject.thumbnail.startswith(_JPEG):
        return ""
    return f"data:image/jpeg;base64,{b64encode(subject.thumbnail).decode('ascii')}"
