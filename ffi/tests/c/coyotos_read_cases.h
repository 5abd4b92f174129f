/* Reading: every function on the model's images, with what their recipes say, and with arguments that are at fault. */
#ifndef COYOTOS_READ_CASES_H
#define COYOTOS_READ_CASES_H

static void check_header(const sample *model, const execfmt_coyotos_image *image)
{
    execfmt_coyotos_header header;

    CHECK_EQ(execfmt_coyotos_read_header(image, &header), EXECFMT_OK);
    CHECK_EQ(header.byte_order, model->byte_order);
    CHECK_EQ(header.version, 1);
    CHECK_EQ(header.target, model->target);
    CHECK_EQ(header.pg_size, model->page_size);
    CHECK_EQ(header.img_bytes, model->length);
    /* The header and two pages; a page each for banks and allocs. */
    CHECK_EQ(header.bank_vec_oid, 3);
    CHECK_EQ(header.sym_vec_oid, 4);
    CHECK_EQ(header.alloc_vec_oid, 4);
    CHECK_EQ(header.end_vec_oid, 5);
    CHECK_EQ(header.n_page, 5);
    CHECK_EQ(header.n_bank, 3);
    CHECK_EQ(header.n_cap_page, 1);
    CHECK_EQ(header.n_endpoint, 4);
    CHECK_EQ(header.n_proc, 1);
    CHECK_EQ(header.n_symbol, 0);
    CHECK_EQ(header.n_alloc, 5 + 1 + 4 + 1 + header.n_gpt);
}

