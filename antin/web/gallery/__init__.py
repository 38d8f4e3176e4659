"""Every part once, for those who write pages. Open to administrators; to everybody when the node runs in DEBUG."""
