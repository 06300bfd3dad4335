"""The commands that operate a pipeline, as programs, against a deployment that is faster than the others."""
