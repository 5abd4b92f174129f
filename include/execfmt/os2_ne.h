/* execfmt/os2_ne.h: generated from ffi/src/os2_ne by `cargo xtask headers`; do not edit. */

/*
 * OS/2 NE executables, as ELKS loads them.
 *
 * execfmt_ne_parse fills in an execfmt_ne with the contents of the headers, whatever the target system of a file;
 * execfmt_ne_segment_at, _relocation_at and _next_name walk a file, with segments and entry points numbered from 1 as in the
 * format. execfmt_ne_check reports every error and warning, with the verdict of ELKS. execfmt_ne_elks_layout returns the
 * memory that execve of ELKS sets up, or a status whose errno is returned by execfmt_ne_elks_errno; execfmt_ne_elks_load loads
 * a program and applies its relocations; execfmt_ne_chmem sets heap and stack in a file.
 *
 * Example:
 *
 *     #include <execfmt/os2_ne.h>
 *     #include <stdio.h>
 *
 *     static int print(void *context, const execfmt_finding *finding)
 *     {
 *         char sentence[300];
 *
 *         (void)context;
 *         execfmt_ne_finding_message(finding, sentence, sizeof sentence);
 *         printf("%s\n", sentence);
 *         return 0;
 *     }
 *
 *     int main(void)
 *     {
 *         static const uint8_t file[64] = { 'M', 'Z' };
 *         execfmt_ne_options options = { sizeof options, 0, 0, 100 };
 *         execfmt_elks_ne_layout layout;
 *         execfmt_ne_segment segment;
 *         execfmt_status status;
 *         uint32_t i;
 *
 *         status = execfmt_ne_check(file, sizeof file, &options, print, NULL);
 *         if (execfmt_ne_elks_layout(file, sizeof file, &options, &layout, NULL) != EXECFMT_OK) {
 *             printf("execve returns %lu\n", (unsigned long)execfmt_ne_elks_errno(status));
 *             return 0;
 *         }
 *         for (i = 1; execfmt_ne_segment_at(file, sizeof file, i, &segment) == EXECFMT_OK; i++)
 *             printf("%s: %lu bytes\n", execfmt_ne_kind_name(segment.kind), (unsigned long)segment.min_alloc);
 *         return 0;
 *     }
 */

#ifndef EXECFMT_OS2_NE_H
#define EXECFMT_OS2_NE_H

#include <stddef.h>
#include <stdint.h>
#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */
struct execfmt_os2_ne_alignment {
  char first;
  uint64_t second;
};
#ifndef __m68k__
typedef char execfmt_os2_ne_is_packed
    [offsetof(struct execfmt_os2_ne_alignment, second) >= sizeof(void *) ? 1 : -1];
#endif

/*
 * Error: the first two bytes are not `MZ`. `detail` is the file's first four bytes, from which its actual
 * format may be recognised.
 */
#define EXECFMT_NE_E_NOT_MZ 600

/* Error: the file ends within the MZ header. */
#define EXECFMT_NE_E_TRUNCATED 601

/*
 * Error: there is no room for an NE header at the offset that the MZ header gives: a DOS program, or a file
 * cut short.
 */
#define EXECFMT_NE_E_HEADER_PAST_EOF 602

/* Error: there is no `NE` at the offset that the MZ header gives. */
#define EXECFMT_NE_E_NOT_NE 603

/* Error: the segment table extends past the end of the file. */
#define EXECFMT_NE_E_SEGMENT_TABLE 604

/* Error: a segment extends past the end of the file. */
#define EXECFMT_NE_E_SEGMENT_PAST_EOF 605

/* Error: the relocations of a segment extend past the end of the file. */
#define EXECFMT_NE_E_RELOCATIONS_PAST_EOF 606

/*
 * Error: a segment has more bytes in the file than memory is allocated for. ELKS overwrites what follows the
 * memory.
 */
#define EXECFMT_NE_E_BEYOND_ALLOCATION 610

/* Error: the auto data segment has more bytes in the file than in memory, so the heap begins within them. */
#define EXECFMT_NE_E_HEAP_ON_DATA 611

/*
 * Error: the sum of stack, heap and arguments does not fit into 16 bits. ELKS continues with the truncated
 * sum.
 */
#define EXECFMT_NE_E_SIZES_WRAP 612

