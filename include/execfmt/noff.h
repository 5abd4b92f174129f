/* execfmt/noff.h: generated from ffi/src/noff by `cargo xtask headers`; do not edit. */

/*
 * NOFF, the executable format of Nachos.
 *
 * execfmt_noff_parse reads a whole file, execfmt_noff_parse_header the beginning of one; both fill in an execfmt_noff,
 * which contains no pointers and is all that the other functions need. execfmt_noff_describe_page, _load_page, _load_pages
 * and _load bring pages into memory through the caller's read function; execfmt_noff_stack_pointer, _push_arguments and
 * _argument_page prepare a program to start. execfmt_noff_check reports every error and warning, for any kernel or for one
 * of the families that execfmt_noff_profile_named knows; execfmt_noff_build writes a file.
 *
 * Example:
 *
 *     #include <execfmt/noff.h>
 *     #include <stdio.h>
 *
 *     static int print(void *context, const execfmt_finding *finding)
 *     {
 *         char sentence[300];
 *
 *         (void)context;
 *         execfmt_noff_finding_message(finding, sentence, sizeof sentence);
 *         printf("%s\n", sentence);
 *         return 0;
 *     }
 *
 *     int main(void)
 *     {
 *         static const uint8_t file[44] = {
 *             0xad, 0xdf, 0xba, 0, 0, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0
 *         };
 *         execfmt_noff_check_options options = { sizeof options, 0, 0, 0, NULL };
 *         execfmt_noff_profile nachos;
 *         execfmt_noff noff;
 *         uint8_t page[128];
 *
 *         if (execfmt_noff_profile_named("nachos3", &nachos) != EXECFMT_OK)
 *             return 1;
 *         options.profile = &nachos;
 *         if (execfmt_noff_check(file, sizeof file, &options, print, NULL) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_noff_parse(file, sizeof file, NULL, &noff, NULL) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_noff_read_page(&noff, file, sizeof file, 0, page, sizeof page) != EXECFMT_OK)
 *             return 1;
 *         printf("%lu bytes of memory\n", (unsigned long)noff.memory_end);
 *         return 0;
 *     }
 */

