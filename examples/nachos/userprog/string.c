/* The functions of string.h that programs of a course use most. */
#include "string.h"

size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0')
        length++;
    return length;
}

int strncmp(const char *left, const char *right, size_t size)
{
    for (; size != 0; left++, right++, size--) {
        if (*left != *right)
            return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
        if (*left == '\0')
            break;
    }
    return 0;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, (size_t)-1);
}

char *strncpy(char *to, const char *from, size_t size)
{
    size_t i = 0;

    for (; i < size && from[i] != '\0'; i++)
        to[i] = from[i];
    for (; i < size; i++)
        to[i] = '\0';
    return to;
}

char *strcpy(char *to, const char *from)
{
    size_t i = 0;

    do
        to[i] = from[i];
    while (from[i++] != '\0');
    return to;
}

char *strcat(char *to, const char *from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strchr(const char *text, int character)
{
    for (; *text != (char)character; text++)
        if (*text == '\0')
            return NULL;
    return (char *)text;
}
