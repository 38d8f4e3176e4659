"""Old books taken into the registry: looked through line by line, balanced number by number, imported, undone.

A document of the past is read-only and claims no signature; its number stands in the series as the old book gave it.
Law: Decree 30/2020, art. 15, 22 and Appendix IV (books and their columns).
"""
