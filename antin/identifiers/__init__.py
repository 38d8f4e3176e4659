"""Code schemes: issue, check characters, aliases, successors. A code is never re-used.

Law: Decision 20/2020/QĐ-TTg (agency codes), Decision 09/2025/QĐ-TTg.
"""
