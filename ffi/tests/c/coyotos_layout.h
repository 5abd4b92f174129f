/* Where the fields of every struct of coyotos_image.h lie, by hand: see layout.h. */
#ifndef COYOTOS_LAYOUT_H
#define COYOTOS_LAYOUT_H

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define MUST(condition) typedef char JOIN(must_, __LINE__)[(condition) ? 1 : -1]
#define AT(type, field, where) MUST(offsetof(type, field) == (where))
#define P sizeof(void *)

MUST(sizeof(execfmt_coyotos_image) == 2 * P + 8);
AT(execfmt_coyotos_image, bytes, 0);
AT(execfmt_coyotos_image, length, P);
AT(execfmt_coyotos_image, packing, 2 * P);
AT(execfmt_coyotos_image, seal, 2 * P + 4);

MUST(sizeof(execfmt_coyotos_header) == 96);
AT(execfmt_coyotos_header, byte_order, 0);
AT(execfmt_coyotos_header, version, 4);
AT(execfmt_coyotos_header, target, 8);
AT(execfmt_coyotos_header, pg_size, 12);
AT(execfmt_coyotos_header, n_alloc, 16);
AT(execfmt_coyotos_header, n_bank, 20);
AT(execfmt_coyotos_header, n_symbol, 24);
AT(execfmt_coyotos_header, n_string_bytes, 28);
AT(execfmt_coyotos_header, n_page, 32);
AT(execfmt_coyotos_header, n_cap_page, 36);
AT(execfmt_coyotos_header, n_gpt, 40);
AT(execfmt_coyotos_header, n_endpoint, 44);
AT(execfmt_coyotos_header, n_proc, 48);
AT(execfmt_coyotos_header, img_bytes, 52);
AT(execfmt_coyotos_header, bank_vec_oid, 56);
AT(execfmt_coyotos_header, end_vec_oid, 88);

MUST(sizeof(execfmt_coyotos_capability) == 40);
AT(execfmt_coyotos_capability, oid, 0);
AT(execfmt_coyotos_capability, cap_type, 8);
AT(execfmt_coyotos_capability, restr, 12);
AT(execfmt_coyotos_capability, alloc_count, 16);
AT(execfmt_coyotos_capability, prot_payload, 20);
AT(execfmt_coyotos_capability, l2g, 24);
AT(execfmt_coyotos_capability, guard_match, 28);
AT(execfmt_coyotos_capability, flags, 32);
AT(execfmt_coyotos_capability, reserved, 36);

MUST(sizeof(execfmt_coyotos_gpt) == 8);
AT(execfmt_coyotos_gpt, flags, 4);
MUST(sizeof(execfmt_coyotos_endpoint) == 16);
AT(execfmt_coyotos_endpoint, pm, 8);
AT(execfmt_coyotos_endpoint, prot_payload, 12);
MUST(sizeof(execfmt_coyotos_process) == 24);
AT(execfmt_coyotos_process, fault_code, 8);
AT(execfmt_coyotos_process, notices, 12);
AT(execfmt_coyotos_process, run_state, 16);
AT(execfmt_coyotos_process, flags, 20);
MUST(sizeof(execfmt_coyotos_bank) == 16);
AT(execfmt_coyotos_bank, parent, 8);
MUST(sizeof(execfmt_coyotos_alloc) == 24);
AT(execfmt_coyotos_alloc, frame_type, 16);
AT(execfmt_coyotos_alloc, reserved, 20);
MUST(sizeof(execfmt_coyotos_leaf) == 56);
AT(execfmt_coyotos_leaf, offset, 40);
AT(execfmt_coyotos_leaf, restr, 48);
MUST(sizeof(execfmt_coyotos_mapping) == 56);
AT(execfmt_coyotos_mapping, address, 40);
AT(execfmt_coyotos_mapping, l2_size, 48);
AT(execfmt_coyotos_mapping, restr, 52);
MUST(sizeof(execfmt_coyotos_symbol) == 24 + 2 * P);
AT(execfmt_coyotos_symbol, object, 8);
AT(execfmt_coyotos_symbol, name, 16);
AT(execfmt_coyotos_symbol, name_length, 16 + P);
AT(execfmt_coyotos_symbol, size, 16 + 2 * P);
AT(execfmt_coyotos_symbol, kind, 20 + 2 * P);
MUST(sizeof(execfmt_coyotos_finding_place) == 16 + P);
AT(execfmt_coyotos_finding_place, kind, P);
AT(execfmt_coyotos_finding_place, slot, P + 12);
MUST(sizeof(execfmt_coyotos_memory) == 3 * P);
AT(execfmt_coyotos_memory, free, P);
AT(execfmt_coyotos_memory, context, 2 * P);
MUST(sizeof(execfmt_coyotos_program) == 56);
AT(execfmt_coyotos_program, entry, 40);
AT(execfmt_coyotos_program, entry_executable, 48);

#undef P

#endif
