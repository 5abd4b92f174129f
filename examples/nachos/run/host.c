/* The kit's programs on the host: what they are to print anywhere. */
#include <stdlib.h>
#include <unistd.h>

#include "../userprog/syscall.h"

void Halt(void) { exit(0); }

void Exit(int status) { exit(status); }

void Write(const char *buffer, int size, OpenFileId id)
{
    if (id == ConsoleOutput && write(STDOUT_FILENO, buffer, (size_t)size) != size)
        abort();
}

int Read(char *buffer, int size, OpenFileId id)
{
    return id == ConsoleInput ? (int)read(STDIN_FILENO, buffer, (size_t)size) : -1;
}
