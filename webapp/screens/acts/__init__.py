"""What may be done to a dossier outside its drawn path."""
