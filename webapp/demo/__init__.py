"""The demo: invented people and units, and one dossier from filing to signed result."""
