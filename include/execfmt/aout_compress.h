/* execfmt/aout_compress.h: generated from ffi/src/aout_compress.rs by `cargo xtask headers`; do not edit. */

#ifndef EXECFMT_AOUT_COMPRESS_H
#define EXECFMT_AOUT_COMPRESS_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 The bytes behind a section that unpacking in place needs. The ELKS kernel leaves so many.
 */
#define EXECFMT_AOUT_IN_PLACE_MARGIN 16

/*
 The longest section that can be compressed, in bytes.
 */
#define EXECFMT_AOUT_MAX_SECTION 65519

/*
 Field of a finding: the compressed bytes; the value is their number.
 */
#define EXECFMT_AOUT_STREAM_FIELD_COMPRESSED 1

/*
 Field of a finding: the section's size.
 */
#define EXECFMT_AOUT_STREAM_FIELD_SIZE 2

/*
 Field of a finding: the memory to unpack in; the value is its length.
 */
#define EXECFMT_AOUT_STREAM_FIELD_AREA 3

/*
 Field of a finding: a length index.
 */
#define EXECFMT_AOUT_STREAM_FIELD_LENGTH_INDEX 4

/*
 Field of a finding: a length.
 */
#define EXECFMT_AOUT_STREAM_FIELD_LENGTH 5

/*
 Field of a finding: an offset.
 */
#define EXECFMT_AOUT_STREAM_FIELD_OFFSET 6

/*
 Field of a finding: the distance of output and input.
 */
#define EXECFMT_AOUT_STREAM_FIELD_DISTANCE 7

/*
 Level: little time.
 */
#define EXECFMT_AOUT_FAST 1

/*
 Level: the balance.
 */
#define EXECFMT_AOUT_DEFAULT 2

/*
 Level: the smallest result; takes seconds.
 */
#define EXECFMT_AOUT_BEST 3

/*
 What unpacking a section in place takes.
 */
typedef struct execfmt_aout_footprint {
  /*
   The bytes above the section that keep the output from overtaking the input; at most EXECFMT_AOUT_IN_PLACE_MARGIN.
   */
  uint32_t safety;
  /*
   The most bytes by which the kernel's write pointer is above its read pointer.
   */
  uint32_t distance;
} execfmt_aout_footprint;

/*
 The compressed bytes are used up before the end mark.
 */
#define EXECFMT_AOUT_STREAM_E_TRUNCATED 300

/*
 A length index is beyond all tables.
 */
#define EXECFMT_AOUT_STREAM_E_LENGTH_INDEX 301

/*
 A match copies bytes that are not written yet.
 */
#define EXECFMT_AOUT_STREAM_E_OFFSET 302

/*
 There are more bytes than the section has.
 */
#define EXECFMT_AOUT_STREAM_E_TOO_LONG 303

/*
 The end mark comes before the section is complete.
 */
#define EXECFMT_AOUT_STREAM_E_TOO_SHORT 304

/*
 In place, the output would overtake the input. The kernel refuses this too.
 */
#define EXECFMT_AOUT_STREAM_E_OVERTAKES 305

/*
 In place, output and input are too far apart for the kernel.
 */
#define EXECFMT_AOUT_STREAM_E_DISTANCE 306

/*
 The section is empty or longer than EXECFMT_AOUT_MAX_SECTION.
 */
#define EXECFMT_AOUT_STREAM_E_SIZE 307

/*
 The memory to unpack in is too small.
 */
#define EXECFMT_AOUT_STREAM_E_AREA 308

/*
 Unpacks a section of `size` bytes from its `compressed_len` compressed ones into a buffer that does not overlap
 them. The stream's own meaning alone counts, not the kernel's limits of unpacking in place. When it fails, the
 buffer's contents are unspecified, and where `finding` is not NULL it says what is wrong at which byte.
 */
execfmt_status execfmt_aout_decode(const uint8_t *compressed,
                                   size_t compressed_len,
                                   uint8_t *section,
                                   size_t size,
                                   execfmt_finding *finding);

/*
 Unpacks a section of `size` bytes as the kernel does: the first `compressed_len` bytes of `area` are the compressed
 ones, and in the end the first `size` are the section. `area_len` must be `size` + EXECFMT_AOUT_IN_PLACE_MARGIN or more; what
 lies behind the section is unspecified then. What breaks the kernel's limits is refused. When it fails, the contents
 of `area` are unspecified, and where `finding` is not NULL it says what is wrong at which byte.
 */
execfmt_status execfmt_aout_decode_in_place(uint8_t *area,
                                            size_t area_len,
                                            size_t compressed_len,
                                            size_t size,
                                            execfmt_finding *finding);

/*
 Says whether the kernel unpacks a section, by going through its compressed bytes without unpacking them; stores in
 `*footprint` what that takes. A section that breaks the kernel's limits gives EXECFMT_AOUT_STREAM_E_OVERTAKES or
 EXECFMT_AOUT_STREAM_E_DISTANCE and must be stored plain.
 */
execfmt_status execfmt_aout_check_kernel_limits(const uint8_t *compressed,
                                                size_t compressed_len,
                                                size_t size,
                                                struct execfmt_aout_footprint *footprint,
                                                execfmt_finding *finding);

#ifndef EXECFMT_FREESTANDING
/*
 The most bytes that a section of `size` bytes can take when compressed: a buffer for execfmt_aout_encode.
 */
size_t execfmt_aout_encode_bound(size_t size);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Compresses a section of `size` bytes into a buffer of `capacity` bytes that does not overlap it, and stores in
 `*written` how many bytes it takes. `level` is EXECFMT_AOUT_FAST, EXECFMT_AOUT_DEFAULT or EXECFMT_AOUT_BEST.
 EXECFMT_E_BUFFER when the buffer is too small: `*written` then holds the number of bytes that it takes. Before the
 result goes into a file, execfmt_aout_check_kernel_limits should be asked. This function allocates, some 20 MiB at
 most, and frees it all.
 */
execfmt_status execfmt_aout_encode(const uint8_t *section,
                                   size_t size,
                                   uint32_t level,
                                   uint8_t *compressed,
                                   size_t capacity,
                                   size_t *written,
                                   execfmt_finding *finding);
#endif

/*
 Writes a sentence about a finding of this header's functions as snprintf does: at most `capacity` bytes into
 `buffer`, the closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty
 string, when the struct holds no such finding. `buffer` may be NULL with a `capacity` of 0, to learn the length.
 */
size_t execfmt_aout_stream_finding_message(const execfmt_finding *finding,
                                           char *buffer,
                                           size_t capacity);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_AOUT_COMPRESS_H */
