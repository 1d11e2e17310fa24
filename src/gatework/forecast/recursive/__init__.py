"""The method of Wang et al. 2018: windows of the series, one step ahead, applied recursively."""
