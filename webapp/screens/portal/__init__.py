"""The citizen's portal: filling in, filing and following dossiers."""
