/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a launcher's file, and of its library. */
#include "fuzz.h"

#include "watch/recognize.h"

#include <string.h>

static void check_version(const char version[IDENTITY_VERSION])
{
    REQUIRE(memchr(version, '\0', IDENTITY_VERSION));
    REQUIRE(version[strspn(version, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789.")] == '\0');
    REQUIRE(!*version || (*version >= '0' && *version <= '9'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char version[IDENTITY_VERSION];
    const char *library;
    enum flavour flavour = recognize_launcher((const char *)data, size, version, &library);
    REQUIRE(flavour < FLAVOURS);
    check_version(version);
    REQUIRE(flavour != FLAVOUR_UNKNOWN || (!version[0] && !library));
    recognize_library((const char *)data, size, version);
    check_version(version);
    return 0;
}
