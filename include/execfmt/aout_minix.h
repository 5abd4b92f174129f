/* execfmt/aout_minix.h: generated from ffi/src/aout_minix by `cargo xtask headers`; do not edit. */

/*
 * ELKS and Minix a.out.
 *
 * execfmt_aout_parse fills in an execfmt_aout with every number of the header; execfmt_aout_section, _relocation_at and
 * _next_symbol walk a file. execfmt_aout_check reports every error and warning, with the verdict of a kernel.
 * The verdict of ELKS alone is returned by execfmt_aout_elks_layout (64 bytes are enough) and execfmt_aout_elks_exec (the
 * whole file): the memory of the program, or a status whose errno is returned by execfmt_aout_elks_errno;
 * execfmt_aout_elks_load loads the program. execfmt_aout_chmem and _chmem_row implement chmem; execfmt_aout_build writes a
 * file; execfmt_aout_convert converts an ELF or NE file.
 *
 * Example:
 *
 *     #include <execfmt/aout_minix.h>
 *     #include <stdio.h>
 *
 *     static int print(void *context, const execfmt_finding *finding)
 *     {
 *         char sentence[300];
 *
 *         (void)context;
 *         execfmt_aout_finding_message(finding, sentence, sizeof sentence);
 *         printf("%s\n", sentence);
 *         return 0;
 *     }
 *
 *     int main(void)
 *     {
 *         static const uint8_t file[34] = {
 *             1, 3, 0x30, 4, 32, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0,
 *             0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xeb, 0xfe
 *         };
 *         execfmt_aout_check_options options = { sizeof options, EXECFMT_AOUT_FOR_ELKS, 0, 0 };
 *         execfmt_elks_layout layout;
 *
 *         if (execfmt_aout_check(file, sizeof file, &options, print, NULL) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_aout_elks_exec(file, sizeof file, NULL, &layout, NULL) != EXECFMT_OK)
 *             return 1;
 *         printf("a data segment of %lu bytes\n", (unsigned long)layout.data_len);
 *         return 0;
 *     }
 */

