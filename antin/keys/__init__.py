"""Certificates, trust anchors, revocation lists, key devices and their custody.

Private keys never leave their provider. Law: Decree 68/2024/NĐ-CP.
"""
