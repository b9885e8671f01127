/* Which TCP ports listen, and where.
 *
 * Asked of the kernel by sock_diag(7), which looks at listening sockets alone: 0.1 ms. Where that isn't to be had (a kernel without
 * tcp_diag, gVisor), read from /proc/net/tcp and tcp6, for which the kernel walks its whole table of connections: 3 ms and more. */
#include "gate.h"

enum { LISTEN = 0x0A, INET = 2, INET6 = 10, NETLINK = 16, RAW = 3, SOCK_DIAG = 4, BY_FAMILY = 20, REQUEST_DUMP = 0x301 };
enum { ERROR = 2, DONE = 3, HEADER = 16 };

struct look {
    const int *ports;
    int n;
    struct address *found; /* 0: only whether any is there that isn't loopback */
    int seen;
};

static int hex(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *bytes(const char *at, byte *to, int *n)
{
    for (*n = 0; *n < 16 && hex(at[0]) >= 0 && hex(at[1]) >= 0; at += 2)
        to[(*n)++] = (byte)(hex(at[0]) << 4 | hex(at[1]));
    return at;
}

static int is_loopback(const struct address *a)
{
    int i = 0;

    if (a->size == 4)
        return a->at[0] == 127;
    while (i < 10 && !a->at[i])
        i++;
    if (i < 10)
        return 0;
    if (a->at[10] == 0xFF && a->at[11] == 0xFF)
        return a->at[12] == 127;
    for (i = 10; i < 15; i++)
        if (a->at[i])
            return 0;
    return a->at[15] == 1;
}

static void take(struct look *look, struct address *here, int port)
{
    int wanted = 0;

    for (int i = 0; i < look->n; i++)
        wanted |= look->ports[i] == port;
    if (!wanted)
        return;
    here->loopback = is_loopback(here);
    if (!look->found) {
        look->seen |= !here->loopback;
    } else if (!look->seen || (look->found->loopback && !here->loopback)) {
        *look->found = *here;
        look->seen = 1;
    }
}

/* One line of /proc/net/tcp (the kernel's Documentation/networking/proc_net_tcp.rst): "  0: 0100007F:1F90 00000000:0000 0A …" is
 * local address and port, remote ones, state. An address is written as 32-bit words of the machine's own order. */
static void line(const char *at, struct look *look)
{
    struct address here;
    byte raw[16], port[16], state[16];
    int n;

    while (*at == ' ')
        at++;
    while (*at && *at != ' ')
        at++;
    while (*at == ' ')
        at++;
    at = bytes(at, raw, &here.size);
    if (*at++ != ':' || (here.size != 4 && here.size != 16))
        return;
    at = bytes(at, port, &n);
    if (n != 2 || *at++ != ' ')
        return;
    while (*at && *at != ' ')
        at++;
    if (*at++ != ' ')
        return;
    bytes(at, state, &n);
    if (n != 1 || state[0] != LISTEN)
        return;
    for (int i = 0; i < here.size; i++)
        here.at[i] = raw[i / 4 * 4 + 3 - i % 4]; /* both architectures are little-endian */
    take(look, &here, port[0] << 8 | port[1]);
}

/* 0 where the kernel doesn't answer such questions. */
static int ask(int family, struct look *look)
{
    static int fd = -1;
    static unsigned room[8192];
    struct {
        unsigned size;
        unsigned short type, flags;
        unsigned sequence, port;
        byte family, protocol, extensions, pad;
        unsigned states, id[12];
    } question = {sizeof question, BY_FAMILY, REQUEST_DUMP, 0, 0, (byte)family, 6, 0, 0, 1 << LISTEN, {0}};

    if (fd < 0)
        fd = (int)sys_socket(NETLINK, RAW | O_CLOEXEC, SOCK_DIAG);
    if (fd < 0 || sys_write(fd, &question, sizeof question) < 0)
        return 0;
    for (;;) {
        long have = sys_read(fd, room, sizeof room), at = 0;
        while (at + HEADER <= have) {
            byte *answer = (byte *)room + at;
            unsigned size = room[at / 4];
            unsigned type = answer[4] | answer[5] << 8;
            if (type == DONE)
                return 1;
            if (type == ERROR || size < HEADER + 24 || at + size > have)
                return 0;
            /* family, state, timer, retransmissions; port of this side, port of that side, address of this side */
            struct address here = {{0}, answer[HEADER] == INET6 ? 16 : 4, 0};
            memcpy(here.at, answer + HEADER + 8, (unsigned long)here.size);
            take(look, &here, answer[HEADER + 4] << 8 | answer[HEADER + 5]);
            at += (size + 3) & ~3U;
        }
        if (have <= 0)
            return 0;
    }
}

static void scan(const char *path, struct look *look)
{
    static char room[8192];
    long have = 0, n;
    long fd = sys_open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    while ((n = sys_read((int)fd, room + have, (long)sizeof room - have)) > 0) {
        long begin = 0;
        have += n;
        for (long i = 0; i < have; i++)
            if (room[i] == '\n') {
                room[i] = 0;
                line(room + begin, look);
                begin = i + 1;
            }
        have -= begin;
        for (long i = 0; i < have; i++)
            room[i] = room[begin + i];
        if (have == (long)sizeof room)
            have = 0;
    }
    sys_close((int)fd);
}

static void look_up(struct look *look)
{
    static int unanswered;

    if (!unanswered && ask(INET, look) && ask(INET6, look))
        return;
    unanswered = 1;
    scan("/proc/net/tcp", look);
    scan("/proc/net/tcp6", look);
}

int listening(const int *ports, int n)
{
    struct look look = {ports, n, 0, 0};

    if (n)
        look_up(&look);
    return look.seen;
}

int listener(int port, struct address *found)
{
    struct look look = {&port, 1, found, 0};

    look_up(&look);
    return look.seen;
}
