"""Any model -> `Subject`: the functions and data that a diagnosis asks."""
