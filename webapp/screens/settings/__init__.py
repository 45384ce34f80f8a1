"""Targets and the calendar."""
