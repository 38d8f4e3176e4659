"""Agencies outside this node: what they are called, every code they go by, and the channel that leads to each.

Keeps one row per body and one per spelling of its code, old or new; a body that went over to another stays, with its successor,
so that papers of years ago still name it. Knows nothing of how a channel is walked (`exchange`) and holds no secret.
Law: Decision 20/2020/QĐ-TTg (codes), Decision 28/2018/QĐ-TTg (sending and receiving between agencies).
"""
