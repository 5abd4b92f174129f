/* execfmt/coyotos_image.h: generated from ffi/src/coyotos_image by `cargo xtask headers`; do not edit. */

/*
 * Coyotos images: reading, and building.
 *
 * Reading allocates nothing. execfmt_coyotos_open looks at the header and fills in an execfmt_coyotos_image, which points to
 * the caller's bytes: they must stay, unchanged, as long as it is used, and so must what the functions that take it point to
 * in them. Nothing needs to be closed. The struct is sealed: one that was changed or never filled in gives
 * EXECFMT_COYOTOS_E_HANDLE. execfmt_coyotos_check reports everything that breaks a rule; the execfmt_coyotos_read_ functions
 * give what the image holds, execfmt_coyotos_find_leaf and _walk what is mapped where.
 *
 * Building: execfmt_coyotos_builder_create gives a builder, execfmt_coyotos_builder_destroy takes it back. What a builder
 * holds is from the memory functions that it was made with. Calls on one builder must not run at the same time; in a library
 * without std, no two of these functions at all. The memory functions are called during such calls: they must return, and
 * must not call functions of the builder that asks. A call that fails leaves the builder as it was.
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

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built so. */
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
 * Error: the file does not begin with `coyimage`. `detail` is the file's first four bytes, which say what it
 * looks like.
 */
#define EXECFMT_COYOTOS_E_BAD_MAGIC 401

/* Error: the file is a gzip file, and was to be inflated first. */
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

/* Error: a table does not take the pages that its records need. */
#define EXECFMT_COYOTOS_E_TABLE_PAGES 411

/* Error: `endVecOID` is not the number of pages. */
#define EXECFMT_COYOTOS_E_TABLE_END 412

/* Error: the file is a gzip file that cannot be inflated to its end. */
#define EXECFMT_COYOTOS_E_GZIP_DAMAGED 413

/* Error: the image in the gzip file is longer than the caller allows. */
#define EXECFMT_COYOTOS_E_GZIP_OVER_LIMIT 415

/* Error: the gzip file holds more bytes than `imgBytes`. */
#define EXECFMT_COYOTOS_E_GZIP_TOO_LONG 414

/* Error: rule 1 of the original: `swizzled` is 0. */
#define EXECFMT_COYOTOS_E_SWIZZLED 421

/* Error: rule 2: the type is known. */
#define EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE 422

/* Error: rule 3: `allocCount` is 0 unless the capability is to an object or a window. */
#define EXECFMT_COYOTOS_E_ALLOC_COUNT 423

/*
 * Error: rule 4: the last 64 bits are 0 unless the capability is to an object, a window, an Entry or an
 * AppNotice.
 */
#define EXECFMT_COYOTOS_E_STRAY_OID 424

/* Error: rule 5: the OID is below the number of objects, or a physical page's. */
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

/* Error: rule 10: `l2g` lies between the page's and 64. */
#define EXECFMT_COYOTOS_E_GUARD_SIZE 430

/* Error: rule 11: `match`, shifted up by `l2g`, fits into 64 bits. */
#define EXECFMT_COYOTOS_E_GUARD_MATCH 431

/* Error: rule 12: a window's offset has no bits below its `l2g`. */
#define EXECFMT_COYOTOS_E_WINDOW_OFFSET 432

/*
 * Error: rule 13: a window's slot is at most 15. The original demands 0 of a LocalWindow, which in the
 * kernel is the one that has a slot.
 */
#define EXECFMT_COYOTOS_E_WINDOW_SLOT 433

/* Error: rule 14: `l2v` lies between the page's and 63. */
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

/* Error: the alloc table is not sorted by type and OID, or does not name each object once. */
#define EXECFMT_COYOTOS_E_ALLOC_ORDER 444

/* Error: an object is charged to a bank that does not exist. */
#define EXECFMT_COYOTOS_E_ALLOC_BANK 445

/* Error: bits that no field uses are set. */
#define EXECFMT_COYOTOS_E_RESERVED 446

