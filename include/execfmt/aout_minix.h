/* execfmt/aout_minix.h: generated from ffi/src/aout_minix by `cargo xtask headers`; do not edit. */

#ifndef EXECFMT_AOUT_MINIX_H
#define EXECFMT_AOUT_MINIX_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 How many bytes of a file decide its header in every case.
 */
#define EXECFMT_AOUT_MAX_HEADER_SIZE 64

/*
 `detail` of EXECFMT_AOUT_E_BAD_MAGIC: nothing known.
 */
#define EXECFMT_AOUT_LOOKS_UNKNOWN 0

/*
 `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an ELF file.
 */
#define EXECFMT_AOUT_LOOKS_ELF 1

/*
 `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an MZ file.
 */
#define EXECFMT_AOUT_LOOKS_MZ 2

/*
 `detail` of EXECFMT_AOUT_E_BAD_MAGIC: a script.
 */
#define EXECFMT_AOUT_LOOKS_SCRIPT 3

/*
 `detail` of EXECFMT_AOUT_E_BAD_MAGIC: an object file or library of bcc.
 */
#define EXECFMT_AOUT_LOOKS_OBJECTS 4

/*
 errno of ELKS: argument list too long.
 */
#define EXECFMT_ELKS_E2BIG 7

/*
 errno of ELKS: not an executable.
 */
#define EXECFMT_ELKS_ENOEXEC 8

/*
 errno of ELKS: invalid argument.
 */
#define EXECFMT_ELKS_EINVAL 22

/*
 errno of ELKS: file too large.
 */
#define EXECFMT_ELKS_EFBIG 27

/*
 Section: text.
 */
#define EXECFMT_AOUT_TEXT 0

/*
 Section: far text.
 */
#define EXECFMT_AOUT_FAR_TEXT 1

/*
 Section: data.
 */
#define EXECFMT_AOUT_DATA 2

/*
 Section: relocations of the text.
 */
#define EXECFMT_AOUT_TEXT_RELOCATIONS 3

/*
 Section: relocations of the far text.
 */
#define EXECFMT_AOUT_FAR_TEXT_RELOCATIONS 4

/*
 Section: relocations of the data.
 */
#define EXECFMT_AOUT_DATA_RELOCATIONS 5

/*
 Section: the symbol table.
 */
#define EXECFMT_AOUT_SYMBOLS 6

/*
 Format of symbols: the records of ELKS.
 */
#define EXECFMT_AOUT_SYMBOLS_ELKS 1

/*
 Format of symbols: the nlist entries of Minix and ld86.
 */
#define EXECFMT_AOUT_SYMBOLS_NLIST 2

/*
 The longest name of a symbol that is given, in bytes, the closing NUL included.
 */
#define EXECFMT_AOUT_NAME_SIZE 256

/*
 Kernel: the one that the file is made for.
 */
#define EXECFMT_AOUT_FOR_INTENDED 0

/*
 Kernel: ELKS with medium model and compression.
 */
#define EXECFMT_AOUT_FOR_ELKS 1

/*
 Kernel: ELKS without medium model and compression.
 */
#define EXECFMT_AOUT_FOR_ELKS_MINIMAL 2

/*
 Kernel: Minix 2.
 */
#define EXECFMT_AOUT_FOR_MINIX2 3

/*
 The smallest argument block that a real execve of ELKS passes, in bytes.
 */
#define EXECFMT_ELKS_MIN_ARGUMENT_BYTES 10

/*
 Field of a finding: the file as a whole; the value is its length. Fields of the header are their offset plus 1.
 */
#define EXECFMT_AOUT_FIELD_FILE_LENGTH 65

/*
 Field of a finding: the bytes of the symbol table.
 */
#define EXECFMT_AOUT_FIELD_SYMBOL_TABLE 66

/*
 Field of a finding: the address that a relocation changes. This number plus EXECFMT_AOUT_TEXT and so on, the section
 that the relocation is in.
 */
#define EXECFMT_AOUT_FIELD_VADDR 80

/*
 Field of a finding: the segment of a relocation. This number plus the section.
 */
#define EXECFMT_AOUT_FIELD_SYMNDX 84

/*
 Field of a finding: the type of a relocation. This number plus the section.
 */
#define EXECFMT_AOUT_FIELD_RELOCATION_TYPE 88

/*
 Kernel option: without medium model (far text, relocations).
 */
#define EXECFMT_ELKS_NO_MEDIUM_MODEL 1

