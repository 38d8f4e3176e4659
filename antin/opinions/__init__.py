"""Opinions asked for while a document is drafted, what the drafter made of each, and comments on passages of its text.

A round asks people and units about a draft, all at once or one after the other, each within so many working days.
Every answer is kept with what the drafter says to it (taken in, in part, or why not), so that who endorses and signs
reads both side by side. A comment is tied to the words it is about, not to a place, so that it survives editing. Law:
Decree 30/2020/NĐ-CP, art. 10 and 11 (drafting), Appendix VI (drafts, comments and approvals are kept).
"""
