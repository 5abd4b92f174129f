/* Its arguments, from the last to the first; exits with their number. */
#include <stdio.h>

int main(argc, argv)
int argc;
char **argv;
{
	int at;

	for (at = argc; at-- > 0;)
		printf("%d: %s\n", at, argv[at]);
	return argv[argc] == (char *)0 ? argc : 100;
}
