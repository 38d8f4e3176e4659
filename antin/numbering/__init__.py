"""Number series and gapless numbers; voids with a reason.

A number is taken under its series' row lock in the transaction that keeps it; it is never given twice and never re-used.
Law: Decree 30/2020, art. 15 and Appendix I (numbers), art. 22 (arrival numbers).
"""
