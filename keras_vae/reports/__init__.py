"""A run becomes one page: `report`."""
