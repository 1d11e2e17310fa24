"""Reports: pages that stand alone."""
