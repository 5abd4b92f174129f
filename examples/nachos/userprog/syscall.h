/*
 * The system calls of Nachos, as a user program sees them.
 *
 * Each family of kernels has its own numbers; the Makefile says which with -DKERNEL_x. They are here and nowhere else:
 * start.s reads them from this file. What a kernel does not have is not declared. If yours is none of these, compare
 * with its userprog/syscall.h before you trust a program that does nothing.
 */
#ifndef NACHOS_USER_SYSCALL_H
#define NACHOS_USER_SYSCALL_H

#define SC_Halt   0
#define SC_Exit   1
#define SC_Exec   2
#define SC_Join   3

#if defined(KERNEL_nachos4)
#define SC_Create 4
#define SC_Remove 5
#define SC_Open   6
#define SC_Read   7
#define SC_Write  8
#define SC_Close  10
#elif defined(KERNEL_rosario)
#define SC_Fork   4
#define SC_Yield  5
#define SC_Create 10
#define SC_Remove 11
#define SC_Open   12
#define SC_Close  13
#define SC_Read   14
#define SC_Write  15
#elif defined(KERNEL_nachos5j)
#define SC_Create 4
#define SC_Open   5
#define SC_Read   6
#define SC_Write  7
#define SC_Close  8
#define SC_Remove 9
#else /* nachos3, bordeaux */
#define SC_Create 4
#define SC_Open   5
#define SC_Read   6
#define SC_Write  7
#define SC_Close  8
#define SC_Fork   9
#define SC_Yield  10
#endif

#ifndef __ASSEMBLER__

typedef int SpaceId;    /* a program that runs */
typedef int OpenFileId; /* a file that is open */

#define ConsoleInput  0
#define ConsoleOutput 1

/* Stops the machine. */
void Halt(void) __attribute__((noreturn));

/* Ends this program; a status of 0 means that all went well. */
void Exit(int status) __attribute__((noreturn));

/* Starts the program in the file `name`, without arguments. */
SpaceId Exec(const char *name);

/* Waits for a program to end; gives its exit status. */
int Join(SpaceId id);

/* Makes an empty file. */
void Create(const char *name);

/* Opens a file for reading and writing. */
OpenFileId Open(const char *name);

/* Reads at most `size` bytes; gives how many were read, 0 at the end. */
int Read(char *buffer, int size, OpenFileId id);

/* Writes `size` bytes. The classic kernel returns nothing here. */
void Write(const char *buffer, int size, OpenFileId id);

/* Closes a file. */
void Close(OpenFileId id);

#ifdef SC_Remove
/* Removes a file. */
void Remove(const char *name);
#endif

#ifdef SC_Fork
/* Starts a thread in this address space. */
void Fork(void (*function)(void));
#endif

#ifdef SC_Yield
/* Lets another thread run. */
void Yield(void);
#endif

#endif

#endif
