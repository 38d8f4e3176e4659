"""Bytes, kept once by SHA-256, immutable; renditions beside them."""