/* Error: the arguments need more bytes than the segment has. ELKS writes them outside it. */
#define EXECFMT_NE_E_ARGUMENTS_OUTSIDE 613

/* Error: a relocation against a segment that does not exist. ELKS stores a word of its own memory. */
#define EXECFMT_NE_E_RELOCATION_TARGET 614

/* Error: a relocation changes memory outside its segment. */
#define EXECFMT_NE_E_RELOCATION_OUTSIDE 615

/* Error: the entry point is outside the bytes of its segment. */
#define EXECFMT_NE_E_ENTRY_OUTSIDE 616

/* Warning: a segment has more bytes in the file than in memory, within its last paragraph. */
#define EXECFMT_NE_W_FILE_LARGER 620

/* Warning: a relocation changes bytes that are not in the file. */
#define EXECFMT_NE_W_RELOCATION_BEYOND_BYTES 621

/* Warning: a relocation changes bytes that another one changes. */
#define EXECFMT_NE_W_RELOCATIONS_OVERLAP 622

/*
 * Warning: the bytes that a relocation replaces are not FFFF: probably the next link of a chain, which ELKS
 * does not follow.
 */
#define EXECFMT_NE_W_CHAIN 623

/* Warning: the program starts in a data segment. */
#define EXECFMT_NE_W_ENTRY_IN_DATA 624

/* Warning: the auto data segment is marked as code. */
#define EXECFMT_NE_W_AUTO_IS_CODE 625

/* Warning: the reserved stack reaches into the data: brk never succeeds. */
#define EXECFMT_NE_W_NO_HEAP 626

/* Warning: the shift is 0, which other systems read as 9. */
#define EXECFMT_NE_W_SHIFT_ZERO 627

/* Warning: the shift is larger than 31. */
#define EXECFMT_NE_W_SHIFT_LARGE 628

/* Warning: the bytes of two segments overlap in the file. */
#define EXECFMT_NE_W_SEGMENTS_OVERLAP 629

/* Warning: the bytes of a segment overlap the headers. */
#define EXECFMT_NE_W_SEGMENT_ON_HEADERS 630

/* Warning: the linker reported errors. */
#define EXECFMT_NE_W_LINK_ERRORS 631

/* Warning: the file is marked as a library. */
#define EXECFMT_NE_W_LIBRARY 632

/* Warning: a segment's bytes are a pattern to be repeated, which ELKS does not support. */
#define EXECFMT_NE_W_ITERATED 633

/* Warning: a segment is for 32-bit code. */
#define EXECFMT_NE_W_WIDE 634

/* Warning: the program requires a processor other than the 8086. */
#define EXECFMT_NE_W_PROCESSOR 635

/* Warning: `ss` names a segment other than the auto data segment. */
#define EXECFMT_NE_W_OTHER_STACK 636

/* Warning: `sp` is not 0. */
#define EXECFMT_NE_W_SP_IGNORED 637

/* Warning: relocated words hold data segments: after fork they still refer to the parent's. */
#define EXECFMT_NE_W_DATA_SEGMENT_WORDS 638

/* Warning: a kernel in protected mode is expected to fault when it loads the file. */
#define EXECFMT_NE_W_PROTECTED_MODE 639

/* Error: fewer than two bytes. */
#define EXECFMT_ELKS_NE_E_EMPTY 660

/* Error: the first two bytes are not `MZ`. */
#define EXECFMT_ELKS_NE_E_NOT_MZ 661

/* Error: the kernel was built without `CONFIG_EXEC_OS2`. */
#define EXECFMT_ELKS_NE_E_NOT_CONFIGURED 662

/* Error: fewer than 64 bytes. */
#define EXECFMT_ELKS_NE_E_MZ_SHORT 663

/* Error: the file ends before or within the NE header. */
#define EXECFMT_ELKS_NE_E_HEADER_SHORT 664

/* Error: there is no `NE` at the offset that the MZ header gives. */
#define EXECFMT_ELKS_NE_E_NOT_NE 665

/* Error: the target system is not OS/2; `detail` is the system. */
#define EXECFMT_ELKS_NE_E_TARGET_SYSTEM 666

/* Error: the program flags are not those of a program with data of its own. */
#define EXECFMT_ELKS_NE_E_PROGRAM_FLAGS 667

/* Error: the auto data segment does not exist. */
#define EXECFMT_ELKS_NE_E_AUTO_SEGMENT 668

