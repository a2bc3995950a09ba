"""lesson.yaml -> Lesson, with every error at its file, line and column."""