#ifndef EXECFMT_AOUT_MINIX_H
#define EXECFMT_AOUT_MINIX_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_aout_minix_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_aout_minix_is_packed
    [offsetof(struct execfmt_aout_minix_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/* Error: the file, or the prefix given, ends within the header. */
#define EXECFMT_AOUT_E_TRUNCATED 200

/*
 * Error: not an a.out file: the first two bytes are not 01 03. `detail` is the first four bytes, from which
 * its actual format may be recognised.
 */
#define EXECFMT_AOUT_E_BAD_MAGIC 201

/* Error: the header's size is not 0x20, 0x30 or 0x40. */
#define EXECFMT_AOUT_E_HLEN 202

/* Error: the cpu byte indicates words in an order that no known machine has. */
#define EXECFMT_AOUT_E_MIXED_ENDIAN 203

/* Error: a section extends past the end of the file. */
#define EXECFMT_AOUT_E_PAST_EOF 204

/* Error: a size or an address of a 16-bit program does not fit into 16 bits; ELKS truncates it. */
#define EXECFMT_AOUT_E_CUT_TO_16_BITS 205

/* Error: the entry point is outside the text. */
#define EXECFMT_AOUT_E_ENTRY 206

/* Error: the size of a relocation table is not a multiple of 8 bytes. */
#define EXECFMT_AOUT_E_PARTIAL_RELOCATION 207

/* Error: a relocation of a type that no loader supports. */
#define EXECFMT_AOUT_E_RELOCATION_TYPE 208

/* Error: a relocation against something other than text, far text and data. */
#define EXECFMT_AOUT_E_RELOCATION_TARGET 209

/* Error: a relocation changes a word that is not within its own section. ELKS overwrites whatever is there. */
#define EXECFMT_AOUT_E_RELOCATION_PLACE 210

/*
 * Error: a compressed section is longer as stored than the memory into which it is read. ELKS overwrites
 * what follows.
 */
#define EXECFMT_AOUT_E_STORED_TOO_LONG 211

/*
 * Error: the data segment is too small for the compressed data section and the 16 bytes that decompressing
 * it needs.
 */
#define EXECFMT_AOUT_E_NO_ROOM 212

/* Warning: the processor is unknown. */
#define EXECFMT_AOUT_W_CPU 230

/* Warning: the version is neither 0 nor 1. */
#define EXECFMT_AOUT_W_VERSION 231

/* Warning: there is no text. */
#define EXECFMT_AOUT_W_NO_TEXT 232

/* Warning: a relocation against far text in a file that has none. */
#define EXECFMT_AOUT_W_NO_FAR_TEXT 233

/* Warning: a stored size for a section that is empty. */
#define EXECFMT_AOUT_W_EMPTY_COMPRESSED 234

/* Warning: a section that is not shorter when compressed. */
#define EXECFMT_AOUT_W_NOT_SHORTER 235

/* Warning: a reserved field is not 0. */
#define EXECFMT_AOUT_W_RESERVED 236

/* Warning: the symbol table has no known format. */
#define EXECFMT_AOUT_W_SYMBOLS 237

/* Warning: an ELKS symbol table is longer than the reader on the target accepts. */
#define EXECFMT_AOUT_W_LONG_SYMBOLS 238

/* Warning: there are bytes after the last section. */
#define EXECFMT_AOUT_W_TRAILING_BYTES 239

/* Error: the first two bytes are not 01 03. */
#define EXECFMT_ELKS_E_BAD_MAGIC 250

/* Error: fewer than 32 bytes. */
#define EXECFMT_ELKS_E_HEADER 251

/* Error: the type is neither 04300301 nor 04200301. */
#define EXECFMT_ELKS_E_TYPE 252

/* Error: the size of the text, truncated to 16 bits, is 0. */
#define EXECFMT_ELKS_E_NO_TEXT 253

/* Error: data and bss take more than 65,535 bytes. */
#define EXECFMT_ELKS_E_DATA 254

/* Error: the header's size is not 0x20, 0x30 or 0x40. */
#define EXECFMT_ELKS_E_HLEN 255

/* Error: the header has a supplement, but the kernel lacks medium model support. */
#define EXECFMT_ELKS_E_NO_MEDIUM_MODEL 256

/* Error: the file ends within the supplement. */
#define EXECFMT_ELKS_E_SUPPLEMENT 257

/* Error: the base of the text is not 0. */
#define EXECFMT_ELKS_E_TEXT_BASE 258

/* Error: the base of the data, truncated to 16 bits, is not 0. */
#define EXECFMT_ELKS_E_DATA_BASE 259

/* Error: a section is compressed, but the kernel lacks compression support. */
#define EXECFMT_ELKS_E_NO_COMPRESSION 260

/* Error: the version is neither 0 nor 1, in a header of 32 bytes. */
#define EXECFMT_ELKS_E_VERSION 261

/* Error: the version is neither 0 nor 1, in a header with a supplement. */
#define EXECFMT_ELKS_E_VERSION_SUPPLEMENT 262

/* Error: data, bss and stack take more than 65,535 bytes. */
#define EXECFMT_ELKS_E_STACK 263

/* Error: the arguments do not fit into 65,535 bytes with the rest. */
#define EXECFMT_ELKS_E_ARGUMENTS 264

/* Error: the heap does not fit into 65,535 bytes with the rest. */
#define EXECFMT_ELKS_E_HEAP 265

/* Error: version 0: `chmem` leaves nothing beyond data and bss. */
#define EXECFMT_ELKS_E_TOTAL 266

/* Error: version 0: `chmem` leaves less beyond data and bss than the arguments take. */
#define EXECFMT_ELKS_E_TOTAL_ARGUMENTS 267

/* Error: the data segment cannot be rounded up to a paragraph. */
#define EXECFMT_ELKS_E_ROUND 268

/* Error: the file ends within a section. */
#define EXECFMT_ELKS_E_PAST_EOF 269

/* Error: a compressed section cannot be decompressed. */
#define EXECFMT_ELKS_E_COMPRESSION 270

/* Error: the size of a section's relocations is not a multiple of 8. */
#define EXECFMT_ELKS_E_PARTIAL_RELOCATION 271

/* Error: the file ends within a section's relocations. */
#define EXECFMT_ELKS_E_SHORT_RELOCATIONS 272

/* Error: a relocation's type is not 80. */
#define EXECFMT_ELKS_E_RELOCATION_TYPE 273

/* Error: a relocation is against something other than text, far text and data. */
#define EXECFMT_ELKS_E_RELOCATION_TARGET 274

/* Error: the file is for another processor. */
#define EXECFMT_MINIX2_E_CPU 280

/* Error: a flag other than NSYM, EXEC and SEP is set. */
#define EXECFMT_MINIX2_E_FLAGS 281

/* Error: the memory requested, `a_total`, is 0. */
#define EXECFMT_MINIX2_E_NO_TOTAL 282

/* Error: the header is shorter than 32 bytes. */
#define EXECFMT_MINIX2_E_HLEN 283

/* Error: data and bss leave no click for the stack. */
#define EXECFMT_MINIX2_E_NO_ROOM 284

/* Error: the bytes are used up before the end mark. */
#define EXECFMT_AOUT_STREAM_E_TRUNCATED 300

/* Error: a length index beyond all tables. The kernel would read outside its array. */
#define EXECFMT_AOUT_STREAM_E_LENGTH_INDEX 301

/* Error: a match copies bytes that are not written yet, or are outside the section. */
#define EXECFMT_AOUT_STREAM_E_OFFSET 302

/* Error: the items expand to more bytes than the section has. */
#define EXECFMT_AOUT_STREAM_E_TOO_LONG 303

/* Error: the end mark comes before the section is complete. */
#define EXECFMT_AOUT_STREAM_E_TOO_SHORT 304

/* Error: in place, the output would overtake the input. */
#define EXECFMT_AOUT_STREAM_E_OVERTAKES 305

/* Error: in place, output and input are so far apart that the kernel takes the difference to be negative. */
#define EXECFMT_AOUT_STREAM_E_DISTANCE 306

/* Error: the section is empty or larger than 65,519 bytes. */
#define EXECFMT_AOUT_STREAM_E_SIZE 307

/*
 * Error: the memory is too small for the section and the 16 bytes that decompressing it needs, or for the
 * compressed bytes.
 */
#define EXECFMT_AOUT_STREAM_E_AREA 308

/* Field of a finding: magic, the magic number: 01 03. */
#define EXECFMT_AOUT_FIELD_MAGIC 0x0100

/* Field of a finding: flags, how the file is to be loaded. */
#define EXECFMT_AOUT_FIELD_FLAGS 0x0102

/* Field of a finding: cpu, the processor, which determines the byte order. */
#define EXECFMT_AOUT_FIELD_CPU 0x0103

/* Field of a finding: hlen, the size of the whole header in bytes, supplement included. */
#define EXECFMT_AOUT_FIELD_HLEN 0x0104

/* Field of a finding: reserved1, reserved: 0. */
#define EXECFMT_AOUT_FIELD_RESERVED1 0x0105

/* Field of a finding: version, 0 or 1: determines what `chmem` and `minstack` mean. */
#define EXECFMT_AOUT_FIELD_VERSION 0x0106

/* Field of a finding: tseg, size of the text in bytes, uncompressed. */
#define EXECFMT_AOUT_FIELD_TSEG 0x0108

/* Field of a finding: dseg, size of the data in bytes, uncompressed. */
#define EXECFMT_AOUT_FIELD_DSEG 0x010c

/* Field of a finding: bseg, size of the bss in bytes. */
#define EXECFMT_AOUT_FIELD_BSEG 0x0110

/* Field of a finding: entry, the entry point, in bytes from the start of the text. */
#define EXECFMT_AOUT_FIELD_ENTRY 0x0114

/*
 * Field of a finding: chmem, version 1: bytes of heap, 0 for 4096, FFF0 hexadecimal and above for as much as fits. Version 0: bytes of data, bss, heap and stack together, 0 for a default.
 */
#define EXECFMT_AOUT_FIELD_CHMEM 0x0118

/*
 * Field of a finding: minstack, version 1: bytes of stack, 0 for 4096. Minix reads this and the word before as one of 32 bits.
 */
#define EXECFMT_AOUT_FIELD_MINSTACK 0x011a

/* Field of a finding: syms, size of the symbol table in bytes. */
#define EXECFMT_AOUT_FIELD_SYMS 0x011c

/* Field of a finding: trsize, size of the text's relocations in bytes. */
#define EXECFMT_AOUT_FIELD_TRSIZE 0x0120

/* Field of a finding: drsize, size of the data's relocations in bytes. */
#define EXECFMT_AOUT_FIELD_DRSIZE 0x0124

/* Field of a finding: tbase, base of the text; ELKS requires 0. */
#define EXECFMT_AOUT_FIELD_TBASE 0x0128

/* Field of a finding: dbase, base of the data; ELKS requires 0. */
#define EXECFMT_AOUT_FIELD_DBASE 0x012c

/* Field of a finding: ftseg, size of the far text in bytes, uncompressed. */
#define EXECFMT_AOUT_FIELD_FTSEG 0x0130

/* Field of a finding: ftrsize, size of the far text's relocations in bytes. */
#define EXECFMT_AOUT_FIELD_FTRSIZE 0x0134

/* Field of a finding: compr_tseg, size of the text as stored, in bytes; 0 when it is not compressed. */
#define EXECFMT_AOUT_FIELD_COMPR_TSEG 0x0138

/* Field of a finding: compr_dseg, size of the data as stored, in bytes; 0 when it is not compressed. */
#define EXECFMT_AOUT_FIELD_COMPR_DSEG 0x013a

/* Field of a finding: compr_ftseg, size of the far text as stored, in bytes; 0 when it is not compressed. */
#define EXECFMT_AOUT_FIELD_COMPR_FTSEG 0x013c

/* Field of a finding: reserved, reserved: 0. */
#define EXECFMT_AOUT_FIELD_RESERVED 0x013e

/* Field of a finding: vaddr, offset of the word, in bytes from the start of the relocation's own section. */
#define EXECFMT_AOUT_FIELD_RELOCATION_VADDR 0x0200

/* Field of a finding: symndx, the segment whose paragraph is written there. */
#define EXECFMT_AOUT_FIELD_RELOCATION_SYMNDX 0x0204

/* Field of a finding: type, how the word is changed; 80 is the only type of ELKS. */
#define EXECFMT_AOUT_FIELD_RELOCATION_TYPE 0x0206

/*
 Field of a finding: the bytes of the symbol table.
 */
#define EXECFMT_AOUT_FIELD_SYMBOL_TABLE 2

/*
 Record of a field: the header, supplement included. The offsets are file offsets in bytes.
 */
#define EXECFMT_AOUT_RECORD_HEADER 0x00000100

/*
 Record of a field: a relocation of section `index`, which is EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or
 EXECFMT_AOUT_DATA.
 */
#define EXECFMT_AOUT_RECORD_RELOCATION 0x00000200

/*
 Record of a field: a compressed section; `detail` is the section, and the fields are
 EXECFMT_AOUT_STREAM_FIELD_COMPRESSED and the constants after it.
 */
#define EXECFMT_AOUT_RECORD_STREAM 0x00000300

/*
 Field of a finding: the compressed bytes; the value is their number.
 */
#define EXECFMT_AOUT_STREAM_FIELD_COMPRESSED 0x00000301

/*
 Field of a finding: the section's size.
 */
#define EXECFMT_AOUT_STREAM_FIELD_SIZE 0x00000302

/*
 Field of a finding: the memory to decompress in; the value is its length in bytes.
 */
#define EXECFMT_AOUT_STREAM_FIELD_AREA 0x00000303

/*
 Field of a finding: a length index.
 */
#define EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX 0x00000304

/*
 Field of a finding: a length.
 */
#define EXECFMT_AOUT_STREAM_FIELD_LENGTH 0x00000305

/*
 Field of a finding: an offset.
 */
#define EXECFMT_AOUT_STREAM_FIELD_OFFSET 0x00000306

/*
 Field of a finding: the distance between output and input.
 */
#define EXECFMT_AOUT_STREAM_FIELD_DISTANCE 0x00000307

/*
 Number of bytes at the start of a file that always contain the whole header.
 */
#define EXECFMT_AOUT_MAX_HEADER_SIZE 64

/*
 Relocation target: the text.
 */
#define EXECFMT_AOUT_AGAINST_TEXT 0x0000fffe

/*
 Relocation target: the data.
 */
#define EXECFMT_AOUT_AGAINST_DATA 0x0000fffd

/*
 Relocation target: the bss.
 */
#define EXECFMT_AOUT_AGAINST_BSS 0x0000fffc

/*
 Relocation target: the far text.
 */
#define EXECFMT_AOUT_AGAINST_FAR_TEXT 0x0000fffb

/*
 Relocation target: none, an absolute number.
 */
#define EXECFMT_AOUT_AGAINST_ABSOLUTE 0x0000ffff

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
 Size of the array for a symbol's name, in bytes, including the terminating NUL; longer names are cut off.
 */
#define EXECFMT_AOUT_NAME_SIZE 256

/*
 Kernel: the one for which the file is made.
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
 Kernel option: without medium model (far text, relocations).
 */
#define EXECFMT_ELKS_NO_MEDIUM_MODEL 1

/*
 Kernel option: without compression.
 */
#define EXECFMT_ELKS_NO_COMPRESSION 2

/*
 For execfmt_aout_chmem: keep the current value.
 */
#define EXECFMT_AOUT_KEEP 0xffffffff

/*
 A header as numbers, each in 32 bits whatever its size in the file.
 */
typedef struct execfmt_aout {
  /*
   Magic, flags and cpu: for example 0x04300301.
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
   0 or 1: determines what chmem and minstack mean.
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
   The entry point, in bytes from the start of the text.
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
   Bytes of the text's relocations. This and the fields after it are 0 where hlen excludes them.
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
   Bytes of text as stored; 0 when it is not compressed.
   */
  uint32_t compr_tseg;
  /*
   Bytes of data as stored; 0 when it is not compressed.
   */
  uint32_t compr_dseg;
  /*
   Bytes of far text as stored; 0 when it is not compressed.
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
   Offset of the word in the relocation's own section, in bytes.
   */
  uint32_t vaddr;
  /*
   Its target: EXECFMT_AOUT_AGAINST_TEXT or another of these constants.
   */
  uint16_t symndx;
  /*
   Its type: 80 is a segment word.
   */
  uint16_t relocation_type;
} execfmt_aout_relocation;

/*
 A position in a symbol table. All 0 is its beginning.
 */
typedef struct execfmt_aout_cursor {
  /*
   Offset in the table, in bytes.
   */
  size_t offset;
  /*
   EXECFMT_AOUT_SYMBOLS_ELKS or EXECFMT_AOUT_SYMBOLS_NLIST once the first symbol was read; 0 before that.
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
   The length of the whole name in bytes; `name` may hold only the beginning.
   */
  uint32_t name_length;
  /*
   The letter that nm prints.
   */
  char letter;
  /*
   The name, terminated by a NUL. Its bytes come from the file and may have any value.
   */
  char name[EXECFMT_AOUT_NAME_SIZE];
  /*
   0.
   */
  uint8_t reserved[3];
} execfmt_aout_symbol;

/*
 What a file is checked for. All 0 is the default: the kernel for which the file is made, and the smallest
 argument block that a real execve passes.
 */
typedef struct execfmt_aout_check_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   EXECFMT_AOUT_FOR_INTENDED or another of these constants.
   */
  uint32_t kernel;
  /*
   The size of the argument block in bytes, at most 65535; 0 for EXECFMT_ELKS_MIN_ARGUMENT_BYTES.
   */
  uint32_t argument_bytes;
  /*
   Not 0 to assume that compressed sections are well-formed, instead of decompressing them.
   */
  uint32_t keep_compressed;
} execfmt_aout_check_options;

/*
 How the kernel was configured, and how the program is called. All 0 is the default: everything configured,
 the smallest argument block that a real execve passes.
 */
typedef struct execfmt_elks_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   EXECFMT_ELKS_NO_MEDIUM_MODEL and EXECFMT_ELKS_NO_COMPRESSION, or 0.
   */
  uint32_t without;
  /*
   The size of the argument block in bytes, at most 65535; 0 for EXECFMT_ELKS_MIN_ARGUMENT_BYTES.
   */
  uint32_t argument_bytes;
} execfmt_elks_options;

