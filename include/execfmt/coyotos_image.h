/* execfmt/coyotos_image.h: generated from ffi/src/coyotos_image by `cargo xtask headers`; do not edit. */

/*
 * Coyotos images: reading, and building.
 *
 * Reading allocates nothing. execfmt_coyotos_open reads the header and fills in an execfmt_coyotos_image, which points to
 * the caller's bytes: they must remain unchanged as long as the struct, or a pointer into the image that a function stored,
 * is used. Nothing needs to be closed. The struct is protected by a checksum: one that was changed or never filled in gives
 * EXECFMT_COYOTOS_E_HANDLE. execfmt_coyotos_check reports everything that breaks a rule; the execfmt_coyotos_read_ functions
 * return the contents of the image, execfmt_coyotos_find_leaf and _walk its mappings.
 *
 * Building: execfmt_coyotos_builder_create creates a builder, execfmt_coyotos_builder_destroy frees it. A builder allocates
 * with the memory functions that it was created with. Calls on one builder must not run at the same time; in a library
 * without std, no two of these functions may run at the same time at all. The memory functions are called during such calls:
 * they must return, and must not call functions of the calling builder. A call that fails leaves the builder unchanged.
 *
 * Example:
 *
 *     #include <execfmt/coyotos_image.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         static uint8_t file[1 << 16];
 *         execfmt_coyotos_builder *builder;
 *         execfmt_coyotos_image image;
 *         execfmt_coyotos_header header;
 *         size_t length;
 *
 *         if (execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_AS_WRITTEN, NULL, &builder) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_coyotos_builder_write(builder, file, sizeof file, &length) != EXECFMT_OK)
 *             return 1;
 *         execfmt_coyotos_builder_destroy(builder);
 *         if (execfmt_coyotos_check(file, length, NULL, NULL, NULL) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_coyotos_open(file, length, EXECFMT_COYOTOS_AS_WRITTEN, &image, NULL) != EXECFMT_OK)
 *             return 1;
 *         if (execfmt_coyotos_read_header(&image, &header) != EXECFMT_OK)
 *             return 1;
 *         printf("%lu banks\n", (unsigned long)header.n_bank);
 *         return 0;
 *     }
 */

