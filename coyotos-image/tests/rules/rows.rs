//! The rules, in the order of the specification, each with the smallest change that breaks it.

use crate::sample::{At, ENTRY, GPT, PAGE, PHYSICAL, Poke, Row, Sample, row, space_of_process, word0};

/// Section 1: what makes a file unreadable.
pub(crate) fn header_rows(sample: Sample) -> Vec<Row> {
    let header = |offset, width, value| [(At::Header, offset, width, value)];
    let size = sample.place(At::End);
    vec![
        row(header(0, 1, 0x43), &["bad_magic"], "header magic", (At::Header, 0), 0, ""),
        row(header(8, 4, 0), &["bad_endian"], "header endian", (At::Header, 8), 0, ""),
        row(header(12, 4, 2), &["bad_version"], "header version", (At::Header, 12), 2, "0x1"),
        row(header(16, 4, 9), &["unknown_target"], "header target", (At::Header, 16), 9, ""),
        row(
            header(20, 4, 0x4000),
            &["page_size"],
            "header pgSize",
            (At::Header, 20),
            0x4000,
            format!("{:#x}", sample.page),
        ),
        // One GPT less than there is.
        row(
            header(48, 4, 1),
            &["size_formula"],
            "header imgBytes",
            (At::Header, 60),
            size,
            format!("{:#x}", size - 264),
        ),
        // Two endpoints of 48 bytes and not of 32.
        row(
            header(60, 4, size + 32),
            &["old_layout"],
            "header imgBytes",
            (At::Header, 60),
            size + 32,
            format!("{size:#x}"),
        ),
        row(header(64, 8, 0), &["table_order"], "header bankVecOID", (At::Header, 64), 0, "at least 1"),
        row(
            header(64, 8, u64::MAX),
            &["table_order"],
            "header bankVecOID",
            (At::Header, 64),
            u64::MAX,
            "at most 7",
        ),
        row(header(72, 8, 2), &["table_order"], "header symVecOID", (At::Header, 72), 2, "at least 3"),
        row(header(72, 8, 5), &["table_pages"], "header symVecOID", (At::Header, 72), 5, "0x4"),
        row(header(80, 8, 4), &["table_pages"], "header stringTableOID", (At::Header, 80), 4, "at least 5"),
        row(header(80, 8, 6), &["table_pages"], "header allocVecOID", (At::Header, 88), 6, "at least 7"),
        row(header(88, 8, 7), &["table_pages"], "header endVecOID", (At::Header, 96), 7, "0x8"),
        row(header(96, 8, 8), &["table_end"], "header endVecOID", (At::Header, 96), 8, "0x7"),
    ]
}

