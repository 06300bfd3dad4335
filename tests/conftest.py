"""Settings of the tools that tests use."""

from hypothesis import settings

# A busy machine is no defect: how long one example takes says nothing about the code.
settings.register_profile("sluice", deadline=None)
settings.load_profile("sluice")
