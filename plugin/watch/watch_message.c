/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of the kernel's process connector, as they are sent and received. */
#include "watch_message.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

/* Where things are in a message: netlink's header, the connector's, the event. */
enum {
    CONNECTOR = NLMSG_HDRLEN,
    EVENT = CONNECTOR + sizeof(struct cn_msg),
    WHAT = EVENT + offsetof(struct proc_event, what),
    EXIT_THREAD = EVENT + offsetof(struct proc_event, event_data.exit.process_pid),
    EXIT_PROCESS = EVENT + offsetof(struct proc_event, event_data.exit.process_tgid),
};

int watch_message_send(int fd, enum proc_cn_mcast_op operation, uint32_t mark)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    char message[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(operation))] = {0};
    struct nlmsghdr header = {.nlmsg_type = NLMSG_DONE,
                              .nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof(operation))};
    struct cn_msg connector = {
        .id = {CN_IDX_PROC, CN_VAL_PROC}, .ack = mark, .len = sizeof(operation)};
    memcpy(message, &header, sizeof(header));
    memcpy(message + CONNECTOR, &connector, sizeof(connector));
    memcpy(message + EVENT, &operation, sizeof(operation));
    ssize_t sent = sendto(fd, message, header.nlmsg_len, MSG_NOSIGNAL,
                          (const struct sockaddr *)&kernel, sizeof(kernel));
    return sent < 0 ? -1 : 0;
}

int watch_message_filter(int fd)
{
    /* A loaded word comes in network byte order; "jump 0" is the next instruction. */
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHAT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXEC), 6, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_NONE), 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXIT), 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EXIT_THREAD),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EXIT_PROCESS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {.len = sizeof(program) / sizeof(program[0]), .filter = program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/* Copied, since a buffer need not be aligned for what is in it. */
static bool read_event(const void *message, size_t length, struct cn_msg *connector,
                       struct proc_event *event)
{
    if (length < EVENT + sizeof(*event))
        return false;
    memcpy(connector, (const char *)message + CONNECTOR, sizeof(*connector));
    memcpy(event, (const char *)message + EVENT, sizeof(*event));
    return connector->id.idx == CN_IDX_PROC && connector->id.val == CN_VAL_PROC;
}

bool watch_message_answer(const void *message, size_t length, uint32_t mark, int *error)
{
    struct cn_msg connector;
    struct proc_event event;
    if (!read_event(message, length, &connector, &event) || event.what != PROC_EVENT_NONE ||
        connector.ack != mark + 1)
        return false;
    *error = (int)event.event_data.ack.err;
    return true;
}

bool watch_message_event(const void *message, size_t length, struct watch_event *event)
{
    struct cn_msg connector;
    struct proc_event told;
    if (!read_event(message, length, &connector, &told))
        return false;
    *event = (struct watch_event){.nanoseconds = told.timestamp_ns};
    switch (told.what) {
    case PROC_EVENT_EXEC:
        event->kind = WATCH_EXEC;
        event->pid = told.event_data.exec.process_tgid;
        return true;
    case PROC_EVENT_EXIT:
        event->kind = WATCH_EXIT;
        event->pid = told.event_data.exit.process_tgid;
        event->status = (int)told.event_data.exit.exit_code;
        return true;
    default:
        return false;
    }
}
