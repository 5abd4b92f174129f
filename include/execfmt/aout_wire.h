/*
 * The records of an ELKS or Minix a.out file as stored in the file, for compilers on the target itself: 16-bit
 * compilers such as bcc, without <stdint.h> and without 64-bit integers. Written by hand; self-contained, needs no
 * library. A test compares the offset of each field with the Rust crate's.
 *
 * Words are in the byte order of the file's processor, which is that of the machine the program runs on; on another
 * one, execfmt/aout_minix.h reads files of either order. The bytes of a file may be at any address: copy them
 * into such a struct, do not cast.
 */
#ifndef EXECFMT_AOUT_WIRE_H
#define EXECFMT_AOUT_WIRE_H

#include <limits.h>

typedef unsigned char execfmt_wire8;
typedef unsigned short execfmt_wire16;
#if UINT_MAX >= 0xffffffff
typedef unsigned int execfmt_wire32;
#else
typedef unsigned long execfmt_wire32;
#endif

/* The first two bytes of every file. */
#define EXECFMT_WIRE_MAGIC0 0x01
#define EXECFMT_WIRE_MAGIC1 0x03

/* hlen: the size of the whole header in bytes, which says how many of the three records a file has. */
#define EXECFMT_WIRE_HLEN_PLAIN 0x20
#define EXECFMT_WIRE_HLEN_RELOC 0x30
#define EXECFMT_WIRE_HLEN_FAR 0x40

/* flags. */
#define EXECFMT_WIRE_EXECUTABLE 0x10
#define EXECFMT_WIRE_SEPARATE 0x20

/* cpu. */
#define EXECFMT_WIRE_I8086 0x04

/* symndx of a relocation, and the one type of ELKS. */
#define EXECFMT_WIRE_AGAINST_TEXT 0xfffe
#define EXECFMT_WIRE_AGAINST_DATA 0xfffd
#define EXECFMT_WIRE_AGAINST_BSS 0xfffc
#define EXECFMT_WIRE_AGAINST_FAR_TEXT 0xfffb
#define EXECFMT_WIRE_SEGMENT_WORD 80

/* Every file begins with it. */
struct execfmt_aout_wire_header {
    execfmt_wire8 magic[2];
    execfmt_wire8 flags;
    execfmt_wire8 cpu;
    execfmt_wire8 hlen;
    execfmt_wire8 reserved1;
    execfmt_wire16 version;  /* 0 or 1: what chmem and minstack mean */
    execfmt_wire32 tseg;     /* bytes of text, uncompressed */
    execfmt_wire32 dseg;     /* bytes of data, uncompressed */
    execfmt_wire32 bseg;     /* bytes of bss */
    execfmt_wire32 entry;    /* bytes from the start of the text */
    execfmt_wire16 chmem;    /* version 1: bytes of heap */
    execfmt_wire16 minstack; /* version 1: bytes of stack */
    execfmt_wire32 syms;     /* bytes of symbols */
};

/* Follows when hlen is EXECFMT_WIRE_HLEN_RELOC or more. */
struct execfmt_aout_wire_reloc_supplement {
    execfmt_wire32 trsize; /* bytes of relocations of the text */
    execfmt_wire32 drsize; /* of the data */
    execfmt_wire32 tbase;
    execfmt_wire32 dbase;
};

/* Follows when hlen is EXECFMT_WIRE_HLEN_FAR. */
struct execfmt_aout_wire_far_supplement {
    execfmt_wire32 ftseg;       /* bytes of far text, uncompressed */
    execfmt_wire32 ftrsize;     /* bytes of its relocations */
    execfmt_wire16 compr_tseg;  /* bytes of text as stored; 0 when it is not compressed */
    execfmt_wire16 compr_dseg;  /* of data */
    execfmt_wire16 compr_ftseg; /* of far text */
    execfmt_wire16 reserved;
};

struct execfmt_aout_wire_relocation {
    execfmt_wire32 vaddr;  /* bytes from the start of its section */
    execfmt_wire16 symndx; /* EXECFMT_WIRE_AGAINST_TEXT and so on */
    execfmt_wire16 type;   /* EXECFMT_WIRE_SEGMENT_WORD */
};

/* A symbol of Minix and of ld86. Those of ELKS have no fixed size. */
struct execfmt_aout_wire_nlist {
    execfmt_wire8 name[8];
    execfmt_wire32 value;
    execfmt_wire8 sclass;
    execfmt_wire8 numaux;
    execfmt_wire16 type;
};

/* An array of -1 elements, and thus an error, where a compiler lays a struct out otherwise, or `#pragma pack` does. */
typedef char execfmt_wire_sizes[sizeof(execfmt_wire16) == 2 && sizeof(execfmt_wire32) == 4 ? 1 : -1];
typedef char execfmt_wire_header_size[sizeof(struct execfmt_aout_wire_header) == 32 ? 1 : -1];
typedef char execfmt_wire_reloc_supplement_size[sizeof(struct execfmt_aout_wire_reloc_supplement) == 16 ? 1 : -1];
typedef char execfmt_wire_far_supplement_size[sizeof(struct execfmt_aout_wire_far_supplement) == 16 ? 1 : -1];
typedef char execfmt_wire_relocation_size[sizeof(struct execfmt_aout_wire_relocation) == 8 ? 1 : -1];
typedef char execfmt_wire_nlist_size[sizeof(struct execfmt_aout_wire_nlist) == 16 ? 1 : -1];

#endif /* EXECFMT_AOUT_WIRE_H */
