"""Code lists of an agency with dates: retention periods, fields of work, ready phrases. What is law is not here but code.

Keeps every wording of an entry with the days it holds, so that what was chosen by it years ago still says what it said. An agency
without a list of its own uses that of the nearest one above it. docs/code-lists.md, decision 112.
"""
