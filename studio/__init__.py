"""The drawing and recording studio behind the sample lessons' media (run `python -m studio.make_media`)."""