/* Error: the program imports from modules, as programs for OS/2 itself and for Windows do. */
#define EXECFMT_ELKS_NE_E_MODULES 669

/* Error: there are movable entry points. */
#define EXECFMT_ELKS_NE_E_MOVABLE 670

/* Error: there are resources. */
#define EXECFMT_ELKS_NE_E_RESOURCES 671

/* Error: more than five segments. */
#define EXECFMT_ELKS_NE_E_TOO_MANY_SEGMENTS 672

/* Error: the segment table extends past the end of the file. */
#define EXECFMT_ELKS_NE_E_SEGMENT_TABLE 673

/* Error: a segment without memory, or of 65,521 or more bytes, which 16 bits cannot round up. */
#define EXECFMT_ELKS_NE_E_SEGMENT_MEMORY 674

/* Error: a segment without bytes in the file: uninitialised far data, or 65,536 bytes. */
#define EXECFMT_ELKS_NE_E_NO_BYTES 675

/* Error: data, stack, heap and arguments take 64 KiB or more. */
#define EXECFMT_ELKS_NE_E_AUTO_TOO_LARGE 676

/* Error: the segment in which the program starts does not exist. */
#define EXECFMT_ELKS_NE_E_ENTRY_SEGMENT 677

/* Error: the file ends within a segment. */
#define EXECFMT_ELKS_NE_E_SEGMENT_SHORT 678

/* Error: the file ends within the relocations of a segment. */
#define EXECFMT_ELKS_NE_E_RELOCATIONS_SHORT 679

/* Error: a relocation of another kind than a segment word or a far pointer to one of the file's segments. */
#define EXECFMT_ELKS_NE_E_RELOCATION_KIND 680

/* Field of a finding: e_magic, `MZ`. */
#define EXECFMT_NE_FIELD_MZ_E_MAGIC 0x0100

/* Field of a finding: dos, what DOS needs to run the stub; ELKS ignores it. */
#define EXECFMT_NE_FIELD_MZ_DOS 0x0102

/* Field of a finding: e_lfanew, file offset of the NE header in bytes. */
#define EXECFMT_NE_FIELD_MZ_E_LFANEW 0x013c

/* Field of a finding: magic, `NE`. */
#define EXECFMT_NE_FIELD_MAGIC 0x0200

/* Field of a finding: linker_version, the linker's version, major and minor. */
#define EXECFMT_NE_FIELD_LINKER_VERSION 0x0202

/* Field of a finding: entry_table, offset of the entry table in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_ENTRY_TABLE 0x0204

/* Field of a finding: entry_table_size, size of the entry table in bytes. */
#define EXECFMT_NE_FIELD_ENTRY_TABLE_SIZE 0x0206

/* Field of a finding: checksum, checksum of the file; not used. */
#define EXECFMT_NE_FIELD_CHECKSUM 0x0208

/*
 * Field of a finding: program_flags, bits 0-1: data segment (0 none, 1 one for all instances, 2 one each); 2: DLL initialisation; 3: protected mode only; 4-7: instructions of 8086, 286, 386, 8087.
 */
#define EXECFMT_NE_FIELD_PROGRAM_FLAGS 0x020c

/* Field of a finding: application_flags, bits 0-1: screen type; 5: errors in linking; 7: library. */
#define EXECFMT_NE_FIELD_APPLICATION_FLAGS 0x020d

/*
 * Field of a finding: auto_data_segment, number of the auto data segment, which holds data, heap and stack, from 1.
 */
#define EXECFMT_NE_FIELD_AUTO_DATA_SEGMENT 0x020e

/* Field of a finding: heap, bytes of heap; 0 for 4096, FFFF hexadecimal for as much as fits into the segment. */
#define EXECFMT_NE_FIELD_HEAP 0x0210

/* Field of a finding: stack, bytes of stack; 0 for 4096. */
#define EXECFMT_NE_FIELD_STACK 0x0212

/* Field of a finding: ip, the entry point, in bytes from the start of segment `cs`. */
#define EXECFMT_NE_FIELD_IP 0x0214

/* Field of a finding: cs, number of the segment in which the program starts, from 1. */
#define EXECFMT_NE_FIELD_CS 0x0216

/* Field of a finding: sp, initial stack pointer; ELKS ignores it. */
#define EXECFMT_NE_FIELD_SP 0x0218

