"""Facts in, PDF/A and the positions of its named places out. Typst behind one function; no tables.

Law: Decree 30/2020, Appendix I.
"""
