#include "holdfast_support.h"
#include <sys/auxv.h>

int hf_is_privileged(void) { return getauxval(AT_SECURE) != 0; }
