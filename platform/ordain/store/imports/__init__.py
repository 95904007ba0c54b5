"""Files that people bring in, in the database: the import itself, its rows waiting, what is wrong with them."""
