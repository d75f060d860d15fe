/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launchers that the site added, as links to nestsafe-launch for PATH. */
#ifndef NESTSAFE_SPANK_LINKS_H
#define NESTSAFE_SPANK_LINKS_H

#include "config.h"

#include <stdbool.h>

/* In slurmd and slurmstepd, as root: a link for each name of launchers=, below the collector's
 * directory, and none for any other. Returns whether that directory may come into PATH: not without
 * such names, nor where it fails; then an error in slurmd's log says so, and the guard alone knows
 * those launchers. */
bool links_make(const struct config *config);

#endif
