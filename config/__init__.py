"""How a node is set up: environment, settings, addresses."""
