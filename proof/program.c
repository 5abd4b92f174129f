/* A program without libc that keeps the functions under proof. The four functions that the library asks of its kernel are
   byte loops, which the executor follows like any other code, so that no model of them is trusted. */
#include <stddef.h>
#include <stdint.h>

#include "execfmt.h"

#define LOOP __attribute__((noinline, optimize("no-tree-loop-distribute-patterns")))

LOOP void *memcpy(void *to, const void *from, size_t count) {
    unsigned char *t = to;
    const unsigned char *f = from;
    while (count--) *t++ = *f++;
    return to;
}

LOOP void *memmove(void *to, const void *from, size_t count) {
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t < f) while (count--) *t++ = *f++;
    else while (count--) t[count] = f[count];
    return to;
}

LOOP void *memset(void *to, int value, size_t count) {
    unsigned char *t = to;
    while (count--) *t++ = (unsigned char)value;
    return to;
}

LOOP int memcmp(const void *a, const void *b, size_t count) {
    const unsigned char *x = a, *y = b;
    for (; count--; x++, y++)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}

/* The read function of a caller, for calls by the processor: a file whose bytes follow from their places. */
uint32_t proof_read(void *context, uint32_t offset, void *destination, uint32_t length) {
    unsigned char *to = destination;
    (void)context;
    for (uint32_t k = 0; k < length; k++) to[k] = (unsigned char)((offset + k) * 0x9E3779B1u >> 24);
    return length;
}

/* What LLVM makes of a test for equality, where the library was not made for kernels yet. */
LOOP int bcmp(const void *a, const void *b, size_t count) {
    const unsigned char *x = a, *y = b;
    for (; count--; x++, y++)
        if (*x != *y) return 1;
    return 0;
}

#ifdef CRATES
/* What `ffi/src/proof.rs` declares. */
typedef struct execfmt_proof_minix2 {
    uint32_t text, data, total, gap, text_offset;
} execfmt_proof_minix2;
typedef struct execfmt_proof_capability {
    uint64_t oid;
    uint32_t word0, word1;
} execfmt_proof_capability;
typedef struct execfmt_proof_gpts {
    uint64_t count;
    execfmt_proof_capability slot;
    uint8_t l2v, ha, bg, reserved[5];
} execfmt_proof_gpts;
typedef struct execfmt_proof_leaf {
    uint64_t oid, offset;
    uint32_t word0, word1, restr, slot;
} execfmt_proof_leaf;
typedef struct execfmt_proof_ne_relocation {
    uint64_t offset, next;
    uint32_t left, source_type, flags, source_offset, target_segment, target_offset, known;
    int32_t second;
} execfmt_proof_ne_relocation;
typedef struct execfmt_proof_symbol {
    uint64_t offset, length, needed;
    uint32_t value, class, index, fault;
} execfmt_proof_symbol;

struct structs_of_crates {
    execfmt_proof_minix2 minix2;
    execfmt_proof_capability capability;
    execfmt_proof_gpts gpts;
    execfmt_proof_leaf leaf;
    execfmt_proof_ne_relocation ne_relocation;
    execfmt_proof_symbol symbol;
} structs_of_crates;

void execfmt_proof_minix2_exec(void);
void execfmt_proof_in_place(void);
void execfmt_proof_coyotos_leaf(void);
void execfmt_proof_ne_relocations(void);
void execfmt_proof_elks_symbol(void);
void execfmt_proof_nlist_symbol(void);
void execfmt_proof_coff_symbol(void);
#define OF_CRATES (function)execfmt_proof_minix2_exec, (function)execfmt_proof_in_place, (function)execfmt_proof_coyotos_leaf, \
    (function)execfmt_proof_ne_relocations, (function)execfmt_proof_elks_symbol, (function)execfmt_proof_nlist_symbol, \
    (function)execfmt_proof_coff_symbol, (function)&structs_of_crates,
#else
#define OF_CRATES
#endif

/* The structs, for the debugging information from which their layouts are taken. */
struct structs {
    execfmt_finding finding;
    execfmt_noff noff;
    execfmt_noff_options noff_options;
    execfmt_noff_page noff_page;
    execfmt_elks_options elks_options;
    execfmt_elks_layout elks_layout;
    execfmt_aout aout;
    execfmt_aout_relocation aout_relocation;
    execfmt_coff_options coff_options;
    execfmt_coff_section coff_section;
    execfmt_coyotos_image coyotos_image;
    execfmt_coyotos_capability coyotos_capability;
    execfmt_coyotos_leaf coyotos_leaf;
    execfmt_ne ne;
    execfmt_ne_segment ne_segment;
    execfmt_ne_cursor ne_cursor;
    execfmt_ne_name ne_name;
    execfmt_ne_options ne_options;
    execfmt_elks_ne_layout elks_ne_layout;
} structs;

typedef void (*function)(void);

const function kept[] = {
    OF_CRATES
    (function)execfmt_version, (function)execfmt_looks_like, (function)execfmt_coff_check,
    (function)execfmt_coff_section_at, (function)execfmt_aout_relocation_at,
    (function)execfmt_coyotos_open, (function)execfmt_coyotos_object, (function)execfmt_coyotos_find_leaf,
    (function)execfmt_ne_parse, (function)execfmt_ne_segment_at, (function)execfmt_ne_elks_layout, (function)execfmt_ne_next_name,
    (function)execfmt_noff_load, (function)proof_read,
    (function)execfmt_aout_elks_layout, (function)execfmt_aout_chmem,
    (function)execfmt_noff_parse_header, (function)execfmt_noff_page_count, (function)execfmt_noff_stack_pointer,
    (function)execfmt_noff_describe_page, (function)execfmt_noff_segment_at, (function)execfmt_noff_file_offset,
};

void _start(void) {
    __asm__ volatile("" ::"r"(kept), "r"(&structs));
    for (;;) {
    }
}

#ifdef NATIVE
/* A shared library keeps every exported function, also those that ask for what no function under proof does. */
void execfmt_a_panic_can_be_reached(void) {
    __builtin_trap();
}

void rust_eh_personality(void) {
    __builtin_trap();
}
#endif
