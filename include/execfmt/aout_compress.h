/* execfmt/aout_compress.h: generated from ffi/src/aout_minix/compress.rs by `cargo xtask headers`; do not edit. */

/*
 * Compressed sections of ELKS executables.
 *
 * execfmt_aout_decode unpacks a section into another buffer, execfmt_aout_decode_in_place as the kernel does it;
 * execfmt_aout_check_kernel_limits says whether the kernel will, without unpacking. All three take hostile bytes, time in
 * proportion to them, and no memory but a few KiB of stack. execfmt_aout_encode packs a section; it allocates, and the
 * library for kernels does not have it. Findings are explained by execfmt_aout_finding_message.
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

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built so. */
struct execfmt_aout_compress_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_aout_compress_is_packed
    [offsetof(struct execfmt_aout_compress_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/*
 The bytes after a section that unpacking in place needs. The ELKS kernel leaves so many.
 */
#define EXECFMT_AOUT_IN_PLACE_MARGIN 16

/*
 The longest section that can be compressed, in bytes.
 */
#define EXECFMT_AOUT_MAX_SECTION 65519

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
   Maximum number of bytes by which the kernel's write pointer is above its read pointer.
   */
  uint32_t distance;
} execfmt_aout_footprint;

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
 follows the section is unspecified then. What breaks the kernel's limits is refused. When it fails, the contents
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
 EXECFMT_AOUT_STREAM_E_DISTANCE and must be stored uncompressed.
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

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_AOUT_COMPRESS_H */
