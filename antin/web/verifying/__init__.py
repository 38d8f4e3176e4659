"""Checking the signatures of any file, and the record of a check."""
