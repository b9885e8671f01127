/* relay [-TSECONDS] HOST PORT: stdin and stdout are a TCP connection made from here.
 *
 * HOST: an IPv4 address, or `self`: wherever in this network namespace the port listens (loopback, every address, or one of its own).
 * stderr says "connected" first, or why not. Ends with the connection; when stdin has ended, with the peer's answer or after a while;
 * after -T seconds in any case, because an exec can't be killed from outside. */
#include "gate.h"

enum { INET = 2, INET6 = 10, STREAM = 1, SOL = 1, SO_ERROR_ = 4, SHUT_OUT = 1, WAIT = 10000 };

struct way {
    int from, to;
    long at, size;
    int ended;
    char *room;
};

enum { ROOM = 16384 };

static char rooms[2][ROOM];
static struct way out = {0, -1, 0, 0, 0, rooms[0]}, in = {-1, 1, 0, 0, 0, rooms[1]};

static int dotted(const char *text, struct address *to)
{
    to->size = 4;
    for (int i = 0; i < 4; i++) {
        long n = number(text);
        if (n < 0 || n > 255)
            return 0;
        to->at[i] = (byte)n;
        while (*text >= '0' && *text <= '9')
            text++;
        if (*text++ != (i < 3 ? '.' : 0))
            return 0;
    }
    return 1;
}

static int any(const struct address *a)
{
    for (int i = 0; i < a->size; i++)
        if (a->at[i])
            return 0;
    return 1;
}

/* Where to go. A port that listens on every address is met on loopback; one that doesn't listen is refused there. What listens on every
 * address of IPv6 mostly hears IPv4 too, and a container may have no IPv6 loopback at all: so that one is only the second choice. */
static int address(const char *host, int port, struct address *to, int *second)
{
    if (!same(host, "self"))
        return dotted(host, to);
    if (listener(port, to) && !any(to))
        return 1;
    *second = to->size == 16;
    return dotted("127.0.0.1", to);
}

static void loopback6(struct address *to)
{
    *to = (struct address){0};
    to->size = 16;
    to->at[15] = 1;
}

static long dial(const struct address *to, int port)
{
    byte where[28] = {0};
    int v6 = to->size == 16, error = 0, size = sizeof error;
    struct pollfd wait;
    long fd = sys_socket(v6 ? INET6 : INET, STREAM | O_CLOEXEC | O_NONBLOCK, 0);
    long n;

    if (fd < 0)
        return fd;
    where[0] = v6 ? INET6 : INET;
    where[2] = (byte)(port >> 8);
    where[3] = (byte)port;
    memcpy(where + (v6 ? 8 : 4), to->at, (unsigned long)to->size);
    n = sys_connect((int)fd, where, v6 ? 28 : 16);
    if (n == -EINPROGRESS) {
        wait = (struct pollfd){(int)fd, POLLOUT, 0};
        if (sys_poll(&wait, 1, WAIT) <= 0)
            return -ETIMEDOUT;
        sys_sockopt((int)fd, SOL, SO_ERROR_, &error, &size);
        n = -error;
    }
    return n < 0 ? n : fd;
}

/* Reads where there is room, writes where there is something; below 0 when the way is broken. */
static int carry(struct way *w, int readable, int writable)
{
    long n;

    if (!w->size && !w->ended && readable) {
        n = sys_read(w->from, w->room, ROOM);
        if (n == 0)
            w->ended = 1;
        else if (n > 0)
            w->at = 0, w->size = n;
        else if (n != -EAGAIN && n != -EINTR)
            return -1;
    }
    if (w->size && (writable || readable)) {
        n = sys_write(w->to, w->room + w->at, w->size);
        if (n > 0)
            w->at += n, w->size -= n;
        else if (n != -EAGAIN && n != -EINTR)
            return -1;
    }
    return 0;
}

static int pump(int fd, long until)
{
    int shut = 0;
    long quiet = 0; /* since when nothing has come, stdin having ended */

    out.to = in.from = fd;
    sys_fcntl(0, F_SETFL, O_NONBLOCK);
    sys_fcntl(1, F_SETFL, O_NONBLOCK);
    while (!in.ended || in.size) {
        long left = until < 0 ? -1 : (until - now()) / 1000;
        struct pollfd fds[3] = {
            {out.size || out.ended ? -1 : 0, POLLIN, 0},
            {fd, (short)((in.size || in.ended ? 0 : POLLIN) | (out.size ? POLLOUT : 0)), 0},
            {in.size ? 1 : -1, POLLOUT, 0},
        };
        if (!fds[1].events)
            fds[1].fd = -1;

        if (until >= 0 && left <= 0)
            return TIRED;
        if (shut) {
            long wait = WAIT - (now() - quiet) / 1000;
            if (wait <= 0)
                return TIRED;
            left = left < 0 || left > wait ? wait : left;
        }
        if (sys_poll(fds, 3, left) == 0)
            continue;
        if (carry(&out, fds[0].revents, fds[1].revents & (POLLOUT | POLLERR)) < 0)
            return 1;
        if (carry(&in, fds[1].revents & (POLLIN | POLLHUP | POLLERR), fds[2].revents) < 0)
            return 1;
        if (fds[1].revents & POLLIN)
            quiet = now();
        if (out.ended && !out.size && !shut) {
            sys_shutdown(fd, SHUT_OUT);
            shut = 1;
            quiet = now();
        }
    }
    return 0;
}

int relay(char **argv)
{
    struct address to = {0};
    long until = -1, fd, port;
    int second = 0;

    if (*argv && (*argv)[0] == '-' && (*argv)[1] == 'T') {
        until = now() + number(*argv + 2) * 1000000;
        argv++;
    }
    port = *argv && argv[1] ? number(argv[1]) : -1;
    if (port <= 0 || port > 65535 || !address(*argv, (int)port, &to, &second)) {
        say("usage: gate relay [-TSECONDS] ADDRESS|self PORT", "", "");
        return USAGE;
    }
    sys_signal(SIGPIPE_, 1);
    fd = dial(&to, (int)port);
    if (fd < 0 && second) {
        loopback6(&to);
        fd = dial(&to, (int)port);
    }
    if (fd < 0) {
        say("cannot connect to port ", argv[1],
            fd == -ECONNREFUSED ? ": refused"
            : fd == -ETIMEDOUT  ? ": no answer"
                                : ": unreachable");
        return 1;
    }
    say("connected", "", "");
    return pump((int)fd, until);
}
