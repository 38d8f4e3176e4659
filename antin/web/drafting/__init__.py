"""Pages where documents are written down: a draft, and a paper that came by hand."""