/*
 The memory that execve sets up. In bytes, except where paragraphs of 16 bytes are stated.
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
   Size of the reserved stack.
   */
  uint32_t minstack;
  /*
   One past the end of the bss.
   */
  uint32_t t_enddata;
  /*
   One past the end of the data segment.
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
   How much the heap may grow.
   */
  uint32_t heap;
} execfmt_elks_layout;

/*
 Memory for loading a program. It remains the caller's.
 */
typedef struct execfmt_elks_memory {
  /*
   Memory for text and far text: at least 16 * text_paras bytes.
   */
  uint8_t *text;
  /*
   Its length in bytes.
   */
  size_t text_len;
  /*
   Memory for data, bss, heap and stack: at least data_len bytes.
   */
  uint8_t *data;
  /*
   Its length in bytes.
   */
  size_t data_len;
  /*
   The segment of the text on the machine, which relocations store: at most 65535.
   */
  uint32_t text_segment;
  /*
   The segment of the data on the machine: at most 65535.
   */
  uint32_t data_segment;
} execfmt_elks_memory;

/*
 The numbers in a row of chmem's output.
 */
typedef struct execfmt_aout_row {
  /*
   Bytes of heap as requested; negative for a version 0 file that requests less than its data takes.
   */
  int64_t heap;
  /*
   Size of the data segment in bytes.
   */
  uint64_t total_data;
  /*
   Total memory in bytes.
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
   Bytes of stack as requested.
   */
  uint32_t stack;
  /*
   1 for a version 0 header, else 0.
   */
  uint32_t is_version_0;
} execfmt_aout_row;