#ifndef EXECFMT_NOFF_H
#define EXECFMT_NOFF_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_noff_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_noff_is_packed
    [offsetof(struct execfmt_noff_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/* Error: the file, or the prefix given, ends within the header. */
#define EXECFMT_NOFF_E_TRUNCATED 100

/*
 * Error: the first word is not the magic in either byte order. `detail` is the file's first four bytes, from
 * which its actual format may be recognised.
 */
#define EXECFMT_NOFF_E_BAD_MAGIC 101

/* Error: the header fits neither layout: no segment's bytes begin right after it. */
#define EXECFMT_NOFF_E_LAYOUT 102

/* Error: a segment's address plus its size does not fit into 32 bits. */
#define EXECFMT_NOFF_E_ADDRESS 103

/* Error: a segment's bytes would lie beyond the end of the file. */
#define EXECFMT_NOFF_E_PAST_EOF 104

/* Error: a segment's bytes would begin within the header. */
#define EXECFMT_NOFF_E_HEADER_OVERLAP 105

/* Error: two segments claim the same addresses. `detail` is the other segment. */
#define EXECFMT_NOFF_E_OVERLAP 106

/* Error: the kernel loads files of another format. */
#define EXECFMT_NOFF_E_KERNEL_FORMAT 107

/* Error: the kernel reads headers of the other layout. */
#define EXECFMT_NOFF_E_KERNEL_LAYOUT 108

/* Error: the kernel reads headers of the other byte order. */
#define EXECFMT_NOFF_E_KERNEL_BYTE_ORDER 109

/* Error: the kernel loads segments only when their size is a multiple of its own number. */
#define EXECFMT_NOFF_E_KERNEL_SIZE 110

/* Error: a segment begins in pages that the kernel never maps. */
#define EXECFMT_NOFF_E_KERNEL_UNMAPPED 111

/* Error: program and stack need more pages than the kernel's machine has. */
#define EXECFMT_NOFF_E_KERNEL_MEMORY 112

/* Warning: `uninitData` begins within the padding of `initData`: within its last 15 bytes. */
#define EXECFMT_NOFF_W_PADDING_OVERLAP 150

/* Warning: two segments use the same bytes of the file. `detail` is the other segment. */
#define EXECFMT_NOFF_W_FILE_OVERLAP 151

/* Warning: a size is not a multiple of 16. */
#define EXECFMT_NOFF_W_MISALIGNED_SIZE 152

/* Warning: an address is not a multiple of 4. */
#define EXECFMT_NOFF_W_MISALIGNED_ADDRESS 153

/*
 * Warning: `code` does not begin where the kernel starts programs: address 0, or 0x80 in one family of
 * kernels.
 */
#define EXECFMT_NOFF_W_CODE_NOT_AT_START 154

/* Warning: `code` is empty. (An error when a file is built.) */
#define EXECFMT_NOFF_W_NO_CODE 155

/* Warning: the layout that the caller chose contradicts the header. */
#define EXECFMT_NOFF_W_LAYOUT 156

/* Warning: the file has more bytes after those of the last segment. */
#define EXECFMT_NOFF_W_TRAILING_BYTES 157

/* Warning: the segments' sizes add up to less than the memory that they span. */
#define EXECFMT_NOFF_W_MEMORY_GAP 158

/* Warning: the program ends at a higher address than any known real one. */
#define EXECFMT_NOFF_W_LARGE 159

/* Field of a finding: virtual_addr, address of the segment's first byte in the program's address space. */
#define EXECFMT_NOFF_FIELD_VIRTUAL_ADDR 0x0200

/* Field of a finding: in_file_addr, file offset of its bytes. Meaningless for `uninitData`. */
#define EXECFMT_NOFF_FIELD_IN_FILE_ADDR 0x0204

/*
 * Field of a finding: size, its length in bytes. When 0, the two other fields are meaningless: most real files hold garbage there.
 */
#define EXECFMT_NOFF_FIELD_SIZE 0x0208

/*
 Record of a field: the beginning of the header; its only field is the magic.
 */
#define EXECFMT_NOFF_RECORD_HEADER 0x00000100

/*
 Record of a field: that of segment `index` in the header, EXECFMT_NOFF_CODE or another of these constants.
 */
#define EXECFMT_NOFF_RECORD_SEGMENT 0x00000200

/*
 Field of a finding: the magic.
 */
#define EXECFMT_NOFF_FIELD_MAGIC 0x00000100

/*
 The first word of every NOFF file.
 */
#define EXECFMT_NOFF_MAGIC 0x00badfad

/*
 Number of bytes at the start of a file that always contain the whole header.
 */
#define EXECFMT_NOFF_MAX_HEADER_SIZE 52

/*
 The page size of the stock Nachos machine, in bytes.
 */
#define EXECFMT_NOFF_PAGE_SIZE 128

/*
 The stack size of the stock kernel, in bytes.
 */
#define EXECFMT_NOFF_USER_STACK_SIZE 1024

/*
 Maximum number of pieces of one page that come from the file.
 */
#define EXECFMT_NOFF_MAX_PIECES 3

/*
 Segment: instructions.
 */
#define EXECFMT_NOFF_CODE 0

/*
 Segment: initialised data.
 */
#define EXECFMT_NOFF_INIT_DATA 1

/*
 Segment: constants.
 */
#define EXECFMT_NOFF_READONLY_DATA 2

/*
 Segment: zeroed data.
 */
#define EXECFMT_NOFF_UNINIT_DATA 3

/*
 Strictness: errors refuse a file.
 */
#define EXECFMT_NOFF_REFUSE_ERRORS 0

/*
 Strictness: warnings refuse a file too.
 */
#define EXECFMT_NOFF_REFUSE_WARNINGS 1

/*
 Byte orders that a kernel reads: little-endian headers only.
 */
#define EXECFMT_NOFF_READS_LITTLE 1

/*
 Byte orders that a kernel reads: big-endian headers only.
 */
#define EXECFMT_NOFF_READS_BIG 2

/*
 Byte orders that a kernel reads: both.
 */
#define EXECFMT_NOFF_READS_BOTH 3

/*
 Size of the array for the name of a family of kernels or of a system call and its NUL, in bytes.
 */
#define EXECFMT_NOFF_NAME_SIZE 32

/*
 Options of a parser. All 0 is the default.
 */
typedef struct execfmt_noff_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   3 or 4 segments, or 0 to take the layout from the file.
   */
  uint32_t layout;
  /*
   EXECFMT_NOFF_REFUSE_ERRORS or EXECFMT_NOFF_REFUSE_WARNINGS.
   */
  uint32_t strictness;
} execfmt_noff_options;

/*
 A segment's record in the header. The fields of an empty one are meaningless.
 */
typedef struct execfmt_noff_segment {
  /*
   Address of the segment's first byte.
   */
  uint32_t virtual_addr;
  /*
   File offset of its bytes; meaningless for uninit_data.
   */
  uint32_t in_file_addr;
  /*
   Its length in bytes.
   */
  uint32_t size;
} execfmt_noff_segment;

/*
 A program: its checked header. Filled in by execfmt_noff_parse and execfmt_noff_parse_header; the other
 functions check it again, so a struct that was changed or never filled in does no harm.
 */
typedef struct execfmt_noff {
  /*
   The number of segments in the header: 3 or 4.
   */
  uint32_t layout;
  /*
   EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN: the byte order of the header's words.
   */
  uint32_t byte_order;
  /*
   The length of the file in bytes.
   */
  uint32_t file_len;
  /*
   One past the highest address of a segment.
   */
  uint32_t memory_end;
  /*
   Instructions.
   */
  struct execfmt_noff_segment code;
  /*
   Initialised data.
   */
  struct execfmt_noff_segment init_data;
  /*
   Constants; empty with 3 segments.
   */
  struct execfmt_noff_segment readonly_data;
  /*
   Zeroed data.
   */
  struct execfmt_noff_segment uninit_data;
} execfmt_noff;

/*
 A family of kernels: what they load, and what they provide to a program. Filled in by
 execfmt_noff_profile_named and execfmt_noff_profile_at; for another kernel, change a copy.
 */
typedef struct execfmt_noff_profile {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   Number of segments in the headers that they load: 3 or 4; 0 for kernels that load MIPS COFF files
   instead of NOFF.
   */
  uint32_t layout;
  /*
   EXECFMT_NOFF_READS_LITTLE, EXECFMT_NOFF_READS_BIG or EXECFMT_NOFF_READS_BOTH.
   */
  uint32_t byte_orders;
  /*
   The address at which programs start.
   */
  uint32_t start;
  /*
   Number of pages that are never mapped, from address 0 on.
   */
  uint32_t unmapped_pages;
  /*
   Sizes of segments must be multiples of this number of bytes; 1 when any size is accepted.
   */
  uint32_t size_granularity;
  /*
   The page size in bytes: a power of two, at most 65536.
   */
  uint32_t page_size;
  /*
   Number of physical pages; 0 if unknown.
   */
  uint32_t frames;
  /*
   1 with demand paging, where a program may have more pages than the machine has frames; else 0.
   */
  uint32_t demand_paging;
  /*
   Size of the stack in bytes.
   */
  uint32_t stack_size;
  /*
   Number of system calls, for execfmt_noff_system_call.
   */
  uint32_t system_call_count;
  /*
   A short name, terminated by a NUL.
   */
  char name[EXECFMT_NOFF_NAME_SIZE];
} execfmt_noff_profile;

/*
 A system call.
 */
typedef struct execfmt_noff_system_call_info {
  /*
   The number that a program puts into register 2.
   */
  uint32_t number;
  /*
   Its name in C, in lower case, terminated by a NUL.
   */
  char name[EXECFMT_NOFF_NAME_SIZE];
} execfmt_noff_system_call_info;

/*
 What a file is checked for. All 0 is the default: what all kernels have in common, without scanning the
 code.
 */
typedef struct execfmt_noff_check_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   3 or 4 segments, or 0 to take the layout from the file.
   */
  uint32_t layout;
  /*
   1 to scan the code too, for instructions that the simulated machine of Nachos lacks or executes
   differently, else 0.
   */
  uint32_t scan_code;
  /*
   0.
   */
  uint32_t reserved;
  /*
   The kernels that will load the file; NULL for any.
   */
  const struct execfmt_noff_profile *profile;
} execfmt_noff_check_options;

