"""The studio: analysts author, try and publish procedures."""
