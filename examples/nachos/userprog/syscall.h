/*
 * The system calls of Nachos, as a user program sees them.
 *
 * The numbers are those of Nachos 3.x. They are here and nowhere else: start.s reads them from this file. Kernels
 * derived from Nachos 4.0 count differently (many put Remove at 5, which moves Open, Read, Write and Close up by one
 * or more): compare with userprog/syscall.h of your kernel before you trust a program that does nothing.
 */
#ifndef NACHOS_USER_SYSCALL_H
#define NACHOS_USER_SYSCALL_H

#define SC_Halt   0
#define SC_Exit   1
#define SC_Exec   2
#define SC_Join   3
#define SC_Create 4
#define SC_Open   5
#define SC_Read   6
#define SC_Write  7
#define SC_Close  8
#define SC_Fork   9
#define SC_Yield  10

#ifndef __ASSEMBLER__

typedef int SpaceId;    /* a program that runs */
typedef int OpenFileId; /* a file that is open */

#define ConsoleInput  0
#define ConsoleOutput 1

/* Stops the machine. */
void Halt(void) __attribute__((noreturn));

/* Ends this program; a status of 0 means that all went well. */
void Exit(int status) __attribute__((noreturn));

/* Starts the program in the file `name`. */
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

/* Starts a thread in this address space. */
void Fork(void (*function)(void));

/* Lets another thread run. */
void Yield(void);

#endif

#endif
