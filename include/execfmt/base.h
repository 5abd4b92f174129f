/* execfmt/base.h: generated from ffi/src by `cargo xtask headers`; do not edit. */

/*
 * What all formats of the library have in common: statuses, findings, callbacks. The other headers include this one.
 *
 * Every function of the library follows the same rules:
 *
 * Status. A function returns EXECFMT_OK or why it did nothing; execfmt_status_message returns a sentence for each status.
 * A call stores its results only on success, unless its comment says otherwise; *finding is stored when a file is refused.
 *
 * Files. A file is a pointer and a length. NULL with a length of 0 is an empty file, which is refused as too short. The bytes
 * remain the caller's, are only read, and are not kept after the call unless the comment says so. They must not change during
 * a call: when another process truncates a mapped file, the call faults as the caller would.
 *
 * Memory. The caller owns all memory: nothing is allocated except where stated, nothing needs to be freed, and strings that
 * are returned are static. NULL, misaligned pointers, lengths that no object can have, and buffers that overlap what is read
 * give a status. Whether any other pointer points to what the declaration says cannot be checked.
 *
 * Options. The first member of a struct of options is its size; set it to sizeof. Members that are 0 mean the default, as
 * does NULL in place of the struct, or a struct that is all 0. A library accepts structs of older and of newer headers: in a
 * newer one, members that it does not know must be 0, or the status is EXECFMT_E_ARGUMENT.
 *
 * Findings. execfmt_X_check calls a function once per finding, in order, and returns the verdict: whether a loader accepts
 * the file. execfmt_X_finding_message writes a sentence about a finding. The members of a finding have the same meaning for
 * all formats: the field is the number of a record of the file plus the field's offset in the record, and index is the number
 * of the segment, section or record if there are several.
 *
 * Callbacks run during the call that they were passed to, on the caller's thread, with the context pointer that the caller
 * passed. They may call any function of the library, except those on a builder that is at work. They must return: if an
 * exception or a longjmp leaves one through the library, the behaviour is undefined.
 *
 * Threads. There is no state: calls may run at the same time, on the same file too, as long as nothing writes to it. (A
 * builder of Coyotos images must be used by one caller at a time; see coyotos_image.h.)
 *
 * Versions. EXECFMT_FREESTANDING, defined before a header is included, hides what a library for kernels does not contain;
 * EXECFMT_WITH_BUILDER shows the builder of Coyotos images again, for a library that was built with it.
 *
 * Example:
 *
 *     #include <execfmt/base.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         printf("execfmt %s: %s\n", execfmt_version(), execfmt_status_message(EXECFMT_E_BUFFER));
 *         return 0;
 *     }
 */

