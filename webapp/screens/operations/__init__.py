"""What operators and accountants look after."""
