"""Lines to the outside: the national axis and a provincial gateway, over HTTP, polling and acknowledging as they do.

Every line is a frozen value with the same few functions (`polling.Channel`), so that what is sent and what comes in does not know
which one it goes through. Nothing here reads or writes the database, and nothing here may be called inside a transaction. A fault
says whether trying again can help. What each line speaks: docs/edxml.md.
Source: QCVN 102:2016; Decision 28/2018/QD-TTg; the axes' own libraries.
"""
