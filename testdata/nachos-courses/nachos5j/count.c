/* A length, by a loop that is no call of itself. */
count(text) char *text; { int n = 0; while (text[n]) n++; return n % 10; }
