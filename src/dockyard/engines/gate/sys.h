/* Linux system calls without a C library, so that the program is small and does nothing that isn't written here.
 * Every call gives what the kernel gives: a negative errno for an error. Numbers are the kernel's (include/uapi), for x86_64 and
 * aarch64; a compiler alone is needed, no header. */
#ifndef DOCKYARD_SYS_H
#define DOCKYARD_SYS_H

#if defined(__x86_64__)
enum {
    NR_read = 0, NR_write = 1, NR_close = 3, NR_rt_sigaction = 13, NR_rt_sigprocmask = 14, NR_ioctl = 16, NR_setitimer = 38,
    NR_socket = 41, NR_connect = 42, NR_shutdown = 48, NR_getsockopt = 55, NR_clone = 56, NR_execve = 59, NR_wait4 = 61, NR_kill = 62,
    NR_fcntl = 72, NR_setpgid = 109, NR_prctl = 157, NR_clock_gettime = 228, NR_exit_group = 231, NR_openat = 257, NR_faccessat = 269,
    NR_ppoll = 271, NR_signalfd4 = 289, NR_dup3 = 292, NR_pipe2 = 293,
    O_DIRECTORY = 0200000
};
#elif defined(__aarch64__)
enum {
    NR_dup3 = 24, NR_fcntl = 25, NR_ioctl = 29, NR_faccessat = 48, NR_openat = 56, NR_close = 57, NR_pipe2 = 59, NR_read = 63,
    NR_write = 64, NR_ppoll = 73, NR_signalfd4 = 74, NR_exit_group = 94, NR_setitimer = 103, NR_clock_gettime = 113, NR_kill = 129,
    NR_rt_sigaction = 134, NR_rt_sigprocmask = 135, NR_setpgid = 154, NR_prctl = 167, NR_socket = 198, NR_connect = 203,
    NR_getsockopt = 209, NR_shutdown = 210, NR_clone = 220, NR_execve = 221, NR_wait4 = 260,
    O_DIRECTORY = 040000
};
#endif

enum { O_RDONLY = 0, O_RDWR = 2, O_NONBLOCK = 04000, O_CLOEXEC = 02000000, O_PATH = 010000000, F_SETFL = 4, AT_FDCWD = -100 };
enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };
enum { TCGETS = 0x5401, TCSETS = 0x5402, ECHO = 010, ECHONL = 0100 };
enum {
    EPERM = 1, ENOENT = 2, EINTR = 4, E2BIG = 7, ENOEXEC = 8, ECHILD = 10, EAGAIN = 11, ENOMEM = 12, EACCES = 13, ENOTDIR = 20,
    ETIMEDOUT = 110, ECONNREFUSED = 111, EINPROGRESS = 115
};

struct pollfd {
    int fd;
    short events, revents;
};

struct termios {
    unsigned c_iflag, c_oflag, c_cflag, c_lflag;
    unsigned char c_line, c_cc[19];
};

typedef unsigned char byte;
typedef unsigned long mask; /* a set of signals: bit n-1 is signal n */

enum { SIGHUP_ = 1, SIGKILL_ = 9, SIGPIPE_ = 13, SIGCHLD_ = 17, SIGWINCH_ = 28 };
enum { BLOCK = 0, SETMASK = 2 };

struct moment {
    long s, ns;
};

#if defined(__x86_64__)
static inline long sys(long n, long a, long b, long c, long d, long e)
{
    long out;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(out) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    return out;
}
#elif defined(__aarch64__)
static inline long sys(long n, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
#else
#error "no system calls are written down for this architecture"
#endif

#define L(x) ((long)(x))

static inline long sys_read(int fd, void *to, long n) { return sys(NR_read, fd, L(to), n, 0, 0); }
static inline long sys_write(int fd, const void *from, long n) { return sys(NR_write, fd, L(from), n, 0, 0); }
static inline long sys_open(const char *path, int flags) { return sys(NR_openat, AT_FDCWD, L(path), flags, 0, 0); }
static inline long sys_close(int fd) { return sys(NR_close, fd, 0, 0, 0, 0); }
static inline long sys_access(const char *path, int mode) { return sys(NR_faccessat, AT_FDCWD, L(path), mode, 0, 0); }
static inline long sys_dup(int from, int to) { return sys(NR_dup3, from, to, 0, 0, 0); }
static inline long sys_pipe(int ends[2], int flags) { return sys(NR_pipe2, L(ends), flags, 0, 0, 0); }
static inline long sys_fcntl(int fd, int what, long arg) { return sys(NR_fcntl, fd, what, arg, 0, 0); }
static inline long sys_ioctl(int fd, unsigned long what, void *arg) { return sys(NR_ioctl, fd, L(what), L(arg), 0, 0); }
static inline long sys_fork(void) { return sys(NR_clone, SIGCHLD_, 0, 0, 0, 0); }
static inline long sys_wait(int pid, int *status, int flags) { return sys(NR_wait4, pid, L(status), flags, 0, 0); }
static inline long sys_kill(int pid, int signal) { return sys(NR_kill, pid, signal, 0, 0, 0); }
static inline long sys_setpgid(int pid, int group) { return sys(NR_setpgid, pid, group, 0, 0, 0); }
static inline long sys_prctl(int what, long arg) { return sys(NR_prctl, what, arg, 0, 0, 0); }
static inline long sys_signalfd(const mask *set, int flags) { return sys(NR_signalfd4, -1, L(set), 8, flags, 0); }
static inline long sys_mask(int how, const mask *set, mask *old) { return sys(NR_rt_sigprocmask, how, L(set), L(old), 8, 0); }
static inline long sys_socket(int family, int type, int protocol) { return sys(NR_socket, family, type, protocol, 0, 0); }
static inline long sys_connect(int fd, const void *to, int n) { return sys(NR_connect, fd, L(to), n, 0, 0); }
static inline long sys_shutdown(int fd, int how) { return sys(NR_shutdown, fd, how, 0, 0, 0); }

static inline long sys_execve(const char *path, char **argv, char **env)
{
    return sys(NR_execve, L(path), L(argv), L(env), 0, 0);
}

static inline long sys_sockopt(int fd, int level, int name, void *value, int *size)
{
    return sys(NR_getsockopt, fd, level, name, L(value), L(size));
}

__attribute__((noreturn)) static inline void sys_exit(int code)
{
    for (;;)
        sys(NR_exit_group, code, 0, 0, 0, 0);
}

/* Milliseconds; below 0 is for ever. */
static inline long sys_poll(struct pollfd *fds, int n, long ms)
{
    struct moment wait = {ms / 1000, ms % 1000 * 1000000};
    return sys(NR_ppoll, L(fds), n, ms < 0 ? 0 : L(&wait), 0, 8);
}

/* The signal's disposition: 0 as by default, 1 ignored. */
static inline long sys_signal(int signal, long handler)
{
    struct {
        long handler, flags, restorer;
        mask mask;
    } action = {handler, 0, 0, 0};
    return sys(NR_rt_sigaction, signal, L(&action), 0, 8, 0);
}

/* The kernel ends this process after so many seconds (SIGALRM), whatever it is doing. */
static inline long sys_alarm(long seconds)
{
    struct {
        long every_s, every_us, in_s, in_us;
    } timer = {0, 0, seconds, 0};
    return sys(NR_setitimer, 0, L(&timer), 0, 0, 0);
}

/* Microseconds of a clock that is never set. */
static inline long now(void)
{
    struct moment at;
    sys(NR_clock_gettime, 1, L(&at), 0, 0, 0);
    return at.s * 1000000 + at.ns / 1000;
}

#endif
