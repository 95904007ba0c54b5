"""Records of the types that admins make: list, board by state, form, detail; all from the form's definition."""
