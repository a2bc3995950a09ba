"""A submission as a subject: the files an author handed in together."""

from __future__ import annotations

from pipeline.checks.subject import Subject, Submitted


class SubmissionSubject(Subject):
    """A folder, or what a ZIP held."""

    @property
    def files(self) -> tuple[Submitted, ...]:
        """Every file in it, links and dot files too; files of nested submissions are theirs."""
        return self.task.files