/*
 Bytes provided by a caller.
 */
typedef struct execfmt_aout_bytes {
  /*
   The bytes; may be NULL when there are none.
   */
  const uint8_t *bytes;
  /*
   Their number.
   */
  size_t length;
} execfmt_aout_bytes;

/*
 The contents of a file to be built.
 */
typedef struct execfmt_aout_contents {
  /*
   Type, version, bss, entry, chmem, minstack, bases, reserved fields and the minimum hlen. A section is
   compressed when its compr field is not 0; then its tseg, dseg or ftseg is the expanded size. All other
   sizes are those of the bytes below.
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
   Data, as it is stored.
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
   The bytes after the last section.
   */
  struct execfmt_aout_bytes trailing;
} execfmt_aout_contents;

#ifndef EXECFMT_FREESTANDING
/*
 The options of elf2elks. All 0 is its default.
 */
typedef struct execfmt_aout_convert_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
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
 Error, when loading: a compressed section cannot be expanded; `detail` is the section.
 */
#define EXECFMT_AOUT_E_EXPAND 213

/*
 Error, when building: a section is too long for the header.
 */
#define EXECFMT_AOUT_E_TOO_LONG 214

/*
 Error, when building: a section is marked as compressed but has no bytes.
 */
#define EXECFMT_AOUT_E_EMPTY_COMPRESSED 215