/*
 A run of bytes that a page takes from the file.
 */
typedef struct execfmt_noff_piece {
  /*
   The segment: EXECFMT_NOFF_CODE or another of these constants.
   */
  uint32_t segment;
  /*
   Offset of its first byte in the page, in bytes.
   */
  uint32_t offset_in_page;
  /*
   Offset of its first byte in the file, in bytes.
   */
  uint32_t file_offset;
  /*
   Its length in bytes.
   */
  uint32_t length;
} execfmt_noff_piece;

/*
 One virtual page of a program. Bytes that no piece fills are zero.
 */
typedef struct execfmt_noff_page {
  /*
   The number of pieces in use.
   */
  uint32_t piece_count;
  /*
   1 when every byte of the page belongs to a read-only segment, else 0.
   */
  uint32_t read_only;
  /*
   The segments that have a byte in the page: a set of bits 1 << EXECFMT_NOFF_CODE and so on.
   */
  uint32_t segments;
  /*
   The pieces.
   */
  struct execfmt_noff_piece pieces[EXECFMT_NOFF_MAX_PIECES];
} execfmt_noff_page;

/*
 Where a program finds its arguments.
 */
typedef struct execfmt_noff_arguments {
  /*
   Their number: for register 4.
   */
  uint32_t argc;
  /*
   The address of the array of argument addresses: for register 5.
   */
  uint32_t argv;
  /*
   The initial stack pointer: for register 29.
   */
  uint32_t stack_pointer;
} execfmt_noff_arguments;

