"""The dossier as officials and auditors see it, and the work they do on it."""
