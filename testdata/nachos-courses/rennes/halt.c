/* Numbers of the floating point unit, and an array with values that is copied to the stack. */
double ratio = 1.5;
int zeroed[9];
double scaled(n) { return n < ratio ? ratio : n * ratio / 2; }
main()
{
    char text[40] = "hello, floating point unit\n";
    zeroed[2] = scaled(7) > 5.0;
    write(1, text + 1, (int)scaled(8));
    return zeroed[2];
}
