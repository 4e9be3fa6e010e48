/* Compiles the header as C and pins the layout of every struct that crosses the boundary. */
#include "holdfast_provider.h"