/* Error: bytes after the header or a table are set. */
#define EXECFMT_COYOTOS_E_PADDING 447

/* Error: `runState` is above 2. */
#define EXECFMT_COYOTOS_E_RUN_STATE 448

/* Error: unknown process flags. */
#define EXECFMT_COYOTOS_E_PROCESS_FLAGS 449

/* Error: an Entry names an endpoint that does not exist. */
#define EXECFMT_COYOTOS_E_ENTRY_RANGE 450

/* Error: an AppNotice names a process that does not exist. */
#define EXECFMT_COYOTOS_E_NOTICE_RANGE 451

/* Error: the symbol table is not sorted. */
#define EXECFMT_COYOTOS_E_SYMBOL_ORDER 452

/* Error: a symbol's name does not begin within the string table. */
#define EXECFMT_COYOTOS_E_SYMBOL_NAME 453

/* Error: the string table does not end with a NUL. */
#define EXECFMT_COYOTOS_E_STRINGS_UNTERMINATED 454

/*
 * Error: the names of all symbols are longer together, each with its NUL, than the string table: symbols
 * share a name, and to read them all would take far more time than the table is long.
 */
#define EXECFMT_COYOTOS_E_SHARED_NAMES 455

/* Error: a process's address space has a slot with a capability that no address space is made of. */
#define EXECFMT_COYOTOS_E_SPACE_NOT_MEMORY 456

/* Error: a process's address space names an object that does not exist. */
#define EXECFMT_COYOTOS_E_SPACE_NO_OBJECT 457

/*
 * Error: a process's address space has more GPTs, one below the other, than
 * [`MAX_DEPTH`](crate::space::MAX_DEPTH).
 */
#define EXECFMT_COYOTOS_E_SPACE_TOO_DEEP 458

/* Error: the GPTs of a process's address space name each other so often that a walk would hardly end. */
#define EXECFMT_COYOTOS_E_SPACE_TOO_MANY 459

/* Warning: a bank's endpoint has another number than the bank's index plus one. */
#define EXECFMT_COYOTOS_W_BANK_ENDPOINT_ID 460

/* Warning: bank i is not endpoint i: the original space bank takes one for the other. */
#define EXECFMT_COYOTOS_W_BANK_INDEX 461

/* Warning: the header or a table is not charged to bank 0. */
#define EXECFMT_COYOTOS_W_TABLE_CHARGE 462

/* Warning: a capability names a page of a table. */
#define EXECFMT_COYOTOS_W_TABLE_PAGE 463

/* Warning: a GPT can be reached from itself. */
#define EXECFMT_COYOTOS_W_SPACE_CYCLE 464

/* Error: the file does not begin like an ELF file. */
#define EXECFMT_COYOTOS_E_ELF_MAGIC 500

/* Error: the file is damaged; the part is named. */
#define EXECFMT_COYOTOS_E_ELF_MALFORMED 501

/* Error: code for another machine. */
#define EXECFMT_COYOTOS_E_ELF_MACHINE 502

/* Error: the machine's code, in the other byte order. */
#define EXECFMT_COYOTOS_E_ELF_BYTE_ORDER 508

/* Error: an object file or a shared one, not linked to the addresses where it is to run. */
#define EXECFMT_COYOTOS_E_ELF_KIND 503

/* Error: a program that needs a dynamic linker. */
#define EXECFMT_COYOTOS_E_ELF_DYNAMIC 509

/* Error: nothing is to be loaded. */
#define EXECFMT_COYOTOS_E_ELF_SEGMENTS 504

/* Error: more segments than [`MAX_SEGMENTS`](super::MAX_SEGMENTS). */
#define EXECFMT_COYOTOS_E_ELF_TOO_MANY_SEGMENTS 510

/* Error: a segment's bytes would lie beyond the end of the file. */
#define EXECFMT_COYOTOS_E_ELF_RANGE 505

