"""Judges what authors submit: `check_paths` gives a typed Report."""

from pipeline.checks.run import CheckOptions, check_paths

__all__ = ["CheckOptions", "check_paths"]
