"""Side-by-side measurements against what a team would otherwise use. One command: `make bench`."""
