"""What pictures are drawn with: SVG, scales, colours, numerals, export."""
