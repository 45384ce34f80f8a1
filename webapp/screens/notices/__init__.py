"""What the application tells a person."""