/* Error: a segment has more bytes in the file than in memory. */
#define EXECFMT_COYOTOS_E_ELF_FILE_SIZE 511

/* Error: a segment ends beyond the highest address. */
#define EXECFMT_COYOTOS_E_ELF_ADDRESS 512

/* Error: the segments take more memory than an image can hold. */
#define EXECFMT_COYOTOS_E_ELF_TOO_LARGE 513

/* Error: two segments want different bytes at one address. */
#define EXECFMT_COYOTOS_E_ELF_OVERLAP 506

/*
 * Error: a segment's offset in the file and its address lie differently within a page, so that the
 * original's loader cannot load it.
 */
#define EXECFMT_COYOTOS_E_ELF_MISALIGNED 514

/* Error: the original would lose bytes here: another page replaces the one that they are in. */
#define EXECFMT_COYOTOS_E_ELF_COMPAT 507

/* Error: the parts to keep are longer together than the file: they use the same bytes many times over. */
#define EXECFMT_COYOTOS_E_ELF_SHARED_BYTES 515

/*
 Kind of field: the file as a whole; the value is its length.
 */
#define EXECFMT_COYOTOS_FIELD_FILE_LENGTH 1

/*
 Kind of field: of the header.
 */
#define EXECFMT_COYOTOS_FIELD_HEADER 2

/*
 Kind of field: zeros after the header or a table.
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
 Packing of bit-fields: from the least significant bit on, as existing files have it.
 */
#define EXECFMT_COYOTOS_AS_WRITTEN 0

/*
 Packing of bit-fields: from the most significant bit on, for big-endian targets.
 */
#define EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN 1

/*
 Rules: the original library's 16, and those of tables, padding and symbols.
 */
#define EXECFMT_COYOTOS_FULL 0

/*
 Rules: the original library's 16, exactly.
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
 Slot of a process: where its time comes from.
 */
#define EXECFMT_COYOTOS_SLOT_SCHEDULE 0

/*
 Slot of a process: its address space.
 */
#define EXECFMT_COYOTOS_SLOT_ADDR_SPACE 1

/*
 Slot of a process: a mark that its maker knows it by.
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
 Slot of a process: who handles its faults.
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
 Capability flag: swizzled, which no image has.
 */
#define EXECFMT_COYOTOS_CAP_SWIZZLED 1

/*
 Capability flag: the bit between l2g and match, which no sound image has.
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
 fault_code of a process that the kernel makes running when it loads the image; fault_info is its PC.
 */
#define EXECFMT_COYOTOS_FAULT_STARTUP 25

/*
 Symbol: a label, of which nothing more is known.
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
 Symbol: the build id of a space's side file.
 */
#define EXECFMT_COYOTOS_SYMBOL_BUILD_ID 16

/*
 Loader: each virtual page holds exactly what the ELF says.
 */
#define EXECFMT_COYOTOS_LOAD_EXACT 0

/*
 Loader: the original's, which shares pages of the file among segments.
 */
#define EXECFMT_COYOTOS_LOAD_COMPATIBLE 1

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Builds an image, or changes one that was read. Opaque: only the functions that begin with
 execfmt_coyotos_builder_ know what is in it. Calls on one builder must not run at the same time; of a library that is
 built without std, no two of these functions at all. A call that fails leaves the builder as it was.

 A library for kernels has these functions when it is built with the feature "builder".
 */
typedef struct execfmt_coyotos_builder execfmt_coyotos_builder;
#endif

/*
 Where a finding is. What a kind of field does not have is 0.
 */
typedef struct execfmt_coyotos_finding_place {
  /*
   The field's name in the format; empty when the kind says all. The string is static: do not free it.
   */
  const char *name;
  /*
   EXECFMT_COYOTOS_FIELD_HEADER and so on.
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
   The slot, counted in the order of the file.
   */
  uint32_t slot;
} execfmt_coyotos_finding_place;

