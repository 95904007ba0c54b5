"""Outside systems as the business sees them: whether they answer, and who could not be told."""
