"""People: who may sign in, with which roles and regions; for those who look after them."""
