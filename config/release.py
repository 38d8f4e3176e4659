"""Which release of the program this is."""

VERSION = "0.1.0"
"""As in pyproject.toml; told to partners, shown to operators."""
