"""Pages of direction: the directive on a document, the tree of what it gave out, and the lists of one's own work."""
