/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this nestsafe is installed. A file of its own, so that a change of --prefix needs but this
 * one compiled again. */
#include "paths.h"

const char path_launchers[] = NESTSAFE_LAUNCHERS;
const char path_first_launcher[] = NESTSAFE_LAUNCHERS "/mpirun";
const char path_guard[] = NESTSAFE_GUARD;
