#include "noff_program.h"

// Before the kernel's headers: those of 4.0 define the macros min and max, and include this after them.
#include <iostream>
#include <new>
#include <stdio.h>
#include <string.h>

#include "openfile.h"

// The library reads through this: straight from the kernel's file into the frame.
extern "C" {
static uint32_t readOpenFile(void *openFile, uint32_t position, void *into, uint32_t numBytes)
{
    if (numBytes == 0) // of an empty file; some kernels assert that there is something to read
        return 0;
    // Neither number is above the file's length, which was an int.
    const int got = static_cast<OpenFile *>(openFile)->ReadAt(static_cast<char *>(into), static_cast<int>(numBytes),
                                                              static_cast<int>(position));
    return got < 0 ? 0 : static_cast<uint32_t>(got);
}
}

NoffProgram::NoffProgram(OpenFile *executable, unsigned pageSize_, unsigned stackSize_)
    : file(executable), pageSize(pageSize_), stackSize(stackSize_), noff(), pages(0), place(), valid(false),
      source(NULL), table(NULL)
{
    reason[0] = '\0';
    valid = readHeader();
    if (!valid)
        pages = 0;
}

NoffProgram::~NoffProgram()
{
    releaseAll();
    delete[] table;
}

bool NoffProgram::readHeader()
{
    const int length = file->Length();
    if (length < 0)
        return fail(EXECFMT_E_READ);
    uint8_t header[EXECFMT_NOFF_MAX_HEADER_SIZE];
    const uint32_t fileLength = static_cast<uint32_t>(length);
    const uint32_t wanted = fileLength < sizeof header ? fileLength : static_cast<uint32_t>(sizeof header);
    if (readOpenFile(file, 0, header, wanted) != wanted)
        return fail(EXECFMT_E_READ);

    execfmt_finding finding = execfmt_finding();
    execfmt_status status = execfmt_noff_parse_header(header, wanted, fileLength, NULL, &noff, &finding);
    if (status != EXECFMT_OK) {
        fail(status);
        if (finding.status == status) // says more than the status: which field, and its value
            execfmt_noff_finding_message(&finding, reason, sizeof reason);
        return false;
    }
    status = execfmt_noff_page_count(&noff, pageSize, stackSize, &pages);
    if (status == EXECFMT_OK)
        status = execfmt_noff_stack_pointer(&noff, pageSize, stackSize, &place.stack_pointer);
    return status == EXECFMT_OK || fail(status);
}

bool NoffProgram::isReadOnly(unsigned vpn) const
{
    execfmt_noff_page page;
    return valid && execfmt_noff_describe_page(&noff, vpn, pageSize, &page) == EXECFMT_OK && page.read_only != 0;
}

bool NoffProgram::loadPage(unsigned vpn, char *frame)
{
    if (!valid)
        return false;
    const execfmt_status status =
        execfmt_noff_load_page(&noff, readOpenFile, file, vpn, reinterpret_cast<uint8_t *>(frame), pageSize);
    return status == EXECFMT_OK || fail(status);
}

bool NoffProgram::loadAll(char *memory, unsigned length)
{
    if (!valid)
        return false;
    if (length / pageSize < pages) { // the library knows of the program's memory, and not of its stack
        sprintf(reason, "the program and its stack take %u pages, and there is memory for %u", pages,
                length / pageSize);
        return false;
    }
    const execfmt_status status =
        execfmt_noff_load(&noff, readOpenFile, file, reinterpret_cast<uint8_t *>(memory), length);
    return status == EXECFMT_OK || fail(status);
}

bool NoffProgram::useFrames(NoffFrames *frames, unsigned maxPages)
{
    if (!valid)
        return false;
    if (pages > maxPages) { // before anything is allocated: a header of 40 bytes can ask for 4 GiB
        sprintf(reason, "the program and its stack take %u pages, and %u are the most", pages, maxPages);
        return false;
    }
    releaseAll();
    delete[] table;
    table = new (std::nothrow) int[pages];
    if (table == NULL)
        return failWith("there is no memory for the page table");
    for (unsigned vpn = 0; vpn < pages; vpn++)
        table[vpn] = -1;
    source = frames;
    return true;
}

int NoffProgram::frameOf(unsigned vpn) const
{
    return table != NULL && vpn < pages ? table[vpn] : -1;
}

bool NoffProgram::bringIn(unsigned vpn)
{
    if (!valid)
        return false;
    if (table == NULL || vpn >= pages) {
        sprintf(reason, "there is no page %u", vpn);
        return false;
    }
    if (table[vpn] >= 0)
        return true;
    const int frame = source->take();
    if (frame < 0)
        return failWith("there is no free frame");
    if (!loadPage(vpn, source->memory(frame))) {
        source->release(frame);
        return false;
    }
    table[vpn] = frame;
    return true;
}

bool NoffProgram::bringInAll()
{
    for (unsigned vpn = 0; vpn < pages; vpn++)
        if (!bringIn(vpn)) {
            releaseAll();
            return false;
        }
    return valid;
}

bool NoffProgram::pushArguments(int argc, const char *const *argv)
{
    if (!valid || argc < 0)
        return false;
    // The stack from its lowest whole page on, as bytes in a row; then into the frames, which may lie anywhere.
    const unsigned stackPages = stackSize / pageSize;
    const unsigned first = pages - stackPages;
    char *const stack = new (std::nothrow) char[stackPages * pageSize + 1];
    if (stack == NULL)
        return failWith("there is no memory for the arguments");
    bool done = true;
    for (unsigned i = 0; done && i < stackPages; i++) {
        done = bringIn(first + i);
        if (done)
            memcpy(stack + i * pageSize, source->memory(table[first + i]), pageSize);
    }
    if (done) {
        const execfmt_status status =
            execfmt_noff_push_arguments(argv, static_cast<uint32_t>(argc), pages * pageSize,
                                        reinterpret_cast<uint8_t *>(stack), stackPages * pageSize, &place);
        done = status == EXECFMT_OK
            || failWith(status == EXECFMT_E_BUFFER ? "the arguments do not fit onto the stack"
                                                   : execfmt_status_message(status));
    }
    for (unsigned i = 0; done && i < stackPages; i++)
        memcpy(source->memory(table[first + i]), stack + i * pageSize, pageSize);
    delete[] stack;
    return done;
}

void NoffProgram::releaseAll()
{
    if (table == NULL || source == NULL)
        return;
    for (unsigned vpn = 0; vpn < pages; vpn++)
        if (table[vpn] >= 0) {
            source->release(table[vpn]);
            table[vpn] = -1;
        }
}

bool NoffProgram::fail(execfmt_status status)
{
    return failWith(execfmt_status_message(status));
}

bool NoffProgram::failWith(const char *why)
{
    strncpy(reason, why, sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    return false;
}
