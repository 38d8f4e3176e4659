"""Signatures, seals, timestamps and verification reports on files; the only room that knows pyHanko.

Law: Decree 30/2020 Appendix I (appearance), Decree 68/2024/NĐ-CP (public-duty signatures); PAdES (ETSI EN 319 142).
"""
