// The same as ne_c89.c, as C++98 reads it.
#include "ne_c89.c"
