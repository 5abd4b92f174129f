/*
 * Runs the program of a Coyotos image, until it exits.
 *
 *     run_coyotos [--max-instructions N] [--process OID | --constructor CAPPAGE] IMAGE
 *
 * IMAGE is a file as it is stored, compressed or plain. All that is known of the program comes from it, through the C
 * library: the process says where it starts and what its address space is, a walk of that space says which page is
 * mapped where and with what rights. A page that is mapped at two addresses is one memory.
 *
 * With --constructor, it makes the process that a constructor would make of the two capabilities at the start of a page
 * of them, as `execfmt convert --constructor` puts them there: the process begins in the ProtoSpace, which asks for the
 * program's space. That is weak; what the runtime of the small model does first, giving the program pages that it may
 * write to and a stack page, is done here.
 *
 * The processor is Unicorn's: i386, or ColdFire, or ARM. There is no Coyotos kernel: programs call `write`
 * and `exit` as those of Linux do. The program must keep to its space and to its rights. Its exit status becomes ours;
 * 125 says that there was none, with the reason on standard error, and with the function if the image has symbols.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>
#include <zlib.h>

#include <execfmt.h>

#define PROGRAM "run_coyotos"
#include "../emulator.h"

enum { MAX_IMAGE = 64 << 20, MAX_GPTS = 1 << 20, MAX_WRITE = 1 << 16 };
enum { SYS_EXIT = 1, SYS_WRITE = 4, SYS_SET_SPACE_AND_PC = 100, ENOSYS_ = 38, EFAULT_ = 14 };
/* Of a ProtoSpace and of the small model's GPT. */
enum { PROTO_CODE = 8, CAP_SPACE = 0, CAP_PROTO_SPACE = 1, STACK_SLOT = 15 };

/* A processor, and how its programs call the system: a trap, a number, three arguments. */
struct target {
    uint32_t number;
    uc_arch arch;
    uc_mode mode;
    uint32_t trap, trap_bytes; /* what is to be stepped over after the trap, where Unicorn stays before it */
    int pc, call, arguments[3], result;
};

static const struct target TARGETS[] = {
    { EXECFMT_COYOTOS_I386, UC_ARCH_X86, UC_MODE_32, 0x80, 0, UC_X86_REG_EIP, UC_X86_REG_EAX,
      { UC_X86_REG_EBX, UC_X86_REG_ECX, UC_X86_REG_EDX }, UC_X86_REG_EAX },
    { EXECFMT_COYOTOS_COLDFIRE, UC_ARCH_M68K, UC_MODE_BIG_ENDIAN, 32, 2, UC_M68K_REG_PC, UC_M68K_REG_D0,
      { UC_M68K_REG_D1, UC_M68K_REG_D2, UC_M68K_REG_D3 }, UC_M68K_REG_D0 },
    { EXECFMT_COYOTOS_ARM, UC_ARCH_ARM, UC_MODE_ARM, 2, 0, UC_ARM_REG_PC, UC_ARM_REG_R7,
      { UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2 }, UC_ARM_REG_R0 },
};
enum { TARGET_COUNT = sizeof TARGETS / sizeof TARGETS[0] };

struct machine {
    uint8_t *bytes; /* of the image; the program changes its pages in here */
    execfmt_coyotos_image image;
    execfmt_coyotos_capability space;
    const struct target *target;
    uc_engine *engine;
    unsigned long executed, limit;
    unsigned pages;
    uint32_t page_size;
    execfmt_coyotos_capability next_space; /* what a ProtoSpace may ask for; Null when there is none */
    bool replaced, stopped;
    int status;
};

/* A call of the library that can go wrong only if this program or the image is wrong. */
static void expect(execfmt_status status, const char *what)
{
    if (status != EXECFMT_OK)
        fail("%s: status %" PRId32, what, status);
}

static uint32_t get(struct machine *machine, int name)
{
    uint32_t value = 0;
    check(uc_reg_read(machine->engine, name, &value));
    return value;
}

