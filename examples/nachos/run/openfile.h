// The part of a Nachos kernel's OpenFile that NoffProgram uses, on a file of the host.
#ifndef NACHOS_RUN_OPENFILE_H
#define NACHOS_RUN_OPENFILE_H

#include <limits.h>
#include <stdio.h>

class OpenFile {
public:
    // Takes the file over.
    explicit OpenFile(FILE *opened) : file(opened) {}
    ~OpenFile() { fclose(file); }

    // Gives how many bytes were read: less than `numBytes` at the end of the file, -1 when it cannot be read.
    int ReadAt(char *into, int numBytes, int position)
    {
        if (numBytes < 0 || position < 0 || fseek(file, position, SEEK_SET) != 0)
            return -1;
        const size_t got = fread(into, 1, static_cast<size_t>(numBytes), file);
        return ferror(file) ? -1 : static_cast<int>(got);
    }

    // -1 when there is none, as for a pipe, or when it is no int.
    int Length()
    {
        if (fseek(file, 0, SEEK_END) != 0)
            return -1;
        const long length = ftell(file);
        return length > INT_MAX ? -1 : static_cast<int>(length);
    }

private:
    OpenFile(const OpenFile &);
    OpenFile &operator=(const OpenFile &);

    FILE *const file;
};

#endif
