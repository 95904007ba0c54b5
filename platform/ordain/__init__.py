"""ordain: order operations interpreted from versioned JSON definitions."""