/* Field of a finding: ss, number of the stack segment; ELKS ignores it. */
#define EXECFMT_NE_FIELD_SS 0x021a

/* Field of a finding: num_segments, number of segments. */
#define EXECFMT_NE_FIELD_NUM_SEGMENTS 0x021c

/* Field of a finding: num_modules, number of modules from which the program imports. */
#define EXECFMT_NE_FIELD_NUM_MODULES 0x021e

/* Field of a finding: non_resident_size, size of the table of non-resident names in bytes. */
#define EXECFMT_NE_FIELD_NON_RESIDENT_SIZE 0x0220

/* Field of a finding: segment_table, offset of the segment table in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_SEGMENT_TABLE 0x0222

/* Field of a finding: resource_table, offset of the resource table in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_RESOURCE_TABLE 0x0224

/* Field of a finding: resident_names, offset of the table of resident names in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_RESIDENT_NAMES 0x0226

/* Field of a finding: module_table, offset of the module reference table in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_MODULE_TABLE 0x0228

/* Field of a finding: imported_names, offset of the table of imported names in bytes, from the NE header. */
#define EXECFMT_NE_FIELD_IMPORTED_NAMES 0x022a

/* Field of a finding: non_resident_names, file offset of the table of non-resident names in bytes. */
#define EXECFMT_NE_FIELD_NON_RESIDENT_NAMES 0x022c

/* Field of a finding: num_movable, number of movable entry points. */
#define EXECFMT_NE_FIELD_NUM_MOVABLE 0x0230

/* Field of a finding: shift, file offsets in the segment table are in units of 2 to this power, in bytes. */
#define EXECFMT_NE_FIELD_SHIFT 0x0232

/* Field of a finding: num_resources, number of resources. */
#define EXECFMT_NE_FIELD_NUM_RESOURCES 0x0234

/* Field of a finding: target_os, the system: 0 unknown, 1 OS/2, 2 Windows, 3 DOS 4, 4 Windows 386. */
#define EXECFMT_NE_FIELD_TARGET_OS 0x0236

/* Field of a finding: os2_flags, flags of OS/2. */
#define EXECFMT_NE_FIELD_OS2_FLAGS 0x0237

/* Field of a finding: windows, data for Windows; ELKS ignores it. */
#define EXECFMT_NE_FIELD_WINDOWS 0x0238

/* Field of a finding: windows_version, expected version of Windows, minor and major. */
#define EXECFMT_NE_FIELD_WINDOWS_VERSION 0x023e

/* Field of a finding: offset, file offset in units of 1 << shift bytes. */
#define EXECFMT_NE_FIELD_SEGMENT_OFFSET 0x0300

/* Field of a finding: size, size in the file in bytes. */
#define EXECFMT_NE_FIELD_SEGMENT_SIZE 0x0302

/*
 * Field of a finding: flags, bits 0: data; 3: iterated; 4: movable; 6: preload; 8: relocations follow; 10-11: privilege level; 13: 32-bit.
 */
#define EXECFMT_NE_FIELD_SEGMENT_FLAGS 0x0304

/* Field of a finding: min_alloc, size in memory in bytes. */
#define EXECFMT_NE_FIELD_SEGMENT_MIN_ALLOC 0x0306

/* Field of a finding: source_type, what is changed: 2 a segment word, 3 a far pointer. */
#define EXECFMT_NE_FIELD_RELOCATION_SOURCE_TYPE 0x0400

/* Field of a finding: flags, bits 0-1: kind of the target, 0 for one of the file's segments; 2: additive. */
#define EXECFMT_NE_FIELD_RELOCATION_FLAGS 0x0401

/* Field of a finding: source_offset, offset of the changed bytes in their segment. */
#define EXECFMT_NE_FIELD_RELOCATION_SOURCE_OFFSET 0x0402

/* Field of a finding: target_segment, number of the target segment, from 1. */
#define EXECFMT_NE_FIELD_RELOCATION_TARGET_SEGMENT 0x0404

/* Field of a finding: reserved, reserved: 0. */
#define EXECFMT_NE_FIELD_RELOCATION_RESERVED 0x0405

/* Field of a finding: target_offset, offset in the target segment in bytes. */
#define EXECFMT_NE_FIELD_RELOCATION_TARGET_OFFSET 0x0406

