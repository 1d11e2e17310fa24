"""What differs between operating systems: here alone, by what is wanted and not by what does it."""
