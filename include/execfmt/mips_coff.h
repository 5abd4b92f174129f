/* execfmt/mips_coff.h: generated from ffi/src/mips_coff by `cargo xtask headers`; do not edit. */

/*
 * MIPS COFF, which the compilers of Nachos courses write, coff2noff reads, and Nachos 5.0j loads directly.
 *
 * execfmt_coff_parse fills in an execfmt_coff with the numbers of the headers, execfmt_coff_section_at a section with its
 * name and the file offset of its bytes. execfmt_coff_check reports every error and warning for a loader.
 *
 * Example:
 *
 *     #include <execfmt/mips_coff.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         static const uint8_t file[2] = { 0x7f, 'E' };
 *         execfmt_coff coff;
 *         execfmt_coff_section section;
 *         execfmt_finding finding;
 *         char sentence[200];
 *         uint32_t i;
 *
 *         if (execfmt_coff_parse(file, sizeof file, &coff, &finding) != EXECFMT_OK) {
 *             execfmt_coff_finding_message(&finding, sentence, sizeof sentence);
 *             printf("%s\n", sentence);
 *             return 0;
 *         }
 *         for (i = 0; execfmt_coff_section_at(file, sizeof file, i, &section, NULL) == EXECFMT_OK; i++)
 *             printf("%s: %s\n", section.name, execfmt_coff_kind_name(section.kind));
 *         return 0;
 *     }
 */

