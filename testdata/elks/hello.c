#include <stdio.h>

int main()
{
	printf("hello, elks\n");
	return 0;
}