/*
 Kernel option: without compression.
 */
#define EXECFMT_ELKS_NO_COMPRESSION 2

/*
 Of execfmt_aout_chmem: leave this as it is.
 */
#define EXECFMT_AOUT_KEEP 0xffffffff

/*
 A header as numbers, each in 32 bits whatever it takes in the file.
 */
typedef struct execfmt_aout {
  /*
   Magic, flags and cpu: 0x04300301 and so on.
   */
  uint32_t file_type;
  /*
   The size of the header: 0x20, 0x30 or 0x40.
   */
  uint32_t hlen;
  /*
   Reserved byte.
   */
  uint32_t reserved1;
  /*
   0 or 1: what chmem and minstack mean.
   */
  uint32_t version;
  /*
   Bytes of text, expanded.
   */
  uint32_t tseg;
  /*
   Bytes of data, expanded.
   */
  uint32_t dseg;
  /*
   Bytes of bss.
   */
  uint32_t bseg;
  /*
   Where the program starts.
   */
  uint32_t entry;
  /*
   Version 1: bytes of heap; version 0: bytes of data, bss, heap and stack together.
   */
  uint32_t chmem;
  /*
   Version 1: bytes of stack.
   */
  uint32_t minstack;
  /*
   Bytes of the symbol table.
   */
  uint32_t syms;
  /*
   Bytes of the text's relocations. From here on 0 where hlen leaves it out.
   */
  uint32_t trsize;
  /*
   Bytes of the data's relocations.
   */
  uint32_t drsize;
  /*
   Base of the text.
   */
  uint32_t tbase;
  /*
   Base of the data.
   */
  uint32_t dbase;
  /*
   Bytes of far text, expanded.
   */
  uint32_t ftseg;
  /*
   Bytes of the far text's relocations.
   */
  uint32_t ftrsize;
  /*
   Bytes of text as stored; 0 when it is plain.
   */
  uint32_t compr_tseg;
  /*
   Bytes of data as stored; 0 when they are plain.
   */
  uint32_t compr_dseg;
  /*
   Bytes of far text as stored; 0 when it is plain.
   */
  uint32_t compr_ftseg;
  /*
   Reserved word.
   */
  uint32_t reserved;
} execfmt_aout;

/*
 A relocation.
 */
typedef struct execfmt_aout_relocation {
  /*
   Its place: an offset in its own section.
   */
  uint32_t vaddr;
  /*
   What it is against: FFFE text, FFFD data, FFFC bss, FFFB far text, FFFF absolute.
   */
  uint16_t symndx;
  /*
   Its type: 80 is a segment word.
   */
  uint16_t relocation_type;
} execfmt_aout_relocation;

/*
 A place in a symbol table. All 0 is its beginning.
 */
typedef struct execfmt_aout_cursor {
  /*
   Bytes from the start of the table.
   */
  size_t offset;
  /*
   EXECFMT_AOUT_SYMBOLS_ELKS or EXECFMT_AOUT_SYMBOLS_NLIST once the first symbol was read; 0 before.
   */
  uint32_t format;
} execfmt_aout_cursor;

/*
 A symbol of either format.
 */
typedef struct execfmt_aout_symbol {
  /*
   The offset in its segment, or the value.
   */
  uint32_t value;
  /*
   The letter that nm prints.
   */
  uint32_t letter;
  /*
   The length of the whole name in bytes; what does not fit `name` is cut off there.
   */
  uint32_t name_length;
  /*
   The name, closed by a NUL.
   */
  uint8_t name[EXECFMT_AOUT_NAME_SIZE];
} execfmt_aout_symbol;

/*
 What a file is checked for. All zero but for `size`: the kernel that the file is made for, no arguments.
 */
typedef struct execfmt_aout_check_options {
  /*
   The size of this struct in bytes.
   */
  uint32_t size;
  /*
   EXECFMT_AOUT_FOR_INTENDED and so on.
   */
  uint32_t kernel;
  /*
   The size of the argument block in bytes; 65535 at most.
   */
  uint32_t argument_bytes;
  /*
   Not 0 to take compressed sections for well-formed, instead of decompressing them.
   */
  uint32_t keep_compressed;
} execfmt_aout_check_options;

/*
 Called once per finding. A result other than 0 stops the calls; the verdict does not depend on it. `context` is passed
 through unchanged.
 */
typedef int32_t (*execfmt_aout_report_fn)(void *context, const execfmt_finding *finding);

