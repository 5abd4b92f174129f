/* What the programs write. */
greet() { return write("hello\n", 6, 1); }
