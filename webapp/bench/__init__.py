"""Figures from real runs on this machine; nothing here is a test."""
