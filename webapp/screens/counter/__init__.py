"""The desk's counter."""