/*
 How the kernel was configured, and what it is asked to run. All zero: everything configured, no arguments;
 NULL instead of it: everything configured, the smallest argument block that a real execve passes, 10 bytes.
 */
typedef struct execfmt_elks_options {
  /*
   EXECFMT_ELKS_NO_MEDIUM_MODEL and EXECFMT_ELKS_NO_COMPRESSION, or 0.
   */
  uint32_t without;
  /*
   The size of the argument block in bytes; 65535 at most.
   */
  uint32_t argument_bytes;
} execfmt_elks_options;

/*
 The memory that execve sets up. In bytes, but for paragraphs of 16.
 */
typedef struct execfmt_elks_layout {
  /*
   Size of the text segment in paragraphs.
   */
  uint32_t text_paras;
  /*
   Where the far text begins, in paragraphs from the start of the text.
   */
  uint32_t far_text_para;
  /*
   Size of the data segment.
   */
  uint32_t data_len;
  /*
   The stack that is reserved.
   */
  uint32_t minstack;
  /*
   The end of the bss.
   */
  uint32_t t_enddata;
  /*
   The end of the data segment.
   */
  uint32_t t_endseg;
  /*
   The initial stack pointer.
   */
  uint32_t begstack;
  /*
   The initial break.
   */
  uint32_t endbrk;
  /*
   The initial instruction pointer.
   */
  uint32_t entry;
  /*
   What the heap may grow by.
   */
  uint32_t heap;
} execfmt_elks_layout;

/*
 The numbers of a row that chmem prints.
 */
typedef struct execfmt_aout_row {
  /*
   Bytes of heap as asked for; negative for a version 0 file that asks for less than its data take.
   */
  int64_t heap;
  /*
   Bytes of data segment.
   */
  uint64_t total_data;
  /*
   Bytes of memory.
   */
  uint64_t total;
  /*
   Bytes of text.
   */
  uint32_t text;
  /*
   Bytes of far text.
   */
  uint32_t far_text;
  /*
   Bytes of data.
   */
  uint32_t data;
  /*
   Bytes of bss.
   */
  uint32_t bss;
  /*
   Bytes of stack as asked for.
   */
  uint32_t stack;
  /*
   1 for a version 0 header, else 0.
   */
  uint32_t is_version_0;
} execfmt_aout_row;

/*
 Bytes of a caller.
 */
typedef struct execfmt_aout_bytes {
  /*
   The bytes; may be NULL when there are none.
   */
  const uint8_t *bytes;
  /*
   How many.
   */
  size_t length;
} execfmt_aout_bytes;

/*
 What to build a file from.
 */
typedef struct execfmt_aout_contents {
  /*
   Type, version, bss, entry, chmem, minstack, bases, reserved fields and the least hlen. A section is compressed
   when its compr field is not 0; then its tseg, dseg or ftseg is the expanded size. All other sizes are those of
   the bytes below.
   */
  struct execfmt_aout header;
  /*
   Text, as it is stored.
   */
  struct execfmt_aout_bytes text;
  /*
   Far text, as it is stored.
   */
  struct execfmt_aout_bytes far_text;
  /*
   Data, as they are stored.
   */
  struct execfmt_aout_bytes data;
  /*
   Relocations of the text, 8 bytes each.
   */
  struct execfmt_aout_bytes text_relocations;
  /*
   Relocations of the far text.
   */
  struct execfmt_aout_bytes far_text_relocations;
  /*
   Relocations of the data.
   */
  struct execfmt_aout_bytes data_relocations;
  /*
   The symbol table.
   */
  struct execfmt_aout_bytes symbols;
  /*
   What goes behind the last section.
   */
  struct execfmt_aout_bytes trailing;
} execfmt_aout_contents;

#ifndef EXECFMT_FREESTANDING
/*
 The options of elf2elks. All zero is its default.
 */
typedef struct execfmt_aout_convert_options {
  /*
   --tiny: not 0 when text, data and stack share one segment.
   */
  uint32_t tiny;
  /*
   --symtab: not 0 for an ELKS symbol table.
   */
  uint32_t symtab;
  /*
   Not 0 for a program in ROM, at the two segments that follow.
   */
  uint32_t rom;
  /*
   --aout-seg.
   */
  uint16_t aout_seg;
  /*
   --data-seg.
   */
  uint16_t data_seg;
  /*
   --total-data; 0 when not given, as with the next three.
   */
  uint16_t total_data;
  /*
   --chmem.
   */
  uint16_t chmem;
  /*
   --stack.
   */
  uint16_t stack;
  /*
   --heap.
   */
  uint16_t heap;
} execfmt_aout_convert_options;
#endif

