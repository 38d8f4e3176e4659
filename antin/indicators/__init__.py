"""Figures that prove themselves: what happened, counted by unit and day as it happens, and formulas over those counts.

A figure is never typed: its rows are the documents and tasks themselves (decision 71, docs/figures.md).
"""
