/* Greets by name, without a library: three system calls, and a start of its own. */

static char greeting[] = "hello, ";
static char nobody[] = "whoever you are";
char line_buffer[300];

/* ELKS enters here: argc and the pointers of argv lie on the stack. The first function of the file is the start. */
#asm
	.text
	entry	_start
_start:
	mov	bp, sp
	lea	ax, 2[bp]
	push	ax
	push	[bp]
	call	_greet
	push	ax
	call	_exit
#endasm

int write(file, bytes, count)
int file, count;
char *bytes;
{
#asm
	mov	bx, sp
	mov	dx, 6[bx]
	mov	cx, 4[bx]
	mov	bx, 2[bx]
	mov	ax, #4
	int	0x80
#endasm
}

int exit(status)
int status;
{
#asm
	mov	bx, sp
	mov	bx, 2[bx]
	mov	ax, #1
	int	0x80
#endasm
}

static char *append(place, text)
char *place, *text;
{
	while (*text)
		*place++ = *text++;
	return place;
}

int greet(argc, argv)
int argc;
char **argv;
{
	char *end = append(line_buffer, greeting);

	end = append(end, argc > 1 ? argv[1] : nobody);
	*end++ = '\n';
	return write(1, line_buffer, end - line_buffer) != end - line_buffer;
}
