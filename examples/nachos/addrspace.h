// The address space of a user program, for a Nachos kernel: what userprog/addrspace.cc does with a NOFF file, done by
// the execfmt library. Whole or page by page, from either layout of the header and either order of its bytes.
#ifndef ADDRSPACE_H
#define ADDRSPACE_H

#include <execfmt.h>

class OpenFile; // the kernel's own: int ReadAt(char *into, int numBytes, int position), int Length()

class AddrSpace {
public:
    // Reads and checks the header. The file stays the caller's, and open for as long as pages are asked for.
    // `pageSize` is a power of two; both are in bytes.
    AddrSpace(OpenFile *executable, unsigned pageSize, unsigned stackSize);

    // False when the file is refused, and whyNot() tells: then nothing but these two may be asked.
    bool isValid() const { return valid; }

    // Why the file is refused, or the last load failed: a sentence without a newline.
    const char *whyNot() const { return reason; }

    // The pages of the program and its stack. Compare it with the memory that there is before making a page table.
    unsigned numPages() const { return pages; }

    // What goes into the stack register: 16 bytes below the end of the last page.
    unsigned stackPointer() const { return initialStackPointer; }

    // Whether every byte of a page is code or constants.
    bool isReadOnly(unsigned vpn) const;

    // Fills one frame with a virtual page, zeros where the file has nothing: for a page fault, or for each page in
    // turn when programs share the memory.
    bool loadPage(unsigned vpn, char *frame);

    // Fills a memory of `length` bytes that is the program's alone, virtual page 0 first.
    bool loadAll(char *memory, unsigned length);

private:
    AddrSpace(const AddrSpace &);
    AddrSpace &operator=(const AddrSpace &);

    bool readHeader(unsigned stackSize);
    bool fail(execfmt_status status);

    OpenFile *const file;
    const unsigned pageSize;
    execfmt_noff noff;
    unsigned pages;
    unsigned initialStackPointer;
    bool valid;
    char reason[400];
};

#endif
