/*
 * A compiler that has no executable in between: it emits code straight into an address space.
 *
 *     emit OUT EXPRESSION
 *
 * EXPRESSION is arithmetic in reverse Polish notation, such as "6 7 * 2 +": numbers, and + - *, between blanks. OUT becomes
 * a Coyotos image for i386 with a program that computes it and exits with the result; run_coyotos runs it.
 *
 * All memory that the library takes is counted, to show that it comes from here and comes back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <execfmt.h>

enum { TEXT = 0x10000, STACK = 0x80000, STACK_BYTES = 0x4000, MAX_CODE = 0x8000 };

static size_t held; /* blocks */

static void *take(void *context, size_t size)
{
    void *memory = malloc(size);
    (void)context;
    held += memory != NULL;
    return memory;
}

static void give(void *context, void *memory)
{
    (void)context;
    held -= memory != NULL;
    free(memory);
}

struct code {
    uint8_t bytes[MAX_CODE];
    size_t length;
    int depth; /* of the stack, in words, as far as it is compiled */
};

static void emit_bytes(struct code *code, const char *bytes, size_t length)
{
    if (code->length + length > sizeof code->bytes) {
        fprintf(stderr, "emit: the expression is too long\n");
        exit(1);
    }
    memcpy(code->bytes + code->length, bytes, length);
    code->length += length;
}

#define EMIT(code, text) emit_bytes(code, text, sizeof text - 1)

static void emit_word(struct code *code, uint32_t word)
{
    const char bytes[4] = { (char)word, (char)(word >> 8), (char)(word >> 16), (char)(word >> 24) };
    emit_bytes(code, bytes, sizeof bytes);
}

/* One word of the expression. Returns 0 when it makes no sense. */
static int compile_word(struct code *code, const char *word)
{
    char *end;
    const unsigned long number = strtoul(word, &end, 10);
    if (*end == '\0' && end != word && number <= INT32_MAX) {
        EMIT(code, "\x68"); /* push NUMBER */
        emit_word(code, (uint32_t)number);
        return code->depth++ < STACK_BYTES / 4 - 1;
    }
    if (strlen(word) != 1 || strchr("+-*", *word) == NULL || code->depth < 2)
        return 0;
    EMIT(code, "\x5b\x58"); /* pop ebx; pop eax */
    if (*word == '+')
        EMIT(code, "\x01\xd8"); /* add eax, ebx */
    else if (*word == '-')
        EMIT(code, "\x29\xd8"); /* sub eax, ebx */
    else
        EMIT(code, "\x0f\xaf\xc3"); /* imul eax, ebx */
    EMIT(code, "\x50");             /* push eax */
    code->depth--;
    return 1;
}

static int compile(struct code *code, char *expression)
{
    EMIT(code, "\xbc"); /* mov esp, the end of the stack */
    emit_word(code, STACK + STACK_BYTES);
    for (char *word = strtok(expression, " "); word != NULL; word = strtok(NULL, " ")) {
        if (!compile_word(code, word)) {
            fprintf(stderr, "emit: \"%s\": neither a number nor an operator with two numbers before it\n", word);
            return 0;
        }
    }
    if (code->depth != 1) {
        fprintf(stderr, "emit: %d values are left and not 1\n", code->depth);
        return 0;
    }
    EMIT(code, "\x5b\xb8\x01\x00\x00\x00\xcd\x80"); /* pop ebx; mov eax, exit; int 0x80 */
    return 1;
}

/* Code, stack, process and a symbol. The first call that fails ends the chain. */
static execfmt_status build(execfmt_coyotos_builder *builder, const struct code *code)
{
    static const char NAME[] = "expression";
    execfmt_coyotos_capability bank, process, space = { 0 };
    execfmt_coyotos_symbol symbol = { 0 };
    execfmt_status status = execfmt_coyotos_builder_prime_bank(builder, &bank);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_emit(builder, &bank, &space, TEXT, code->bytes, code->length, EXECFMT_COYOTOS_RO);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_emit_zeros(builder, &bank, &space, STACK, STACK_BYTES, EXECFMT_COYOTOS_NX);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_runnable_process(builder, &bank, &space, TEXT, &process);
    if (status == EXECFMT_OK) {
        symbol.value = TEXT;
        symbol.object = (uint64_t)EXECFMT_COYOTOS_OBJECT_GPT << 56 | space.oid;
        symbol.name = NAME;
        symbol.name_length = sizeof NAME - 1;
        symbol.size = (uint32_t)code->length;
        symbol.kind = EXECFMT_COYOTOS_SYMBOL_FUNCTION;
        status = execfmt_coyotos_builder_add_symbols(builder, &symbol, 1);
    }
    return status;
}

static execfmt_status write_image(execfmt_coyotos_builder *builder, const char *name)
{
    size_t length, written = 0;
    execfmt_status status = execfmt_coyotos_builder_length(builder, &length);
    uint8_t *bytes = status == EXECFMT_OK ? malloc(length) : NULL;
    FILE *file = NULL;
    if (bytes != NULL)
        status = execfmt_coyotos_builder_write(builder, bytes, length, &written);
    if (bytes != NULL && status == EXECFMT_OK)
        file = fopen(name, "wb");
    if (status == EXECFMT_OK && (file == NULL || fwrite(bytes, 1, written, file) != written || fclose(file) != 0)) {
        perror(name);
        exit(1);
    }
    free(bytes);
    return status;
}

int main(int argc, char **argv)
{
    static struct code code;
    const execfmt_coyotos_memory memory = { take, give, NULL };
    execfmt_coyotos_builder *builder = NULL;
    execfmt_status status;
    size_t peak;
    if (argc != 3) {
        fprintf(stderr, "usage: emit OUT EXPRESSION\n");
        return 2;
    }
    if (!compile(&code, argv[2]))
        return 1;
    status = execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_AS_WRITTEN, &memory, &builder);
    if (status == EXECFMT_OK)
        status = build(builder, &code);
    if (status == EXECFMT_OK)
        status = write_image(builder, argv[1]);
    if (status != EXECFMT_OK) {
        char sentence[512] = "";
        if (builder != NULL)
            execfmt_coyotos_builder_message(builder, sentence, sizeof sentence);
        fprintf(stderr, "emit: status %" PRId32 ": %s\n", status, sentence);
    }
    peak = held;
    execfmt_coyotos_builder_destroy(builder);
    printf("%lu bytes of code; %lu blocks of memory held, %lu after\n", (unsigned long)code.length,
           (unsigned long)peak, (unsigned long)held);
    return status == EXECFMT_OK && held == 0 ? 0 : 1;
}
