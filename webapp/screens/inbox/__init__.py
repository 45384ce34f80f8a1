"""The official's inbox."""