/*
 Field of a finding: the number of relocations of segment `index`.
 */
#define EXECFMT_NE_FIELD_RELOCATION_COUNT 2

/*
 Record of a field: the MZ header.
 */
#define EXECFMT_NE_RECORD_MZ 0x00000100

/*
 Record of a field: the NE header.
 */
#define EXECFMT_NE_RECORD_HEADER 0x00000200

/*
 Record of a field: the entry of segment `index`, from 1, in the segment table.
 */
#define EXECFMT_NE_RECORD_SEGMENT 0x00000300

/*
 Record of a field: a relocation of segment `index`, from 1.
 */
#define EXECFMT_NE_RECORD_RELOCATION 0x00000400

/*
 Maximum number of segments that ELKS loads.
 */
#define EXECFMT_NE_MAX_SEGMENTS 5

/*
 System: not specified by the header.
 */
#define EXECFMT_NE_SYSTEM_UNKNOWN 0

/*
 System: OS/2 itself.
 */
#define EXECFMT_NE_SYSTEM_OS2 1

/*
 System: 16-bit Windows.
 */
#define EXECFMT_NE_SYSTEM_WINDOWS 2

/*
 System: multitasking DOS 4.
 */
#define EXECFMT_NE_SYSTEM_DOS4 3

/*
 System: Windows in 386 mode.
 */
#define EXECFMT_NE_SYSTEM_WINDOWS_386 4

/*
 System: ELKS, whose files have OS/2 as their target and require nothing of it.
 */
#define EXECFMT_NE_SYSTEM_ELKS 256

/*
 Kind of segment: code.
 */
#define EXECFMT_NE_CODE 0

/*
 Kind of segment: data.
 */
#define EXECFMT_NE_DATA 1

/*
 Kind of segment: the auto data segment, with data, heap and stack.
 */
#define EXECFMT_NE_AUTO 2

/*
 Kind of segment: the auto data segment, marked as code.
 */
#define EXECFMT_NE_AUTO_MARKED_CODE 3

/*
 Source of a relocation: a word, which is set to the target's segment.
 */
#define EXECFMT_NE_SOURCE_SEGMENT 2

/*
 Source of a relocation: two words, which are set to the target's offset and segment.
 */
#define EXECFMT_NE_SOURCE_FAR_POINTER 3

/*
 Heap: the default of ELKS, 4096 bytes.
 */
#define EXECFMT_NE_HEAP_DEFAULT 0

/*
 Heap: as much as fits into the segment.
 */
#define EXECFMT_NE_HEAP_ALL 0x0000ffff

/*
 Heap or stack, for execfmt_ne_chmem: keep the current value.
 */
#define EXECFMT_NE_KEEP 0xffffffff

/*
 The kernel was built without CONFIG_EXEC_OS2: it accepts no NE files.
 */
#define EXECFMT_NE_WITHOUT_OS2 1

/*
 Table of names: the resident ones, the first of which is that of the module.
 */
#define EXECFMT_NE_RESIDENT_NAMES 0

/*
 Table of names: the non-resident ones, the first of which is a description.
 */
#define EXECFMT_NE_NON_RESIDENT_NAMES 1

/*
 Size of the array for a name and its NUL, in bytes: no name is longer.
 */
#define EXECFMT_NE_NAME_SIZE 256

/*
 Size of the array for the target in an execfmt_ne_relocation, in bytes, including its NUL.
 */
#define EXECFMT_NE_TARGET_SIZE 40

/*
 The contents of a file's headers, unchecked. Each number has 32 bits, whatever its size in the file.
 */
