"""Notices in the application."""