/*
 Error: a table of symbols or relocations ends within a record, or continues after its end.
 */
#define EXECFMT_AOUT_E_TABLE 216

/*
 Error, when converting: the input cannot be converted; the message explains why.
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
 Error, of chmem: the heap of a version 0 file is unknown; give one.
 */
#define EXECFMT_AOUT_E_CHMEM_TOTAL 223

/*
 Error, of chmem: data and stack leave no heap.
 */
#define EXECFMT_AOUT_E_CHMEM_NO_HEAP 224

/*
 ELKS refuses the file. This number plus the number of the rule, in the order of the kernel's checks;
 execfmt_aout_elks_errno returns the errno of execve, `detail` is the section, if the rule is about one.
 */
#define EXECFMT_AOUT_E_ELKS 250

/*
 The last number of a refusal by ELKS.
 */
#define EXECFMT_AOUT_E_ELKS_LAST 279

/*
 Writes a sentence about a finding of this format, from any function of this header, in the manner of
 snprintf: at most `capacity` bytes into `buffer`, including the terminating NUL. Returns the length of the
 whole sentence without the NUL; 0, and an empty string, when the struct holds no finding of this format.
 To learn the length, pass a NULL `buffer` with a `capacity` of 0.
 */
size_t execfmt_aout_finding_message(const execfmt_finding *finding, char *buffer, size_t capacity);