/*
 What an image is checked for. All 0 is the default: every rule, bit-fields packed as in every file that the original
 wrote.
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
 An image in the caller's memory. Filled in by execfmt_coyotos_open; the other functions check it and the header
 again, so that a struct that was changed or never filled in does no harm. The bytes must stay where they are.
 */
typedef struct execfmt_coyotos_image {
  /*
   The bytes.
   */
  const uint8_t *bytes;
  /*
   How many.
   */
  size_t length;
  /*
   EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
   */
  uint32_t packing;
  /*
   What the fields above are checked by.
   */
  uint32_t seal;
} execfmt_coyotos_image;

/*
 An image's header, by the names of the format.
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
   Records of the alloc table: one for every object.
   */
  uint32_t n_alloc;
  /*
   Records of the bank table.
   */
  uint32_t n_bank;
  /*
   Records of the symbol table.
   */
  uint32_t n_symbol;
  /*
   The size of the string table in bytes.
   */
  uint32_t n_string_bytes;
  /*
   Pages, the header's and the tables' included.
   */
  uint32_t n_page;
  /*
   Capability pages.
   */
  uint32_t n_cap_page;
  /*
   GPTs.
   */
  uint32_t n_gpt;
  /*
   Endpoints.
   */
  uint32_t n_endpoint;
  /*
   Processes.
   */
  uint32_t n_proc;
  /*
   The size of the image in bytes.
   */
  uint32_t img_bytes;
  /*
   The first page of the bank table: the number of header and user pages.
   */
  uint64_t bank_vec_oid;
  /*
   The first page of the symbol table.
   */
  uint64_t sym_vec_oid;
  /*
   The first page of the string table.
   */
  uint64_t string_table_oid;
  /*
   The first page of the alloc table.
   */
  uint64_t alloc_vec_oid;
  /*
   The page after the last table.
   */
  uint64_t end_vec_oid;
} execfmt_coyotos_header;

/*
 A GPT without its capabilities.
 */
typedef struct execfmt_coyotos_gpt {
  /*
   The binary logarithm of the bytes that a slot covers; 6 bits.
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
   The number that the receiver gets; of a bank's endpoint, the bank's index plus one.
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
   What the fault is about; of EXECFMT_COYOTOS_FAULT_STARTUP, the PC.
   */
  uint64_t fault_info;
  /*
   Why it is faulted.
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
   16 bits.
   */
  uint32_t flags;
} execfmt_coyotos_process;

/*
 A capability, taken apart. All zero is Null.
 */
typedef struct execfmt_coyotos_capability {
  /*
   The OID of the object; of a window, the offset.
   */
  uint64_t oid;
  /*
   EXECFMT_COYOTOS_CAP_GPT and so on; 6 bits.
   */
  uint32_t cap_type;
  /*
   Restrictions: EXECFMT_COYOTOS_RO and so on; 5 bits.
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
   Of memory: the address bits from l2g on; 24 bits.
   */
  uint32_t guard_match;
  /*
   EXECFMT_COYOTOS_CAP_SWIZZLED and EXECFMT_COYOTOS_CAP_GUARD_PADDING; 0 in a sound image.
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
 A record of the alloc table: who pays for an object.
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
   0 in a sound image.
   */
  uint32_t reserved;
} execfmt_coyotos_alloc;

/*
 What an address leads to.
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
   The restrictions collected on the way down, without OP.
   */
  uint32_t restr;
  /*
   0.
   */
  uint32_t reserved;
} execfmt_coyotos_leaf;

/*
 A leaf of an address space and where it is mapped.
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
   The binary logarithm of the bytes that can be reached through it.
   */
  uint32_t l2_size;
  /*
   The restrictions collected on the way down, without OP.
   */
  uint32_t restr;
} execfmt_coyotos_mapping;

