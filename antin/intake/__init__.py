"""Papers scanned many at once: what came, the papers found in it, the facts proposed, and what the clerk has confirmed.

Keeps a scan as it was sent and the papers it was parted into, until each is in the register book or put aside. It proposes and
never decides: nothing becomes a document before a clerk has confirmed it. Law: Decree 30/2020/NĐ-CP, art. 20 to 22; Appendix VI.
"""
