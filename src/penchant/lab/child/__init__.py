"""Programs of the lab that touch the codec, each in a process of its own."""
