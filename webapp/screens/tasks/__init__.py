"""Taking tasks and giving them back."""