/*
 Error: the file, or the prefix given, ends within the header.
 */
#define EXECFMT_AOUT_E_TRUNCATED 200

/*
 Error: not an a.out file. `detail` says what it looks like: EXECFMT_AOUT_LOOKS_UNKNOWN and so on.
 */
#define EXECFMT_AOUT_E_BAD_MAGIC 201

/*
 Error: the header's size is none of 0x20, 0x30 and 0x40.
 */
#define EXECFMT_AOUT_E_HLEN 202

/*
 Error: bytes and words of the processor are ordered differently.
 */
#define EXECFMT_AOUT_E_MIXED_ENDIAN 203

/*
 Error: a section goes beyond the end of the file; `detail` is the section.
 */
#define EXECFMT_AOUT_E_PAST_EOF 204

/*
 Error: ELKS cuts a size to 16 bits.
 */
#define EXECFMT_AOUT_E_CUT_TO_16_BITS 205

/*
 Error: the program starts outside its text.
 */
#define EXECFMT_AOUT_E_ENTRY 206

/*
 Error: the size of the relocations is not a multiple of 8; `detail` is their section.
 */
#define EXECFMT_AOUT_E_RAGGED_RELOCATIONS 207

/*
 Error: a relocation of a type that ELKS does not know.
 */
#define EXECFMT_AOUT_E_RELOCATION_TYPE 208

/*
 Error: a relocation against none of text, far text and data.
 */
#define EXECFMT_AOUT_E_RELOCATION_TARGET 209

/*
 Error: a relocation outside its section.
 */
#define EXECFMT_AOUT_E_RELOCATION_PLACE 210

/*
 Error: a compressed section is longer than its segment; `detail` is the section.
 */
#define EXECFMT_AOUT_E_STORED_TOO_LONG 211

/*
 Error: compressed data have no room to expand.
 */
#define EXECFMT_AOUT_E_NO_ROOM 212

/*
 Error, when loading: a compressed section cannot be expanded; `detail` is the section.
 */
#define EXECFMT_AOUT_E_EXPAND 213

/*
 Error, when building: a section is too long for the header.
 */
#define EXECFMT_AOUT_E_TOO_LONG 214

/*
 Error, when building: a section is said to be compressed and has no bytes.
 */
#define EXECFMT_AOUT_E_EMPTY_COMPRESSED 215

/*
 Error: a table of symbols or relocations ends within a record, or goes on behind its end.
 */
#define EXECFMT_AOUT_E_TABLE 216

/*
 Error, when converting: the input cannot be converted; the message says why.
 */
#define EXECFMT_AOUT_E_CONVERT 217

/*
 Error, of chmem: the header is too short or its version unknown.
 */
#define EXECFMT_AOUT_E_CHMEM_HEADER 220

/*
 Error, of chmem: more heap than 65535 bytes.
 */
#define EXECFMT_AOUT_E_CHMEM_HEAP 221

/*
 Error, of chmem: more stack than 65520 bytes.
 */
#define EXECFMT_AOUT_E_CHMEM_STACK 222

/*
 Error, of chmem: the heap of a version 0 file is not known; give one.
 */
#define EXECFMT_AOUT_E_CHMEM_TOTAL 223

/*
 Error, of chmem: data and stack leave no heap.
 */
#define EXECFMT_AOUT_E_CHMEM_NO_HEAP 224

/*
 Warning: an unknown processor.
 */
#define EXECFMT_AOUT_W_CPU 230

/*
 Warning: an unknown version.
 */
#define EXECFMT_AOUT_W_VERSION 231

/*
 Warning: there is no text.
 */
#define EXECFMT_AOUT_W_NO_TEXT 232

/*
 Warning: relocations of far text, but no far text.
 */
#define EXECFMT_AOUT_W_NO_FAR_TEXT 233

/*
 Warning: an empty section is compressed; `detail` is the section.
 */
#define EXECFMT_AOUT_W_EMPTY_COMPRESSED 234

/*
 Warning: a compressed section is not shorter; `detail` is the section.
 */
#define EXECFMT_AOUT_W_NOT_SHORTER 235

/*
 Warning: a reserved field is not 0.
 */
