/* A program without a system under it: sums a table into a variable, then stays where it is. */

static const int table[4] = { 1, 2, 3, 4 };
int scratch[1024];
int total = 7;

int sum(int count)
{
    int result = 0;
    for (int i = 0; i < count; i++)
        result += table[i & 3] + scratch[i];
    return result;
}

void _start(void)
{
    total = sum(4);
    for (;;)
        ;
}