#ifndef EXECFMT_MIPS_COFF_H
#define EXECFMT_MIPS_COFF_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_mips_coff_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_mips_coff_is_packed
    [offsetof(struct execfmt_mips_coff_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/* Error: the file is shorter than its headers. */
#define EXECFMT_COFF_E_TRUNCATED 700

/*
 * Error: the magic number is not that of MIPS COFF, 0x0162 or, big-endian, 0x0160. `detail` is the file's
 * first four bytes, from which its actual format may be recognised.
 */
#define EXECFMT_COFF_E_MAGIC 701

/* Error: a section's addresses go beyond 32 bits. */
#define EXECFMT_COFF_E_ADDRESS_OVERFLOW 702

/* Error: a section's bytes extend past the end of the file. */
#define EXECFMT_COFF_E_SECTION_PAST_EOF 703

/* Error: all sections are empty. */
#define EXECFMT_COFF_E_NO_SECTIONS 704

/* Warning: two sections share addresses. */
#define EXECFMT_COFF_W_SECTIONS_OVERLAP 705

/*
 * Warning: the physical and the virtual address differ: the converters use the former, Nachos 5.0j the
 * latter.
 */
#define EXECFMT_COFF_W_TWO_ADDRESSES 706

/* Warning: the entry point is not in a section that has bytes in the file. */
#define EXECFMT_COFF_W_ENTRY 707

/* Warning: the symbols cannot be read. No loader reads them. */
#define EXECFMT_COFF_W_SYMBOL_TABLE 708

/* Error: the optional header is too short to be that of a program. */
#define EXECFMT_COFF_E_OPTIONAL_SIZE 715

/* Error: the converters take only programs linked with `-N` (OMAGIC). */
#define EXECFMT_COFF_E_OPTIONAL_MAGIC 716

/* Error: a converter to three segments refuses a file in which both data and constants are not empty. */
#define EXECFMT_COFF_E_DATA_AND_RDATA 717

/* Warning: a section whose name the converters do not know. */
#define EXECFMT_COFF_W_UNKNOWN_SECTION 718

/* Warning: the converters drop the entry point: a NOFF program starts at 0. */
#define EXECFMT_COFF_W_ENTRY_NOT_KEPT 719

/* Error: the converters read little-endian files only. */
#define EXECFMT_COFF_E_BIG_ENDIAN 720

/* Error: nachos 5.0j reads 48 bytes before anything else. */
#define EXECFMT_COFF_E_5J_LENGTH 725

/* Error: nachos 5.0j accepts 2 to 10 sections. */
#define EXECFMT_COFF_E_5J_SECTIONS 726

/* Error: nachos 5.0j accepts linked files without relocations: bits 0 and 1 of the flags. */
#define EXECFMT_COFF_E_5J_FLAGS 727

/* Error: nachos 5.0j refuses a section with relocations. */
#define EXECFMT_COFF_E_5J_RELOCATIONS 728

/* Error: nachos 5.0j recognises text, data, bss and constants by their flags, and nothing else. */
#define EXECFMT_COFF_E_5J_SECTION_FLAGS 729

/* Error: nachos 5.0j requires each section to begin at the start of a page of 1024 bytes. */
#define EXECFMT_COFF_E_5J_UNALIGNED 730

/* Error: nachos 5.0j reads a size as a signed number. */
#define EXECFMT_COFF_E_5J_NEGATIVE_SIZE 731

/*
 * Error: nachos 5.0j requires each section to begin at the page after the one before, from page 0 on, empty
 * sections included.
 */
#define EXECFMT_COFF_E_5J_FRAGMENTED 732

/* Warning: many copies of Nachos 5.0j load the last page of such a section as zeros. */
#define EXECFMT_COFF_W_5J_LAST_PAGE 733

/* Error: the program, its stack and its arguments need more frames than the machine has. */
#define EXECFMT_COFF_E_5J_PAGES 734

/* Field of a finding: f_magic, 0x0162 for little-endian MIPS I, 0x0160 for big-endian. */
#define EXECFMT_COFF_FIELD_F_MAGIC 0x0100

/* Field of a finding: f_nscns, number of sections. */
#define EXECFMT_COFF_FIELD_F_NSCNS 0x0102

/* Field of a finding: f_timdat, when the file was made, in seconds since 1970-01-01 00:00 UTC. */
#define EXECFMT_COFF_FIELD_F_TIMDAT 0x0104

/* Field of a finding: f_symptr, file offset of the symbolic header; 0 without symbols. */
#define EXECFMT_COFF_FIELD_F_SYMPTR 0x0108

/* Field of a finding: f_nsyms, size of the symbolic header in bytes. */
#define EXECFMT_COFF_FIELD_F_NSYMS 0x010c

/* Field of a finding: f_opthdr, size of the optional header in bytes: 56. */
#define EXECFMT_COFF_FIELD_F_OPTHDR 0x0110

/*
 * Field of a finding: f_flags, bit 0: no relocations; bit 1: linked; bit 2: no line numbers; bit 8: 32-bit little-endian.
 */
#define EXECFMT_COFF_FIELD_F_FLAGS 0x0112

/* Field of a finding: magic, 0407 octal (OMAGIC) for a program linked with `-N`. */
#define EXECFMT_COFF_FIELD_OPTIONAL_MAGIC 0x0200

/* Field of a finding: vstamp, version of the tool that wrote the file. */
#define EXECFMT_COFF_FIELD_OPTIONAL_VSTAMP 0x0202

/* Field of a finding: tsize, size of the text in bytes. */
#define EXECFMT_COFF_FIELD_OPTIONAL_TSIZE 0x0204

/* Field of a finding: dsize, size of the initialised data in bytes, constants included. */
#define EXECFMT_COFF_FIELD_OPTIONAL_DSIZE 0x0208

/* Field of a finding: bsize, size of the zeroed data in bytes. */
#define EXECFMT_COFF_FIELD_OPTIONAL_BSIZE 0x020c

/* Field of a finding: entry, address at which the program starts. */
#define EXECFMT_COFF_FIELD_OPTIONAL_ENTRY 0x0210

/* Field of a finding: text_start, address of the text. */
#define EXECFMT_COFF_FIELD_OPTIONAL_TEXT_START 0x0214

/* Field of a finding: data_start, address of the initialised data, constants included. */
#define EXECFMT_COFF_FIELD_OPTIONAL_DATA_START 0x0218

/* Field of a finding: bss_start, address of the zeroed data. */
#define EXECFMT_COFF_FIELD_OPTIONAL_BSS_START 0x021c

/* Field of a finding: gprmask, general registers in use. */
#define EXECFMT_COFF_FIELD_OPTIONAL_GPRMASK 0x0220

/* Field of a finding: cprmask0, registers of coprocessor 0 in use. */
#define EXECFMT_COFF_FIELD_OPTIONAL_CPRMASK0 0x0224

/* Field of a finding: cprmask1, registers of coprocessor 1 in use. */
#define EXECFMT_COFF_FIELD_OPTIONAL_CPRMASK1 0x0228

/* Field of a finding: cprmask2, registers of coprocessor 2 in use. */
#define EXECFMT_COFF_FIELD_OPTIONAL_CPRMASK2 0x022c

/* Field of a finding: cprmask3, registers of coprocessor 3 in use. */
#define EXECFMT_COFF_FIELD_OPTIONAL_CPRMASK3 0x0230

/* Field of a finding: gp_value, the value of `$gp`. */
#define EXECFMT_COFF_FIELD_OPTIONAL_GP_VALUE 0x0234

/* Field of a finding: s_name, the name, padded with zeros; a name of eight characters has no terminator. */
#define EXECFMT_COFF_FIELD_S_NAME 0x0300

/* Field of a finding: s_paddr, physical address: the one that the converters use. */
#define EXECFMT_COFF_FIELD_S_PADDR 0x0308

/*
 * Field of a finding: s_vaddr, virtual address: the one that Nachos 5.0j uses; equal to `s_paddr` in all real files.
 */
#define EXECFMT_COFF_FIELD_S_VADDR 0x030c

/* Field of a finding: s_size, size in bytes. */
#define EXECFMT_COFF_FIELD_S_SIZE 0x0310

/* Field of a finding: s_scnptr, file offset of the section's bytes. */
#define EXECFMT_COFF_FIELD_S_SCNPTR 0x0314

/* Field of a finding: s_relptr, file offset of its relocations. */
#define EXECFMT_COFF_FIELD_S_RELPTR 0x0318

/* Field of a finding: s_lnnoptr, file offset of its line numbers. */
#define EXECFMT_COFF_FIELD_S_LNNOPTR 0x031c

/* Field of a finding: s_nreloc, number of relocations. */
#define EXECFMT_COFF_FIELD_S_NRELOC 0x0320

/* Field of a finding: s_nlnno, number of line numbers. */
#define EXECFMT_COFF_FIELD_S_NLNNO 0x0322

/* Field of a finding: s_flags, what the section holds: 0x20 text, 0x40 data, 0x80 bss, 0x100 constants. */
#define EXECFMT_COFF_FIELD_S_FLAGS 0x0324

/* Field of a finding: magic, 0x7009. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_MAGIC 0x0400

/* Field of a finding: vstamp, version of the tool that wrote the tables. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_VSTAMP 0x0402

/* Field of a finding: ilineMax, number of line numbers. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_ILINE_MAX 0x0404

/* Field of a finding: cbLine, size of the packed line numbers in bytes. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_LINE 0x0408

/* Field of a finding: cbLineOffset, file offset of the line numbers. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_LINE_OFFSET 0x040c

/* Field of a finding: idnMax, number of dense numbers. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IDN_MAX 0x0410

/* Field of a finding: cbDnOffset, file offset of the dense numbers. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_DN_OFFSET 0x0414

/* Field of a finding: ipdMax, number of procedures. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IPD_MAX 0x0418

/* Field of a finding: cbPdOffset, file offset of the procedures. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_PD_OFFSET 0x041c

/* Field of a finding: isymMax, number of local symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_ISYM_MAX 0x0420

/* Field of a finding: cbSymOffset, file offset of the local symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_SYM_OFFSET 0x0424

/* Field of a finding: ioptMax, number of entries of the optimisation table. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IOPT_MAX 0x0428

/* Field of a finding: cbOptOffset, file offset of the optimisation table. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_OPT_OFFSET 0x042c

/* Field of a finding: iauxMax, number of auxiliary entries. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IAUX_MAX 0x0430

/* Field of a finding: cbAuxOffset, file offset of the auxiliary entries. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_AUX_OFFSET 0x0434

/* Field of a finding: issMax, size of the string table of local symbols in bytes. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_ISS_MAX 0x0438

/* Field of a finding: cbSsOffset, file offset of the string table of local symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_SS_OFFSET 0x043c

/* Field of a finding: issExtMax, size of the string table of external symbols in bytes. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_ISS_EXT_MAX 0x0440

/* Field of a finding: cbSsExtOffset, file offset of the string table of external symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_SS_EXT_OFFSET 0x0444

/* Field of a finding: ifdMax, number of file descriptors, one per source file. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IFD_MAX 0x0448

/* Field of a finding: cbFdOffset, file offset of the file descriptors. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_FD_OFFSET 0x044c

/* Field of a finding: crfd, number of relative file descriptors. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CRFD 0x0450

/* Field of a finding: cbRfdOffset, file offset of the relative file descriptors. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_RFD_OFFSET 0x0454

/* Field of a finding: iextMax, number of external symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_IEXT_MAX 0x0458

/* Field of a finding: cbExtOffset, file offset of the external symbols. */
#define EXECFMT_COFF_FIELD_SYMBOLIC_CB_EXT_OFFSET 0x045c

/*
 Record of a field: the file header.
 */
#define EXECFMT_COFF_RECORD_FILE 0x00000100

/*
 Record of a field: the optional header.
 */
#define EXECFMT_COFF_RECORD_OPTIONAL 0x00000200

/*
 Record of a field: the header of section `index`, from 0.
 */
#define EXECFMT_COFF_RECORD_SECTION 0x00000300

/*
 Record of a field: the symbolic header.
 */
#define EXECFMT_COFF_RECORD_SYMBOLIC 0x00000400

/*
 Loader: any reader, by the rules of the format alone.
 */
#define EXECFMT_COFF_FOR_ANY 0

/*
 Loader: coff2noff that writes three segments.
 */
#define EXECFMT_COFF_FOR_COFF2NOFF 1

/*
 Loader: coff2noff that writes four segments.
 */
#define EXECFMT_COFF_FOR_COFF2NOFF_RDATA 2

/*
 Loader: Nachos 5.0j.
 */
#define EXECFMT_COFF_FOR_NACHOS5J 3

/*
 Kind of section: none that a loader loads, such as comments.
 */
#define EXECFMT_COFF_OTHER 0

/*
 Kind of section: instructions.
 */
#define EXECFMT_COFF_TEXT 1

/*
 Kind of section: constants.
 */
#define EXECFMT_COFF_RDATA 2

/*
 Kind of section: initialised data.
 */
#define EXECFMT_COFF_DATA 3

/*
 Kind of section: zeroed data, without bytes in the file.
 */
#define EXECFMT_COFF_BSS 4

/*
 Size of the array for a section's name and its NUL, in bytes.
 */
#define EXECFMT_COFF_NAME_SIZE 9

/*
 The contents of a file's headers, unchecked.
 */
typedef struct execfmt_coff {
  /*
   EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN: the byte order of all words of the file, including its
   code.
   */
  uint32_t byte_order;
  /*
   Number of sections.
   */
  uint32_t section_count;
  /*
   When the file was made, in seconds since 1970-01-01 00:00 UTC.
   */
  uint32_t timdat;
  /*
   File offset of the symbolic header; 0 without symbols.
   */
  uint32_t symptr;
  /*
   The size of the symbolic header in bytes.
   */
  uint32_t nsyms;
  /*
   The size of the optional header in bytes.
   */
  uint32_t opthdr;
  /*
   Flags of the file.
   */
  uint32_t flags;
  /*
   1 when the file has an optional header, else 0: then the numbers below are 0, except `entry`.
   */
  uint32_t has_optional;
  /*
   The magic of the optional header.
   */
  uint32_t magic;
  /*
   The size of the text in bytes.
   */
  uint32_t tsize;
  /*
   The size of the initialised data in bytes.
   */
  uint32_t dsize;
  /*
   The size of the zeroed data in bytes.
   */
  uint32_t bsize;
  /*
   The entry point.
   */
  uint32_t entry;
  /*
   The address of the text.
   */
  uint32_t text_start;
  /*
   The address of the initialised data.
   */
  uint32_t data_start;
  /*
   The address of the zeroed data.
   */
  uint32_t bss_start;
  /*
   The value of $gp.
   */
  uint32_t gp_value;
} execfmt_coff;

/*
 A section of a file.
 */
typedef struct execfmt_coff_section {
  /*
   Its index, from 0.
   */
  uint32_t index;
  /*
   EXECFMT_COFF_TEXT or another of these constants.
   */
  uint32_t kind;
  /*
   Its flags in the file.
   */
  uint32_t flags;
  /*
   The physical address: the one that coff2noff uses.
   */
  uint32_t paddr;
  /*
   The virtual address: the one that Nachos 5.0j uses.
   */
  uint32_t vaddr;
  /*
   Its size in bytes.
   */
  uint32_t size;
  /*
   File offset of its bytes.
   */
  uint32_t file_offset;
  /*
   Number of its bytes in the file: 0 for zeroed data.
   */
  uint32_t file_length;
  /*
   Its name as in the file, terminated by a NUL. Its bytes may have any value.
   */
  char name[EXECFMT_COFF_NAME_SIZE];
  /*
   0.
   */
  uint8_t reserved[3];
} execfmt_coff_section;

/*
 What a file is checked for. All 0 is the default: only the rules of the format, without scanning the code.
 */
typedef struct execfmt_coff_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   EXECFMT_COFF_FOR_ANY or another of these constants.
   */
  uint32_t loader;
  /*
   For Nachos 5.0j: number of physical pages of its machine; 0 for 64, as shipped.
   */
  uint32_t frames;
  /*
   1 to scan the code too, for instructions that the simulated machine of Nachos lacks or executes
   differently, else 0.
   */
  uint32_t scan_code;
} execfmt_coff_options;

/*
 Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
 `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
 an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
 `buffer` with a `capacity` of 0.
 */
size_t execfmt_coff_finding_message(const execfmt_finding *finding, char *buffer, size_t capacity);

/*
 The usual name of a kind of section: ".text", ".rdata", ".data" or ".bss"; "other" for another number. The string is
 static: do not free it.
 */
const char *execfmt_coff_kind_name(uint32_t kind);

/*
 Reads the headers of a file of `length` bytes. On success `*coff` is filled in; otherwise the status is
 the reason, and `*finding`, unless `finding` is NULL, has the field, its offset, the value found and the
 value expected. `*coff` does not point into the file.
 */
execfmt_status execfmt_coff_parse(const uint8_t *bytes,
                                  size_t length,
                                  struct execfmt_coff *coff,
                                  execfmt_finding *finding);

/*
 Stores the section with index `index`, from 0; EXECFMT_END past the last one. A section that is not in the
 file is refused with the status of that rule, and `*finding`, unless `finding` is NULL, has the details.
 */
execfmt_status execfmt_coff_section_at(const uint8_t *bytes,
                                       size_t length,
                                       uint32_t index,
                                       struct execfmt_coff_section *section,
                                       execfmt_finding *finding);

/*
 Checks a whole file of `length` bytes by the rules of the format and of the chosen loader. `report`, which
 may be NULL, is called for each of the first 1,000 findings, in order, before this function returns.
 Returns EXECFMT_OK when the loader accepts the file, else the status of the first error. `options` may be
 NULL. Takes time proportional to the number of sections; a scan of the code gives only warnings, and takes
 time proportional to the size of the code. Without `report` the check ends at the first error, and the
 code is not scanned.
 */
execfmt_status execfmt_coff_check(const uint8_t *bytes,
                                  size_t length,
                                  const struct execfmt_coff_options *options,
                                  execfmt_report_fn report,
                                  void *context);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_MIPS_COFF_H */