typedef struct execfmt_ne {
  /*
   File offset of the NE header, in bytes.
   */
  uint32_t position;
  /*
   The system for which the file is made: EXECFMT_NE_SYSTEM_ELKS or another of these constants, or
   another number from the header.
   */
  uint32_t system;
  /*
   The number of the system in the header.
   */
  uint32_t target_os;
  /*
   Program flags.
   */
  uint32_t program_flags;
  /*
   Application flags.
   */
  uint32_t application_flags;
  /*
   Number of segments.
   */
  uint32_t segment_count;
  /*
   Number of the auto data segment, which holds data, heap and stack, from 1; 0 for none.
   */
  uint32_t auto_data_segment;
  /*
   Number of the segment in which the program starts, from 1.
   */
  uint32_t entry_segment;
  /*
   The entry point, in bytes from the start of that segment.
   */
  uint32_t entry;
  /*
   Bytes of heap: EXECFMT_NE_HEAP_DEFAULT, EXECFMT_NE_HEAP_ALL, or a number.
   */
  uint32_t heap;
  /*
   Bytes of stack; 0 for 4096.
   */
  uint32_t stack;
  /*
   Number of the stack's segment, which ELKS ignores.
   */
  uint32_t stack_segment;
  /*
   The initial stack pointer, which ELKS ignores.
   */
  uint32_t stack_pointer;
  /*
   File offset of the segment table, in bytes.
   */
  uint32_t segment_table;
  /*
   File offsets in the segment table are in units of 2 to this power, in bytes.
   */
  uint32_t shift;
  /*
   Number of modules from which the program imports.
   */
  uint32_t module_count;
  /*
   Number of movable entry points.
   */
  uint32_t movable_count;
  /*
   Number of resources.
   */
  uint32_t resource_count;
} execfmt_ne;

/*
 A segment of a file.
 */
typedef struct execfmt_ne_segment {
  /*
   File offset of its entry in the segment table, in bytes.
   */
  uint64_t entry_offset;
  /*
   Its number, from 1.
   */
  uint32_t number;
  /*
   EXECFMT_NE_CODE or another of these constants.
   */
  uint32_t kind;
  /*
   Its flags in the file.
   */
  uint32_t flags;
  /*
   File offset of its bytes.
   */
  uint32_t file_offset;
  /*
   Size in the file in bytes, from the segment table.
   */
  uint32_t size;
  /*
   Number of these bytes that the file contains: less than `size` if it was cut short.
   */
  uint32_t available;
  /*
   Size in memory in bytes; ELKS refuses 0.
   */
  uint32_t min_alloc;
  /*
   Number of relocations, from the count in the file.
   */
  uint32_t relocation_count;
} execfmt_ne_segment;

/*
 A relocation of a segment.
 */
typedef struct execfmt_ne_relocation {
  /*
   File offset of its record, in bytes.
   */
  uint64_t file_offset;
  /*
   Offset of the changed bytes in the segment.
   */
  uint32_t source_offset;
  /*
   EXECFMT_NE_SOURCE_SEGMENT, EXECFMT_NE_SOURCE_FAR_POINTER, or another number, which ELKS does not
   support.
   */
  uint32_t source;
  /*
   Flags of the record.
   */
  uint32_t flags;
  /*
   1 when ELKS supports relocations of this kind, else 0.
   */
  uint32_t is_known;
  /*
   1 when the value in the file is added, else 0.
   */
  uint32_t is_additive;
  /*
   Number of the target's segment, from 1.
   */
  uint32_t target_segment;
  /*
   Offset in that segment, in bytes; not used for EXECFMT_NE_SOURCE_SEGMENT.
   */
  uint32_t target_offset;
  /*
   0.
   */
  uint32_t reserved;
  /*
   The target as text, such as "segment 2 (auto):0010" or "segment 7 (none)", terminated by a NUL.
   */
  char target[EXECFMT_NE_TARGET_SIZE];
} execfmt_ne_relocation;

/*
 A position in a table of names. All 0 is the beginning of the resident ones; for the non-resident ones,
 set `table`.
 */
typedef struct execfmt_ne_cursor {
  /*
   EXECFMT_NE_RESIDENT_NAMES or EXECFMT_NE_NON_RESIDENT_NAMES.
   */
  uint32_t table;
  /*
   Index of the name, from 0.
   */
  uint32_t index;
  /*
   File offset of the name; 0 for the first.
   */
  uint32_t offset;
} execfmt_ne_cursor;

/*
 A name of a file.
 */
typedef struct execfmt_ne_name {
  /*
   The ordinal of the entry point; 0 for the module's own name and description.
   */
  uint32_t ordinal;
  /*
   The length of the name in bytes.
   */
  uint32_t name_length;
  /*
   The name as in the file, terminated by a NUL. Its bytes may have any value.
   */
  char name[EXECFMT_NE_NAME_SIZE];
} execfmt_ne_name;

/*
 How the ELKS kernel was configured, and how the program is called. All 0 is the default: NE is configured,
 real mode, the smallest argument block that a real execve passes.
 */
