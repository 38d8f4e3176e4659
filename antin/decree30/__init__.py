"""Judging papers by Decree 30/2020/NĐ-CP: read into one neutral `Paper`, boxes found, facts told, deviations named.

A leaf without tables: needs no database, no settings and no server. docs/lint.md tells what is judged, how exactly, and what
stays silent.
"""
