/* The primes below 2000, counted and the last ones printed. */
#include <stdio.h>

#define LIMIT 2000

static char composite[LIMIT];

static int count_primes(last)
int *last;
{
	int n, multiple, count = 0;

	for (n = 2; n < LIMIT; n++) {
		if (composite[n])
			continue;
		count++;
		*last = n;
		for (multiple = n + n; multiple < LIMIT; multiple += n)
			composite[multiple] = 1;
	}
	return count;
}

int main()
{
	int last = 0;
	int count = count_primes(&last);

	printf("%d primes, the last is %d\n", count, last);
	return count == 303 && last == 1999 ? 0 : 1;
}