static void check_objects(const sample *model, const execfmt_coyotos_image *image)
{
    execfmt_coyotos_gpt gpt;
    execfmt_coyotos_endpoint endpoint;
    execfmt_coyotos_process process;
    execfmt_coyotos_capability cap;
    execfmt_coyotos_bank bank;
    execfmt_coyotos_alloc alloc;
    const uint8_t *bytes;
    size_t length;
    uint32_t i;

    CHECK_EQ(execfmt_coyotos_object(image, EXECFMT_COYOTOS_OBJECT_PAGE, 1, &bytes, &length), EXECFMT_OK);
    CHECK_EQ(length, model->page_size);
    CHECK(bytes == model->bytes + model->page_size && memcmp(bytes, "Hello", 6) == 0);
    CHECK_EQ(execfmt_coyotos_object(image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0, &bytes, &length), EXECFMT_OK);
    CHECK_EQ(length, 632);
    CHECK(bytes + length == model->bytes + model->length);
    CHECK_EQ(execfmt_coyotos_object(image, EXECFMT_COYOTOS_OBJECT_PAGE, 5, &bytes, &length),
             EXECFMT_COYOTOS_E_NO_OBJECT);
    CHECK_EQ(execfmt_coyotos_object(image, 5, 0, &bytes, &length), EXECFMT_E_ARGUMENT);

    /* GPT 0 is the recipe's g, the others are of its space. */
    CHECK_EQ(execfmt_coyotos_read_gpt(image, 0, &gpt), EXECFMT_OK);
    CHECK_EQ(gpt.l2v, model->log2);
    CHECK_EQ(gpt.flags, EXECFMT_COYOTOS_GPT_HANDLER);
    CHECK_EQ(execfmt_coyotos_read_gpt(image, 1000, &gpt), EXECFMT_COYOTOS_E_NO_OBJECT);
    CHECK_EQ(execfmt_coyotos_read_gpt(image, U64(0xffffffffu, 0xffffffffu), &gpt), EXECFMT_COYOTOS_E_NO_OBJECT);

    CHECK_EQ(execfmt_coyotos_read_endpoint(image, 3, &endpoint), EXECFMT_OK);
    CHECK_EQ(endpoint.pm, 1);
    CHECK_EQ(endpoint.prot_payload, 0xdeadbeefu);
    CHECK_EQ(execfmt_coyotos_read_endpoint(image, 2, &endpoint), EXECFMT_OK);
    CHECK_EQ(endpoint.endpoint_id, 3);
    CHECK_EQ(endpoint.pm, 0);
    CHECK_EQ(execfmt_coyotos_read_endpoint(image, 4, &endpoint), EXECFMT_COYOTOS_E_NO_OBJECT);

    CHECK_EQ(execfmt_coyotos_read_process(image, 0, &process), EXECFMT_OK);
    CHECK_EQ(process.flags, 0x41);
    CHECK_EQ(process.fault_code, EXECFMT_COYOTOS_FAULT_STARTUP);
    CHECK_EQ(process.fault_info, 0x4000);
    CHECK_EQ(process.run_state, 0);
    CHECK_EQ(execfmt_coyotos_read_process(image, 1, &process), EXECFMT_COYOTOS_E_NO_OBJECT);

    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0,
                                             EXECFMT_COYOTOS_SLOT_CAP_REG + 31, &cap),
             EXECFMT_OK);
    CHECK_EQ(cap.cap_type, EXECFMT_COYOTOS_CAP_ENDPOINT);
    CHECK_EQ(cap.oid, 3);
    CHECK_EQ(cap.l2g, 0);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0,
                                             EXECFMT_COYOTOS_SLOT_CAP_REG + 32, &cap),
             EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_CAP_PAGE, 0, 8, &cap), EXECFMT_OK);
    CHECK_EQ(cap.cap_type, EXECFMT_COYOTOS_CAP_WINDOW);
    CHECK_EQ(cap.l2g, model->log2);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_CAP_PAGE, 0, model->page_size / 16, &cap),
             EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_ENDPOINT, 3,
                                             EXECFMT_COYOTOS_SLOT_RECIPIENT, &cap),
             EXECFMT_OK);
    CHECK_EQ(cap.cap_type, EXECFMT_COYOTOS_CAP_PROCESS);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_PAGE, 1, 0, &cap),
             EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_GPT, 1000, 0, &cap),
             EXECFMT_COYOTOS_E_NO_OBJECT);
    CHECK_EQ(execfmt_coyotos_read_capability(image, 0xffffffffu, 0, 0, &cap), EXECFMT_E_ARGUMENT);

    for (i = 0; execfmt_coyotos_read_bank(image, i, &bank) == EXECFMT_OK; i++) {
        CHECK_EQ(bank.endpoint_oid, i);
        CHECK_EQ(bank.parent, i == 2 ? 1 : 0);
    }
    CHECK_EQ(i, 3);
    CHECK_EQ(execfmt_coyotos_read_bank(image, 0xffffffffu, &bank), EXECFMT_END);
    /* Pages 0 to 4: the header, one of bank b (1), one of bank c (2), two of tables. */
    for (i = 0; i < 5; i++) {
        CHECK_EQ(execfmt_coyotos_read_alloc(image, i, &alloc), EXECFMT_OK);
        CHECK_EQ(alloc.frame_type, EXECFMT_COYOTOS_OBJECT_PAGE);
        CHECK_EQ(alloc.oid, i);
        CHECK_EQ(alloc.bank, i == 1 ? 1 : i == 2 ? 2 : 0);
        CHECK_EQ(alloc.reserved, 0);
    }
    CHECK_EQ(execfmt_coyotos_read_alloc(image, 0xffffffffu, &alloc), EXECFMT_END);
}

