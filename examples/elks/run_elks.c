/*
 * Runs an ELKS program that is loaded already, until it exits.
 *
 *     run_elks [--max-instructions N] DIR
 *
 * DIR holds the memory that a loader wrote (aout-minix/examples/load_elks.rs and os2-ne/examples/load_ne.rs write it): text.bin, ftext.bin and data.bin
 * as they lie in memory, the latter with the bss (for OS/2 NE, text.bin is all segments but the auto data segment); arguments.bin, the argument block with pointers relative to its start;
 * and `layout`, a name and a decimal number a line.
 *
 * The processor is Unicorn's. This program does what the kernel does after loading: it puts the argument block onto the
 * stack, sets the registers, and serves int 0x80. The program must stay within its memory, which holds 0xcc wherever
 * nothing was loaded. Its exit status becomes ours; 125 says that there was none, with the reason on standard error.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

#define PROGRAM "run_elks"
#include "../emulator.h"

enum { MEMORY_SIZE = 0x100000, SEGMENT_SIZE = 0x10000, PARAGRAPH = 16 };
enum { HOST_PAGE = 4096 }; /* Unicorn maps memory in these */
enum { SYS_EXIT = 1, SYS_WRITE = 4, SYS_BRK = 17, SYS_IOCTL = 54, SYS_SBRK = 69 };
enum { EBADF_ = 9, ENOMEM_ = 12, EFAULT_ = 14, ENOTTY_ = 25, ENOSYS_ = 38 };
enum { SYSTEM_CALL = 0x80 };

struct layout {
    unsigned cs, ds;                    /* paragraphs */
    unsigned text_paras, far_text_para; /* paragraphs */
    unsigned far_data_para;             /* paragraphs from the text's start to the data segments among it */
    unsigned data_len, minstack;        /* bytes */
    unsigned enddata, endseg, begstack, endbrk, entry; /* offsets */
};

static const struct {
    const char *name;
    size_t place;
} FIELDS[] = {
    { "cs", offsetof(struct layout, cs) },
    { "ds", offsetof(struct layout, ds) },
    { "text_paras", offsetof(struct layout, text_paras) },
    { "far_text_para", offsetof(struct layout, far_text_para) },
    { "far_data_para", offsetof(struct layout, far_data_para) },
    { "data_len", offsetof(struct layout, data_len) },
    { "minstack", offsetof(struct layout, minstack) },
    { "enddata", offsetof(struct layout, enddata) },
    { "endseg", offsetof(struct layout, endseg) },
    { "begstack", offsetof(struct layout, begstack) },
    { "endbrk", offsetof(struct layout, endbrk) },
    { "entry", offsetof(struct layout, entry) },
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof FIELDS[0] };

struct machine {
    struct layout layout;
    uint32_t text, far_data, text_end, data, data_end; /* linear addresses */
    uint8_t *memory;
    uc_engine *engine;
    unsigned long executed, limit;
    bool stopped;
    int status;
};

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        fail("%s: the name is too long", folder);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("%s: cannot be opened", path);
    return file;
}

/* A file's bytes to memory, which has `room` bytes left for them. */
static size_t read_to(uint8_t *place, size_t room, const char *folder, const char *name)
{
    FILE *file = open_in(folder, name);
    size_t size = fread(place, 1, room, file);
    if (ferror(file) || fgetc(file) != EOF)
        fail("%s has no room: its segment leaves %lu bytes", name, (unsigned long)room);
    fclose(file);
    return size;
}

static void read_layout(struct layout *layout, const char *folder)
{
    FILE *file = open_in(folder, "layout");
    char line[80], name[32];
    unsigned value, seen = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned at = 0;
        if (sscanf(line, "%31s %u", name, &value) != 2 || value > 0xffff)
            fail("layout: no name and number: %s", line);
        while (at < FIELD_COUNT && strcmp(name, FIELDS[at].name) != 0)
            at++;
        if (at == FIELD_COUNT || seen & 1u << at)
            fail("layout: unknown or given twice: %s", name);
        seen |= 1u << at;
        *(unsigned *)((char *)layout + FIELDS[at].place) = value;
    }
    fclose(file);
    if (seen != (1u << FIELD_COUNT) - 1)
        fail("layout: there are fewer than %d numbers", (int)FIELD_COUNT);
}

static uint16_t word_at(const uint8_t *place)
{
    return (uint16_t)(place[0] | place[1] << 8);
}

/* The argument block's pointers count from its start, and become addresses once it lies on the stack: argc, then argv
   and envp, each ended by 0. */
