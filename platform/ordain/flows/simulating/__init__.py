"""A rush, really run in a scratch database: the ways of selling that oversell, and the product's own beside them."""