static void set(struct machine *machine, int name, uint32_t value)
{
    check(uc_reg_write(machine->engine, name, &value));
}

/* Ends the run, and says where the program was. */
static void stop_at_fault(struct machine *machine, const char *what, uint64_t address)
{
    const uint32_t pc = get(machine, machine->target->pc);
    execfmt_coyotos_symbol symbol;
    if (execfmt_coyotos_symbol_at(&machine->image, &machine->space, pc, &symbol) == EXECFMT_OK && symbol.name != NULL)
        fail("%s %#" PRIx64 " at %#" PRIx32 " in %.*s", what, address, pc, (int)symbol.name_length, symbol.name);
    fail("%s %#" PRIx64 " at %#" PRIx32, what, address, pc);
}

/* The file, inflated if it is compressed. */
static uint8_t *read_file(const char *name, size_t *length)
{
    gzFile file = gzopen(name, "rb");
    uint8_t *bytes = NULL;
    size_t room = 0;
    int got;
    if (file == NULL)
        fail("%s: cannot be opened", name);
    *length = 0;
    do {
        if (*length == room) {
            room = room == 0 ? 1 << 20 : 2 * room;
            bytes = room > MAX_IMAGE ? NULL : realloc(bytes, room);
            if (bytes == NULL)
                fail("%s: more than %d bytes", name, MAX_IMAGE);
        }
        got = gzread(file, bytes + *length, (unsigned)(room - *length));
        if (got < 0)
            fail("%s: cannot be read", name);
        *length += (size_t)got;
    } while (got > 0);
    if (gzclose(file) != Z_OK)
        fail("%s: ends in the middle of compressed bytes", name);
    return bytes;
}

static int32_t report(void *context, const execfmt_finding *finding)
{
    char sentence[512];
    (void)context;
    execfmt_coyotos_finding_message(finding, sentence, sizeof sentence);
    fprintf(stderr, "run_coyotos: %s\n", sentence);
    return 0;
}

static void open_image(struct machine *machine, const char *name)
{
    size_t length;
    execfmt_finding finding;
    execfmt_coyotos_header header;
    machine->bytes = read_file(name, &length);
    if (execfmt_coyotos_open(machine->bytes, length, EXECFMT_COYOTOS_AS_WRITTEN, &machine->image, &finding) !=
        EXECFMT_OK) {
        report(NULL, &finding);
        fail("%s is not an image that can be run", name);
    }
    if (execfmt_coyotos_check(machine->bytes, length, NULL, report, NULL) != EXECFMT_OK)
        fail("%s is not sound", name);
    expect(execfmt_coyotos_read_header(&machine->image, &header), "header");
    machine->page_size = header.pg_size;
    for (size_t i = 0; i < TARGET_COUNT; i++)
        if (TARGETS[i].number == header.target)
            machine->target = &TARGETS[i];
    if (machine->target == NULL)
        fail("%s: there is no processor for target %" PRIu32, name, header.target);
}

/* Maps a page with the rights that are left. */
static int32_t map(void *context, const execfmt_coyotos_mapping *mapping)
{
    struct machine *machine = context;
    const uint8_t *bytes;
    size_t length;
    uint32_t rights = UC_PROT_ALL;
    if (mapping->capability.cap_type != EXECFMT_COYOTOS_CAP_PAGE)
        return 0;
    expect(execfmt_coyotos_object(&machine->image, EXECFMT_COYOTOS_OBJECT_PAGE, mapping->capability.oid, &bytes, &length),
           "page");
    if (mapping->address > UINT32_MAX)
        fail("a page at %#" PRIx64 ", beyond 32-bit addresses", mapping->address);
    if (mapping->restr & (EXECFMT_COYOTOS_RO | EXECFMT_COYOTOS_WK))
        rights &= ~(uint32_t)UC_PROT_WRITE;
    if (mapping->restr & EXECFMT_COYOTOS_NX)
        rights &= ~(uint32_t)UC_PROT_EXEC;
    check(uc_mem_map_ptr(machine->engine, mapping->address, length, rights,
                         machine->bytes + (bytes - machine->image.bytes)));
    machine->pages++;
    return 0;
}