#ifndef EXECFMT_COYOTOS_IMAGE_H
#define EXECFMT_COYOTOS_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_coyotos_image_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_coyotos_image_is_packed
    [offsetof(struct execfmt_coyotos_image_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/* Error: the file ends within the header's page. */
#define EXECFMT_COYOTOS_E_TRUNCATED 400

/*
 * Error: the file does not begin with `coyimage`. `detail` is the file's first four bytes, from which its
 * actual format may be recognised.
 */
#define EXECFMT_COYOTOS_E_BAD_MAGIC 401

/* Error: the file is a gzip file, which the caller must inflate first. */
#define EXECFMT_COYOTOS_E_COMPRESSED 402

/* Error: `endian` is neither 1234 little-endian nor 4321 big-endian. */
#define EXECFMT_COYOTOS_E_BAD_ENDIAN 403

/* Error: `version` is not 1. */
#define EXECFMT_COYOTOS_E_BAD_VERSION 404

/* Error: `target` is none of the architectures that the caller knows. */
#define EXECFMT_COYOTOS_E_UNKNOWN_TARGET 405

/* Error: `pgSize` is not the architecture's. */
#define EXECFMT_COYOTOS_E_PAGE_SIZE 406

/* Error: `imgBytes` is not what the counts add up to. */
#define EXECFMT_COYOTOS_E_SIZE_FORMULA 407

/*
 * Error: the counts add up if endpoints take 48 bytes, as they did in July 2007. Such an image can be read
 * ([`Image::parse`](crate::Image::parse)), but no later kernel loads it.
 */
#define EXECFMT_COYOTOS_E_OLD_LAYOUT 408

/* Error: the file is longer or shorter than `imgBytes`. */
#define EXECFMT_COYOTOS_E_FILE_SIZE 409

/* Error: the tables' OIDs do not ascend from 1 to `endVecOID`. */
#define EXECFMT_COYOTOS_E_TABLE_ORDER 410

/* Error: a table does not have the number of pages that its records need. */
#define EXECFMT_COYOTOS_E_TABLE_PAGES 411

/* Error: `endVecOID` is not the number of pages. */
#define EXECFMT_COYOTOS_E_TABLE_END 412

/* Error: the file is a gzip file that cannot be inflated to its end. */
#define EXECFMT_COYOTOS_E_GZIP_DAMAGED 413

/* Error: the image in the gzip file is larger than the caller allows. */
#define EXECFMT_COYOTOS_E_GZIP_OVER_LIMIT 415

/* Error: the gzip file contains more bytes than `imgBytes`. */
#define EXECFMT_COYOTOS_E_GZIP_TOO_LONG 414

/* Error: rule 1 of the original: `swizzled` is 0. */
#define EXECFMT_COYOTOS_E_SWIZZLED 421

/* Error: rule 2: the type is known. */
#define EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE 422

/*
 * Error: rule 3: `allocCount` is 0 unless the capability is to an object or a Window; a LocalWindow has
 * none.
 */
#define EXECFMT_COYOTOS_E_ALLOC_COUNT 423

/*
 * Error: rule 4: the last 64 bits are 0 unless the capability is to an object, a window, an Entry or an
 * AppNotice.
 */
#define EXECFMT_COYOTOS_E_STRAY_OID 424

/* Error: rule 5: the OID is below the number of objects, or that of a physical page. */
#define EXECFMT_COYOTOS_E_OID_RANGE 425

/* Error: rule 6: only memory capabilities have restrictions. */
#define EXECFMT_COYOTOS_E_STRAY_RESTR 426

/*
 * Error: rule 7: the second word is 0 unless the capability is to memory, an Endpoint, an Entry or an
 * AppNotice.
 */
#define EXECFMT_COYOTOS_E_STRAY_PAYLOAD 427

/* Error: rule 8: OP and NC restrict GPTs and physical pages only. */
#define EXECFMT_COYOTOS_E_STRAY_OPAQUE 428

/* Error: rule 9: WK implies RO. */
#define EXECFMT_COYOTOS_E_WEAK_NOT_READ_ONLY 429

/* Error: rule 10: `l2g` is between the page size and 64. */
#define EXECFMT_COYOTOS_E_GUARD_SIZE 430

/* Error: rule 11: `match`, shifted left by `l2g`, fits into 64 bits. */
#define EXECFMT_COYOTOS_E_GUARD_MATCH 431

/* Error: rule 12: a window's offset has no bits below its `l2g`. */
#define EXECFMT_COYOTOS_E_WINDOW_OFFSET 432

/*
 * Error: rule 13: a window's slot is at most 15. The original requires 0 in a LocalWindow, which in the
 * kernel is the one that has a slot.
 */
#define EXECFMT_COYOTOS_E_WINDOW_SLOT 433

/* Error: rule 14: `l2v` is between the page size and 63. */
#define EXECFMT_COYOTOS_E_GPT_SIZE 434

/* Error: rule 15: an endpoint's recipient is Null or a Process. */
#define EXECFMT_COYOTOS_E_RECIPIENT 435

/* Error: rule 16: a process's `ioSpace` is Null or IOPriv. */
#define EXECFMT_COYOTOS_E_IO_SPACE 436

/* Error: there is no bank, to which everything would be charged. */
#define EXECFMT_COYOTOS_E_NO_BANK 440

/* Error: a bank's endpoint does not exist. */
#define EXECFMT_COYOTOS_E_BANK_ENDPOINT 441

/* Error: a bank's parent is not a bank before it; bank 0's is itself. */
#define EXECFMT_COYOTOS_E_BANK_PARENT 442

/* Error: `nAlloc` is not the number of objects. */
#define EXECFMT_COYOTOS_E_ALLOC_TOTAL 443

/* Error: the alloc table is not sorted by type and OID, or does not list each object exactly once. */
#define EXECFMT_COYOTOS_E_ALLOC_ORDER 444

/* Error: an object is charged to a bank that does not exist. */
#define EXECFMT_COYOTOS_E_ALLOC_BANK 445

/* Error: bits that belong to no field are set. */
#define EXECFMT_COYOTOS_E_RESERVED 446

/* Error: bytes after the header or a table are not zero. */
#define EXECFMT_COYOTOS_E_PADDING 447

/* Error: `runState` is above 2. */
#define EXECFMT_COYOTOS_E_RUN_STATE 448

/* Error: unknown process flags. */
#define EXECFMT_COYOTOS_E_PROCESS_FLAGS 449

/* Error: an Entry refers to an endpoint that does not exist. */
#define EXECFMT_COYOTOS_E_ENTRY_RANGE 450

/* Error: an AppNotice refers to a process that does not exist. */
#define EXECFMT_COYOTOS_E_NOTICE_RANGE 451

/* Error: the symbol table is not sorted. */
#define EXECFMT_COYOTOS_E_SYMBOL_ORDER 452

/* Error: a symbol's name does not begin within the string table. */
#define EXECFMT_COYOTOS_E_SYMBOL_NAME 453

/* Error: the string table does not end with a NUL. */
#define EXECFMT_COYOTOS_E_STRINGS_UNTERMINATED 454

/*
 * Error: the names of all symbols, each with its NUL, add up to more than the string table: symbols share a
 * name, and reading all of them would take far more time than the table is long.
 */
#define EXECFMT_COYOTOS_E_SHARED_NAMES 455

/* Error: a process's address space has a slot with a capability that cannot be part of an address space. */
#define EXECFMT_COYOTOS_E_SPACE_NOT_MEMORY 456

/* Error: a process's address space refers to an object that does not exist. */
#define EXECFMT_COYOTOS_E_SPACE_NO_OBJECT 457

/* Error: a process's address space nests more GPTs than [`MAX_DEPTH`](crate::space::MAX_DEPTH). */
#define EXECFMT_COYOTOS_E_SPACE_TOO_DEEP 458

/*
 * Error: the GPTs of a process's address space refer to each other so often that a walk would take
 * impracticably long.
 */
#define EXECFMT_COYOTOS_E_SPACE_TOO_MANY 459

/* Warning: the `endpointID` of a bank's endpoint is not the bank's index plus one. */
#define EXECFMT_COYOTOS_W_BANK_ENDPOINT_ID 460

/* Warning: bank i is not endpoint i: the original space bank confuses the two. */
#define EXECFMT_COYOTOS_W_BANK_INDEX 461

/* Warning: the header or a table is not charged to bank 0. */
#define EXECFMT_COYOTOS_W_TABLE_CHARGE 462

/* Warning: a capability refers to a page of the header or a table. */
#define EXECFMT_COYOTOS_W_TABLE_PAGE 463

/* Warning: a GPT can be reached from itself. */
#define EXECFMT_COYOTOS_W_SPACE_CYCLE 464

/* Error: the file does not have the ELF magic. */
#define EXECFMT_COYOTOS_E_ELF_MAGIC 500

/* Error: the file is damaged; `detail` is the part. */
#define EXECFMT_COYOTOS_E_ELF_MALFORMED 501

/* Error: code for another machine. */
#define EXECFMT_COYOTOS_E_ELF_MACHINE 502

/* Error: code for the right machine, in the other byte order. */
#define EXECFMT_COYOTOS_E_ELF_BYTE_ORDER 508

/* Error: an object file or a shared object, not linked to fixed addresses. */
#define EXECFMT_COYOTOS_E_ELF_KIND 503

/* Error: a program that needs a dynamic linker. */
#define EXECFMT_COYOTOS_E_ELF_DYNAMIC 509

/* Error: there are no segments to load. */
#define EXECFMT_COYOTOS_E_ELF_SEGMENTS 504

/* Error: more segments than [`MAX_SEGMENTS`](super::MAX_SEGMENTS). */
#define EXECFMT_COYOTOS_E_ELF_TOO_MANY_SEGMENTS 510

/* Error: a segment's bytes extend past the end of the file. */
#define EXECFMT_COYOTOS_E_ELF_RANGE 505

/* Error: a segment has more bytes in the file than in memory. */
#define EXECFMT_COYOTOS_E_ELF_FILE_SIZE 511

/* Error: a segment ends beyond the highest address. */
#define EXECFMT_COYOTOS_E_ELF_ADDRESS 512

/* Error: the segments take more memory than an image can hold. */
#define EXECFMT_COYOTOS_E_ELF_TOO_LARGE 513

/* Error: two segments define different bytes at one address. */
#define EXECFMT_COYOTOS_E_ELF_OVERLAP 506

/*
 * Error: a segment's file offset and its address differ within a page, so the original's loader cannot load
 * it.
 */
#define EXECFMT_COYOTOS_E_ELF_MISALIGNED 514

/* Error: the original would lose bytes here: another page replaces the one that contains them. */
#define EXECFMT_COYOTOS_E_ELF_COMPAT 507

/* Error: the parts to keep add up to more than the file: they use the same bytes many times over. */
#define EXECFMT_COYOTOS_E_ELF_SHARED_BYTES 515

/*
 Kind of field: the file as a whole; the value is its length in bytes.
 */
#define EXECFMT_COYOTOS_FIELD_FILE_LENGTH 1

/*
 Kind of field: of the header.
 */
#define EXECFMT_COYOTOS_FIELD_HEADER 2

/*
 Kind of field: zero bytes after the header or a table.
 */
#define EXECFMT_COYOTOS_FIELD_PADDING 3

/*
 Kind of field: of record `number` of the bank table.
 */
#define EXECFMT_COYOTOS_FIELD_BANK 4

/*
 Kind of field: of record `number` of the alloc table.
 */
#define EXECFMT_COYOTOS_FIELD_ALLOC 5

/*
 Kind of field: of record `number` of the symbol table.
 */
#define EXECFMT_COYOTOS_FIELD_SYMBOL 6

/*
 Kind of field: the string table.
 */
#define EXECFMT_COYOTOS_FIELD_STRINGS 7

/*
 Kind of field: of an object, `object_type` and `number`.
 */
#define EXECFMT_COYOTOS_FIELD_OBJECT 8

/*
 Kind of field: of the capability in slot `slot` of an object, `object_type` and `number`.
 */
#define EXECFMT_COYOTOS_FIELD_CAPABILITY 9

/*
 Target: i386.
 */
#define EXECFMT_COYOTOS_I386 1

/*
 Target: ColdFire.
 */
#define EXECFMT_COYOTOS_COLDFIRE 2

/*
 Target: ARM.
 */
#define EXECFMT_COYOTOS_ARM 3

/*
 Packing of bit-fields: from the least significant bit up, as in existing files.
 */
#define EXECFMT_COYOTOS_AS_WRITTEN 0

/*
 Packing of bit-fields: from the most significant bit down, for big-endian targets.
 */
#define EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN 1

/*
 Rules: the original library's 16, and further ones on tables, padding and symbols.
 */
#define EXECFMT_COYOTOS_FULL 0

/*
 Rules: exactly the original library's 16.
 */
#define EXECFMT_COYOTOS_REFERENCE 1

/*
 Object type: a page of bytes.
 */
#define EXECFMT_COYOTOS_OBJECT_PAGE 0

/*
 Object type: a page of capabilities.
 */
#define EXECFMT_COYOTOS_OBJECT_CAP_PAGE 1

/*
 Object type: a guarded page table.
 */
#define EXECFMT_COYOTOS_OBJECT_GPT 2

/*
 Object type: a process.
 */
#define EXECFMT_COYOTOS_OBJECT_PROCESS 3

/*
 Object type: an endpoint.
 */
#define EXECFMT_COYOTOS_OBJECT_ENDPOINT 4

/*
 Slot of a process: the source of its processor time.
 */
#define EXECFMT_COYOTOS_SLOT_SCHEDULE 0

/*
 Slot of a process: its address space.
 */
#define EXECFMT_COYOTOS_SLOT_ADDR_SPACE 1

/*
 Slot of a process: a mark by which its creator recognises it.
 */
#define EXECFMT_COYOTOS_SLOT_BRAND 2

/*
 Slot of a process: its cohort.
 */
#define EXECFMT_COYOTOS_SLOT_COHORT 3

/*
 Slot of a process: its right to do I/O.
 */
#define EXECFMT_COYOTOS_SLOT_IO_SPACE 4

/*
 Slot of a process: the handler of its faults.
 */
#define EXECFMT_COYOTOS_SLOT_HANDLER 5

/*
 Slot of a process: capability register N is this number plus N, up to 31.
 */
#define EXECFMT_COYOTOS_SLOT_CAP_REG 6

/*
 Slot of an endpoint: its recipient.
 */
#define EXECFMT_COYOTOS_SLOT_RECIPIENT 0

/*
 Capability type: Null.
 */
#define EXECFMT_COYOTOS_CAP_NULL 0x00000000

/*
 Capability type: Window.
 */
#define EXECFMT_COYOTOS_CAP_WINDOW 0x00000001

/*
 Capability type: LocalWindow.
 */
#define EXECFMT_COYOTOS_CAP_LOCAL_WINDOW 0x00000002

/*
 Capability type: Schedule.
 */
#define EXECFMT_COYOTOS_CAP_SCHEDULE 0x0000000c

/*
 Capability type: IOPriv.
 */
#define EXECFMT_COYOTOS_CAP_IO_PRIV 0x0000000f

/*
 Capability type: Endpoint.
 */
#define EXECFMT_COYOTOS_CAP_ENDPOINT 0x00000020

/*
 Capability type: Page.
 */
#define EXECFMT_COYOTOS_CAP_PAGE 0x00000021

/*
 Capability type: CapPage.
 */
#define EXECFMT_COYOTOS_CAP_CAP_PAGE 0x00000022

/*
 Capability type: GPT.
 */
#define EXECFMT_COYOTOS_CAP_GPT 0x00000023

/*
 Capability type: Process.
 */
#define EXECFMT_COYOTOS_CAP_PROCESS 0x00000024

/*
 Capability type: AppNotice.
 */
#define EXECFMT_COYOTOS_CAP_APP_NOTICE 0x00000025

/*
 Capability type: Entry.
 */
#define EXECFMT_COYOTOS_CAP_ENTRY 0x0000003f

/*
 Restriction: weak; implies read-only.
 */
#define EXECFMT_COYOTOS_WK 0x00000001

/*
 Restriction: read-only.
 */
#define EXECFMT_COYOTOS_RO 0x00000002

/*
 Restriction: not executable.
 */
#define EXECFMT_COYOTOS_NX 0x00000004

/*
 Restriction: opaque; on physical pages, cache disabled.
 */
#define EXECFMT_COYOTOS_OP 0x00000008

/*
 Restriction: no call; on physical pages, write-through.
 */
#define EXECFMT_COYOTOS_NC 0x00000010

/*
 Capability flag: swizzled, which is never set in an image.
 */
#define EXECFMT_COYOTOS_CAP_SWIZZLED 1

/*
 Capability flag: the bit between l2g and match, which is never set in a valid image.
 */
#define EXECFMT_COYOTOS_CAP_GUARD_PADDING 2

/*
 GPT flag: it holds a fault handler; only the lower 8 slots are mapped.
 */
#define EXECFMT_COYOTOS_GPT_HANDLER 1

/*
 GPT flag: it has a background space; only the lower 8 slots are mapped.
 */
#define EXECFMT_COYOTOS_GPT_BACKGROUND 2

/*
 fault_code of a process that the kernel starts when it loads the image; fault_info is its PC.
 */
#define EXECFMT_COYOTOS_FAULT_STARTUP 25

/*
 Symbol: a label, about which nothing more is known.
 */
#define EXECFMT_COYOTOS_SYMBOL_LABEL 0

/*
 Symbol: a function.
 */
#define EXECFMT_COYOTOS_SYMBOL_FUNCTION 1

/*
 Symbol: a variable or a table.
 */
#define EXECFMT_COYOTOS_SYMBOL_DATA 2

/*
 Symbol: the build ID of a space's side file.
 */
#define EXECFMT_COYOTOS_SYMBOL_BUILD_ID 16

/*
 Loader: each virtual page holds exactly what the ELF file specifies.
 */
#define EXECFMT_COYOTOS_LOAD_EXACT 0

/*
 Loader: the original's, which shares pages of the file among segments.
 */
#define EXECFMT_COYOTOS_LOAD_COMPATIBLE 1

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Builds an image, or modifies one that was read. Opaque: use it only through the functions that begin with
 execfmt_coyotos_builder_. Calls on one builder must not run at the same time; in a library built without
 std, no two of these functions may run at the same time at all. A call that fails leaves the builder
 unchanged.

 A library for kernels contains these functions when it is built with the feature "builder".
 */
typedef struct execfmt_coyotos_builder execfmt_coyotos_builder;
#endif

/*
 The location of a finding. Members that do not apply to its kind of field are 0.
 */
typedef struct execfmt_coyotos_finding_place {
  /*
   The field's name in the format; empty when the kind identifies it. The string is static: do not free
   it.
   */
  const char *name;
  /*
   EXECFMT_COYOTOS_FIELD_HEADER or another of these constants.
   */
  uint32_t kind;
  /*
   The type of the object.
   */
  uint32_t object_type;
  /*
   The OID of the object, or the index of the record.
   */
  uint32_t number;
  /*
   The slot, numbered in file order.
   */
  uint32_t slot;
} execfmt_coyotos_finding_place;

/*
 What an image is checked for. All 0 is the default: every rule, and bit-fields packed as in every file
 that the original wrote.
 */
typedef struct execfmt_coyotos_check_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   EXECFMT_COYOTOS_FULL or EXECFMT_COYOTOS_REFERENCE.
   */
  uint32_t rules;
  /*
   EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
   */
  uint32_t packing;
} execfmt_coyotos_check_options;

/*
 An image in the caller's memory. Filled in by execfmt_coyotos_open; the other functions check it and the
 header again, so a struct that was changed or never filled in does no harm. The bytes must not move.
 */
typedef struct execfmt_coyotos_image {
  /*
   The bytes.
   */
  const uint8_t *bytes;
  /*
   Their number.
   */
  size_t length;
  /*
   EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
   */
  uint32_t packing;
  /*
   A checksum over the fields above.
   */
  uint32_t seal;
} execfmt_coyotos_image;

/*
 An image's header, with the format's names.
 */
typedef struct execfmt_coyotos_header {
  /*
   EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN.
   */
  uint32_t byte_order;
  /*
   1.
   */
  uint32_t version;
  /*
   EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_COLDFIRE or EXECFMT_COYOTOS_ARM.
   */
  uint32_t target;
  /*
   The page size in bytes.
   */
  uint32_t pg_size;
  /*
   Number of records of the alloc table: one for every object.
   */
  uint32_t n_alloc;
  /*
   Number of records of the bank table.
   */
  uint32_t n_bank;
  /*
   Number of records of the symbol table.
   */
  uint32_t n_symbol;
  /*
   The size of the string table in bytes.
   */
  uint32_t n_string_bytes;
  /*
   Number of pages, including the header's and the tables'.
   */
  uint32_t n_page;
  /*
   Number of capability pages.
   */
  uint32_t n_cap_page;
  /*
   Number of GPTs.
   */
  uint32_t n_gpt;
  /*
   Number of endpoints.
   */
  uint32_t n_endpoint;
  /*
   Number of processes.
   */
  uint32_t n_proc;
  /*
   The size of the image in bytes.
   */
  uint32_t img_bytes;
  /*
   OID of the first page of the bank table: the number of header and user pages.
   */
  uint64_t bank_vec_oid;
  /*
   OID of the first page of the symbol table.
   */
  uint64_t sym_vec_oid;
  /*
   OID of the first page of the string table.
   */
  uint64_t string_table_oid;
  /*
   OID of the first page of the alloc table.
   */
  uint64_t alloc_vec_oid;
  /*
   One past the OID of the last page of the tables.
   */
  uint64_t end_vec_oid;
} execfmt_coyotos_header;

/*
 A GPT without its capabilities.
 */
typedef struct execfmt_coyotos_gpt {
  /*
   The binary logarithm of the number of bytes that a slot covers; 6 bits.
   */
  uint32_t l2v;
  /*
   EXECFMT_COYOTOS_GPT_HANDLER and EXECFMT_COYOTOS_GPT_BACKGROUND.
   */
  uint32_t flags;
} execfmt_coyotos_gpt;

/*
 An endpoint without its recipient.
 */
typedef struct execfmt_coyotos_endpoint {
  /*
   The number that the receiver gets; for a bank's endpoint, the bank's index plus one.
   */
  uint64_t endpoint_id;
  /*
   1 when the payload of a sender's capability must match, else 0.
   */
  uint32_t pm;
  /*
   The protected payload.
   */
  uint32_t prot_payload;
} execfmt_coyotos_endpoint;

/*
 A process without its capabilities.
 */
typedef struct execfmt_coyotos_process {
  /*
   Details of the fault; for EXECFMT_COYOTOS_FAULT_STARTUP, the PC.
   */
  uint64_t fault_info;
  /*
   The fault code.
   */
  uint32_t fault_code;
  /*
   Pending notices.
   */
  uint32_t notices;
  /*
   0 running, 1 receiving, 2 faulted; 8 bits.
   */
  uint32_t run_state;
  /*
   Flags; 16 bits.
   */
  uint32_t flags;
} execfmt_coyotos_process;

/*
 A capability, decoded. All 0 is Null.
 */
typedef struct execfmt_coyotos_capability {
  /*
   The OID of the object; of a window, the offset.
   */
  uint64_t oid;
  /*
   EXECFMT_COYOTOS_CAP_GPT or another of these constants; 6 bits.
   */
  uint32_t cap_type;
  /*
   Restrictions: EXECFMT_COYOTOS_RO and others; 5 bits.
   */
  uint32_t restr;
  /*
   The allocation count, 20 bits; of a window, the slot.
   */
  uint32_t alloc_count;
  /*
   The protected payload; 0 for memory: GPT, Page, CapPage and windows.
   */
  uint32_t prot_payload;
  /*
   Of memory: the binary logarithm of the size in bytes that it covers; 7 bits.
   */
  uint32_t l2g;
  /*
   Of memory: the address bits from l2g up; 24 bits.
   */
  uint32_t guard_match;
  /*
   EXECFMT_COYOTOS_CAP_SWIZZLED and EXECFMT_COYOTOS_CAP_GUARD_PADDING; 0 in a valid image.
   */
  uint32_t flags;
  /*
   0.
   */
  uint32_t reserved;
} execfmt_coyotos_capability;

/*
 A record of the bank table.
 */
typedef struct execfmt_coyotos_bank {
  /*
   The OID of the bank's endpoint.
   */
  uint64_t endpoint_oid;
  /*
   The index of the parent bank; the root, bank 0, is its own.
   */
  uint64_t parent;
} execfmt_coyotos_bank;

/*
 A record of the alloc table: the bank to which an object is charged.
 */
typedef struct execfmt_coyotos_alloc {
  /*
   The object's OID.
   */
  uint64_t oid;
  /*
   The index of the bank.
   */
  uint64_t bank;
  /*
   The object's type.
   */
  uint32_t frame_type;
  /*
   0 in a valid image.
   */
  uint32_t reserved;
} execfmt_coyotos_alloc;

/*
 What is mapped at an address.
 */
typedef struct execfmt_coyotos_leaf {
  /*
   The Page or CapPage; Null when nothing is mapped there.
   */
  struct execfmt_coyotos_capability capability;
  /*
   The address within it, in bytes.
   */
  uint64_t offset;
  /*
   The restrictions accumulated on the path, without OP.
   */
  uint32_t restr;
  /*
   0.
   */
  uint32_t reserved;
} execfmt_coyotos_leaf;

/*
 A leaf of an address space and the address at which it is mapped.
 */
typedef struct execfmt_coyotos_mapping {
  /*
   The Page, CapPage or window.
   */
  struct execfmt_coyotos_capability capability;
  /*
   The first address.
   */
  uint64_t address;
  /*
   The binary logarithm of the number of bytes reachable through it.
   */
  uint32_t l2_size;
  /*
   The restrictions accumulated on the path, without OP.
   */
  uint32_t restr;
} execfmt_coyotos_mapping;

/*
 Called for each leaf of an address space. A result other than 0 ends the walk.
 */
typedef int32_t (*execfmt_coyotos_mapping_fn)(void *context, const struct execfmt_coyotos_mapping *mapping);

/*
 A symbol of an image.
 */
typedef struct execfmt_coyotos_symbol {
  /*
   The address.
   */
  uint64_t value;
  /*
   The space: the OID of its root, with the root's object type in the highest 8 bits.
   */
  uint64_t object;
  /*
   The name, within the image and without its NUL; NULL when it is outside the string table.
   */
  const char *name;
  /*
   The length of the name in bytes.
   */
  size_t name_length;
  /*
   The size in bytes, at most 0xffffff, which also represents all larger ones; 0 when unknown.
   */
  uint32_t size;
  /*
   EXECFMT_COYOTOS_SYMBOL_FUNCTION or another of these constants.
   */
  uint32_t kind;
} execfmt_coyotos_symbol;

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Allocates `size` bytes, of any alignment, or returns NULL. It must not call functions of the calling
 builder.
 */
typedef void *(*execfmt_coyotos_malloc_fn)(void *context, size_t size);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Frees memory.
 */
typedef void (*execfmt_coyotos_free_fn)(void *context, void *memory);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The caller's memory functions. Everything that a builder holds is allocated with them: its handle, its
 objects and their bytes, what it returns, and temporary memory of calls. Each allocation is a few words
 larger than the block, to record the allocator that owns it. When malloc returns NULL, the call fails with
 EXECFMT_COYOTOS_E_MEMORY, and the builder is unchanged.

 In a library built with std, NULL in place of this struct means the system's allocator. One without std
 has none, and returns EXECFMT_E_NULL. Linked into a Rust program that has its own allocator, a builder
 uses that one: pass NULL; anything else is refused with EXECFMT_E_ARGUMENT.
 */
typedef struct execfmt_coyotos_memory {
  /*
   Allocates memory.
   */
  execfmt_coyotos_malloc_fn malloc;
  /*
   Frees it.
   */
  execfmt_coyotos_free_fn free;
  /*
   Passed to both functions unchanged.
   */
  void *context;
} execfmt_coyotos_memory;
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 A program in an address space.
 */
typedef struct execfmt_coyotos_program {
  /*
   The address space.
   */
  struct execfmt_coyotos_capability space;
  /*
   The start address of the program.
   */
  uint64_t entry;
  /*
   1 when the start address is mapped executable, else 0, which only the original's loader accepts.
   */
  uint32_t entry_executable;
  /*
   0.
   */
  uint32_t reserved;
} execfmt_coyotos_program;
#endif

/*
 Error: a struct or handle that was damaged, never filled in, or destroyed.
 */
#define EXECFMT_COYOTOS_E_HANDLE 470

/*
 Error: the caller's malloc returned NULL.
 */
#define EXECFMT_COYOTOS_E_MEMORY 471

/*
 Error: there is no such object.
 */
#define EXECFMT_COYOTOS_E_NO_OBJECT 472

/*
 Error: the object has no such slot.
 */
#define EXECFMT_COYOTOS_E_NO_SLOT 473

/*
 Error: a capability that cannot be part of an address space.
 */
#define EXECFMT_COYOTOS_E_NOT_MEMORY 474

/*
 Error: a capability to something other than a bank.
 */
#define EXECFMT_COYOTOS_E_NOT_A_BANK 475

/*
 Error: a capability to an object of another kind than required.
 */
#define EXECFMT_COYOTOS_E_WRONG_TYPE 476

/*
 Error: a size below a page or above 64 bits.
 */
#define EXECFMT_COYOTOS_E_SIZE 477

/*
 Error: an address that is not a multiple of the size to be mapped there.
 */
#define EXECFMT_COYOTOS_E_UNALIGNED 478

/*
 Error: the address is within a window or a leaf, which cannot be divided.
 */
#define EXECFMT_COYOTOS_E_INDIVISIBLE 479

/*
 Error: a tree whose GPTs are inconsistent.
 */
#define EXECFMT_COYOTOS_E_INCONSISTENT 480

/*
 Error: a path through more than 64 GPTs, a cycle.
 */
#define EXECFMT_COYOTOS_E_TOO_DEEP 481

/*
 Error: more objects than an image can count, or more GPTs than a walk was allowed to enter.
 */
#define EXECFMT_COYOTOS_E_TOO_MANY 482

/*
 Error: bytes past the end of a page.
 */
#define EXECFMT_COYOTOS_E_PAST_END 483

/*
 Error: page 0 holds the header, which is written last.
 */
#define EXECFMT_COYOTOS_E_HEADER_PAGE 484

/*
 Error: the image would be 4 GiB or longer.
 */
#define EXECFMT_COYOTOS_E_TOO_LARGE 485

/*
 Error: the start address is not mapped, or not executable.
 */
#define EXECFMT_COYOTOS_E_ENTRY 486

/*
 Error: a space larger than the one GPT of a small-model constructor.
 */
#define EXECFMT_COYOTOS_E_NOT_SMALL 487

/*
 Error: the names of symbols add up to more than 4 GiB, or one contains a NUL.
 */
#define EXECFMT_COYOTOS_E_NAMES 488

/*
 Error: what is mapped at the address is not a page of the image.
 */
#define EXECFMT_COYOTOS_E_NOT_WRITABLE 489

/*
 Error: a range of addresses that ends beyond 64 bits.
 */
#define EXECFMT_COYOTOS_E_ADDRESS 490

/*
 Error: a space that breaks a rule of the small model.
 */
#define EXECFMT_COYOTOS_E_SMALL_MODEL 492

/*
 Decodes the location of a finding of this format: `*place` identifies the object or record, and the slot.
 EXECFMT_E_ARGUMENT when the struct holds no finding of this format.
 */
execfmt_status execfmt_coyotos_locate(const execfmt_finding *finding,
                                      struct execfmt_coyotos_finding_place *place);

/*
 Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
 `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
 an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
 `buffer` with a `capacity` of 0.
 */
size_t execfmt_coyotos_finding_message(const execfmt_finding *finding, char *buffer, size_t capacity);

/*
 Checks an uncompressed image of `length` bytes by the chosen rules, in time linear in the image. `report`,
 which may be NULL, is called for everything that breaks a rule, in order, before this function returns.
 Returns EXECFMT_OK when there are no errors, else the status of the first error. `options` may be NULL. If
 you already have an execfmt_coyotos_image, pass its bytes, length and packing.
 */
execfmt_status execfmt_coyotos_check(const uint8_t *bytes,
                                     size_t length,
                                     const struct execfmt_coyotos_check_options *options,
                                     execfmt_report_fn report,
                                     void *context);

/*
 Finds every slot of a GPT that leads back to a GPT above it, in linear time, and calls `report` for each,
 as a warning. `scratch` is memory for one 64-bit word per GPT (n_gpt of the header), EXECFMT_E_BUFFER when
 it is smaller; its initial contents do not matter.
 */
execfmt_status execfmt_coyotos_check_cycles(const struct execfmt_coyotos_image *image,
                                            uint64_t *scratch,
                                            size_t scratch_count,
                                            execfmt_report_fn report,
                                            void *context);

/*
 Reads and checks the header of an uncompressed image of `length` bytes. On success `*image` is filled in;
 when the image is refused, the status is the reason, and `*finding`, unless `finding` is NULL, has the
 field, its offset, the value found and the value expected. `packing` is EXECFMT_COYOTOS_AS_WRITTEN for
 every file that the original wrote.
 */
execfmt_status execfmt_coyotos_open(const uint8_t *file,
                                    size_t length,
                                    uint32_t packing,
                                    struct execfmt_coyotos_image *image,
                                    execfmt_finding *finding);

/*
 The header of an image.
 */
execfmt_status execfmt_coyotos_read_header(const struct execfmt_coyotos_image *image,
                                           struct execfmt_coyotos_header *header);

/*
 Locates the bytes of an object: `*bytes` points into the image.
 */
execfmt_status execfmt_coyotos_object(const struct execfmt_coyotos_image *image,
                                      uint32_t object_type,
                                      uint64_t oid,
                                      const uint8_t **bytes,
                                      size_t *length);

/*
 A GPT's fields.
 */
execfmt_status execfmt_coyotos_read_gpt(const struct execfmt_coyotos_image *image,
                                        uint64_t oid,
                                        struct execfmt_coyotos_gpt *gpt);

/*
 An endpoint's fields.
 */
execfmt_status execfmt_coyotos_read_endpoint(const struct execfmt_coyotos_image *image,
                                             uint64_t oid,
                                             struct execfmt_coyotos_endpoint *endpoint);

/*
 A process's fields.
 */
execfmt_status execfmt_coyotos_read_process(const struct execfmt_coyotos_image *image,
                                            uint64_t oid,
                                            struct execfmt_coyotos_process *process);

/*
 The capability in a slot of an object. Slots are numbered from 0 in file order: a GPT has 16, a CapPage
 the page size divided by 16, a process those from EXECFMT_COYOTOS_SLOT_SCHEDULE on, an endpoint one.
 */
execfmt_status execfmt_coyotos_read_capability(const struct execfmt_coyotos_image *image,
                                               uint32_t object_type,
                                               uint64_t oid,
                                               uint32_t slot,
                                               struct execfmt_coyotos_capability *capability);

/*
 The record `index` of the bank table; EXECFMT_END past the last one.
 */
execfmt_status execfmt_coyotos_read_bank(const struct execfmt_coyotos_image *image,
                                         uint32_t index,
                                         struct execfmt_coyotos_bank *bank);

/*
 The record `index` of the alloc table; EXECFMT_END past the last one.
 */
execfmt_status execfmt_coyotos_read_alloc(const struct execfmt_coyotos_image *image,
                                          uint32_t index,
                                          struct execfmt_coyotos_alloc *alloc);

/*
 Looks up what is mapped at an address of a space. Takes at most 64 steps. If nothing is mapped, the leaf
 is Null.
 */
execfmt_status execfmt_coyotos_find_leaf(const struct execfmt_coyotos_image *image,
                                         const struct execfmt_coyotos_capability *space,
                                         uint64_t address,
                                         struct execfmt_coyotos_leaf *leaf);

/*
 Walks a space in ascending address order and calls `each` for every leaf. A tree that contains a cycle, or
 has more than `max_gpts` GPTs, counting repeated visits, ends the walk with an error.
 */
execfmt_status execfmt_coyotos_walk(const struct execfmt_coyotos_image *image,
                                    const struct execfmt_coyotos_capability *space,
                                    uint64_t max_gpts,
                                    execfmt_coyotos_mapping_fn each,
                                    void *context);

/*
 The symbol `index`, in table order: by space and address. EXECFMT_END past the last one.
 */
execfmt_status execfmt_coyotos_read_symbol(const struct execfmt_coyotos_image *image,
                                           uint32_t index,
                                           struct execfmt_coyotos_symbol *symbol);

/*
 The symbol that an address belongs to, in the space with this root, or in any space, lowest first, when
 `space` is NULL. EXECFMT_END when there is none. This is a binary search: the image is not read through.
 */
execfmt_status execfmt_coyotos_symbol_at(const struct execfmt_coyotos_image *image,
                                         const struct execfmt_coyotos_capability *space,
                                         uint64_t address,
                                         struct execfmt_coyotos_symbol *symbol);

/*
 The symbol with a name of `name_length` bytes, by linear search. EXECFMT_END when there is none.
 */
execfmt_status execfmt_coyotos_symbol_named(const struct execfmt_coyotos_image *image,
                                            const char *name,
                                            size_t name_length,
                                            struct execfmt_coyotos_symbol *symbol);

/*
 The build ID of a space's side file, in hexadecimal: `*id` points into the image, and its `*id_length`
 bytes are not necessarily followed by a NUL. EXECFMT_END when the image has none.
 */
execfmt_status execfmt_coyotos_build_id(const struct execfmt_coyotos_image *image,
                                        const struct execfmt_coyotos_capability *space,
                                        const char **id,
                                        size_t *id_length);

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Creates a builder with page 0 and the prime bank, for a target such as EXECFMT_COYOTOS_I386. `memory` may
 be NULL in a library built with std. Free the builder with execfmt_coyotos_builder_destroy.
 */
execfmt_status execfmt_coyotos_builder_create(uint32_t target,
                                              uint32_t packing,
                                              const struct execfmt_coyotos_memory *memory,
                                              struct execfmt_coyotos_builder **builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Creates a builder with the contents of an image, to be extended. An image that breaks a rule is refused
 with the status of the rule. The image is no longer needed afterwards. `memory` may be NULL in a library
 built with std.
 */
execfmt_status execfmt_coyotos_builder_create_from(const struct execfmt_coyotos_image *image,
                                                   const struct execfmt_coyotos_memory *memory,
                                                   struct execfmt_coyotos_builder **builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Frees a builder and everything that it holds. NULL is accepted and ignored. The handle must not be used
 afterwards.
 */
execfmt_status execfmt_coyotos_builder_destroy(struct execfmt_coyotos_builder *builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes a sentence that explains why the last failed call on a builder failed, with the values found, in
 the manner of snprintf: at most `capacity` bytes into `buffer`, including the terminating NUL. Returns the
 length of the whole sentence without the NUL; 0, and an empty string, when no call has failed for a reason
 within the builder.
 */
size_t execfmt_coyotos_builder_message(struct execfmt_coyotos_builder *builder,
                                       char *buffer,
                                       size_t capacity);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Number of objects of a type. For pages: page 0 and the allocated ones, without tables.
 */
execfmt_status execfmt_coyotos_builder_count(struct execfmt_coyotos_builder *builder,
                                             uint32_t object_type,
                                             uint64_t *count);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The Entry of bank 0, to which objects are charged unless another bank is given.
 */
execfmt_status execfmt_coyotos_builder_prime_bank(struct execfmt_coyotos_builder *builder,
                                                  struct execfmt_coyotos_capability *bank);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Allocates a bank below another, and stores its Entry.
 */
execfmt_status execfmt_coyotos_builder_alloc_bank(struct execfmt_coyotos_builder *builder,
                                                  const struct execfmt_coyotos_capability *parent,
                                                  struct execfmt_coyotos_capability *bank);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Allocates a page, capability page, GPT, process or endpoint, charged to a bank, and stores a capability to
 it. It is all zero; each slot of a GPT covers a page.
 */
execfmt_status execfmt_coyotos_builder_alloc(struct execfmt_coyotos_builder *builder,
                                             uint32_t object_type,
                                             const struct execfmt_coyotos_capability *bank,
                                             struct execfmt_coyotos_capability *object);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes bytes into a page, from `offset` on.
 */
execfmt_status execfmt_coyotos_builder_write_page(struct execfmt_coyotos_builder *builder,
                                                  const struct execfmt_coyotos_capability *page,
                                                  uint32_t offset,
                                                  const uint8_t *bytes,
                                                  size_t length);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Copies a page into `buffer`; EXECFMT_E_BUFFER when it is shorter than a page.
 */
execfmt_status execfmt_coyotos_builder_read_page(struct execfmt_coyotos_builder *builder,
                                                 const struct execfmt_coyotos_capability *page,
                                                 uint8_t *buffer,
                                                 size_t capacity);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The capability in a slot of an object, numbered as for execfmt_coyotos_read_capability.
 */
execfmt_status execfmt_coyotos_builder_capability(struct execfmt_coyotos_builder *builder,
                                                  const struct execfmt_coyotos_capability *object,
                                                  uint32_t slot,
                                                  struct execfmt_coyotos_capability *found);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Stores a capability in a slot of an object.
 */
execfmt_status execfmt_coyotos_builder_set_capability(struct execfmt_coyotos_builder *builder,
                                                      const struct execfmt_coyotos_capability *object,
                                                      uint32_t slot,
                                                      const struct execfmt_coyotos_capability *value);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 A GPT's fields.
 */
execfmt_status execfmt_coyotos_builder_gpt(struct execfmt_coyotos_builder *builder,
                                           const struct execfmt_coyotos_capability *object,
                                           struct execfmt_coyotos_gpt *gpt);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Sets a GPT's fields.
 */
execfmt_status execfmt_coyotos_builder_set_gpt(struct execfmt_coyotos_builder *builder,
                                               const struct execfmt_coyotos_capability *object,
                                               const struct execfmt_coyotos_gpt *gpt);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 An endpoint's fields.
 */
execfmt_status execfmt_coyotos_builder_endpoint(struct execfmt_coyotos_builder *builder,
                                                const struct execfmt_coyotos_capability *object,
                                                struct execfmt_coyotos_endpoint *endpoint);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Sets an endpoint's fields. A bank's endpoint is identified by its endpoint_id: changing that changes which
 bank is charged.
 */
execfmt_status execfmt_coyotos_builder_set_endpoint(struct execfmt_coyotos_builder *builder,
                                                    const struct execfmt_coyotos_capability *object,
                                                    const struct execfmt_coyotos_endpoint *endpoint);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 A process's fields.
 */
execfmt_status execfmt_coyotos_builder_process(struct execfmt_coyotos_builder *builder,
                                               const struct execfmt_coyotos_capability *object,
                                               struct execfmt_coyotos_process *process);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Sets a process's fields.
 */
execfmt_status execfmt_coyotos_builder_set_process(struct execfmt_coyotos_builder *builder,
                                                   const struct execfmt_coyotos_capability *object,
                                                   const struct execfmt_coyotos_process *process);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 A capability to the same memory at `offset`: with a guard, and below GPTs where the 24 bits of a guard are
 not enough. `l2arg` is the binary logarithm of the size that it is to cover at most, 0 for its own size.
 */
execfmt_status execfmt_coyotos_builder_guarded(struct execfmt_coyotos_builder *builder,
                                               const struct execfmt_coyotos_capability *bank,
                                               const struct execfmt_coyotos_capability *memory,
                                               uint64_t offset,
                                               uint32_t l2arg,
                                               struct execfmt_coyotos_capability *guarded);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Maps memory into a space at an address, and sets `*space` to the current root; Null is an empty space.
 `l2arg` is the binary logarithm of the size that is replaced, 0 for that of the memory itself. Mapping
 Null unmaps.
 */
execfmt_status execfmt_coyotos_builder_add(struct execfmt_coyotos_builder *builder,
                                           const struct execfmt_coyotos_capability *bank,
                                           struct execfmt_coyotos_capability *space,
                                           uint64_t address,
                                           const struct execfmt_coyotos_capability *memory,
                                           uint32_t l2arg);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Looks up what is mapped at an address of a space.
 */
execfmt_status execfmt_coyotos_builder_leaf(struct execfmt_coyotos_builder *builder,
                                            const struct execfmt_coyotos_capability *space,
                                            uint64_t address,
                                            struct execfmt_coyotos_leaf *leaf);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes bytes at an address of a space, for a code generator: pages and GPTs are allocated as needed, the
 pages with the restrictions `restr`. Sets `*space` to the current root; Null is an empty space.
 */
execfmt_status execfmt_coyotos_builder_emit(struct execfmt_coyotos_builder *builder,
                                            const struct execfmt_coyotos_capability *bank,
                                            struct execfmt_coyotos_capability *space,
                                            uint64_t address,
                                            const uint8_t *bytes,
                                            size_t length,
                                            uint32_t restr);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes `length` zeros at an address of a space: see execfmt_coyotos_builder_emit.
 */
execfmt_status execfmt_coyotos_builder_emit_zeros(struct execfmt_coyotos_builder *builder,
                                                  const struct execfmt_coyotos_capability *bank,
                                                  struct execfmt_coyotos_capability *space,
                                                  uint64_t address,
                                                  uint64_t length,
                                                  uint32_t restr);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Sets the restrictions of all pages that a range of addresses touches; missing pages are allocated.
 */
execfmt_status execfmt_coyotos_builder_protect(struct execfmt_coyotos_builder *builder,
                                               const struct execfmt_coyotos_capability *bank,
                                               struct execfmt_coyotos_capability *space,
                                               uint64_t address,
                                               uint64_t length,
                                               uint32_t restr);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Loads a linked program of `length` bytes, ELF32 or ELF64, into a new address space. `loader` is
 EXECFMT_COYOTOS_LOAD_EXACT or EXECFMT_COYOTOS_LOAD_COMPATIBLE.
 */
execfmt_status execfmt_coyotos_builder_load_elf(struct execfmt_coyotos_builder *builder,
                                                const struct execfmt_coyotos_capability *bank,
                                                const uint8_t *elf,
                                                size_t length,
                                                uint32_t loader,
                                                struct execfmt_coyotos_program *program);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Allocates a process that the kernel starts at `pc` when it loads the image. Everything but its fault and
 its space is zero and left for the caller to set, above all the schedule.
 */
execfmt_status execfmt_coyotos_builder_runnable_process(struct execfmt_coyotos_builder *builder,
                                                        const struct execfmt_coyotos_capability *bank,
                                                        const struct execfmt_coyotos_capability *space,
                                                        uint64_t pc,
                                                        struct execfmt_coyotos_capability *process);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Makes the input of a constructor for the small memory model: `*root`, the space as one GPT of pages,
 weakened, and `*proto_space`, a page that begins with the PC as a 64-bit word of the target. `proto` is
 the page of the ProtoSpace program, at most a page long, whose code begins at byte 8: it is copied, and
 the PC replaces its first 8 bytes. When it is NULL, with a length of 0, the page holds only the PC, and no
 process can start from it.

 The space must have at most 16 pages (EXECFMT_COYOTOS_E_NOT_SMALL), its text must begin at page 1, and
 slots 14 and 15 must be free for the stacks (EXECFMT_COYOTOS_E_SMALL_MODEL).
 */
execfmt_status execfmt_coyotos_builder_constructor_form(struct execfmt_coyotos_builder *builder,
                                                        const struct execfmt_coyotos_capability *bank,
                                                        const struct execfmt_coyotos_capability *space,
                                                        uint64_t pc,
                                                        const uint8_t *proto,
                                                        size_t proto_length,
                                                        struct execfmt_coyotos_capability *root,
                                                        struct execfmt_coyotos_capability *proto_space);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Adds symbols to the image. The `size` of each is limited to 0xffffff, and `name` must not contain a NUL;
 invalid UTF-8 in it is replaced. The table is sorted by space and address.
 */
execfmt_status execfmt_coyotos_builder_add_symbols(struct execfmt_coyotos_builder *builder,
                                                   const struct execfmt_coyotos_symbol *symbols,
                                                   size_t count);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Keeps a program's debugging information: its symbols go into the image, and so does the build ID of a side
 file for a debugger, which execfmt_coyotos_builder_write_side_file writes. `space` is the root of the
 space into which the program was loaded, as in the finished image. Like all functions of side files, this
 is only in libraries built with std.
 */
execfmt_status execfmt_coyotos_builder_keep_debug(struct execfmt_coyotos_builder *builder,
                                                  const uint8_t *elf,
                                                  size_t length,
                                                  const struct execfmt_coyotos_capability *space);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Stores the length of the last side file made; EXECFMT_END when none was.
 */
execfmt_status execfmt_coyotos_builder_side_file_length(struct execfmt_coyotos_builder *builder,
                                                        size_t *length);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Writes the last side file made into `buffer`, and stores its length in `*written`.
 */
execfmt_status execfmt_coyotos_builder_write_side_file(struct execfmt_coyotos_builder *builder,
                                                       uint8_t *buffer,
                                                       size_t capacity,
                                                       size_t *written);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Checks the builder's contents as writing does: by the original's 16 rules, or, after
 execfmt_coyotos_builder_create_from, by the full rules on objects.
 */
execfmt_status execfmt_coyotos_builder_validate(struct execfmt_coyotos_builder *builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Stores the length of the image in bytes.
 */
execfmt_status execfmt_coyotos_builder_length(struct execfmt_coyotos_builder *builder, size_t *length);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes the image into `buffer` and stores its length in `*written`. Contents that break a rule are refused
 with the status of the rule, and nothing is written. execfmt_coyotos_builder_length returns the size
 needed.
 */
execfmt_status execfmt_coyotos_builder_write(struct execfmt_coyotos_builder *builder,
                                             uint8_t *buffer,
                                             size_t capacity,
                                             size_t *written);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The whole image in memory from the caller's malloc, to be freed with the caller's free; a builder with
 NULL hooks has none.
 */
execfmt_status execfmt_coyotos_builder_image(struct execfmt_coyotos_builder *builder,
                                             uint8_t **image,
                                             size_t *length);
#endif

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_COYOTOS_IMAGE_H */