/// Section 3: the original's rules, in its order. All of them on slot 0 of GPT 0, where a slot will do.
pub(crate) fn original_rows(sample: Sample) -> Vec<Row> {
    let (cap, log2) = (Sample::cap, sample.page_log2());
    let at = |offset: u64| (At::Gpt, 8 + offset);
    vec![
        row(cap(PAGE | 0x40, log2, 1), &["swizzled"], "GPT 0 cap[0].swizzled", at(0), 1, "0x0"),
        row(cap(0x11, 0, 0), &["unknown_cap_type"], "GPT 0 cap[0].type", at(0), 0x11, "16 or 32"),
        row(cap(0x26, 0, 0), &["unknown_cap_type"], "GPT 0 cap[0].type", at(0), 0x26, "37 or 63"),
        row(cap(word0(ENTRY, 0, 5), 0, 0), &["alloc_count"], "GPT 0 cap[0].allocCount", at(0), 5, "0x0"),
        row(cap(0x0c, 0, 3), &["stray_oid"], "GPT 0 cap[0].oid", at(8), 3, "0x0"),
        row(cap(0x22, log2, 1), &["oid_range"], "GPT 0 cap[0].oid", at(8), 1, "at most 0"),
        row(cap(0x24, 0, 1), &["oid_range"], "GPT 0 cap[0].oid", at(8), 1, "at most 0"),
        row(cap(GPT, log2 + 4, 2), &["oid_range"], "GPT 0 cap[0].oid", at(8), 2, "at most 1"),
        row(
            cap(PAGE, log2, PHYSICAL - 1),
            &["oid_range"],
            "GPT 0 cap[0].oid",
            at(8),
            PHYSICAL - 1,
            "at most ",
        ),
        row(cap(PAGE, log2, u64::MAX), &["oid_range"], "GPT 0 cap[0].oid", at(8), u64::MAX, "at most "),
        row(cap(word0(ENTRY, 2, 0), 0, 0), &["stray_restr"], "GPT 0 cap[0].restr", at(0), 2, "0x0"),
        row(cap(0x24, 7, 0), &["stray_payload"], "GPT 0 cap[0].protPayload", at(4), 7, "0x0"),
        row(cap(word0(PAGE, 8, 0), log2, 1), &["stray_opaque"], "GPT 0 cap[0].restr", at(0), 8, "0x0"),
        row(cap(word0(PAGE, 0x12, 0), log2, 1), &["stray_opaque"], "GPT 0 cap[0].restr", at(0), 0x12, "0x2"),
        row(
            cap(word0(GPT, 1, 0), log2 + 4, 1),
            &["weak_not_read_only"],
            "GPT 0 cap[0].restr",
            at(0),
            1,
            "0x3",
        ),
        row(
            cap(PAGE, log2 - 1, 1),
            &["guard_size"],
            "GPT 0 cap[0].l2g",
            at(4),
            log2 - 1,
            format!("at least {log2}"),
        ),
        row(cap(PAGE, 65, 1), &["guard_size"], "GPT 0 cap[0].l2g", at(4), 65, "at most 64"),
        row(cap(PAGE, 62 | 4 << 8, 1), &["guard_match"], "GPT 0 cap[0].match", at(4), 4, "at most 3"),
        row(cap(1, 14, 0x1_2000), &["window_offset"], "GPT 0 cap[0].oid", at(8), 0x1_2000, "0x10000"),
        row(
            cap(word0(1, 0, 16), 14, 0),
            &["window_slot"],
            "GPT 0 cap[0].allocCount",
            at(0),
            16,
            "at most 15",
        ),
        row(
            [(At::Gpt, 264, 4, log2 - 1)],
            &["gpt_size"],
            "GPT 1 l2v",
            (At::Gpt, 264),
            log2 - 1,
            format!("at least {log2}"),
        ),
        row(
            [(At::Endpoint, 48, 4, 0x0c)],
            &["recipient"],
            "Endpoint 1 recipient.type",
            (At::Endpoint, 48),
            0x0c,
            "0 or 36",
        ),
        row(
            [(At::Process, 88, 4, 0x0c)],
            &["io_space"],
            "Process 0 ioSpace.type",
            (At::Process, 88),
            0x0c,
            "0 or 15",
        ),
    ]
}

