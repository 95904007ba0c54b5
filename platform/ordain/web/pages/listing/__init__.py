"""What every list has: saved views, columns to choose, filters by field, a board, exports, bulk actions."""
