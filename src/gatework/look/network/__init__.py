"""Pictures of a network: structure, unrolled, cell, gates, memory, gradients, saturation."""