typedef struct execfmt_ne_options {
  /*
   The size of this struct in bytes: sizeof.
   */
  uint32_t size;
  /*
   EXECFMT_NE_WITHOUT_OS2, or 0.
   */
  uint32_t without;
  /*
   1 for a kernel in protected mode, else 0.
   */
  uint32_t protected_mode;
  /*
   The size of the argument block (argc, argv, environment and their strings) in bytes, at most 65535; 0
   for 10, which is the smallest.
   */
  uint32_t argument_bytes;
} execfmt_ne_options;

/*
 The memory of a segment as ELKS sets it up.
 */
typedef struct execfmt_elks_ne_segment {
  /*
   EXECFMT_NE_CODE or another of these constants.
   */
  uint32_t kind;
  /*
   Size of its memory, in paragraphs of 16 bytes.
   */
  uint32_t paras;
  /*
   Number of bytes from the file.
   */
  uint32_t size;
  /*
   Number of bytes of code or data: those from the file, and zeros.
   */
  uint32_t min_alloc;
} execfmt_elks_ne_segment;

/*
 The memory of a program as execve of ELKS sets it up. In bytes, except where paragraphs of 16 bytes are
 stated.
 */
typedef struct execfmt_elks_ne_layout {
  /*
   Number of segments.
   */
  uint32_t segment_count;
  /*
   Size of the memory of all segments, in paragraphs.
   */
  uint32_t total_paras;
  /*
   Size of the auto data segment.
   */
  uint32_t data_len;
  /*
   Size of the reserved stack.
   */
  uint32_t minstack;
  /*
   One past the end of the data.
   */
  uint32_t t_enddata;
  /*
   One past the end of the auto data segment.
   */
  uint32_t t_endseg;
  /*
   The initial stack pointer.
   */
  uint32_t begstack;
  /*
   The initial break.
   */
  uint32_t endbrk;
  /*
   How much the heap may grow.
   */
  uint32_t heap;
  /*
   The initial instruction pointer.
   */
  uint32_t entry;
  /*
   Number of the segment in which the program starts, from 1.
   */
  uint32_t entry_segment;
  /*
   Number of the auto data segment, from 1.
   */
  uint32_t auto_data_segment;
  /*
   The segments; segment_count of them are in use.
   */
  struct execfmt_elks_ne_segment segments[EXECFMT_NE_MAX_SEGMENTS];
} execfmt_elks_ne_layout;

/*
 Memory for loading a segment.
 */
typedef struct execfmt_ne_memory {
  /*
   The memory: at least 16 * paras bytes. It remains the caller's.
   */
  uint8_t *bytes;
  /*
   Its length in bytes.
   */
  size_t length;
  /*
   Its address on the machine, in paragraphs, which relocations store. At most 65535.
   */
  uint32_t base;
} execfmt_ne_memory;

/*
 Writes a sentence about a finding of this format in the manner of snprintf: at most `capacity` bytes into
 `buffer`, including the terminating NUL. Returns the length of the whole sentence without the NUL; 0, and
 an empty string, when the struct holds no finding of this format. To learn the length, pass a NULL
 `buffer` with a `capacity` of 0. The sentence contains only printable characters, whatever the file
 contains.
 */
size_t execfmt_ne_finding_message(const execfmt_finding *finding, char *buffer, size_t capacity);

/*
 The errno that execve of ELKS returns for a refusal, such as EXECFMT_ELKS_EINVAL; 0 for a status that is not a refusal
 by ELKS.
 */
uint32_t execfmt_ne_elks_errno(execfmt_status status);

/*
 The name of a system such as EXECFMT_NE_SYSTEM_ELKS, for messages. The string is static: do not free it.
 */
const char *execfmt_ne_system_name(uint32_t system);

/*
 The name of a kind of segment: "code", "data", "auto" or "auto-as-code"; "none" for another number. The
 string is static: do not free it.
 */
const char *execfmt_ne_kind_name(uint32_t kind);

/*
 Reads the headers of a file of `length` bytes, whatever its target system, and checks that the file
 contains the segment table. On success `*ne` is filled in; otherwise the status is the reason, and
 `*finding`, unless `finding` is NULL, has the field, its offset, the value found and the value expected.
 `*ne` does not point into the file. Whether ELKS starts the program is determined by execfmt_ne_check and
 execfmt_ne_elks_layout.
 */