/* Replaces the ProtoSpace by the space of the program, and goes on at a PC. */
static void set_space_and_pc(struct machine *machine, const uint32_t halves[2])
{
    static uint8_t stack[1 << 16];
    const struct target *target = machine->target;
    const bool big = target->mode & UC_MODE_BIG_ENDIAN;
    const uint32_t high = halves[big ? 0 : 1], low = halves[big ? 1 : 0];
    if (high != 0)
        fail("the ProtoSpace starts the program at %#" PRIx32 "%08" PRIx32, high, low);
    check(uc_mem_unmap(machine->engine, 0, machine->page_size));
    machine->space = machine->next_space;
    /* Weak, the space could only be read; the runtime copies what is written to. */
    machine->space.restr &= ~(uint32_t)(EXECFMT_COYOTOS_WK | EXECFMT_COYOTOS_RO);
    memset(&machine->next_space, 0, sizeof machine->next_space);
    expect(execfmt_coyotos_walk(&machine->image, &machine->space, MAX_GPTS, map, machine), "address space");
    check(uc_mem_map_ptr(machine->engine, (uint64_t)STACK_SLOT * machine->page_size, machine->page_size,
                         UC_PROT_READ | UC_PROT_WRITE, stack));
    set(machine, target->pc, low);
}

static uint32_t system_call(struct machine *machine)
{
    static uint8_t bytes[MAX_WRITE];
    uint32_t value[3];
    for (int i = 0; i < 3; i++)
        value[i] = get(machine, machine->target->arguments[i]);
    switch (get(machine, machine->target->call)) {
    case SYS_EXIT:
        machine->stopped = true;
        machine->status = (int)(value[0] & 0xff);
        check(uc_emu_stop(machine->engine));
        return 0;
    case SYS_WRITE:
        if (value[2] > sizeof bytes || uc_mem_read(machine->engine, value[1], bytes, value[2]) != UC_ERR_OK)
            return (uint32_t)-EFAULT_;
        return (uint32_t)fwrite(bytes, 1, value[2], stdout);
    case SYS_SET_SPACE_AND_PC:
        if (machine->next_space.cap_type == EXECFMT_COYOTOS_CAP_GPT) {
            machine->replaced = true;
            set_space_and_pc(machine, value);
            return 0;
        }
        return (uint32_t)-ENOSYS_;
    default:
        return (uint32_t)-ENOSYS_;
    }
}

static void on_interrupt(uc_engine *engine, uint32_t number, void *context)
{
    struct machine *machine = context;
    (void)engine;
    if (number != machine->target->trap)
        stop_at_fault(machine, "interrupt", number);
    const uint32_t result = system_call(machine);
    if (machine->stopped)
        return;
    if (machine->replaced) {
        machine->replaced = false;
        return;
    }
    set(machine, machine->target->result, result);
    if (machine->target->trap_bytes != 0)
        set(machine, machine->target->pc, get(machine, machine->target->pc) + machine->target->trap_bytes);
}

static void on_instruction(uc_engine *engine, uint64_t address, uint32_t size, void *context)
{
    struct machine *machine = context;
    (void)engine, (void)address, (void)size;
    if (machine->executed++ == machine->limit)
        fail("no exit within %lu instructions", machine->limit);
}

static bool on_bad_access(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value,
                          void *context)
{
    static const struct {
        uc_mem_type type;
        const char *words;
    } WHAT[] = {
        { UC_MEM_READ_UNMAPPED, "loads from unmapped" },  { UC_MEM_WRITE_UNMAPPED, "stores to unmapped" },
        { UC_MEM_FETCH_UNMAPPED, "executes unmapped" },   { UC_MEM_WRITE_PROT, "stores to read-only" },
        { UC_MEM_FETCH_PROT, "executes non-executable" },
    };
    (void)engine, (void)size, (void)value;
    for (size_t i = 0; i < sizeof WHAT / sizeof WHAT[0]; i++)
        if (WHAT[i].type == type)
            stop_at_fault(context, WHAT[i].words, address);
    stop_at_fault(context, "reaches", address);
    return false;
}