/*
 The name of a section such as EXECFMT_AOUT_TEXT, for messages; "unknown" for another number. The string is
 static: do not free it.
 */
const char *execfmt_aout_section_name(uint32_t section);

/*
 The name of a relocation's target, its symndx, for messages; "unknown" for another number. The string is
 static: do not free it.
 */
const char *execfmt_aout_target_name(uint32_t symndx);

/*
 Reads the header at the beginning of a file: `prefix` is its first EXECFMT_AOUT_MAX_HEADER_SIZE bytes, or
 all of a shorter file. Neither the verdict of ELKS or Minix nor whether its sections are in the file is
 checked.
 */
execfmt_status execfmt_aout_read_header(const uint8_t *prefix,
                                        size_t prefix_len,
                                        struct execfmt_aout *aout,
                                        execfmt_finding *finding);

/*
 Reads a whole file of `length` bytes and locates its sections. On success `*aout` is filled in; when the
 file cannot be split into sections, the status is the reason, and `*finding`, unless `finding` is NULL,
 has the field, its offset, the value found and the value expected. Whether a system runs the file is
 determined by execfmt_aout_check.
 */
execfmt_status execfmt_aout_parse(const uint8_t *file,
                                  size_t length,
                                  struct execfmt_aout *aout,
                                  execfmt_finding *finding);