static void check_space(const execfmt_coyotos_image *image)
{
    /* What the recipe has mapped in the end: page 1 is read-only, page 2 is not. */
    static const struct {
        uint32_t high, low, cap_type, oid, restr;
    } rows[] = {
        { 0, 0x4003, EXECFMT_COYOTOS_CAP_PAGE, 1, EXECFMT_COYOTOS_RO },
        { 0, 0x6000, EXECFMT_COYOTOS_CAP_NULL, 0, 0 },
        { 0, 0x100fff, EXECFMT_COYOTOS_CAP_PAGE, 2, 0 },
        { 0, 0x4000123, EXECFMT_COYOTOS_CAP_CAP_PAGE, 0, 0 },
        { 0x7fff, 1, EXECFMT_COYOTOS_CAP_PAGE, 1, EXECFMT_COYOTOS_RO },
        { 0xffffffffu, 0xffffffffu, EXECFMT_COYOTOS_CAP_NULL, 0, 0 }
    };
    const execfmt_coyotos_capability space = space_of(image);
    execfmt_coyotos_capability entry;
    execfmt_coyotos_leaf leaf;
    tally all;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        CHECK_EQ(execfmt_coyotos_find_leaf(image, &space, U64(rows[i].high, rows[i].low), &leaf), EXECFMT_OK);
        CHECK_EQ(leaf.capability.cap_type, rows[i].cap_type);
        CHECK_EQ(leaf.capability.oid, rows[i].oid);
        if (rows[i].cap_type != EXECFMT_COYOTOS_CAP_NULL) {
            CHECK_EQ(leaf.restr, rows[i].restr);
            CHECK_EQ(leaf.offset, rows[i].low & 0xfff);
        }
    }
    memset(&entry, 0, sizeof entry);
    entry.cap_type = EXECFMT_COYOTOS_CAP_ENTRY;
    CHECK_EQ(execfmt_coyotos_find_leaf(image, &entry, 0, &leaf), EXECFMT_COYOTOS_E_NOT_MEMORY);

    memset(&all, 0, sizeof all);
    CHECK_EQ(execfmt_coyotos_walk(image, &space, 1000, count_mapping, &all), EXECFMT_OK);
    CHECK_EQ(all.calls, 4);
    memset(&all, 0, sizeof all);
    all.stop_after = 2;
    CHECK_EQ(execfmt_coyotos_walk(image, &space, 1000, count_mapping, &all), EXECFMT_OK);
    CHECK_EQ(all.calls, 2);
    CHECK_EQ(execfmt_coyotos_walk(image, &space, 1, count_mapping, &all), EXECFMT_COYOTOS_E_TOO_MANY);
    CHECK_EQ(execfmt_coyotos_walk(image, &entry, 1000, count_mapping, &all), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_walk(image, &space, 1000, NULL, &all), EXECFMT_E_NULL);
}