/* The process that an image has, ready to be started. */
static uint64_t process_of_image(struct machine *machine, uint64_t oid)
{
    execfmt_coyotos_process process;
    expect(execfmt_coyotos_read_process(&machine->image, oid, &process), "process");
    if (process.fault_code != EXECFMT_COYOTOS_FAULT_STARTUP)
        fail("process %" PRIu64 " is not to be started: its faultCode is %" PRIu32, oid, process.fault_code);
    expect(execfmt_coyotos_read_capability(&machine->image, EXECFMT_COYOTOS_OBJECT_PROCESS, oid,
                                           EXECFMT_COYOTOS_SLOT_ADDR_SPACE, &machine->space),
           "addrSpace");
    return process.fault_info;
}

/* The process that a constructor makes: in its ProtoSpace, which may ask for the space. */
static uint64_t process_of_constructor(struct machine *machine, uint64_t cap_page)
{
    expect(execfmt_coyotos_read_capability(&machine->image, EXECFMT_COYOTOS_OBJECT_CAP_PAGE, cap_page, CAP_SPACE,
                                           &machine->next_space),
           "space");
    expect(execfmt_coyotos_read_capability(&machine->image, EXECFMT_COYOTOS_OBJECT_CAP_PAGE, cap_page, CAP_PROTO_SPACE,
                                           &machine->space),
           "ProtoSpace");
    if (!(machine->next_space.restr & EXECFMT_COYOTOS_WK) || !(machine->space.restr & EXECFMT_COYOTOS_WK))
        fail("what a constructor is given is weak");
    return PROTO_CODE;
}

static void run(struct machine *machine, uint64_t pc)
{
    check(uc_open(machine->target->arch, machine->target->mode, &machine->engine));
    expect(execfmt_coyotos_walk(&machine->image, &machine->space, MAX_GPTS, map, machine), "address space");
    if (machine->pages == 0)
        fail("nothing is mapped in the address space");
    add_hook(machine->engine, UC_HOOK_CODE, (void (*)(void))on_instruction, machine);
    add_hook(machine->engine, UC_HOOK_INTR, (void (*)(void))on_interrupt, machine);
    add_hook(machine->engine, UC_HOOK_MEM_INVALID, (void (*)(void))on_bad_access, machine);
    const uc_err error = uc_emu_start(machine->engine, pc, UINT64_MAX, 0, 0);
    if (!machine->stopped)
        stop_at_fault(machine, error == UC_ERR_OK ? "stops:" : uc_strerror(error), error);
    uc_close(machine->engine);
    free(machine->bytes);
}

int main(int argc, char **argv)
{
    static struct machine machine = { .limit = 50000000 };
    uint64_t process = 0, cap_page = 0;
    bool constructor = false;
    int at = 1;
    for (; at + 2 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (strcmp(argv[at], "--max-instructions") == 0)
            machine.limit = strtoul(argv[at + 1], NULL, 0);
        else if (strcmp(argv[at], "--process") == 0)
            process = strtoull(argv[at + 1], NULL, 0);
        else if (strcmp(argv[at], "--constructor") == 0) {
            cap_page = strtoull(argv[at + 1], NULL, 0);
            constructor = true;
        } else
            fail("unknown option %s", argv[at]);
    }
    if (at + 1 != argc)
        fail("usage: run_coyotos [--max-instructions N] [--process OID | --constructor CAPPAGE] IMAGE");
    open_image(&machine, argv[at]);
    run(&machine, constructor ? process_of_constructor(&machine, cap_page) : process_of_image(&machine, process));
    return fflush(stdout) == 0 ? machine.status : FAILED;
}
