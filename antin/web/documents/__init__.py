"""Pages of documents: lists with a reading pane, one document, its acts, signing, the delivery board."""
