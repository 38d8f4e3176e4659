"""Nodes: who this node is, which others there are, and what travels between them.

Keeps this node's keys, the directory of members that the coordinating node signs, and the numbered feeds of parcels to and from
each partner. Promises that a parcel is kept until its partner says it has it, is taken once however often it comes, and that nobody
but the two nodes reads it. What is in a parcel is the business of the rooms above. Does not know documents.
Law: Decree 30/2020/ND-CP, Appendix VI (integrity in exchange); Decision 28/2018/QD-TTg, art. 5 (who sent and received, and when).
"""
