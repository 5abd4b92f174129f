#include "addrspace.h"

#include <stdio.h>
#include <string.h>

#include "openfile.h"

// The library reads through this: straight from the kernel's file into the frame.
extern "C" {
static uint32_t readOpenFile(void *openFile, uint32_t position, void *into, uint32_t numBytes)
{
    // Neither number is above the file's length, which was an int.
    const int got = static_cast<OpenFile *>(openFile)->ReadAt(static_cast<char *>(into), static_cast<int>(numBytes),
                                                              static_cast<int>(position));
    return got < 0 ? 0 : static_cast<uint32_t>(got);
}
}

AddrSpace::AddrSpace(OpenFile *executable, unsigned pageSize_, unsigned stackSize)
    : file(executable), pageSize(pageSize_), noff(), pages(0), initialStackPointer(0), valid(false)
{
    reason[0] = '\0';
    valid = readHeader(stackSize);
}

bool AddrSpace::readHeader(unsigned stackSize)
{
    const int length = file->Length();
    if (length < 0)
        return fail(EXECFMT_E_READ);
    uint8_t header[EXECFMT_NOFF_MAX_HEADER_SIZE];
    const uint32_t fileLength = static_cast<uint32_t>(length);
    const uint32_t wanted = fileLength < sizeof header ? fileLength : sizeof header;
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
        status = execfmt_noff_stack_pointer(&noff, pageSize, stackSize, &initialStackPointer);
    return status == EXECFMT_OK || fail(status);
}

bool AddrSpace::isReadOnly(unsigned vpn) const
{
    execfmt_noff_page page;
    return execfmt_noff_describe_page(&noff, vpn, pageSize, &page) == EXECFMT_OK && page.read_only != 0;
}

bool AddrSpace::loadPage(unsigned vpn, char *frame)
{
    const execfmt_status status =
        execfmt_noff_load_page(&noff, readOpenFile, file, vpn, reinterpret_cast<uint8_t *>(frame), pageSize);
    return status == EXECFMT_OK || fail(status);
}

bool AddrSpace::loadAll(char *memory, unsigned length)
{
    if (length / pageSize < pages) { // the library knows of the program's memory, and not of its stack
        sprintf(reason, "the program and its stack take %u pages, and there is memory for %u", pages,
                length / pageSize);
        return false;
    }
    const execfmt_status status =
        execfmt_noff_load(&noff, readOpenFile, file, reinterpret_cast<uint8_t *>(memory), length);
    return status == EXECFMT_OK || fail(status);
}

bool AddrSpace::fail(execfmt_status status)
{
    strncpy(reason, execfmt_status_message(status), sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    return false;
}
