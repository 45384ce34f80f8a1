"""The demo's mail folder."""
