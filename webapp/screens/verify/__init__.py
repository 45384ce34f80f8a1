"""Checking a result: by its file or by the code printed on it."""
