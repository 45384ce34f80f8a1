"""Signing in and out, and the start page."""
