"""What may not be shown; each filter returns what it kept and what it removed."""
