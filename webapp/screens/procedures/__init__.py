"""Finding a procedure and reading what it asks and gives."""
