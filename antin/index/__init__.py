"""Words with visibility tokens in, ids and counts out. It knows no business: what is said of a thing, who may see it, is given.

An index is never the truth: it lies in STATE/index, is in no backup, and is made again from the database at any time, while it
is in use. What has changed since is told by rows of `Due`, written by triggers in the very transaction of the change, so that no
act can forget it. One process writes; every other reads what was last committed. Whoever shows a hit asks the database whether
it may be seen.

tantivy is used in `engine`, which keeps, and `asking`, and nowhere else.
"""
