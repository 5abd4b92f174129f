/*
 * Where the fields of every struct lie, said a second time and by hand: a struct that moved would be read wrongly by
 * programs that were compiled before. At compile time, so that a 32-bit build need not be run.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define MUST(condition) typedef char JOIN(must_, __LINE__)[(condition) ? 1 : -1]
#define AT(type, field, where) MUST(offsetof(type, field) == (where))
#define P sizeof(void *)

MUST(sizeof(execfmt_status) == 4);
MUST((execfmt_status)-1 < 0);
MUST(sizeof(size_t) == P);

MUST(sizeof(execfmt_finding) == 56);
AT(execfmt_finding, offset, 0);
AT(execfmt_finding, found, 8);
AT(execfmt_finding, expected, 16);
AT(execfmt_finding, expected_other, 24);
AT(execfmt_finding, status, 32);
AT(execfmt_finding, severity, 36);
AT(execfmt_finding, field, 40);
AT(execfmt_finding, relation, 44);
AT(execfmt_finding, detail, 48);
AT(execfmt_finding, index, 52);

MUST(sizeof(execfmt_noff_options) == 12);
AT(execfmt_noff_options, size, 0);
AT(execfmt_noff_options, layout, 4);
AT(execfmt_noff_options, strictness, 8);

/* The record of the classic noff.h, field by field. */
MUST(sizeof(execfmt_noff_segment) == sizeof(struct segment));
AT(execfmt_noff_segment, virtual_addr, offsetof(struct segment, virtualAddr));
AT(execfmt_noff_segment, in_file_addr, offsetof(struct segment, inFileAddr));
AT(execfmt_noff_segment, size, offsetof(struct segment, size));

MUST(sizeof(execfmt_noff) == 64);
AT(execfmt_noff, layout, 0);
AT(execfmt_noff, byte_order, 4);
AT(execfmt_noff, file_len, 8);
AT(execfmt_noff, memory_end, 12);
AT(execfmt_noff, code, 16);
AT(execfmt_noff, init_data, 28);
AT(execfmt_noff, readonly_data, 40);
AT(execfmt_noff, uninit_data, 52);

MUST(sizeof(execfmt_noff_piece) == 16);
AT(execfmt_noff_piece, segment, 0);
AT(execfmt_noff_piece, offset_in_page, 4);
AT(execfmt_noff_piece, file_offset, 8);
AT(execfmt_noff_piece, length, 12);

MUST(sizeof(execfmt_noff_page) == 60);
AT(execfmt_noff_page, piece_count, 0);
AT(execfmt_noff_page, read_only, 4);
AT(execfmt_noff_page, segments, 8);
AT(execfmt_noff_page, pieces, 12);

MUST(sizeof(execfmt_noff_payload) == 3 * P);
AT(execfmt_noff_payload, bytes, 0);
AT(execfmt_noff_payload, length, P);
AT(execfmt_noff_payload, virtual_addr, 2 * P);

MUST(sizeof(execfmt_noff_contents) == 8 + 9 * P + 8);
AT(execfmt_noff_contents, layout, 0);
AT(execfmt_noff_contents, byte_order, 4);
AT(execfmt_noff_contents, code, 8);
AT(execfmt_noff_contents, init_data, 8 + 3 * P);
AT(execfmt_noff_contents, readonly_data, 8 + 6 * P);
AT(execfmt_noff_contents, uninit_addr, 8 + 9 * P);
AT(execfmt_noff_contents, uninit_size, 8 + 9 * P + 4);

MUST(EXECFMT_NOFF_MAGIC == NOFFMAGIC);
MUST(EXECFMT_NOFF_MAX_HEADER_SIZE == 4 + 4 * sizeof(struct segment));
MUST(EXECFMT_NOFF_PAGE_SIZE == PageSize);
MUST(EXECFMT_NOFF_USER_STACK_SIZE == UserStackSize);
MUST(EXECFMT_NOFF_MAX_PIECES == 3);

#undef P

#endif
