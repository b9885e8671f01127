/* hold [-tSECONDS] [-k] -- ARGV…: wait for one byte on stdin, then become ARGV.
 *
 * -t: how long at most (an orphan must not wait for ever); -k: stdin stays what it is (stdin_open, tty), else it is /dev/null afterwards.
 * What becomes of it is the plain process: same arguments, environment, descriptors, signal mask and dispositions.
 * While it waits every signal ends it with 143, as nobody has begun that could take a signal otherwise; PID 1 would not even notice.
 * On a terminal nothing is echoed meanwhile, and a change of its size is no signal to stop. */
#include "gate.h"

static int stop_signal(int signals, int terminal)
{
    unsigned info[32];

    while (sys_read(signals, info, sizeof info) == sizeof info)
        if (!terminal || info[0] != SIGWINCH_)
            return 1;
    return 0;
}

int hold(char **argv, char **env)
{
    mask all = ~0UL, before;
    struct termios echoing, silent;
    struct pollfd fds[2];
    long until = -1;
    int keep = 0, terminal;

    for (; *argv && !same(*argv, "--"); argv++) {
        if ((*argv)[0] == '-' && (*argv)[1] == 't')
            until = now() + number(*argv + 2) * 1000000;
        else if (same(*argv, "-k"))
            keep = 1;
        else
            break;
    }
    if (!*argv || !same(*argv, "--") || !argv[1]) {
        say("usage: gate hold [-tSECONDS] [-k] -- PROGRAM [ARGUMENT…]", "", "");
        return USAGE;
    }
    argv++;

    sys_mask(SETMASK, &all, &before);
    fds[0] = (struct pollfd){0, POLLIN, 0};
    fds[1] = (struct pollfd){(int)sys_signalfd(&all, O_CLOEXEC | O_NONBLOCK), POLLIN, 0};
    terminal = sys_ioctl(0, TCGETS, &echoing) >= 0;
    if (terminal) {
        silent = echoing;
        silent.c_lflag &= ~(unsigned)(ECHO | ECHONL);
        sys_ioctl(0, TCSETS, &silent);
    }

    for (;;) {
        long left = until < 0 ? -1 : (until - now()) / 1000;
        char one;
        long n;

        if (until >= 0 && left <= 0) {
            say("nobody came to let this go on", "", "");
            return TIRED;
        }
        sys_poll(fds, 2, left);
        if (fds[1].revents && stop_signal(fds[1].fd, terminal))
            return STOPPED;
        if (!fds[0].revents)
            continue;
        n = sys_read(0, &one, 1);
        if (n == 1)
            break;
        if (n == 0) {
            say("standard input is closed, so nobody can let this go on", "", "");
            return USAGE;
        }
    }

    if (terminal)
        sys_ioctl(0, TCSETS, &echoing);
    if (!keep) {
        /* Both ways, as runc opens it for a process without stdin. */
        long none = sys_open("/dev/null", O_RDWR | O_CLOEXEC);
        if (none >= 0) {
            sys_dup((int)none, 0);
            sys_close((int)none);
        }
    }
    if (stop_signal(fds[1].fd, terminal))
        return STOPPED;
    sys_mask(SETMASK, &before, 0);
    return launch(argv, env);
}