/*
 The contents of a segment of a file to be built.
 */
typedef struct execfmt_noff_payload {
  /*
   The bytes; may be NULL when there are none.
   */
  const uint8_t *bytes;
  /*
   Their number.
   */
  size_t length;
  /*
   Address of the segment's first byte.
   */
  uint32_t virtual_addr;
} execfmt_noff_payload;

/*
 The contents of a file to be built. The bytes are in the file in the order code, readonly_data, init_data.
 */
typedef struct execfmt_noff_contents {
  /*
   3 or 4 segments.
   */
  uint32_t layout;
  /*
   EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN.
   */
  uint32_t byte_order;
  /*
   Instructions.
   */
  struct execfmt_noff_payload code;
  /*
   Initialised data.
   */
  struct execfmt_noff_payload init_data;
  /*
   Constants; must be empty with 3 segments.
   */
  struct execfmt_noff_payload readonly_data;
  /*
   Address of the zeroed data.
   */
  uint32_t uninit_addr;
  /*
   Size of the zeroed data in bytes.
   */
  uint32_t uninit_size;
} execfmt_noff_contents;

/*
 Error, when building: the layout has no such segment.
 */
#define EXECFMT_NOFF_E_NO_SUCH_SEGMENT 120

/*
 Error, when building: the file would be 4 GiB or longer.
 */
#define EXECFMT_NOFF_E_TOO_LONG 121

/*
 Error, when loading: program and stack would end beyond 32-bit addresses, or leave no room for the stack pointer.
 */
#define EXECFMT_NOFF_E_NO_STACK 122

/*
 Error, when looking up an address: no segment contains it, or the file has no byte for it.
 */
#define EXECFMT_NOFF_E_NO_ADDRESS 123

/*
 Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
 `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
 an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
 `buffer` with a `capacity` of 0.
 */
size_t execfmt_noff_finding_message(const execfmt_finding *finding, char *buffer, size_t capacity);

/*
 Reads and checks a whole file of `length` bytes. On success `*noff` is filled in; when the file is
 refused, the status is the reason, and `*finding`, unless `finding` is NULL, has the field, its offset,
 the value found and the value expected. `options` may be NULL.
 */
