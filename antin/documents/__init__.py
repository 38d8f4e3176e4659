"""Incoming and outgoing documents of each agency: drafts, parties, attachments, secrecy, visibility, register books.

Law: Decree 30/2020/NĐ-CP.
"""
