/* loop [-iUS] [-xUS] [-kPERCENT] [-aPART] [-tMS] [-TMS] [-nCOUNT] [-uNEVER|OK|LISTENING|BOTH] [-sMS] [-pPORT]… [-fFILE | -- ARGV…]
 *
 * Repeats a check inside the container: a command, a file that exists, or (neither) that one of the ports listens.
 *   -i -x  the shortest and longest pause between two tries, microseconds
 *   -k     the pause is at least so many percent of what the last try took; -a: and one PARTth of the time since the beginning
 *          (four times that while none of the ports listens; when one begins to, the next try is made at once)
 *   -t     a try that takes longer is killed, with its whole process group, milliseconds; -T, -n: the end of it all, by time and by count
 *   -u     ends by itself when a try went well (1), a port listens (2), both (3); 0: only when told
 *   -s     tries that say the same as the one before are told at most every so many milliseconds
 * It ends when anything comes on stdin or stdin ends: an exec can't be killed from outside.
 *
 * stdout: a line "B\n", then for each try "R how code at took listening bytes\n" and so many bytes of its output, at last "E why\n".
 *   how: e exited, s a signal ended it, t it took too long. at, took: microseconds, `at` since B. listening: as it was before the try.
 *   why: u the condition came true, n count, T time, x told, w can't write. */
#include "gate.h"

enum { SHOWN = 4096, PORTS = 64, OK = 1, LISTENS = 2 };
enum { SUBREAPER = 36, NOHANG = 1 };
enum { SELDOM = 4, DEAR = 10 }; /* a check's pauses while no port listens; a look's share of the time */

struct try {
    char how;
    int code, listening;
    long at, took, size;
};

static struct {
    long shortest, longest, percent, part, limit, total, count, same;
    int until, n;
    int ports[PORTS];
    const char *file;
    char **argv, **env;
    long began;
    int signals;
    mask before;
} o = {10000, 1000000, 100, 200, 30000, 3600000, 1L << 40, 0, 0, 0, {0}, 0, 0, 0, 0, -1, 0};

static char output[SHOWN + 128];

static int usage(void)
{
    say("usage: see loop.c", "", "");
    return USAGE;
}

static int options(char **argv)
{
    for (; *argv && !same(*argv, "--"); argv++) {
        const char *a = *argv;
        long n = number(a + 2);
        if (a[0] != '-' || !a[1] || (a[1] != 'f' && n < 0))
            return 0;
        switch (a[1]) {
        case 'i': o.shortest = n; break;
        case 'x': o.longest = n; break;
        case 'k': o.percent = n; break;
        case 'a': o.part = n ? n : 1; break;
        case 't': o.limit = n; break;
        case 'T': o.total = n; break;
        case 'n': o.count = n; break;
        case 'u': o.until = (int)n; break;
        case 's': o.same = n; break;
        case 'f': o.file = a + 2; break;
        case 'p':
            if (o.n < PORTS)
                o.ports[o.n++] = (int)n;
            break;
        default: return 0;
        }
    }
    if (*argv && argv[1])
        o.argv = argv + 1;
    return 1;
}

static int told(int fd)
{
    struct pollfd in = {fd, POLLIN, 0};
    return sys_poll(&in, 1, 0) > 0;
}

static void child(int out)
{
    mask none = o.before;
    long null = sys_open("/dev/null", O_RDONLY);

    sys_setpgid(0, 0);
    if (null >= 0)
        sys_dup((int)null, 0);
    if (null > 2)
        sys_close((int)null);
    sys_dup(out, 1);
    sys_dup(out, 2);
    sys_signal(SIGPIPE_, 0);
    sys_mask(SETMASK, &none, 0);
    sys_exit(launch(o.argv, o.env));
}

/* Takes in the ended; whether `pid` is among them. */
static int reap(int pid, int *status)
{
    int any, seen = 0;
    long ended;

    while ((ended = sys_wait(-1, &any, NOHANG)) > 0)
        if (ended == pid) {
            *status = any;
            seen = 1;
        }
    return seen || ended == -ECHILD;
}

static void drain(int fd, struct try *t)
{
    static char rest[4096];

    for (;;) {
        long room = SHOWN - t->size;
        long n = sys_read(fd, room > 0 ? output + 128 + t->size : rest, room > 0 ? room : (long)sizeof rest);
        if (n <= 0)
            return;
        if (room > 0)
            t->size += n;
    }
}

/* Ends all that the check started, and takes it in: where PID 1 doesn't, it would stay as zombies. */
static void end(int pid)
{
    long until = now() + 200000;
    int status;

    sys_kill(-pid, SIGKILL_);
    while (now() < until) {
        long ended = sys_wait(-pid, &status, NOHANG);
        if (ended == -ECHILD)
            return;
        if (ended == 0)
            sys_poll(0, 0, 1);
    }
}

