"""Parcels to and from agencies: dispatches, deliveries, receipts, channels.

Keeps one delivery per document and recipient agency and every receipt the recipient's own acts produced. Promises that each
delivery is made once, that a receipt is recorded once per (delivery, kind) and that nothing is reported which is not durable.
Law: Decision 28/2018/QĐ-TTg (sending and receiving electronic documents); status codes of QCVN 102:2016 (01-06, 13, 15, 16).
"""
