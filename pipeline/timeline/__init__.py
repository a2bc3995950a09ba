"""Lesson -> Timeline: what stands on screen and sounds, in whole frames."""
