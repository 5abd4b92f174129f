/* execfmt/aout_compress.h: generated from ffi/src/aout_minix/compress.rs by `cargo xtask headers`; do not edit. */

/*
 * Compressed sections of ELKS executables.
 *
 * execfmt_aout_decode decompresses a section into another buffer, execfmt_aout_decode_in_place as the kernel does it;
 * execfmt_aout_check_kernel_limits determines whether the kernel will, without decompressing. All three accept hostile bytes,
 * take time proportional to their number, and need no memory except a few KiB of stack. execfmt_aout_encode compresses a
 * section; it allocates, and the library for kernels does not contain it. Findings are explained by
 * execfmt_aout_finding_message.
 *
 * Example:
 *
 *     #include <execfmt/aout_compress.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         static uint8_t section[1000], packed[2000], unpacked[1000];
 *         size_t written;
 *
 *         if (execfmt_aout_encode_bound(sizeof section) > sizeof packed)
 *             return 1;
 *         if (execfmt_aout_encode(section, sizeof section, EXECFMT_AOUT_DEFAULT, packed, sizeof packed, &written, NULL)
 *             != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_aout_decode(packed, written, unpacked, sizeof unpacked, NULL) != EXECFMT_OK)
 *             return 1;
 *         printf("%lu bytes instead of %lu\n", (unsigned long)written, (unsigned long)sizeof section);
 *         return 0;
 *     }
 */

#ifndef EXECFMT_AOUT_COMPRESS_H
#define EXECFMT_AOUT_COMPRESS_H

#include <stddef.h>
#include <stdint.h>
#include "aout_minix.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_aout_compress_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_aout_compress_is_packed
    [offsetof(struct execfmt_aout_compress_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/*
 Number of bytes after a section that decompressing in place needs. The ELKS kernel provides this many.
 */
#define EXECFMT_AOUT_IN_PLACE_MARGIN 16

/*
 Maximum size of a section that can be compressed, in bytes.
 */
#define EXECFMT_AOUT_MAX_SECTION 65519

/*
 Level: fastest.
 */
#define EXECFMT_AOUT_FAST 1

/*
 Level: compromise between time and size.
 */
#define EXECFMT_AOUT_DEFAULT 2

/*
 Level: smallest result; takes seconds.
 */
#define EXECFMT_AOUT_BEST 3

/*
 What decompressing a section in place requires.
 */
typedef struct execfmt_aout_footprint {
  /*
   Number of bytes above the section that keep the output from overtaking the input; at most
   EXECFMT_AOUT_IN_PLACE_MARGIN.
   */
  uint32_t safety;
  /*
   Maximum number of bytes by which the kernel's write pointer is above its read pointer.
   */
  uint32_t distance;
} execfmt_aout_footprint;

/*
 Decompresses a section of `size` bytes from its `compressed_len` compressed bytes into a buffer that does
 not overlap them. Only the stream format counts, not the kernel's limits on decompressing in place. On
 failure, the contents of the buffer are unspecified, and `*finding`, unless `finding` is NULL, describes
 what is wrong at which byte.
 */
execfmt_status execfmt_aout_decode(const uint8_t *compressed,
                                   size_t compressed_len,
                                   uint8_t *section,
                                   size_t size,
                                   execfmt_finding *finding);

/*
 Decompresses a section of `size` bytes as the kernel does: the first `compressed_len` bytes of `area` are
 the compressed ones, and in the end the first `size` bytes are the section. `area_len` must be at least
 `size` + EXECFMT_AOUT_IN_PLACE_MARGIN; the bytes after the section are unspecified afterwards. A section
 that exceeds the kernel's limits is refused. On failure, the contents of `area` are unspecified, and
 `*finding`, unless `finding` is NULL, describes what is wrong at which byte.
 */
execfmt_status execfmt_aout_decode_in_place(uint8_t *area,
                                            size_t area_len,
                                            size_t compressed_len,
                                            size_t size,
                                            execfmt_finding *finding);

/*
 Determines whether the kernel decompresses a section, by walking through its compressed bytes without
 producing output; stores in `*footprint` what that requires. For a section that exceeds the kernel's
 limits the status is EXECFMT_AOUT_STREAM_E_OVERTAKES or EXECFMT_AOUT_STREAM_E_DISTANCE, and it must be
 stored uncompressed.
 */
execfmt_status execfmt_aout_check_kernel_limits(const uint8_t *compressed,
                                                size_t compressed_len,
                                                size_t size,
                                                struct execfmt_aout_footprint *footprint,
                                                execfmt_finding *finding);

#ifndef EXECFMT_FREESTANDING
/*
 Maximum number of bytes that a section of `size` bytes takes when compressed: a buffer for execfmt_aout_encode.
 */
size_t execfmt_aout_encode_bound(size_t size);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Compresses a section of `size` bytes into a buffer of `capacity` bytes that does not overlap it, and
 stores the compressed size in `*written`. `level` is EXECFMT_AOUT_FAST, EXECFMT_AOUT_DEFAULT or
 EXECFMT_AOUT_BEST. EXECFMT_E_BUFFER when the buffer is too small: `*written` is then the number of bytes
 needed. Call execfmt_aout_check_kernel_limits before the result goes into a file. This function allocates
 at most about 20 MiB, and frees all of it.
 */
execfmt_status execfmt_aout_encode(const uint8_t *section,
                                   size_t size,
                                   uint32_t level,
                                   uint8_t *compressed,
                                   size_t capacity,
                                   size_t *written,
                                   execfmt_finding *finding);
#endif

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_AOUT_COMPRESS_H */
