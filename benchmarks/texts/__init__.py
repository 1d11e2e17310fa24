"""What benchmarks/text.py measures against."""