/*
 Hears of a leaf of an address space. A result other than 0 ends the walk.
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
   The name, within the image and without its NUL; NULL when it lies outside of the string table.
   */
  const char *name;
  /*
   The length of the name in bytes.
   */
  size_t name_length;
  /*
   The size in bytes, at most 0xffffff, which stands for all larger ones; 0 when unknown.
   */
  uint32_t size;
  /*
   EXECFMT_COYOTOS_SYMBOL_FUNCTION and so on.
   */
  uint32_t kind;
} execfmt_coyotos_symbol;

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Gives memory for `size` bytes, of any alignment, or NULL. It must not call functions of the builder that asks.
 */
typedef void *(*execfmt_coyotos_malloc_fn)(void *context, size_t size);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Takes memory back.
 */
typedef void (*execfmt_coyotos_free_fn)(void *context, void *memory);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The caller's memory functions. All that a builder holds is from them: its handle, its objects and their bytes, what
 it hands out, and what a call needs while it runs. Each block is asked for with a few words more, in which the library
 records the allocator that it is returned to. Where malloc has no memory, the call fails with EXECFMT_COYOTOS_E_MEMORY, and the
 builder is as it was.

 A library that is built with std takes NULL in place of this struct for the system's allocator. One without std has
 none, and answers EXECFMT_E_NULL. Linked into a Rust program that has an allocator of its own, a builder uses that one:
 NULL, and EXECFMT_E_ARGUMENT for anything else.
 */