/// What a thorough checker adds.
pub(crate) fn thorough_rows(sample: Sample) -> Vec<Row> {
    let (cap, log2) = (Sample::cap, sample.page_log2());
    let symbols = |offset, width, value| [(At::Symbols, offset, width, value)];
    let space = |pokes: Vec<Poke>, codes| {
        let pokes = [pokes, space_of_process(log2)].concat();
        row(pokes, codes, "Process 0 addrSpace.oid", (At::Process, 48), 0, "anything but 0")
    };
    vec![
        row(
            [(At::Header, 24, 4, 12)],
            &["alloc_total", "padding"],
            "header nAlloc",
            (At::Header, 24),
            12,
            "0xd",
        ),
        row(
            [(At::Banks, 16, 8, 2)],
            &["bank_endpoint", "bank_index"],
            "bank 1 oid",
            (At::Banks, 16),
            2,
            "at most 1",
        ),
        row([(At::Banks, 8, 8, 1)], &["bank_parent"], "bank 0 parent", (At::Banks, 8), 1, "at most 0"),
        row([(At::Banks, 24, 8, 1)], &["bank_parent"], "bank 1 parent", (At::Banks, 24), 1, "at most 0"),
        row(
            [(At::Allocs, 24 + 16, 4, 1)],
            &["alloc_order"],
            "alloc record 1 type",
            (At::Allocs, 40),
            1,
            "0x0",
        ),
        row([(At::Allocs, 24, 8, 2)], &["alloc_order"], "alloc record 1 oid", (At::Allocs, 24), 2, "0x1"),
        row(
            [(At::Allocs, 24 + 8, 8, 2)],
            &["alloc_bank"],
            "alloc record 1 bank",
            (At::Allocs, 32),
            2,
            "at most 1",
        ),
        row(
            [(At::Allocs, 24 + 20, 4, 1)],
            &["reserved"],
            "alloc record 1 reserved",
            (At::Allocs, 44),
            1,
            "0x0",
        ),
        row([(At::Gpt, 4, 4, 1)], &["reserved"], "GPT 0 reserved", (At::Gpt, 4), 1, "0x0"),
        row(
            [(At::Gpt, 0, 4, log2 | 0x100)],
            &["reserved"],
            "GPT 0 first word's padding",
            (At::Gpt, 0),
            1,
            "0x0",
        ),
        row(
            [(At::Endpoint, 0, 4, 2)],
            &["reserved"],
            "Endpoint 0 first word's padding",
            (At::Endpoint, 0),
            1,
            "0x0",
        ),
        row([(At::Process, 1, 1, 1)], &["reserved"], "Process 0 reserved", (At::Process, 1), 1, "0x0"),
        row([(At::Process, 12, 4, 1)], &["reserved"], "Process 0 reserved", (At::Process, 12), 1, "0x0"),
        row(cap(PAGE, log2 | 0x80, 1), &["reserved"], "GPT 0 cap[0].guard padding", (At::Gpt, 12), 1, "0x0"),
        row([(At::Header, 104, 1, 7)], &["padding"], "padding after the header", (At::Header, 104), 7, "0x0"),
        row([(At::Banks, 32, 1, 7)], &["padding"], "padding after the bank table", (At::Banks, 32), 7, "0x0"),
        row(symbols(48, 1, 7), &["padding"], "padding after the symbol table", (At::Symbols, 48), 7, "0x0"),
        row(
            [(At::Strings, 4, 1, 7)],
            &["padding"],
            "padding after the string table",
            (At::Strings, 4),
            7,
            "0x0",
        ),
        row(
            [(At::Allocs, sample.page - 1, 1, 7)],
            &["padding"],
            "padding after the alloc table",
            (At::Allocs, sample.page - 1),
            7,
            "0x0",
        ),
        row([(At::Process, 0, 1, 3)], &["run_state"], "Process 0 runState", (At::Process, 0), 3, "at most 2"),
        row(
            [(At::Process, 2, 2, 0x80)],
            &["process_flags"],
            "Process 0 flags",
            (At::Process, 2),
            0x80,
            "at most 127",
        ),
        row(cap(ENTRY, 9, 2), &["entry_range"], "GPT 0 cap[0].oid", (At::Gpt, 16), 2, "at most 1"),
        row(cap(0x25, 9, 1), &["notice_range"], "GPT 0 cap[0].oid", (At::Gpt, 16), 1, "at most 0"),
        row(
            symbols(24, 8, 0xfff),
            &["symbol_order"],
            "symbol 1 value",
            (At::Symbols, 24),
            0xfff,
            "at least 4096",
        ),
        row(symbols(32, 8, 1), &["symbol_order"], "symbol 1 object", (At::Symbols, 32), 1, "at least "),
        row(
            [(At::Symbols, 20, 4, 0x501), (At::Symbols, 24, 8, 0x1000), (At::Symbols, 44, 4, 0x401)],
            &["symbol_order"],
            "symbol 1 size",
            (At::Symbols, 44),
            4,
            "at least 5",
        ),
        row(symbols(40, 4, 4), &["symbol_name"], "symbol 1 string", (At::Symbols, 40), 4, "at most 3"),
        // "axb" and "b", with their NULs.
        row(
            [(At::Strings, 1, 1, b'x'.into())],
            &["shared_names"],
            "symbol 1 string",
            (At::Symbols, 40),
            6,
            "at most 4",
        ),
        space(cap(ENTRY, 0, 0), &["space_not_memory"]),
        space(cap(GPT, log2 + 4, 0), &["space_too_deep"]),
        row([(At::Strings, 3, 1, 7)], &["strings_unterminated"], "string table", (At::Strings, 3), 7, "0x0"),
        row(
            [(At::Endpoint, 40, 8, 5)],
            &["bank_endpoint_id"],
            "Endpoint 1 endpointID",
            (At::Endpoint, 40),
            5,
            "0x2",
        ),
        // Two banks that share an endpoint, whose number can be right for one only.
        row(
            [(At::Banks, 16, 8, 0)],
            &["bank_endpoint_id", "bank_index"],
            "Endpoint 0 endpointID",
            (At::Endpoint, 8),
            1,
            "0x2",
        ),
        row([(At::Allocs, 8, 8, 1)], &["table_charge"], "alloc record 0 bank", (At::Allocs, 8), 1, "0x0"),
        row(
            [(At::Allocs, 3 * 24 + 8, 8, 1)],
            &["table_charge"],
            "alloc record 3 bank",
            (At::Allocs, 80),
            1,
            "0x0",
        ),
        row(cap(PAGE, log2, 3), &["table_page"], "GPT 0 cap[0].oid", (At::Gpt, 16), 3, "at most 2"),
        row(cap(PAGE, log2, 0), &["table_page"], "GPT 0 cap[0].oid", (At::Gpt, 16), 0, "at least 1"),
    ]
}