#define EXECFMT_AOUT_W_RESERVED 236

/*
 Warning: a symbol table of no known format.
 */
#define EXECFMT_AOUT_W_SYMBOLS 237

/*
 Warning: a symbol table that is longer than the target's reader takes.
 */
#define EXECFMT_AOUT_W_LONG_SYMBOLS 238

/*
 Warning: the file goes on behind its last section.
 */
#define EXECFMT_AOUT_W_TRAILING_BYTES 239

/*
 ELKS refuses the file. This number plus the number of the rule, in the order of the kernel's checks;
 execfmt_aout_elks_errno gives the errno that execve returns there, `detail` the section, where the rule is about one.
 */
#define EXECFMT_AOUT_E_ELKS 250

/*
 The last number of a refusal by ELKS.
 */
#define EXECFMT_AOUT_E_ELKS_LAST 279

/*
 Reads the header at the beginning of a file: `prefix` is its first EXECFMT_AOUT_MAX_HEADER_SIZE bytes, or all of a
 shorter file. What ELKS or Minix says of it, and whether its sections lie in the file, is not asked.
 */
execfmt_status execfmt_aout_read_header(const uint8_t *prefix,
                                        size_t prefix_len,
                                        struct execfmt_aout *aout,
                                        execfmt_finding *finding);

/*
 Reads a whole file of `length` bytes and finds its sections. On success `*aout` is filled in; when the file cannot
 be cut into sections, the status says why, and `*finding`, unless it is NULL, has the field, its place, the value
 found and the one expected. Whether a system runs the file is another question: execfmt_aout_elks_exec.
 */
execfmt_status execfmt_aout_parse(const uint8_t *file,
                                  size_t length,
                                  struct execfmt_aout *aout,
                                  execfmt_finding *finding);

/*
 Stores where a section lies in a file, in bytes: `*offset` and `*size`, the stored size where it is compressed.
 */
execfmt_status execfmt_aout_section(const uint8_t *file,
                                    size_t length,
                                    uint32_t section,
                                    size_t *offset,
                                    size_t *size);

/*
 Stores the relocation number `index` of EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or EXECFMT_AOUT_DATA; EXECFMT_END
 behind the last one, EXECFMT_AOUT_E_TABLE where the table ends within a record.
 */
execfmt_status execfmt_aout_relocation_at(const uint8_t *file,
                                          size_t length,
                                          uint32_t section,
                                          uint32_t index,
                                          struct execfmt_aout_relocation *relocation);

/*
 Stores the symbol at `*cursor` and moves the cursor to the next one. Begin with a cursor that is all 0; EXECFMT_END behind
 the last one, EXECFMT_AOUT_E_TABLE where the table is damaged or of no known format. Both formats of symbols are
 read.
 */
execfmt_status execfmt_aout_next_symbol(const uint8_t *file,
                                        size_t length,
                                        struct execfmt_aout_cursor *cursor,
                                        struct execfmt_aout_symbol *symbol);

/*
 Checks a whole file: every rule of the format and those of the kernel chosen, with compressed sections decompressed as
 that kernel does. `report`, which may be NULL, is called for each of the first 1,000 findings; a refusal by a kernel
 other than the one chosen is a warning. Returns EXECFMT_OK when the kernel runs the file, else the status of the first
 error: a rule of the format, of ELKS (from EXECFMT_AOUT_E_ELKS on) or of Minix 2. `options` may be NULL, for the kernel
 that the file is made for and the smallest argument block. Takes time in proportion to the file's length.
 */
execfmt_status execfmt_aout_check_file(const uint8_t *file,
                                       size_t length,
                                       const struct execfmt_aout_check_options *options,
                                       execfmt_aout_report_fn report,
                                       void *context);

/*
 Writes a sentence about a finding of this format, of any function of this header, as snprintf does: at most `capacity`
 bytes into `buffer`, the closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an
 empty string, when the struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn
 the length.
 */
size_t execfmt_aout_finding_message(const execfmt_finding *finding,
                                    char *buffer,
                                    size_t capacity);

/*
 What execve of ELKS makes of a header: `prefix` is the first EXECFMT_AOUT_MAX_HEADER_SIZE bytes of a file, or all of a
 shorter one. On success `*layout` is filled in. A refusal has a status from EXECFMT_AOUT_E_ELKS on, of which
 execfmt_aout_elks_errno gives the errno. `finding` and `options` may be NULL.
 */
