"""Which candidate goes to which slot."""
