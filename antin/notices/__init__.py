"""Telling people what happened, in the application."""
