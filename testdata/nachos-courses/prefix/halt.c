/* C without a declaration of anything. */
main() { greet(); return 0; }