#ifndef EXECFMT_BASE_H
#define EXECFMT_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_base_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_base_is_packed
    [offsetof(struct execfmt_base_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/* Warning: an instruction that a MIPS I does not have. */
#define EXECFMT_MIPS_W_ABOVE_MIPS1 750

/* Warning: an instruction of the floating-point unit, which the simulated machine does not have. */
#define EXECFMT_MIPS_W_FLOATING_POINT 751

/*
 * Warning: `lwl`, `lwr`, `swl` or `swr`: some simulated machines stop at an address that is not a multiple
 * of 4.
 */
#define EXECFMT_MIPS_W_UNALIGNED_ACCESS 752

/* Warning: the instruction after a load uses the loaded register, which still has its old value on a MIPS I. */
#define EXECFMT_MIPS_W_LOAD_DELAY 753

/* Warning: an instruction of a coprocessor other than floating point: programs cannot run it. */
#define EXECFMT_MIPS_W_COPROCESSOR 754

/*
 * Warning: `lbu`, `lhu` or `sltiu` with a negative immediate, which the machine of Nachos 5.0j treats as
 * unsigned.
 */
#define EXECFMT_MIPS_W_UNSIGNED_IMMEDIATE 755

/*
 Byte order: least significant byte first.
 */
#define EXECFMT_LITTLE_ENDIAN 1

/*
 Byte order: most significant byte first.
 */
#define EXECFMT_BIG_ENDIAN 2

/*
 Severity: accepted, but worth reporting.
 */
#define EXECFMT_WARNING 1

/*
 Severity: the file is refused.
 */
#define EXECFMT_ERROR 2

/*
 Expectation: exactly `expected`.
 */
#define EXECFMT_EXACTLY 1

/*
 Expectation: `expected` or `expected_other`.
 */
#define EXECFMT_EITHER 2

/*
 Expectation: `expected` or more.
 */
#define EXECFMT_AT_LEAST 3

/*
 Expectation: `expected` or less.
 */
#define EXECFMT_AT_MOST 4

/*
 Expectation: a multiple of `expected`.
 */
#define EXECFMT_MULTIPLE_OF 5

/*
 Expectation: any value but `expected`, where no single bound is available.
 */
#define EXECFMT_ANYTHING_BUT 6

/*
 Field of a finding: one without a number.
 */
#define EXECFMT_FIELD_NONE 0

/*
 Field of a finding: the file as a whole; the value is its length in bytes.
 */
#define EXECFMT_FIELD_FILE_LENGTH 1

/*
 The bits of a field that are its offset in the record; the others are the record's number.
 */
#define EXECFMT_FIELD_OFFSET_MASK 0x000000ff

/*
 Result of execfmt_looks_like: unknown.
 */
#define EXECFMT_LOOKS_UNKNOWN 0

/*
 Result of execfmt_looks_like: an ELF file.
 */
#define EXECFMT_LOOKS_ELF 1

/*
 Result of execfmt_looks_like: a little-endian MIPS COFF file.
 */
#define EXECFMT_LOOKS_COFF 2

/*
 Result of execfmt_looks_like: a big-endian MIPS COFF file.
 */
#define EXECFMT_LOOKS_COFF_BIG 3

/*
 Result of execfmt_looks_like: a program for DOS, OS/2 or Windows.
 */
#define EXECFMT_LOOKS_MZ 4

/*
 Result of execfmt_looks_like: a script.
 */
#define EXECFMT_LOOKS_SCRIPT 5

/*
 Result of execfmt_looks_like: an archive of object files.
 */
#define EXECFMT_LOOKS_ARCHIVE 6

/*
 Result of execfmt_looks_like: an object file of bcc.
 */
#define EXECFMT_LOOKS_BCC_OBJECT 7

/*
 Result of execfmt_looks_like: an a.out file of Linux or BSD, not of ELKS or Minix.
 */
#define EXECFMT_LOOKS_LINUX_AOUT 8

/*
 Result of execfmt_looks_like: a gzip file.
 */
#define EXECFMT_LOOKS_GZIP 9

/*
 Result of execfmt_looks_like: a little-endian NOFF file.
 */
#define EXECFMT_LOOKS_NOFF 10

/*
 Result of execfmt_looks_like: a big-endian NOFF file.
 */
#define EXECFMT_LOOKS_NOFF_BIG 11

/*
 Result of execfmt_looks_like: a Coyotos image.
 */
#define EXECFMT_LOOKS_COYOTOS 12

/*
 Result of execfmt_looks_like: an ELKS or Minix a.out file.
 */
#define EXECFMT_LOOKS_AOUT 13

/*
 Field of a finding: the instruction at address `index`.
 */
#define EXECFMT_MIPS_FIELD_CODE 2

/*
 The version of this header: major. Compare it with `execfmt_version`, the version of the library.
 */
#define EXECFMT_VERSION_MAJOR 0

/*
 The version of this header: minor.
 */
#define EXECFMT_VERSION_MINOR 1

/*
 The version of this header: patch.
 */
#define EXECFMT_VERSION_PATCH 0

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
 The result of a function: EXECFMT_OK, or why it did nothing. Codes from 100 on belong to a format. Numbers
 never change their meaning.
 */
typedef int32_t execfmt_status;

/*
 An error or a warning about a file.
 */
typedef struct execfmt_finding {
  /*
   File offset of the field, in bytes.
   */
  uint64_t offset;
  /*
   The value found.
   */
  uint64_t found;
  /*
   The value expected; `relation` determines its meaning.
   */
  uint64_t expected;
  /*
   The other value, with EXECFMT_EITHER.
   */
  uint64_t expected_other;
  /*
   The rule that is broken, as a status of the format.
   */
  execfmt_status status;
  /*
   EXECFMT_WARNING or EXECFMT_ERROR.
   */
  uint32_t severity;
  /*
   The field: EXECFMT_FIELD_FILE_LENGTH, or a constant of the format, which is the number of a record of
   the file plus the field's offset in that record.
   */
  uint32_t field;
  /*
   EXECFMT_EXACTLY, EXECFMT_EITHER, EXECFMT_AT_LEAST, EXECFMT_AT_MOST, EXECFMT_MULTIPLE_OF or
   EXECFMT_ANYTHING_BUT.
   */
  uint32_t relation;
  /*
   Details of the rule, with a meaning specific to the format.
   */
  uint32_t detail;
  /*
   The number of the segment, section or record that contains the field; 0 if there is only one.
   */
  uint32_t index;
} execfmt_finding;

/*
 Called once per finding, during the call that it was passed to. `finding` is valid until it returns. A
 result other than 0 stops the calls; the verdict does not depend on it. `context` is passed through
 unchanged. The function may call any function of this library, even on the same file; it must return: no
 exception and no longjmp may leave it.
 */
typedef int32_t (*execfmt_report_fn)(void *context, const struct execfmt_finding *finding);

/*
 Reads `length` bytes at offset `file_offset` of a file into `destination`, and returns the number of bytes
 read. Any value other than `length` makes the calling function fail with EXECFMT_E_READ. `context` is the
 pointer that the caller passed. The function may call any function of this library; it must return: no
 exception and no longjmp may leave it.
 */
typedef uint32_t (*execfmt_read_fn)(void *context, uint32_t file_offset, void *destination, uint32_t length);

/*
 Success.
 */
#define EXECFMT_OK 0

/*
 A pointer that must not be NULL is NULL.
 */
#define EXECFMT_E_NULL 1

/*
 A length is larger than any object in memory.
 */
#define EXECFMT_E_LENGTH 2

/*
 An argument is out of its range, a pointer is not aligned, or two buffers overlap.
 */
#define EXECFMT_E_ARGUMENT 3

/*
 The caller's buffer is too small.
 */
#define EXECFMT_E_BUFFER 4

/*
 The caller's read function returned fewer bytes than requested.
 */
#define EXECFMT_E_READ 5

/*
 The result does not fit into 32 bits.
 */
#define EXECFMT_E_RANGE 6

/*
 There is no more: the index is past the last one.
 */
#define EXECFMT_END 7

/*
 The version of the library, such as "0.1.0". The string is static: do not free it.
 */
const char *execfmt_version(void);

/*
 Identifies a file by its first four bytes: EXECFMT_LOOKS_ELF or another of these constants. The first byte
 is the least significant one of `first_four_bytes`, as in the `detail` of a finding about a file's magic.
 */
uint32_t execfmt_looks_like(uint32_t first_four_bytes);

/*
 The sentence for a status, in English; for an unknown status a sentence that reports that. The string is
 static: do not free it.
 */
const char *execfmt_status_message(execfmt_status status);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_BASE_H */
