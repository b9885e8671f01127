#ifndef DOCKYARD_GATE_H
#define DOCKYARD_GATE_H

#include "sys.h"

/* What all modes say on stderr begins so; gate.py looks for it. */
#define SAYS "dockyard gate: "

enum { NOT_FOUND = 127, NOT_RUN = 126, USAGE = 125, TIRED = 124, STOPPED = 143 };

int hold(char **argv, char **env);
int loop(char **argv, char **env);
int relay(char **argv);

/* Become argv; comes back with the exit code when that can't be, having said why. */
int launch(char **argv, char **env);

/* An address that a TCP port listens on: 4 or 16 bytes in network order. */
struct address {
    byte at[16];
    int size;
    int loopback;
};

/* Whether one of the ports listens, on another address than loopback. */
int listening(const int *ports, int n);

/* Where a port listens, other addresses than loopback first; 0 where it doesn't. */
int listener(int port, struct address *found);

long length(const char *text);
int same(const char *a, const char *b);
/* A number that `text` begins with; -1 where it begins with none. */
long number(const char *text);
/* `n` as decimal text at `to`; what comes after it. */
char *digits(char *to, long n);
/* All of it; 0, or below 0 where it can't be written. */
int put(int fd, const void *from, long n);
void say(const char *what, const char *name, const char *why);
void *memcpy(void *to, const void *from, unsigned long n);

#endif