execfmt_status execfmt_aout_elks_layout(const uint8_t *prefix,
                                        size_t prefix_len,
                                        const struct execfmt_elks_options *options,
                                        struct execfmt_elks_layout *layout,
                                        execfmt_finding *finding);

/*
 As execfmt_aout_elks_layout, for a whole file: sections that the file does not hold and bad relocations are refused
 as well, and compressed sections that cannot be decompressed.
 */
execfmt_status execfmt_aout_elks_exec(const uint8_t *file,
                                      size_t length,
                                      const struct execfmt_elks_options *options,
                                      struct execfmt_elks_layout *layout,
                                      execfmt_finding *finding);

/*
 The errno that execve of ELKS returns for a refusal: EXECFMT_ELKS_ENOEXEC and so on; 0 for a status that is not a
 refusal by ELKS.
 */
uint32_t execfmt_aout_elks_errno(execfmt_status status);

/*
 Writes the sentence that says why ELKS refuses a whole file, as snprintf does: at most `capacity` bytes, the closing
 NUL among them. Returns its length, or 0 (and an empty sentence) when ELKS runs the file.
 */
size_t execfmt_aout_elks_explain(const uint8_t *file,
                                 size_t length,
                                 const struct execfmt_elks_options *options,
                                 char *buffer,
                                 size_t capacity);

/*
 Loads a program as ELKS does: text and far text into `text`, data into `data`, the bss zeroed, compressed sections
 expanded in place, relocations applied for the segments `text_segment` and `data_segment`. `read` is called with
 places in the file, which begins with `prefix`. The text memory needs 16 * text_paras bytes, the data memory
 data_len; heap and stack are left as they are.
 */
execfmt_status execfmt_aout_elks_load(const uint8_t *prefix,
                                      size_t prefix_len,
                                      const struct execfmt_elks_options *options,
                                      execfmt_read_fn read,
                                      void *context,
                                      uint8_t *text,
                                      size_t text_len,
                                      uint16_t text_segment,
                                      uint8_t *data,
                                      size_t data_len,
                                      uint16_t data_segment);

/*
 Works out the row of chmem for a header.
 */
execfmt_status execfmt_aout_chmem_row(const struct execfmt_aout *aout, struct execfmt_aout_row *row);

/*
 Sets heap and stack of a header, in bytes, as chmem does; EXECFMT_AOUT_KEEP leaves one as it is. `*truncated_to`,
 unless it is NULL, gets the heap that was left where it had to be cut to fit, else 0. The header becomes one of
 version 1; execfmt_aout_encode_header makes bytes of it, of which the first 32 have changed.
 */
execfmt_status execfmt_aout_chmem(struct execfmt_aout *aout,
                                  uint32_t heap,
                                  uint32_t stack,
                                  uint32_t *truncated_to);

/*
 Writes a header as it stands in a file, `hlen` bytes of it, and stores in `*written` how many.
 */
execfmt_status execfmt_aout_encode_header(const struct execfmt_aout *aout,
                                          uint8_t *buffer,
                                          size_t capacity,
                                          size_t *written);

/*
 Stores in `*length` how many bytes the file will have.
 */
execfmt_status execfmt_aout_built_len(const struct execfmt_aout_contents *contents, size_t *length);

/*
 Writes a file into `buffer` and stores its length in `*written`. What could not be parsed back is refused with the
 status of the rule that it breaks, and nothing is written.
 */
execfmt_status execfmt_aout_build(const struct execfmt_aout_contents *contents,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  size_t *written);

#ifndef EXECFMT_FREESTANDING
/*
 Converts an ELF file of ia16-elf-ld, or an OS/2 NE file, to an ELKS executable. With a NULL `buffer` and a `capacity`
 of 0 only `*written` is stored: how many bytes it takes. When the input is refused with EXECFMT_AOUT_E_CONVERT,
 `message`, unless it is NULL, gets a sentence of at most `message_size` bytes that says why. `options` may be NULL.

 This function allocates. A library without std does not have it; define EXECFMT_FREESTANDING before including the
 header to hide its declaration.
 */
execfmt_status execfmt_aout_convert(const uint8_t *file,
                                    size_t length,
                                    const struct execfmt_aout_convert_options *options,
                                    uint8_t *buffer,
                                    size_t capacity,
                                    size_t *written,
                                    char *message,
                                    size_t message_size);
#endif

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_AOUT_MINIX_H */