/*
 Stores the position of a section in a file, in bytes: `*offset` and `*size`, the stored size if it is
 compressed.
 */
execfmt_status execfmt_aout_section(const uint8_t *file,
                                    size_t length,
                                    uint32_t section,
                                    size_t *offset,
                                    size_t *size);

/*
 Stores the relocation with index `index`, from 0, of EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or
 EXECFMT_AOUT_DATA; EXECFMT_END past the last one, EXECFMT_AOUT_E_TABLE when the table ends within a
 record.
 */
execfmt_status execfmt_aout_relocation_at(const uint8_t *file,
                                          size_t length,
                                          uint32_t section,
                                          uint32_t index,
                                          struct execfmt_aout_relocation *relocation);

/*
 Stores the symbol at `*cursor` and advances the cursor to the next one. Begin with a cursor that is all 0;
 EXECFMT_END past the last one, EXECFMT_AOUT_E_TABLE when the table is damaged or has no known format. Both
 symbol formats are read.
 */
execfmt_status execfmt_aout_next_symbol(const uint8_t *file,
                                        size_t length,
                                        struct execfmt_aout_cursor *cursor,
                                        struct execfmt_aout_symbol *symbol);

/*
 Checks a whole file of `length` bytes by every rule of the format and of the chosen kernel, with
 compressed sections decompressed as that kernel does. `report`, which may be NULL, is called for each of
 the first 1,000 findings, in order, before this function returns; a refusal by a kernel other than the
 chosen one is a warning. Returns EXECFMT_OK when the kernel runs the file, else the status of the first
 error: a rule of the format, of ELKS (from EXECFMT_AOUT_E_ELKS on) or of Minix 2. `options` may be NULL.
 Takes time proportional to the file's length.
 */
execfmt_status execfmt_aout_check(const uint8_t *bytes,
                                  size_t length,
                                  const struct execfmt_aout_check_options *options,
                                  execfmt_report_fn report,
                                  void *context);

/*
 The verdict of execve of ELKS on a header: `prefix` is the first EXECFMT_AOUT_MAX_HEADER_SIZE bytes of a
 file, or all of a shorter one. On success `*layout` is filled in. A refusal has a status from
 EXECFMT_AOUT_E_ELKS on, whose errno is returned by execfmt_aout_elks_errno. `finding` and `options` may be
 NULL.
 */