typedef struct execfmt_coyotos_memory {
  /*
   Gives memory.
   */
  execfmt_coyotos_malloc_fn malloc;
  /*
   Takes it back.
   */
  execfmt_coyotos_free_fn free;
  /*
   Passed to both.
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
   Where the program starts.
   */
  uint64_t entry;
  /*
   1 when the start address is mapped executable, else 0, which only the original's loader lets pass.
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
 Error: a capability that no address space is made of.
 */
#define EXECFMT_COYOTOS_E_NOT_MEMORY 474

/*
 Error: a capability to something other than a bank.
 */
#define EXECFMT_COYOTOS_E_NOT_A_BANK 475

/*
 Error: a capability to another kind of object than is needed.
 */
#define EXECFMT_COYOTOS_E_WRONG_TYPE 476

/*
 Error: a size below a page or above 64 bits.
 */
#define EXECFMT_COYOTOS_E_SIZE 477

/*
 Error: an address that is not a multiple of the size that is to be mapped there.
 */
#define EXECFMT_COYOTOS_E_UNALIGNED 478

/*
 Error: the place lies within a window or a leaf, which cannot be divided.
 */
#define EXECFMT_COYOTOS_E_INDIVISIBLE 479

/*
 Error: a tree whose GPTs contradict each other.
 */
#define EXECFMT_COYOTOS_E_INCONSISTENT 480

/*
 Error: a way down through more than 64 GPTs, a cycle.
 */
#define EXECFMT_COYOTOS_E_TOO_DEEP 481

/*
 Error: more objects than an image can count, or more GPTs than a walk was allowed.
 */
#define EXECFMT_COYOTOS_E_TOO_MANY 482

/*
 Error: bytes beyond the end of a page.
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
 Error: the start address is not mapped, or may not be executed.
 */
#define EXECFMT_COYOTOS_E_ENTRY 486

/*
 Error: a space larger than the one GPT of a small-model constructor.
 */
#define EXECFMT_COYOTOS_E_NOT_SMALL 487

/*
 Error: the names of symbols are longer together than 4 GiB, or one holds a NUL.
 */
#define EXECFMT_COYOTOS_E_NAMES 488

/*
 Error: the address leads to something else than a page of the image.
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
 Takes apart where a finding of this format is: `*place` says of which object or record, and of which slot.
 EXECFMT_E_ARGUMENT when the struct holds no finding of this format.
 */
execfmt_status execfmt_coyotos_locate(const execfmt_finding *finding,
                                      struct execfmt_coyotos_finding_place *place);

/*
 Writes a sentence about a finding of this format as snprintf does: at most `capacity` bytes into `buffer`, the
 closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty string, when the
 struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn the length.
 */
size_t execfmt_coyotos_finding_message(const execfmt_finding *finding,
                                       char *buffer,
                                       size_t capacity);

/*
 Checks an image of `length` bytes that is not compressed, by the rules chosen, in time linear in the image. `report`,
 which may be NULL, is called for everything that breaks a rule, in order, before this function returns. Returns EXECFMT_OK
 when there are warnings at most, else the status of the first error. `options` may be NULL. Who has an
 execfmt_coyotos_image already gives its bytes, length and packing.
 */
execfmt_status execfmt_coyotos_check(const uint8_t *bytes,
                                     size_t length,
                                     const struct execfmt_coyotos_check_options *options,
                                     execfmt_report_fn report,
                                     void *context);

/*
 Finds every slot of a GPT that leads back to a GPT above it, in linear time, and calls `report` for each, which is
 worth a warning. `scratch` is memory for a 64-bit word per GPT (n_gpt of the header), EXECFMT_E_BUFFER when it is
 less; its contents mean nothing.
 */
execfmt_status execfmt_coyotos_check_cycles(const struct execfmt_coyotos_image *image,
                                            uint64_t *scratch,
                                            size_t scratch_count,
                                            execfmt_report_fn report,
                                            void *context);

/*
 Reads and checks the header of an image of `length` bytes that is not compressed. On success `*image` is filled in;
 when the image is refused, the status says why, and `*finding`, unless it is NULL, has the field, its place, the
 value found and the one expected. `packing` is EXECFMT_COYOTOS_AS_WRITTEN for every file that the original wrote.
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
 Where the bytes of an object are: `*bytes` points into the image.
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
 The capability in a slot of an object. Slots count from 0 in the order of the file: of a GPT 16, of a CapPage the
 page size divided by 16, of a process EXECFMT_COYOTOS_SLOT_SCHEDULE and so on, of an endpoint one.
 */
execfmt_status execfmt_coyotos_read_capability(const struct execfmt_coyotos_image *image,
                                               uint32_t object_type,
                                               uint64_t oid,
                                               uint32_t slot,
                                               struct execfmt_coyotos_capability *capability);

/*
 The record `index` of the bank table; EXECFMT_END after the last one.
 */
execfmt_status execfmt_coyotos_read_bank(const struct execfmt_coyotos_image *image,
                                         uint32_t index,
                                         struct execfmt_coyotos_bank *bank);

/*
 The record `index` of the alloc table; EXECFMT_END after the last one.
 */
execfmt_status execfmt_coyotos_read_alloc(const struct execfmt_coyotos_image *image,
                                          uint32_t index,
                                          struct execfmt_coyotos_alloc *alloc);

/*
 Looks up what an address of a space leads to. Takes at most 64 steps. Where nothing is mapped, the leaf is Null.
 */
execfmt_status execfmt_coyotos_find_leaf(const struct execfmt_coyotos_image *image,
                                         const struct execfmt_coyotos_capability *space,
                                         uint64_t address,
                                         struct execfmt_coyotos_leaf *leaf);

/*
 Walks a space in ascending order of addresses and calls `each` for every leaf. A tree that has a cycle, or leads
 through more than `max_gpts` GPTs, each counted as often as it is entered, ends the walk with an error.
 */
execfmt_status execfmt_coyotos_walk(const struct execfmt_coyotos_image *image,
                                    const struct execfmt_coyotos_capability *space,
                                    uint64_t max_gpts,
                                    execfmt_coyotos_mapping_fn each,
                                    void *context);

/*
 The symbol `index`, in the order of the table: by space and address. EXECFMT_END after the last one.
 */
execfmt_status execfmt_coyotos_read_symbol(const struct execfmt_coyotos_image *image,
                                           uint32_t index,
                                           struct execfmt_coyotos_symbol *symbol);

/*
 The symbol that an address belongs to, in the space with this root; in any space, the first one first, when `space`
 is NULL. EXECFMT_END when there is none. A search in halves: the image is not read through.
 */
execfmt_status execfmt_coyotos_symbol_at(const struct execfmt_coyotos_image *image,
                                         const struct execfmt_coyotos_capability *space,
                                         uint64_t address,
                                         struct execfmt_coyotos_symbol *symbol);

/*
 The symbol with a name of `name_length` bytes; looks at every one. EXECFMT_END when there is none.
 */
execfmt_status execfmt_coyotos_symbol_named(const struct execfmt_coyotos_image *image,
                                            const char *name,
                                            size_t name_length,
                                            struct execfmt_coyotos_symbol *symbol);

/*
 The build id of a space's side file, in hexadecimal: `*id` points into the image, and no NUL is promised after its
 `*id_length` bytes. EXECFMT_END when the image has none.
 */
execfmt_status execfmt_coyotos_build_id(const struct execfmt_coyotos_image *image,
                                        const struct execfmt_coyotos_capability *space,
                                        const char **id,
                                        size_t *id_length);

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Makes a builder with page 0 and the prime bank, for a target such as EXECFMT_COYOTOS_I386. `memory` may be NULL in a
 library that is built with std.
 Give the builder back with execfmt_coyotos_builder_destroy.
 */
execfmt_status execfmt_coyotos_builder_create(uint32_t target,
                                              uint32_t packing,
                                              const struct execfmt_coyotos_memory *memory,
                                              struct execfmt_coyotos_builder **builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Makes a builder that holds what an image holds, to be extended. An image that breaks a rule is refused with the
 status of the rule. The image is not needed any longer afterwards. `memory` may be NULL in a library that is built with
 std.
 */
execfmt_status execfmt_coyotos_builder_create_from(const struct execfmt_coyotos_image *image,
                                                   const struct execfmt_coyotos_memory *memory,
                                                   struct execfmt_coyotos_builder **builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Frees a builder with all that it holds. NULL is accepted and ignored. The handle must not be used afterwards.
 */
execfmt_status execfmt_coyotos_builder_destroy(struct execfmt_coyotos_builder *builder);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes a sentence about why the last call on a builder failed that did, with the values that were found, as snprintf
 does: at most `capacity` bytes into `buffer`, the closing NUL among them. Returns the length of the whole sentence
 without the NUL; 0, and an empty string, when no call has failed for a reason within the builder.
 */
size_t execfmt_coyotos_builder_message(struct execfmt_coyotos_builder *builder,
                                       char *buffer,
                                       size_t capacity);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 How many objects of a type there are. Of pages: page 0 and those that were allocated, without tables.
 */
execfmt_status execfmt_coyotos_builder_count(struct execfmt_coyotos_builder *builder,
                                             uint32_t object_type,
                                             uint64_t *count);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The Entry of bank 0, to which objects are charged unless there is another bank.
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
 Allocates a page, capability page, GPT, process or endpoint, charged to a bank, and stores a capability to it. It is
 all zero; a GPT's slots cover a page each.
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
 The capability in a slot of an object, counted as for execfmt_coyotos_read_capability.
 */
execfmt_status execfmt_coyotos_builder_capability(struct execfmt_coyotos_builder *builder,
                                                  const struct execfmt_coyotos_capability *object,
                                                  uint32_t slot,
                                                  struct execfmt_coyotos_capability *found);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Puts a capability into a slot of an object.
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
 Sets an endpoint's fields. A bank's endpoint is known by its endpoint_id: whoever changes that changes which bank
 pays.
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
 A capability to the same memory at `offset`: with a guard, and GPTs above it where a guard's 24 bits do not reach.
 `l2arg` is the binary logarithm of the size that it is to cover at most, 0 for its own.
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
 Puts memory into a space at an address, and changes `*space` to the root as it is now; Null is an empty space.
 `l2arg` is the binary logarithm of the size that is replaced, 0 for the memory's own. Null in place of memory
 unmaps.
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
 Looks up what an address of a space leads to.
 */
execfmt_status execfmt_coyotos_builder_leaf(struct execfmt_coyotos_builder *builder,
                                            const struct execfmt_coyotos_capability *space,
                                            uint64_t address,
                                            struct execfmt_coyotos_leaf *leaf);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Writes bytes at an address of a space, for a code generator: pages and GPTs are allocated as they are needed, the
 pages with the restrictions `restr`. Changes `*space` to the root as it is now; Null is an empty space.
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
 Sets the restrictions of all pages that a range of addresses touches; those that are missing are allocated.
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
 Allocates a process that the kernel makes running at `pc` when it loads the image. Everything but its fault and its
 space is left at zero, to be set by the caller: the schedule above all.
 */
execfmt_status execfmt_coyotos_builder_runnable_process(struct execfmt_coyotos_builder *builder,
                                                        const struct execfmt_coyotos_capability *bank,
                                                        const struct execfmt_coyotos_capability *space,
                                                        uint64_t pc,
                                                        struct execfmt_coyotos_capability *process);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Makes what a constructor of the small model takes: `*root`, the space as one GPT of pages, weakened, and
 `*proto_space`, a page with the PC as a 64-bit word of the target at its start. `proto` is the page of the ProtoSpace
 program, up to a page long, whose code begins at byte 8: it is copied, and the PC replaces its first 8 bytes. When it
 is NULL, with a length of 0, the page holds nothing but the PC, and no process can start from it.

 The space has at most 16 pages (EXECFMT_COYOTOS_E_NOT_SMALL), its text begins at page 1, and slots 14 and 15 are free
 for the stacks (EXECFMT_COYOTOS_E_SMALL_MODEL).
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
 Adds symbols to the image. Of each, `size` is cut to 0xffffff, and `name` must hold no NUL; what is no UTF-8 in it
 is replaced. The table is sorted by space and address.
 */
execfmt_status execfmt_coyotos_builder_add_symbols(struct execfmt_coyotos_builder *builder,
                                                   const struct execfmt_coyotos_symbol *symbols,
                                                   size_t count);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Keeps a program's debugging information: its symbols go into the image, and so does the build id of a side file for a
 debugger, which execfmt_coyotos_builder_write_side_file gives. `space` is the root of the space that the program was
 loaded into, as in the finished image. In libraries that are built with std only, as all functions of side
 files.
 */
execfmt_status execfmt_coyotos_builder_keep_debug(struct execfmt_coyotos_builder *builder,
                                                  const uint8_t *elf,
                                                  size_t length,
                                                  const struct execfmt_coyotos_capability *space);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Stores the length of the side file that was made last; EXECFMT_END when none was.
 */
execfmt_status execfmt_coyotos_builder_side_file_length(struct execfmt_coyotos_builder *builder,
                                                        size_t *length);
#endif

#ifndef EXECFMT_FREESTANDING
/*
 Writes the side file that was made last into `buffer`, and stores its length in `*written`.
 */
execfmt_status execfmt_coyotos_builder_write_side_file(struct execfmt_coyotos_builder *builder,
                                                       uint8_t *buffer,
                                                       size_t capacity,
                                                       size_t *written);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 Judges what the builder holds as writing does: by the original's 16 rules, or, after
 execfmt_coyotos_builder_create_from, by the thorough ones on objects.
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
 Writes the image into `buffer` and stores its length in `*written`. What breaks a rule is refused with the status of
 the rule, and nothing is written. execfmt_coyotos_builder_length says how much room it takes.
 */
execfmt_status execfmt_coyotos_builder_write(struct execfmt_coyotos_builder *builder,
                                             uint8_t *buffer,
                                             size_t capacity,
                                             size_t *written);
#endif

#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)
/*
 The whole image in memory of the caller's malloc, to be given back with the caller's free; NULL hooks have none.
 */
execfmt_status execfmt_coyotos_builder_image(struct execfmt_coyotos_builder *builder,
                                             uint8_t **image,
                                             size_t *length);
#endif

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_COYOTOS_IMAGE_H */
