"""What is written to disk: whole files, their format, and the versions that wrote them."""
