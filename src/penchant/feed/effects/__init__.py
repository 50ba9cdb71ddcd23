"""What is written before the page goes out."""
