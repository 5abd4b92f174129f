/*
 * What a Nachos kernel has defined by the time that it includes a header of ours: the macros of its utility.h,
 * machine.h and addrspace.h, and the names of its noff.h and coff.h. A header that uses any of them does not compile
 * after this file, or compiles into something else.
 */
#ifndef KERNEL_H
#define KERNEL_H

#define TRUE 1
#define FALSE 0
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define divRoundDown(n, s) ((n) / (s))
#define divRoundUp(n, s) (((n) / (s)) + ((((n) % (s)) > 0) ? 1 : 0))
#define ASSERT(condition) the header must not assert(condition)
#define DEBUG(flag, message) the header must not print(message)
#define PageSize 128
#define NumPhysPages 32
#define MemorySize (NumPhysPages * PageSize)
#define UserStackSize 1024
#define StackReg 29
#define ERROR (-1)
#define WORD_SIZE 4
#ifndef __cplusplus
#define bool int
#define class the header must not be written in C++
#endif

#define NOFFMAGIC 0xbadfad

struct segment {
    int virtualAddr;
    int inFileAddr;
    int size;
};

typedef struct segment Segment;

struct noffHeader {
    int noffMagic;
    struct segment code;
    struct segment initData;
    struct segment uninitData;
};

typedef struct noffHeader NoffHeader;

typedef int OpenFileId;
typedef int SpaceId;

#endif
