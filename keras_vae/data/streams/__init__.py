"""Examples that stay on disk: their splits, their order, their batches."""
