"""Writing: language models that learn from a text and go on in its manner."""
