/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of the process connector. What begins with a '#' gets the beginning of one. */
#include "fuzz.h"

#include "watch/watch_message.h"

#include <string.h>

static void check(const void *message, size_t length, uint32_t mark)
{
    struct watch_event event = {.kind = WATCH_EXIT, .pid = -7};
    int error = -7;
    bool answer = watch_message_answer(message, length, mark, &error);
    REQUIRE(answer || error == -7);
    if (watch_message_event(message, length, &event))
        REQUIRE(!answer && (event.kind == WATCH_EXEC || event.kind == WATCH_EXIT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char message[1024];
    const struct cn_msg connector = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .ack = 2};
    const size_t begin = NLMSG_HDRLEN + sizeof(connector);
    check(data, size, 1);
    if (size > 0 && data[0] == '#' && begin + size < sizeof(message)) {
        memset(message, 0, begin);
        memcpy(message + NLMSG_HDRLEN, &connector, sizeof(connector));
        memcpy(message + begin, data + 1, size - 1);
        check(message, begin + size - 1, 1);
    }
    return 0;
}
