"""Programmes and plans: parts, the work of each part, targets and milestones, in versions that are approved; and the monthly review
of how units stand.

The work is that of `tasks`; a programme only says which of it belongs to which entry. Law: Decision 42/2014/QĐ-TTg (following up
what was assigned), Decree 30/2020/NĐ-CP (the papers that come of it).
"""