static void put_arguments(struct machine *machine, const char *folder)
{
    const unsigned begstack = machine->layout.begstack;
    if (begstack > machine->layout.data_len)
        fail("the stack begins at %#x, beyond the data segment of %#x bytes", begstack, machine->layout.data_len);
    uint8_t *block = machine->memory + machine->data + begstack;
    size_t size = read_to(block, machine->layout.data_len - begstack, folder, "arguments.bin");
    unsigned ends = 0;
    for (size_t at = 2; ends < 2; at += 2) {
        if (at + 2 > size)
            fail("arguments.bin has no end of argv and envp");
        unsigned pointer = word_at(block + at);
        if (pointer == 0) {
            ends++;
            continue;
        }
        if (pointer >= size)
            fail("arguments.bin: a pointer to %#x, but there are %#lx bytes", pointer, (unsigned long)size);
        block[at] = (uint8_t)(pointer + begstack);
        block[at + 1] = (uint8_t)((pointer + begstack) >> 8);
    }
}

static void load(struct machine *machine, const char *folder)
{
    struct layout *layout = &machine->layout;
    read_layout(layout, folder);
    machine->text = layout->cs * PARAGRAPH;
    machine->far_data = machine->text + layout->far_data_para * PARAGRAPH;
    machine->text_end = machine->text + layout->text_paras * PARAGRAPH;
    machine->data = layout->ds * PARAGRAPH;
    machine->data_end = machine->data + layout->data_len;
    if (layout->text_paras == 0 || layout->data_len == 0)
        fail("a segment is empty");
    if (machine->text_end > MEMORY_SIZE || machine->data_end > MEMORY_SIZE)
        fail("the program reaches beyond 1 MiB");
    if (machine->text % HOST_PAGE != 0 || machine->data % HOST_PAGE != 0)
        fail("cs and ds are not multiples of %#x", HOST_PAGE / PARAGRAPH);
    if (machine->text < machine->data_end && machine->data < machine->text_end)
        fail("text and data overlap");
    if (layout->far_text_para > layout->text_paras)
        fail("the far text lies outside of the text segment");
    if (layout->far_data_para > layout->text_paras)
        fail("the far data lie outside of the text segment");
    machine->memory = malloc(MEMORY_SIZE);
    if (machine->memory == NULL)
        fail("no memory");
    memset(machine->memory, 0xcc, MEMORY_SIZE);
    const uint32_t far = machine->text + layout->far_text_para * PARAGRAPH;
    read_to(machine->memory + machine->text, far - machine->text, folder, "text.bin");
    read_to(machine->memory + far, machine->text_end - far, folder, "ftext.bin");
    read_to(machine->memory + machine->data, layout->data_len, folder, "data.bin");
    put_arguments(machine, folder);
}

static unsigned get(struct machine *machine, int name)
{
    uint16_t value = 0;
    check(uc_reg_read(machine->engine, name, &value));
    return value;
}

static void set(struct machine *machine, int name, unsigned value)
{
    uint16_t word = (uint16_t)value;
    check(uc_reg_write(machine->engine, name, &word));
}

static void set_segment_registers(struct machine *machine)
{
    const int data_registers[] = { UC_X86_REG_DS, UC_X86_REG_ES, UC_X86_REG_SS };
    for (size_t i = 0; i < sizeof data_registers / sizeof data_registers[0]; i++)
        set(machine, data_registers[i], machine->layout.ds);
    set(machine, UC_X86_REG_CS, machine->layout.cs);
}

/* Moves the break, which stays between the bss and the stack. */
static int set_break(struct machine *machine, unsigned to)
{
    struct layout *layout = &machine->layout;
    if (to < layout->enddata || to > layout->endseg || to + layout->minstack > layout->begstack)
        return -ENOMEM_;
    layout->endbrk = to;
    return 0;
}

static int system_call(struct machine *machine)
{
    const unsigned bx = get(machine, UC_X86_REG_BX), cx = get(machine, UC_X86_REG_CX), dx = get(machine, UC_X86_REG_DX);
    const uint32_t place = machine->data + cx;
    uint8_t bytes[SEGMENT_SIZE];
    switch (get(machine, UC_X86_REG_AX)) {
    case SYS_EXIT:
        machine->stopped = true;
        machine->status = (int)(bx & 0xff);
        check(uc_emu_stop(machine->engine));
        return 0;
    case SYS_WRITE:
        if (bx != 1 && bx != 2)
            return -EBADF_;
        if (place + dx > machine->data_end)
            return -EFAULT_;
        check(uc_mem_read(machine->engine, place, bytes, dx));
        return (int)fwrite(bytes, 1, dx, bx == 1 ? stdout : stderr);
    case SYS_BRK:
        return set_break(machine, bx);
    case SYS_SBRK:
        if (place + 2 > machine->data_end)
            return -EFAULT_;
        bytes[0] = (uint8_t)machine->layout.endbrk;
        bytes[1] = (uint8_t)(machine->layout.endbrk >> 8);
        check(uc_mem_write(machine->engine, place, bytes, 2));
        return set_break(machine, (machine->layout.endbrk + bx) & 0xffff);
    case SYS_IOCTL:
        return -ENOTTY_;
    default:
        return -ENOSYS_;
    }
}