execfmt_status execfmt_ne_parse(const uint8_t *bytes,
                                size_t length,
                                struct execfmt_ne *ne,
                                execfmt_finding *finding);

/*
 Stores the segment with a number, from 1; EXECFMT_END past the last one.
 */
execfmt_status execfmt_ne_segment_at(const uint8_t *bytes,
                                     size_t length,
                                     uint32_t number,
                                     struct execfmt_ne_segment *segment);

/*
 Stores the relocation with index `index`, from 0, of a segment, numbered from 1. EXECFMT_END past the last
 one; when the file ends within the relocations, the status of that rule.
 */
execfmt_status execfmt_ne_relocation_at(const uint8_t *bytes,
                                        size_t length,
                                        uint32_t segment,
                                        uint32_t index,
                                        struct execfmt_ne_relocation *relocation);

/*
 Stores the name at `*cursor` and advances the cursor to the next one. Begin with a cursor that is all 0,
 or in which only the table is set; EXECFMT_END past the last one, and when the file ends within a name.
 */
execfmt_status execfmt_ne_next_name(const uint8_t *bytes,
                                    size_t length,
                                    struct execfmt_ne_cursor *cursor,
                                    struct execfmt_ne_name *name);

/*
 Checks a whole file of `length` bytes: the rules of ELKS, then what ELKS does not check and handles
 incorrectly. `report`, which may be NULL, is called for each of the first 1,000 findings, in order, before
 this function returns. Returns EXECFMT_OK when ELKS starts the program and no error was found, which is
 exactly when execfmt_ne_elks_load succeeds; else the status of the first error. `options` may be NULL.
 Takes time proportional to the file's length.
 */
execfmt_status execfmt_ne_check(const uint8_t *bytes,
                                size_t length,
                                const struct execfmt_ne_options *options,
                                execfmt_report_fn report,
                                void *context);

/*
 The verdict of execve of ELKS on a whole file: on success `*layout` is filled in. A refusal has a status
 from EXECFMT_ELKS_NE_E_EMPTY on, whose errno is returned by execfmt_ne_elks_errno, and `*finding`, unless
 `finding` is NULL, has the details. A program that ELKS starts may still not run correctly: see
 execfmt_ne_check. `options` may be NULL.
 */
execfmt_status execfmt_ne_elks_layout(const uint8_t *bytes,
                                      size_t length,
                                      const struct execfmt_ne_options *options,
                                      struct execfmt_elks_ne_layout *layout,
                                      execfmt_finding *finding);

/*
 Loads a program as ELKS does: copies the bytes of each segment, zeroes up to min_alloc, and applies
 relocations. `memory` is an array of `memory_count` memory ranges, one per segment in file order, each of
 at least 16 * paras bytes; heap, stack and the end of the last paragraph are not touched. Refuses what
 execfmt_ne_check refuses, and then `*finding`, unless `finding` is NULL, is the reason; EXECFMT_E_BUFFER
 for too little memory, EXECFMT_E_ARGUMENT for memory that overlaps the file or other memory. Nothing is
 written unless every check passes. `options` may be NULL.
 */
execfmt_status execfmt_ne_elks_load(const uint8_t *bytes,
                                    size_t length,
                                    const struct execfmt_ne_options *options,
                                    const struct execfmt_ne_memory *memory,
                                    size_t memory_count,
                                    execfmt_finding *finding);

/*
 Sets heap and stack in the header of a file in memory, as chmem does: `heap` is EXECFMT_NE_HEAP_DEFAULT,
 EXECFMT_NE_HEAP_ALL or a number of bytes, `stack` a number of bytes or 0 for the default, and
 EXECFMT_NE_KEEP keeps either unchanged; EXECFMT_E_RANGE for more than 65535. `*before` and `*after`,
 unless the pointers are NULL, are set to the header before and after the change. Whether ELKS accepts the
 file is not checked: see execfmt_ne_check. When the file cannot be read, nothing is written, and
 `*finding`, unless `finding` is NULL, is the reason.
 */
execfmt_status execfmt_ne_chmem(uint8_t *bytes,
                                size_t length,
                                uint32_t heap,
                                uint32_t stack,
                                struct execfmt_ne *before,
                                struct execfmt_ne *after,
                                execfmt_finding *finding);

#ifdef __cplusplus
}
#endif

#endif /* EXECFMT_OS2_NE_H */
