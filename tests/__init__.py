"""Tests: rooms without HTTP, journeys, doors, browser, and the house that inspects itself."""
