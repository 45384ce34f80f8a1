"""The auditor's replay of a dossier."""
