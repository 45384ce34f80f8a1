"""Paying a charge, and what the gateway tells."""