execfmt_status execfmt_aout_elks_layout(const uint8_t *prefix,
                                        size_t prefix_len,
                                        const struct execfmt_elks_options *options,
                                        struct execfmt_elks_layout *layout,
                                        execfmt_finding *finding);

/*
 Like execfmt_aout_elks_layout, for a whole file: also refuses sections that are not in the file, invalid
 relocations, and compressed sections that cannot be decompressed.
 */
execfmt_status execfmt_aout_elks_exec(const uint8_t *bytes,
                                      size_t length,
                                      const struct execfmt_elks_options *options,
                                      struct execfmt_elks_layout *layout,
                                      execfmt_finding *finding);

/*
 The errno that execve of ELKS returns for a refusal, such as EXECFMT_ELKS_ENOEXEC; 0 for a status that is
 not a refusal by ELKS.
 */
uint32_t execfmt_aout_elks_errno(execfmt_status status);

/*
 Writes the sentence that explains why ELKS refuses a whole file, in the manner of snprintf: at most
 `capacity` bytes, including the terminating NUL. Returns its length, or 0 (and an empty sentence) when
 ELKS runs the file.
 */
size_t execfmt_aout_elks_explain(const uint8_t *file,
                                 size_t length,
                                 const struct execfmt_elks_options *options,
                                 char *buffer,
                                 size_t capacity);

/*
 Loads a program as ELKS does: reads text, far text and data, zeroes the bss, expands compressed sections
 in place, and applies relocations; heap and stack are not touched. `prefix` is the first
 EXECFMT_AOUT_MAX_HEADER_SIZE bytes of the file, or all of a shorter one. `read` is called with file
 offsets, and with parts of the caller's memory as its destination. EXECFMT_E_BUFFER, with nothing written,
 for too little memory; EXECFMT_E_ARGUMENT for memory that overlaps; a failure of `read`, or an invalid
 section, leaves the memory partly written.
 */
execfmt_status execfmt_aout_elks_load(const uint8_t *prefix,
                                      size_t prefix_len,
                                      const struct execfmt_elks_options *options,
                                      const struct execfmt_elks_memory *memory,
                                      execfmt_read_fn read,
                                      void *context);

/*
 Computes the row of chmem for a header.
 */
execfmt_status execfmt_aout_chmem_row(const struct execfmt_aout *aout, struct execfmt_aout_row *row);

/*
 Sets heap and stack of a header, in bytes, as chmem does; EXECFMT_AOUT_KEEP keeps either unchanged.
 `*truncated_to`, unless `truncated_to` is NULL, is set to the heap that remained if it had to be reduced
 to fit, else to 0. The header becomes a version 1 header; execfmt_aout_encode_header encodes it, and only
 its first 32 bytes have changed.
 */
execfmt_status execfmt_aout_chmem(struct execfmt_aout *aout,
                                  uint32_t heap,
                                  uint32_t stack,
                                  uint32_t *truncated_to);

/*
 Writes the header of a file, `hlen` bytes, and stores their number in `*written`.
 */
execfmt_status execfmt_aout_encode_header(const struct execfmt_aout *aout,
                                          uint8_t *buffer,
                                          size_t capacity,
                                          size_t *written);

/*
 Stores in `*length` the length that the file will have, in bytes.
 */
execfmt_status execfmt_aout_built_len(const struct execfmt_aout_contents *contents, size_t *length);

/*
 Writes a file into `buffer` and stores its length in `*written`. A file that could not be parsed back is
 refused with the status of the rule that it breaks, and nothing is written.
 */
execfmt_status execfmt_aout_build(const struct execfmt_aout_contents *contents,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  size_t *written);

#ifndef EXECFMT_FREESTANDING
/*
 Converts an ELF file written by ia16-elf-ld, or an OS/2 NE file, to an ELKS executable. With a NULL
 `buffer` and a `capacity` of 0, only `*written` is stored: the number of bytes needed. When the input is
 refused with EXECFMT_AOUT_E_CONVERT, a sentence of at most `message_size` bytes that explains why is
 stored in `message`, unless it is NULL. `options` may be NULL.

 This function allocates. A library without std does not contain it; define EXECFMT_FREESTANDING before
 including the header to hide its declaration.
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
