"""A door of the house."""