static void check_calls_at_fault(const execfmt_coyotos_image *good)
{
    static uint64_t scratch[64];
    const execfmt_coyotos_image image = *good;
    const execfmt_coyotos_capability space = space_of(good);
    execfmt_coyotos_header header;
    execfmt_coyotos_gpt gpt;
    execfmt_coyotos_endpoint endpoint;
    execfmt_coyotos_process process;
    execfmt_coyotos_capability cap;
    execfmt_coyotos_bank bank;
    execfmt_coyotos_alloc alloc;
    execfmt_coyotos_leaf leaf;
    execfmt_coyotos_symbol symbol;
    execfmt_coyotos_header header_in;
    const uint8_t *bytes;
    const char *id;
    size_t length;
    tally all;

    memset(&all, 0, sizeof all);
    CHECK_EQ(execfmt_coyotos_read_header(&image, &header_in), EXECFMT_OK);
    BAD_IMAGES(execfmt_coyotos_read_header(im, &header));
    BAD_IMAGES(execfmt_coyotos_check_cycles(im, scratch, COUNT(scratch), count_finding, &all));
    BAD_IMAGES(execfmt_coyotos_object(im, EXECFMT_COYOTOS_OBJECT_PAGE, 0, &bytes, &length));
    BAD_IMAGES(execfmt_coyotos_read_gpt(im, 0, &gpt));
    BAD_IMAGES(execfmt_coyotos_read_endpoint(im, 0, &endpoint));
    BAD_IMAGES(execfmt_coyotos_read_process(im, 0, &process));
    BAD_IMAGES(execfmt_coyotos_read_capability(im, EXECFMT_COYOTOS_OBJECT_GPT, 0, 0, &cap));
    BAD_IMAGES(execfmt_coyotos_read_bank(im, 0, &bank));
    BAD_IMAGES(execfmt_coyotos_read_alloc(im, 0, &alloc));
    BAD_IMAGES(execfmt_coyotos_find_leaf(im, &space, 0, &leaf));
    BAD_IMAGES(execfmt_coyotos_walk(im, &space, 1000, count_mapping, &all));
    BAD_IMAGES(execfmt_coyotos_read_symbol(im, 0, &symbol));
    BAD_IMAGES(execfmt_coyotos_symbol_at(im, NULL, 0, &symbol));
    BAD_IMAGES(execfmt_coyotos_symbol_named(im, "main", 4, &symbol));
    BAD_IMAGES(execfmt_coyotos_build_id(im, &space, &id, &length));
    CHECK_EQ(all.calls, 0);

    BAD_OUT(execfmt_coyotos_header, execfmt_coyotos_read_header(&image, out));
    BAD_OUT(const uint8_t *, execfmt_coyotos_object(&image, EXECFMT_COYOTOS_OBJECT_PAGE, 0, out, &length));
    BAD_OUT(size_t, execfmt_coyotos_object(&image, EXECFMT_COYOTOS_OBJECT_PAGE, 0, &bytes, out));
    BAD_OUT(execfmt_coyotos_gpt, execfmt_coyotos_read_gpt(&image, 0, out));
    BAD_OUT(execfmt_coyotos_endpoint, execfmt_coyotos_read_endpoint(&image, 0, out));
    BAD_OUT(execfmt_coyotos_process, execfmt_coyotos_read_process(&image, 0, out));
    BAD_OUT(execfmt_coyotos_capability,
            execfmt_coyotos_read_capability(&image, EXECFMT_COYOTOS_OBJECT_GPT, 0, 0, out));
    BAD_OUT(execfmt_coyotos_bank, execfmt_coyotos_read_bank(&image, 0, out));
    BAD_OUT(execfmt_coyotos_alloc, execfmt_coyotos_read_alloc(&image, 0, out));
    BAD_OUT(execfmt_coyotos_leaf, execfmt_coyotos_find_leaf(&image, &space, 0x4000, out));
    BAD_OUT(uint64_t, execfmt_coyotos_check_cycles(&image, out, 64, count_finding, &all));

    BAD_CAPABILITIES(execfmt_coyotos_find_leaf(&image, cp, 0, &leaf));
    BAD_CAPABILITIES(execfmt_coyotos_walk(&image, cp, 1000, count_mapping, &all));
    BAD_CAPABILITIES(execfmt_coyotos_build_id(&image, cp, &id, &length));

    /* Without symbols there is nothing to be found; NULL is any space. */
    CHECK_EQ(execfmt_coyotos_read_symbol(&image, 0, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_read_symbol(&image, 0xffffffffu, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, NULL, 0x4000, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, &space, 0x4000, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_named(&image, "main", 4, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_named(&image, NULL, 4, &symbol), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_symbol_named(&image, "main", (size_t)-1, &symbol), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_coyotos_build_id(&image, &space, &id, &length), EXECFMT_END);
    CHECK_EQ(check_image(&image, 2, NULL, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_check_cycles(&image, scratch, header_in.n_gpt - 1, NULL, NULL), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_coyotos_check_cycles(&image, scratch, (size_t)-1, NULL, NULL), EXECFMT_E_LENGTH);
    SPOIL(scratch);
    CHECK_EQ(execfmt_coyotos_check_cycles(&image, scratch, header_in.n_gpt, count_finding, &all), EXECFMT_OK);
    CHECK_EQ(all.calls, 0);
}

static void check_open_at_fault(const sample *model)
{
    /*
     * Words of the header whose lowest byte loses or gains a bit: which, and the field that is blamed.
     *
     * nSymbol, 32: from 0 to 64. It is no part of the sum that imgBytes is compared with; 64 records of 24 bytes take a
     * page between symVecOID and stringTableOID, where there is none. The end of those pages, at 72 + 8, is blamed.
     * imgBytes, 60: each sample has 4 endpoints, and none has the bit in its length (0x6a30, 0xca30), so that the header
     * claims 64 bytes more: just what endpoints of 48 bytes instead of 32 would add. The counts are the only mark of the
     * layout of July 2007, so that is what it is taken for. Half as much fits neither layout.
     * A count, from 40 on, changes both sums by the sizes of as many objects, and imgBytes, which stays, fits neither.
     */
    static const struct {
        size_t at;
        uint8_t bit;
        size_t blamed;
        execfmt_status expected;
    } words[] = {
        { 0, 0x40, 0, EXECFMT_COYOTOS_E_BAD_MAGIC },       { 8, 0x40, 8, EXECFMT_COYOTOS_E_BAD_ENDIAN },
        { 12, 0x40, 12, EXECFMT_COYOTOS_E_BAD_VERSION },   { 20, 0x40, 20, EXECFMT_COYOTOS_E_PAGE_SIZE },
        { 32, 0x40, 80, EXECFMT_COYOTOS_E_TABLE_PAGES },   { 60, 0x40, 60, EXECFMT_COYOTOS_E_OLD_LAYOUT },
        { 60, 0x20, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA },  { 40, 0x40, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA },
        { 44, 0x01, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA },  { 48, 0x40, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA },
        { 52, 0x40, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA },  { 56, 0x40, 60, EXECFMT_COYOTOS_E_SIZE_FORMULA }
    };
    uint8_t *const copy = (uint8_t *)malloc(model->length + 1);
    execfmt_coyotos_image image;
    execfmt_coyotos_finding_place place;
    execfmt_finding finding;
    char message[300];
    size_t i;

    SPOIL(image);
    memcpy(copy, model->bytes, model->length);
    copy[model->length] = 0;
    for (i = 0; i < COUNT(words); i++) {
        const size_t low = words[i].at + (model->byte_order == EXECFMT_LITTLE_ENDIAN || i == 0 ? 0 : 3);
        copy[low] ^= words[i].bit;
        SPOIL(finding);
        CHECK_EQ(execfmt_coyotos_open(copy, model->length, 0, &image, &finding), words[i].expected);
        CHECK_EQ(execfmt_coyotos_open(copy, model->length, 0, &image, NULL), words[i].expected);
        CHECK_EQ(finding.status, words[i].expected);
        CHECK_EQ(finding.offset, words[i].blamed);
        CHECK_EQ(finding.severity, EXECFMT_ERROR);
        CHECK_EQ(execfmt_coyotos_locate(&finding, &place), EXECFMT_OK);
        CHECK_EQ(place.kind, EXECFMT_COYOTOS_FIELD_HEADER);
        CHECK(place.name != NULL && *place.name != '\0');
        CHECK(execfmt_coyotos_finding_message(&finding, message, sizeof message) > 20);
        CHECK(strstr(message, place.name) != NULL);
        copy[low] ^= words[i].bit;
    }
    CHECK_EQ(execfmt_coyotos_open(copy, model->length + 1, 0, &image, &finding), EXECFMT_COYOTOS_E_FILE_SIZE);
    CHECK_EQ(execfmt_coyotos_locate(&finding, &place), EXECFMT_OK);
    CHECK_EQ(place.kind, EXECFMT_COYOTOS_FIELD_FILE_LENGTH);
    CHECK_EQ(*place.name, '\0');
    for (i = 0; i < model->length; i += i < 200 ? 1 : 997) {
        const execfmt_status status = execfmt_coyotos_open(copy, i, 0, &image, &finding);
        CHECK_EQ(status, i < 104 ? EXECFMT_COYOTOS_E_TRUNCATED : EXECFMT_COYOTOS_E_FILE_SIZE);
    }
    CHECK_EQ(execfmt_coyotos_open((const uint8_t *)"\x1f\x8b", 2, 0, &image, &finding), EXECFMT_COYOTOS_E_COMPRESSED);
    CHECK_EQ(execfmt_coyotos_open(NULL, model->length, 0, &image, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_open(copy, (size_t)-1, 0, &image, &finding), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_coyotos_open(copy, model->length, 2, &image, &finding), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_open(copy, model->length, 0xffffffffu, &image, &finding), EXECFMT_E_ARGUMENT);
    BAD_OUT(execfmt_coyotos_image, execfmt_coyotos_open(copy, model->length, 0, out, &finding));
    copy[0] = 0;
    CHECK_EQ(execfmt_coyotos_open(copy, model->length, 0, &image, ASKEW(execfmt_finding)), EXECFMT_E_ARGUMENT);
    for (i = 0; i < sizeof image; i++)
        CHECK(((const uint8_t *)&image)[i] == 0xa5);
    free(copy);
}

/* An image that is opened and then damaged: findings, where they are, and a file that changed under the struct. */
static void check_findings(const sample *model)
{
    uint8_t *const copy = (uint8_t *)malloc(model->length);
    execfmt_coyotos_image image;
    execfmt_coyotos_finding_place place;
    const uint8_t *bytes;
    execfmt_finding finding;
    char message[300];
    uint8_t *type;
    size_t length;
    tally all;

    memcpy(copy, model->bytes, model->length);
    image = opened(copy, model->length);
    memset(&all, 0, sizeof all);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_REFERENCE, count_finding, &all), EXECFMT_OK);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, count_finding, &all), EXECFMT_OK);
    CHECK_EQ(all.calls, 0);

    /* Slot 3 of GPT 0 becomes a type that there is not. */
    CHECK_EQ(execfmt_coyotos_object(&image, EXECFMT_COYOTOS_OBJECT_GPT, 0, &bytes, &length), EXECFMT_OK);
    CHECK_EQ(length, 264);
    type = copy + (bytes - copy) + 8 + 3 * 16 + (model->byte_order == EXECFMT_LITTLE_ENDIAN ? 0 : 3);
    *type = (uint8_t)((*type & 0xc0) | 0x3e);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_REFERENCE, count_finding, &all),
             EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE);
    CHECK(all.calls >= 1);
    finding = all.first;
    CHECK_EQ(finding.status, EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE);
    CHECK_EQ(finding.offset, (size_t)(bytes - copy) + 8 + 3 * 16);
    CHECK_EQ(finding.found, 0x3e);
    CHECK_EQ(execfmt_coyotos_locate(&finding, &place), EXECFMT_OK);
    CHECK_EQ(place.kind, EXECFMT_COYOTOS_FIELD_CAPABILITY);
    CHECK_EQ(place.object_type, EXECFMT_COYOTOS_OBJECT_GPT);
    CHECK_EQ(place.number, 0);
    CHECK_EQ(place.slot, 3);
    CHECK(strcmp(place.name, "type") == 0);
    length = execfmt_coyotos_finding_message(&finding, message, sizeof message);
    CHECK(length == strlen(message) && strstr(message, "GPT 0 cap[3].type") != NULL);
    CHECK_EQ(execfmt_coyotos_finding_message(&finding, NULL, 0), length);
    CHECK_EQ(execfmt_coyotos_finding_message(&finding, message, 8), length);
    CHECK_EQ(strlen(message), 7);
    memset(&all, 0, sizeof all);
    all.stop_after = 1;
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, count_finding, &all),
             EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE);
    CHECK_EQ(all.calls, 1);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, NULL, NULL),
             EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE);

    /* Structs that hold no finding of this format. */
    CHECK_EQ(execfmt_coyotos_locate(NULL, &place), EXECFMT_E_NULL);
    BAD_OUT(execfmt_coyotos_finding_place, execfmt_coyotos_locate(&finding, out));
    CHECK_EQ(execfmt_coyotos_locate(ASKEW(const execfmt_finding), &place), EXECFMT_E_ARGUMENT);
    finding.status = EXECFMT_NOFF_E_TRUNCATED;
    CHECK_EQ(execfmt_coyotos_locate(&finding, &place), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_finding_message(&finding, message, sizeof message), 0);
    CHECK_EQ(*message, '\0');
    finding = all.first, finding.field = 0xffffffffu;
    CHECK_EQ(execfmt_coyotos_locate(&finding, &place), EXECFMT_E_ARGUMENT);
    finding = all.first, finding.relation = 99;
    CHECK_EQ(execfmt_coyotos_finding_message(&finding, message, sizeof message), 0);
    CHECK_EQ(execfmt_coyotos_finding_message(NULL, message, sizeof message), 0);

    copy[0] = 'x';
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, NULL, NULL), EXECFMT_COYOTOS_E_BAD_MAGIC);
    free(copy);
}

