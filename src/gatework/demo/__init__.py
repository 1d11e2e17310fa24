"""The small networks and data that demonstrations use."""
