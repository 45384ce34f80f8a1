"""The register and the slips on demand."""
