"""An Tín: an electronic office. ARCHITECTURE.md tells where everything lives."""