static int has_name(const execfmt_coyotos_symbol *symbol, const char *name)
{
    return symbol->name != NULL && symbol->name_length == strlen(name)
           && memcmp(symbol->name, name, symbol->name_length) == 0;
}

/* The image that the builder's cases have written: one page of code at 0x10000 with two symbols and a build id. */
static void check_symbols(const uint8_t *bytes, size_t length)
{
    const execfmt_coyotos_image image = opened(bytes, length);
    const execfmt_coyotos_capability space = space_of(&image);
    execfmt_coyotos_capability other = space, entry;
    execfmt_coyotos_symbol symbol;
    const char *id = "";
    size_t id_length = 0;

    memset(&symbol, 0, sizeof symbol);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, NULL, NULL), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_read_symbol(&image, 0, &symbol), EXECFMT_OK);
    CHECK_EQ(symbol.value, 0x10000);
    CHECK(has_name(&symbol, "start"));
    CHECK_EQ(symbol.kind, EXECFMT_COYOTOS_SYMBOL_FUNCTION);
    CHECK_EQ(symbol.size, 16);
    CHECK_EQ(symbol.object, U64(space.cap_type == EXECFMT_COYOTOS_CAP_GPT ? 0x02000000 : 0, space.oid));
    CHECK_EQ(execfmt_coyotos_read_symbol(&image, 3, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, &space, 0x1000f, &symbol), EXECFMT_OK);
    CHECK(has_name(&symbol, "start"));
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, &space, 0x10010, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, NULL, 0x10020, &symbol), EXECFMT_OK);
    CHECK(has_name(&symbol, "table"));
    other.oid++;
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, &other, 0x10020, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_symbol_named(&image, "table", 5, &symbol), EXECFMT_OK);
    CHECK_EQ(symbol.value, 0x10020);
    CHECK_EQ(execfmt_coyotos_symbol_named(&image, "tabl", 4, &symbol), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_build_id(&image, &space, &id, &id_length), EXECFMT_OK);
    CHECK_EQ(id_length, 4);
    CHECK(strncmp(id, "c0de", 4) == 0);
    CHECK_EQ(execfmt_coyotos_build_id(&image, &other, &id, &id_length), EXECFMT_END);

    memset(&entry, 0, sizeof entry);
    entry.cap_type = EXECFMT_COYOTOS_CAP_ENTRY;
    CHECK_EQ(execfmt_coyotos_symbol_at(&image, &entry, 0x10000, &symbol), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_build_id(&image, &entry, &id, &id_length), EXECFMT_COYOTOS_E_NOT_MEMORY);
    BAD_OUT(execfmt_coyotos_symbol, execfmt_coyotos_read_symbol(&image, 0, out));
    BAD_OUT(execfmt_coyotos_symbol, execfmt_coyotos_symbol_at(&image, NULL, 0x10000, out));
    BAD_OUT(execfmt_coyotos_symbol, execfmt_coyotos_symbol_named(&image, "table", 5, out));
    BAD_OUT(const char *, execfmt_coyotos_build_id(&image, &space, out, &id_length));
    BAD_OUT(size_t, execfmt_coyotos_build_id(&image, &space, &id, out));
}

static void check_messages(void)
{
    execfmt_status status;
    unsigned known = 0;

    for (status = 400; status < 520; status++)
        known += strncmp(execfmt_status_message(status), "Coyotos: ", 9) == 0;
    /* 16 of the file and its header, the 16 rules, 20 that the full rules add, 5 warnings, 22 of builders, 16 of programs. */
#ifdef READING_ONLY
    /* A library that builds nothing reads no programs, and has no sentences about them. */
    CHECK_EQ(known, 16 + 16 + 20 + 5 + 22);
#else
    CHECK_EQ(known, 16 + 16 + 20 + 5 + 22 + 16);
#endif
}

static void check_reading(void)
{
    size_t i;

    for (i = 0; i < COUNT(samples); i++) {
        const execfmt_coyotos_image image = opened(samples[i].bytes, samples[i].length);
        check_header(&samples[i], &image);
        check_objects(&samples[i], &image);
        check_space(&image);
        check_calls_at_fault(&image);
        check_open_at_fault(&samples[i]);
        check_findings(&samples[i]);
    }
    check_messages();
}

#endif
