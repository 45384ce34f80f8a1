"""What operators' machines ask: alive, ready, and measured."""
