/* pthread_setname_np is an extension of glibc that Swift's module of it does not show. */
#define _GNU_SOURCE
#include "holdfast_support.h"
#include <pthread.h>

void hf_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
