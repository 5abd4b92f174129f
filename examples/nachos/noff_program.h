// A user program in a NOFF file, for a Nachos kernel: what the constructor of userprog/addrspace.cc does, done by the
// execfmt library. Whole or page by page, eagerly or on demand, from either layout of the header and either byte order.
//
// No kernel has a class or a file of this name: it is used next to the kernel's AddrSpace, which keeps its page table.
// C++98, no exceptions, no allocation but one table of frames.
#ifndef NOFF_PROGRAM_H
#define NOFF_PROGRAM_H

#include <execfmt.h>

class OpenFile; // the kernel's own: int ReadAt(char *into, int numBytes, int position), int Length()

// Where frames come from: a bitmap in most kernels.
class NoffFrames {
public:
    virtual ~NoffFrames() {}

    // A free frame, or -1 when there is none.
    virtual int take() = 0;

    // Frees a frame.
    virtual void release(int frame) = 0;

    // The memory of a frame.
    virtual char *memory(int frame) = 0;
};

class NoffProgram {
public:
    // Reads and checks the header. The file stays the caller's, and open for as long as pages are asked for.
    // `pageSize` is a power of two; both sizes are in bytes.
    NoffProgram(OpenFile *executable, unsigned pageSize, unsigned stackSize);

    // Releases the frames that it took.
    ~NoffProgram();

    // False when the file is refused, or loading failed; whyNot() says why. A program that is not valid has no pages.
    bool isValid() const { return valid; }

    // Why the file is refused, or the last load failed: a sentence without a newline.
    const char *whyNot() const { return reason; }

    // The pages of the program and its stack. Compare it with the memory that there is before making a page table.
    unsigned numPages() const { return pages; }

    // What goes into register 29: 16 bytes below the end of the last page, or below the arguments.
    unsigned stackPointer() const { return place.stack_pointer; }

    // What goes into the registers 4 and 5: the arguments of main. 0 without pushArguments.
    unsigned argumentCount() const { return place.argc; }
    unsigned argumentArray() const { return place.argv; }

    // Whether every byte of a page is code or constants.
    bool isReadOnly(unsigned vpn) const;

    // Fills one frame with a virtual page, zeros where the file has nothing.
    bool loadPage(unsigned vpn, char *frame);

    // Fills a memory of `length` bytes that is the program's alone, virtual page 0 first.
    bool loadAll(char *memory, unsigned length);

    // From here on with frames. They stay the caller's and must outlive this object.

    // Prepares a table for at most `maxPages` pages, of which none is in memory: for demand paging.
    bool useFrames(NoffFrames *frames, unsigned maxPages);

    // Brings a page into a frame, unless it is in one: for a page fault.
    bool bringIn(unsigned vpn);

    // Brings in all pages. When that fails, all frames are released.
    bool bringInAll();

    // The frame that a page is in, or -1.
    int frameOf(unsigned vpn) const;

    // Puts arguments onto the stack, of which the pages that they take are brought in.
    bool pushArguments(int argc, const char *const *argv);

private:
    NoffProgram(const NoffProgram &);
    NoffProgram &operator=(const NoffProgram &);

    bool readHeader();
    void releaseAll();
    bool fail(execfmt_status status);
    bool failWith(const char *why);

    OpenFile *const file;
    const unsigned pageSize;
    const unsigned stackSize;
    execfmt_noff noff;
    unsigned pages;
    execfmt_noff_arguments place;
    bool valid;
    NoffFrames *source;
    int *table; // a frame for each page, or -1
    char reason[400];
};

#endif
