"""What later parts need to know of a candidate."""
