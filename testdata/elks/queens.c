/* The ways to place eight queens: recursion, long arithmetic, bss and data side by side. */
#include <stdio.h>

#define SIZE 8

static int column_of_row[SIZE];
static long solutions_found = 0L;
static long a_number_in_data = 1234567L;
char zeroed_buffer[3000];

static int is_free(row, column)
int row, column;
{
	int other, distance;

	for (other = 0; other < row; other++) {
		distance = column_of_row[other] - column;
		if (distance == 0 || distance == row - other || distance == other - row)
			return 0;
	}
	return 1;
}

static void place_queen(row)
int row;
{
	int column;

	if (row == SIZE) {
		solutions_found++;
		return;
	}
	for (column = 0; column < SIZE; column++)
		if (is_free(row, column)) {
			column_of_row[row] = column;
			place_queen(row + 1);
		}
}

int main()
{
	int at, dirty = 0;

	for (at = 0; at < sizeof zeroed_buffer; at++)
		dirty |= zeroed_buffer[at];
	place_queen(0);
	printf("%ld solutions, %ld, %d\n", solutions_found, a_number_in_data * 3L + 1L, dirty);
	return 0;
}
