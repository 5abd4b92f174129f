/* execfmt/base.h: generated from ffi/src/base.rs by `cargo xtask headers`; do not edit. */

#ifndef EXECFMT_BASE_H
#define EXECFMT_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 The version of the header, as `execfmt_version` gives that of the library: the first number.
 */
#define EXECFMT_VERSION_MAJOR 0

/*
 The version of the header, the second number.
 */
#define EXECFMT_VERSION_MINOR 1

/*
 The version of the header, the third number.
 */
#define EXECFMT_VERSION_PATCH 0

/*
 Byte order: least significant byte first.
 */
#define EXECFMT_LITTLE_ENDIAN 1

/*
 Byte order: most significant byte first.
 */
#define EXECFMT_BIG_ENDIAN 2

/*
 Severity: unusual, but accepted.
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
 Expectation: anything but `expected`, where no single bound says what would be right.
 */
#define EXECFMT_ANYTHING_BUT 6

/*
 What a function has to say: EXECFMT_OK, or why it did nothing. Codes from 100 on belong to a format. Numbers never
 change their meaning.
 */
typedef int32_t execfmt_status;

/*
 One thing that is wrong or unusual in a file.
 */
typedef struct execfmt_finding {
  /*
   Where the field is, in bytes from the start of the file.
   */
  uint64_t offset;
  /*
   The value found.
   */
  uint64_t found;
  /*
   The value expected; `relation` says how it is meant.
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
   The field, as a constant of the format.
   */
  uint32_t field;
  /*
   EXECFMT_EXACTLY, EXECFMT_EITHER, EXECFMT_AT_LEAST, EXECFMT_AT_MOST, EXECFMT_MULTIPLE_OF or
   EXECFMT_ANYTHING_BUT.
   */
  uint32_t relation;
  /*
   More about the rule, with a meaning of the format's own.
   */
  uint32_t detail;
  /*
   0.
   */
  uint32_t reserved;
} execfmt_finding;

/*
 Reads `length` bytes from byte `file_offset` of a file on into `destination`, and returns how many it read:
 anything but `length` ends the call that needed them with EXECFMT_E_READ. `context` is what the caller gave along.
 */
typedef uint32_t (*execfmt_read_fn)(void *context, uint32_t file_offset, void *destination, uint32_t length);

/*
 All went well.
 */
#define EXECFMT_OK 0

/*
 A pointer that must not be NULL is NULL.
 */
#define EXECFMT_E_NULL 1

/*
 A length is beyond what memory can hold.
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
 The caller's read function returned fewer bytes than it was asked for.
 */
#define EXECFMT_E_READ 5

/*
 The result does not fit 32 bits.
 */
#define EXECFMT_E_RANGE 6

/*
 There is no more: the index is behind the last one.
 */
#define EXECFMT_END 7

/*
 The version of the library, such as "0.1.0". The string is static: do not free it.
 */
const char *execfmt_version(void);

/*
 A sentence for any status, in English; for an unknown one a sentence that says so. The string is static: do not
 free it.
 */
const char *execfmt_status_message(execfmt_status status);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_BASE_H */