execfmt_status execfmt_noff_parse(const uint8_t *bytes,
                                  size_t length,
                                  const struct execfmt_noff_options *options,
                                  struct execfmt_noff *noff,
                                  execfmt_finding *finding);

/*
 Like execfmt_noff_parse, for a kernel that has read only the beginning of a file of `file_len` bytes:
 `prefix` is its first EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file.
 */
execfmt_status execfmt_noff_parse_header(const uint8_t *prefix,
                                         size_t prefix_len,
                                         uint32_t file_len,
                                         const struct execfmt_noff_options *options,
                                         struct execfmt_noff *noff,
                                         execfmt_finding *finding);

/*
 Stores the known family with index `index`, from 0; EXECFMT_END past the last one.
 */
execfmt_status execfmt_noff_profile_at(uint32_t index, struct execfmt_noff_profile *profile);

/*
 Stores the family with a name, such as "nachos3", "nachos4-rdata", "bordeaux", "rosario", "rosario-eager",
 "jnachos" or "nachos5j"; EXECFMT_END when there is none.
 */
execfmt_status execfmt_noff_profile_named(const char *name, struct execfmt_noff_profile *profile);

/*
 Stores the system call with index `index`, from 0, in the list of the family with a name; EXECFMT_END past
 the last one, and when there is no such family.
 */
execfmt_status execfmt_noff_system_call(const char *profile,
                                        uint32_t index,
                                        struct execfmt_noff_system_call_info *call);

/*
 Checks a whole file of `length` bytes and reports every error and warning, including those of the kernels
 given in the options. `report`, which may be NULL, is called for each of the first 1,000 findings, in
 order, before this function returns. Returns EXECFMT_OK when those kernels load the file, or any kernel if
 none is given; else the status of the first error. `options` may be NULL. A scan of the code gives only
 warnings; it takes time proportional to the size of the code.
 */
execfmt_status execfmt_noff_check(const uint8_t *bytes,
                                  size_t length,
                                  const struct execfmt_noff_check_options *options,
                                  execfmt_report_fn report,
                                  void *context);

/*
 Like execfmt_noff_check, for a kernel that has read only the beginning of a file of `file_len` bytes:
 `prefix` is its first EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file. The code is not
 scanned: EXECFMT_E_ARGUMENT when the options request that.
 */
execfmt_status execfmt_noff_check_header(const uint8_t *prefix,
                                         size_t prefix_len,
                                         uint32_t file_len,
                                         const struct execfmt_noff_check_options *options,
                                         execfmt_report_fn report,
                                         void *context);

/*
 Stores in `*pages` the number of pages of `page_size` bytes (a power of two, at most 65536) that the
 program and a stack of `stack_size` bytes take. EXECFMT_E_RANGE when it exceeds 32 bits.
 */
execfmt_status execfmt_noff_page_count(const struct execfmt_noff *noff,
                                       uint32_t page_size,
                                       uint32_t stack_size,
                                       uint32_t *pages);

/*
 Stores in `*stack_pointer` the initial stack pointer: 16 bytes below the end of the last page.
 EXECFMT_NOFF_E_NO_STACK when there is no such 32-bit address.
 */
execfmt_status execfmt_noff_stack_pointer(const struct execfmt_noff *noff,
                                          uint32_t page_size,
                                          uint32_t stack_size,
                                          uint32_t *stack_pointer);

/*
 Stores in `*segment` the segment that contains an address: EXECFMT_NOFF_CODE or another of these
 constants. EXECFMT_NOFF_E_NO_ADDRESS when no segment does.
 */
execfmt_status execfmt_noff_segment_at(const struct execfmt_noff *noff, uint32_t address, uint32_t *segment);

/*
 Stores in `*file_offset` the file offset of the byte at an address, and in `*length`, unless it is NULL,
 the number of bytes from there to the end of its segment. EXECFMT_NOFF_E_NO_ADDRESS when the file has no
 byte for it: in bss, on the stack, between segments.
 */
