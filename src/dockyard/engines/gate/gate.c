/* The program that Dockyard puts into containers. It is their entrypoint while they wait (`hold`), and it looks after them from inside:
 * repeats a check (`loop`) and reaches a port (`relay`). It needs nothing in the image: no shell, no libc, no /tmp, no rights.
 * arguments.py writes its command lines, gate.py reads what it says. */
#include "gate.h"

int main_(long *stack)
{
    long argc = stack[0];
    char **argv = (char **)(stack + 1);
    char **env = argv + argc + 1;

    if (argc > 1 && same(argv[1], "hold"))
        return hold(argv + 2, env);
    if (argc > 1 && same(argv[1], "loop"))
        return loop(argv + 2, env);
    if (argc > 1 && same(argv[1], "relay"))
        return relay(argv + 2);
    say("usage: gate hold|loop|relay", "", "");
    return USAGE;
}

__attribute__((noreturn, used)) void start(long *stack)
{
    sys_exit(main_(stack));
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call start\n");
#else
__asm__(".globl _start\n_start:\n mov x29,#0\n mov x30,#0\n mov x0,sp\n bl start\n");
#endif

static int is_program(const char *path)
{
    long folder;

    if (sys_access(path, 1) < 0)
        return 0;
    folder = sys_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        sys_close((int)folder);
    return folder < 0;
}

static const char *variable(char **env, const char *name)
{
    long n = length(name);

    for (; *env; env++) {
        long i = 0;
        while (i < n && (*env)[i] == name[i])
            i++;
        if (i == n && (*env)[n] == '=')
            return *env + n + 1;
    }
    return 0;
}

/* As runc looks a program up: the first in PATH that is one, and none but that is tried. */
static const char *look_up(const char *name, char **env, char *room, long size)
{
    const char *at = variable(env, "PATH");

    while (at && *at) {
        long n = 0;
        while (*at && *at != ':')
            if (n < size - 2)
                room[n++] = *at++;
            else
                at++;
        if (*at)
            at++;
        if (!n)
            room[n++] = '.';
        room[n++] = '/';
        if (n + length(name) >= size)
            continue;
        for (long i = 0; (room[n + i] = name[i]); i++)
            ;
        if (is_program(room))
            return room;
    }
    return 0;
}

int launch(char **argv, char **env)
{
    static char room[4096];
    const char *path = argv[0];
    int slash = 0;
    long error;

    for (const char *c = path; *c; c++)
        slash |= *c == '/';
    if (!slash)
        path = look_up(path, env, room, sizeof room);
    if (!path || !*path) {
        say("cannot start ", argv[0], ": not found in PATH");
        return NOT_FOUND;
    }
    error = sys_execve(path, argv, env);
    if (error == -ENOENT || error == -ENOTDIR) {
        say("cannot start ", path, sys_access(path, 0) < 0 ? ": no such file" : ": its interpreter or loader is missing");
        return NOT_FOUND;
    }
    say("cannot start ", path,
        error == -EACCES    ? ": permission denied"
        : error == -ENOEXEC ? ": no program of this architecture, and no script with #!"
        : error == -E2BIG   ? ": arguments and environment are too long"
        : error == -ENOMEM  ? ": out of memory"
        : error == -EPERM   ? ": not permitted"
                            : ": the kernel refuses");
    return NOT_RUN;
}

long length(const char *text)
{
    long n = 0;
    while (text[n])
        n++;
    return n;
}

int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

long number(const char *text)
{
    long n = 0;

    if (*text < '0' || *text > '9')
        return -1;
    for (; *text >= '0' && *text <= '9' && n < 1L << 50; text++)
        n = n * 10 + *text - '0';
    return n;
}

char *digits(char *to, long n)
{
    char turned[20];
    int i = 0;

    if (n < 0) {
        *to++ = '-';
        n = -n;
    }
    do
        turned[i++] = (char)('0' + n % 10);
    while (n /= 10);
    while (i)
        *to++ = turned[--i];
    return to;
}

int put(int fd, const void *from, long n)
{
    const char *at = from;

    while (n > 0) {
        long done = sys_write(fd, at, n);
        if (done == -EINTR)
            continue;
        if (done == -EAGAIN) {
            struct pollfd wait = {fd, POLLOUT, 0};
            sys_poll(&wait, 1, 1000);
            continue;
        }
        if (done <= 0)
            return -1;
        at += done;
        n -= done;
    }
    return 0;
}

void say(const char *what, const char *name, const char *why)
{
    static char line[1024];
    const char *parts[] = {SAYS, what, name, why};
    long n = 0;

    for (int i = 0; i < 4; i++)
        for (const char *c = parts[i]; *c && n < (long)sizeof line - 1; c++)
            line[n++] = *c;
    line[n++] = '\n';
    put(2, line, n);
}

/* The compiler may ask for these. */
void *memset(void *to, int value, unsigned long n)
{
    byte *at = to;
    while (n--)
        *at++ = (byte)value;
    return to;
}

void *memcpy(void *to, const void *from, unsigned long n)
{
    byte *at = to;
    const byte *of = from;
    while (n--)
        *at++ = *of++;
    return to;
}
