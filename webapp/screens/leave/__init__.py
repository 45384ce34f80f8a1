"""Leave and substitution."""
