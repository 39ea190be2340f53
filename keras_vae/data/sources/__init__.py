"""A name or a path -> arrays as they are stored: one kind of source a file."""