static void on_interrupt(uc_engine *engine, uint32_t number, void *context)
{
    struct machine *machine = context;
    (void)engine;
    if (number != SYSTEM_CALL)
        fail("interrupt %#x at %04x:%04x", number, get(machine, UC_X86_REG_CS), get(machine, UC_X86_REG_IP));
    const int result = system_call(machine);
    if (!machine->stopped)
        set(machine, UC_X86_REG_AX, (unsigned)result);
}

static bool within(uint64_t address, uint64_t size, uint32_t start, uint32_t end)
{
    return address >= start && address + size <= end;
}

static void on_instruction(uc_engine *engine, uint64_t address, uint32_t size, void *context)
{
    struct machine *machine = context;
    (void)engine;
    if (!within(address, size, machine->text, machine->far_data))
        fail("an instruction at %#lx, outside of the text", (unsigned long)address);
    if (machine->executed++ == machine->limit)
        fail("no exit within %lu instructions", machine->limit);
}

static void bad_access(struct machine *machine, const char *what, uint64_t address)
{
    fail("%s %#lx at %04x:%04x, outside of its memory", what, (unsigned long)address, get(machine, UC_X86_REG_CS),
         get(machine, UC_X86_REG_IP));
}

static void on_store(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value, void *context)
{
    struct machine *machine = context;
    (void)engine, (void)type, (void)value;
    if (!within(address, (uint64_t)size, machine->data, machine->data_end)
        && !within(address, (uint64_t)size, machine->far_data, machine->text_end))
        bad_access(machine, "stores to", address);
}

static bool on_unmapped(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value, void *context)
{
    (void)engine, (void)size, (void)value;
    bad_access(context, type == UC_MEM_READ_UNMAPPED ? "loads from" : "executes or stores to", address);
    return false;
}

static void map(struct machine *machine, uint32_t start, uint32_t end)
{
    const uint32_t size = (end - start + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE;
    check(uc_mem_map_ptr(machine->engine, start, size, UC_PROT_ALL, machine->memory + start));
}

static void run(struct machine *machine)
{
    check(uc_open(UC_ARCH_X86, UC_MODE_16, &machine->engine));
    map(machine, machine->text, machine->text_end);
    map(machine, machine->data, machine->data_end);
    add_hook(machine->engine, UC_HOOK_CODE, (void (*)(void))on_instruction, machine);
    add_hook(machine->engine, UC_HOOK_INTR, (void (*)(void))on_interrupt, machine);
    add_hook(machine->engine, UC_HOOK_MEM_WRITE, (void (*)(void))on_store, machine);
    /* Loads are guarded by what is mapped, in whole pages: a hook on them makes Unicorn 2.0 forget where a far return
       goes. Past a segment's end the memory is 0xcc. */
    add_hook(machine->engine, UC_HOOK_MEM_UNMAPPED, (void (*)(void))on_unmapped, machine);
    set_segment_registers(machine);
    set(machine, UC_X86_REG_SP, machine->layout.begstack);
    set(machine, UC_X86_REG_DX, machine->layout.minstack);
    const uc_err error = uc_emu_start(machine->engine, machine->text + machine->layout.entry, MEMORY_SIZE, 0, 0);
    if (!machine->stopped)
        fail("stopped at %04x:%04x: %s", get(machine, UC_X86_REG_CS), get(machine, UC_X86_REG_IP),
             error == UC_ERR_OK ? "no reason given" : uc_strerror(error));
    uc_close(machine->engine);
    free(machine->memory);
}

int main(int argc, char **argv)
{
    static struct machine machine = { .limit = 50000000 };
    int at = 1;
    if (at + 1 < argc && strcmp(argv[at], "--max-instructions") == 0) {
        machine.limit = strtoul(argv[at + 1], NULL, 0);
        at += 2;
    }
    if (at + 1 != argc)
        fail("usage: run_elks [--max-instructions N] DIR");
    load(&machine, argv[at]);
    run(&machine);
    return fflush(stdout) == 0 ? machine.status : FAILED;
}
