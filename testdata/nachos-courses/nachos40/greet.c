/* What the programs write. */
greet() { return write(1, "hello\n", 6); }