/* Runs the command; 0 when told to end meanwhile. */
static int run(struct try *t)
{
    int ends[2], status = 0, over = 0;
    long pid, limit = o.began + t->at + o.limit * 1000;
    struct pollfd fds[3];

    if (sys_pipe(ends, O_CLOEXEC) < 0)
        return 0;
    sys_fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid = sys_fork();
    if (pid == 0)
        child(ends[1]);
    sys_close(ends[1]);
    if (pid < 0) {
        sys_close(ends[0]);
        t->how = 'e';
        t->code = NOT_RUN;
        return 1;
    }
    sys_setpgid((int)pid, (int)pid);
    fds[0] = (struct pollfd){o.signals, POLLIN, 0};
    fds[1] = (struct pollfd){0, POLLIN, 0};
    fds[2] = (struct pollfd){ends[0], POLLIN, 0};
    while (!over) {
        unsigned info[32];
        long left = (limit - now() + 999) / 1000;
        if (left <= 0) {
            t->how = 't';
            break;
        }
        sys_poll(fds, 3, left);
        if (fds[1].revents) {
            end((int)pid);
            sys_close(ends[0]);
            return 0;
        }
        if (fds[2].revents & POLLIN)
            drain(ends[0], t);
        else if (fds[2].revents)
            fds[2].fd = -1;
        if (fds[0].revents)
            while (sys_read(o.signals, info, sizeof info) > 0)
                ;
        over = reap((int)pid, &status);
    }
    if (!over)
        end((int)pid);
    drain(ends[0], t);
    sys_close(ends[0]);
    if (t->how != 't') {
        t->how = status & 0x7F ? 's' : 'e';
        t->code = status & 0x7F ? status & 0x7F : status >> 8 & 0xFF;
    }
    return 1;
}

/* Header and output in one write. */
static int report(struct try *t)
{
    long parts[] = {t->code, t->at, t->took, t->listening, t->size};
    char head[128], *at = head;
    long n;

    *at++ = 'R', *at++ = ' ', *at++ = t->how;
    for (int i = 0; i < 5; i++) {
        *at++ = ' ';
        at = digits(at, parts[i]);
    }
    *at++ = '\n';
    n = at - head;
    memcpy(output + 128 - n, head, (unsigned long)n);
    return put(1, output + 128 - n, n + t->size);
}

static long within(long pause)
{
    if (pause < o.shortest)
        pause = o.shortest;
    return pause > o.longest ? o.longest : pause;
}

/* Waits until the next try is due; 0 when told to end meanwhile. While no port listens a check's success is worth little and its cost
 * is taken from the service that starts: so it comes more seldom then, and at once when a port begins to listen. */
static int rest(const struct try *t)
{
    int waits = o.n && !t->listening && (o.argv || o.file);
    long pause = t->took * o.percent / 100 * (waits ? SELDOM : 1);
    long aged = (t->at + t->took) / o.part;
    long until, step;

    until = now() + within(pause > aged ? pause : aged);
    step = waits ? o.shortest : o.longest;
    for (long at = now(); at < until; at = now()) {
        struct pollfd in = {0, POLLIN, 0};
        long left = until - at < step ? until - at : step;
        if (sys_poll(&in, 1, (left + 999) / 1000) > 0)
            return 0;
        if (!waits)
            continue;
        at = now();
        if (listening(o.ports, o.n))
            return 1;
        /* Where looking is dear, look less often. */
        step = (now() - at) * DEAR;
        if (step < aged / DEAR)
            step = aged / DEAR;
        if (step < o.shortest)
            step = o.shortest;
    }
    return 1;
}

static int came_true(const struct try *t)
{
    int good = t->how == 'e' && t->code == 0;
    return o.until && (!(o.until & OK) || good) && (!(o.until & LISTENS) || t->listening);
}

static char repeat(void)
{
    struct try last = {0};
    long said = 0;

    for (long count = 0; count < o.count; count++) {
        struct try t = {0};
        int differs;

        if (told(0))
            return 'x';
        t.at = now() - o.began;
        if (t.at >= o.total * 1000)
            return 'T';
        t.listening = listening(o.ports, o.n);
        t.how = 'e';
        if (o.argv) {
            t.how = 0;
            if (!run(&t))
                return 'x';
        } else if (o.file) {
            t.code = sys_access(o.file, 0) < 0;
        } else {
            t.code = !t.listening;
        }
        t.took = now() - o.began - t.at;
        differs = !count || t.how != last.how || t.code != last.code || t.listening != last.listening;
        if (differs || t.at - said >= o.same * 1000 || came_true(&t)) {
            if (report(&t) < 0)
                return 'w';
            said = t.at;
        }
        last = t;
        if (came_true(&t))
            return 'u';
        if (!rest(&t))
            return 'x';
    }
    return 'n';
}

int loop(char **argv, char **env)
{
    mask ended = 1UL << (SIGCHLD_ - 1);
    char last[] = "E ?\n";

    o.env = env;
    if (!options(argv))
        return usage();
    /* What a check leaves behind is ours to take in, for a PID 1 that doesn't. */
    sys_prctl(SUBREAPER, 1);
    sys_signal(SIGPIPE_, 1);
    sys_mask(BLOCK, &ended, &o.before);
    o.signals = (int)sys_signalfd(&ended, O_CLOEXEC | O_NONBLOCK);
    /* Should a write never end, because nobody reads. */
    sys_alarm(o.total / 1000 + o.limit / 1000 + 5);
    o.began = now();
    if (put(1, "B\n", 2) < 0)
        return 0;
    last[2] = repeat();
    put(1, last, 4);
    return 0;
}
