"""Pages for people: the desk, and one family of pages per room. Translates HTTP; holds no business rule.

A page is composed of parts (`templatetags/parts.py`, `templates/parts/`) inside the frame (`frame.py`, `templates/base.html`).
Who may open which address is one table (`audiences.py`). Every refusal becomes a calm page or fragment (`refusals.py`).
"""
