/* Sorts the words of a text and counts them: pointers in initialised data, heap, strings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word_with_a_count {
	char *text;
	int count;
	struct word_with_a_count *next_in_alphabet;
};

static char *lines_of_the_text[] = {
	"the quick brown fox", "jumps over the lazy dog", "and the dog jumps over", "the fox", (char *)0
};

struct word_with_a_count *first_of_all_words;

static void add_word(start, length)
char *start;
int length;
{
	struct word_with_a_count **place = &first_of_all_words, *word;
	int order = 1;

	while (*place) {
		order = strncmp((*place)->text, start, length);
		if (order == 0 && (*place)->text[length])
			order = 1;
		if (order >= 0)
			break;
		place = &(*place)->next_in_alphabet;
	}
	if (*place && order == 0) {
		(*place)->count++;
		return;
	}
	word = (struct word_with_a_count *)malloc(sizeof *word);
	word->text = malloc(length + 1);
	memcpy(word->text, start, length);
	word->text[length] = 0;
	word->count = 1;
	word->next_in_alphabet = *place;
	*place = word;
}

int main()
{
	char **line, *at, *start;
	struct word_with_a_count *word;

	for (line = lines_of_the_text; *line; line++)
		for (at = *line; *at;) {
			for (start = at; *at && *at != ' '; at++)
				;
			add_word(start, (int)(at - start));
			while (*at == ' ')
				at++;
		}
	for (word = first_of_all_words; word; word = word->next_in_alphabet)
		printf("%s %d\n", word->text, word->count);
	return 0;
}
