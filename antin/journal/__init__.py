"""Append-only record of what happened: plain facts, no foreign keys; Merkle tree (RFC 6962), signed checkpoints."""
