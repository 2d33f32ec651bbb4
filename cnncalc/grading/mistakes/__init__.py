"""The mistakes that people make, one family a file. `diagnose` tries them and tells which gives the written number."""
