"""One act done to many things: what was chosen, by whom, with which answers, and what came of each.

Keeps the order in which things were chosen and settles each by itself: what refuses is named with its reason, the others go on. A
batch may be halted, gone on with, and its failures tried again; what is done is never done twice. What the act is, the journey
knows (`journeys.act_on_many`). Signing has batches of its own, because there a key is opened once (decision 22).
"""
