// The same as aout_c89.c, as C++98 reads it.
#include "aout_c89.c"
