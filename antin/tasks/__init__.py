"""Directives (bút phê) and the assignments they give, down any number of levels.

Keeps who was told to do what by when, progress, results, acceptance. Law: Decree 30/2020, art. 23-24; Decision 42/2014/QĐ-TTg.
"""