execfmt_status execfmt_noff_file_offset(const struct execfmt_noff *noff,
                                        uint32_t address,
                                        uint32_t *file_offset,
                                        uint32_t *length);

/*
 Describes virtual page `vpn`: which of its bytes come from where in the file (all others are zero), which
 segments have a part in it, and whether it is read-only.
 */
execfmt_status execfmt_noff_describe_page(const struct execfmt_noff *noff,
                                          uint32_t vpn,
                                          uint32_t page_size,
                                          struct execfmt_noff_page *page);

/*
 Fills a frame of `page_size` bytes with virtual page `vpn`, from a file of `length` bytes in memory.
 */
execfmt_status execfmt_noff_read_page(const struct execfmt_noff *noff,
                                      const uint8_t *file,
                                      size_t length,
                                      uint32_t vpn,
                                      uint8_t *frame,
                                      uint32_t page_size);

/*
 Fills a frame of `page_size` bytes with virtual page `vpn`. `read` is called for each piece that comes
 from the file, with `context`, and reads directly into the frame.
 */
execfmt_status execfmt_noff_load_page(const struct execfmt_noff *noff,
                                      execfmt_read_fn read,
                                      void *context,
                                      uint32_t vpn,
                                      uint8_t *frame,
                                      uint32_t page_size);

/*
 Fills consecutive virtual pages of `page_size` bytes, from page `first` on, in `memory`: `memory_len`
 bytes, a multiple of `page_size`. `read` is called for each segment that has bytes in them, and the struct
 is checked once for all of them. EXECFMT_E_ARGUMENT, with nothing written, when a length is invalid.
 */
execfmt_status execfmt_noff_load_pages(const struct execfmt_noff *noff,
                                       execfmt_read_fn read,
                                       void *context,
                                       uint32_t first,
                                       uint32_t page_size,
                                       uint8_t *memory,
                                       size_t memory_len);

/*
 Loads the whole program into a flat memory of `memory_len` bytes, whose first byte is address 0. `read` is
 called for each segment that comes from the file; all other memory is zeroed, up to its end.
 EXECFMT_E_BUFFER, with nothing written, when the memory ends before memory_end.
 */
execfmt_status execfmt_noff_load(const struct execfmt_noff *noff,
                                 execfmt_read_fn read,
                                 void *context,
                                 uint8_t *memory,
                                 size_t memory_len);

/*
 Writes `argc` strings at the end of a stack, below them the array of their addresses, and leaves room for
 the first function called, as course kernels derived from Nachos 3.4 and 4.0 do. `stack` is the stack, or
 its upper part, of `length` bytes, and `top` the address one past its last byte. `*arguments` is set to
 the values for registers 4, 5 and 29. EXECFMT_E_BUFFER when the strings do not fit; the stack is then
 partly written.
 */
execfmt_status execfmt_noff_push_arguments(const char *const *argv,
                                           uint32_t argc,
                                           uint32_t top,
                                           uint8_t *stack,
                                           size_t length,
                                           struct execfmt_noff_arguments *arguments);

/*
 Writes the argument page of Nachos 5.0j, which is the page after the stack: the array of addresses, then
 the strings, then zeros. `address` is that of the page. `*arguments` is set to the values for registers 4,
 5 and 29. EXECFMT_E_BUFFER when the strings do not fit; the page is then partly written.
 */
execfmt_status execfmt_noff_argument_page(const char *const *argv,
                                          uint32_t argc,
                                          uint32_t address,
                                          uint8_t *page,
                                          size_t length,
                                          struct execfmt_noff_arguments *arguments);

/*
 Stores in `*length` the length that the file will have, in bytes.
 */
execfmt_status execfmt_noff_built_len(const struct execfmt_noff_contents *contents, size_t *length);

/*
 Writes a file into `buffer` and stores its length in `*written`. A file that could not be parsed back is
 refused with the status of the rule that it breaks, and nothing is written.
 */
execfmt_status execfmt_noff_build(const struct execfmt_noff_contents *contents,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  size_t *written);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_NOFF_H */
