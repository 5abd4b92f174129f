/* What compilers of today trip over: implicit types, a struct that is copied, an array with values, reads before a
   pointer, a pointer made of a number, a word at an odd address. */
struct big { int words[40]; } one, other;
extern char table[];
struct packed { char before; int word; } __attribute__((packed)) odd, *packed = &odd;
int shared[10];
before(p) unsigned char *p; { return p[-1]; }
main()
{
    char filled[64] = "an array on the stack";
    int *nowhere = 0x1000;
    one = other;
    shared[count(filled)] = (int)nowhere;
    if (before(table + 1) != 'a')
        return 1;
    packed->word = -shared[count(filled)] * 3;
    if (packed->word != -0x3000 || filled[3] != 'a')
        return 2;
    greet();
    return 0;
}
