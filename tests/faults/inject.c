#include "faults/inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static inject *shared;

inject *inject_shared(void) {
    void *place = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared = place != MAP_FAILED ? place : NULL;
}

static _Thread_local bool exempt;

/* Counts an event; true if this one is to fail. */
static bool strikes(inject_kind kind, bool space) {
    if (exempt || shared == NULL || !atomic_load(&shared->armed) || shared->kind != kind) return false;
    size_t now = atomic_fetch_add(&shared->seen, 1) + 1;
    return shared->at > 0 && (now == shared->at || (shared->how == INJECT_FOREVER && space && now > shared->at));
}

/* ---- memory ---- */

/* What the names below hide: the address sanitizer's where it is linked, else libc's. */
extern void *__interceptor_malloc(size_t size) __attribute__((weak));
extern void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
extern void *__interceptor_realloc(void *pointer, size_t size) __attribute__((weak));
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);

static void *refuse(void) {
    errno = ENOMEM;
    return NULL;
}

#define VISIBLE __attribute__((visibility("default")))
VISIBLE void *malloc(size_t size) {
    if (strikes(INJECT_MEMORY, true)) return refuse();
    return __interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size);
}

VISIBLE void *calloc(size_t count, size_t size) {
    if (strikes(INJECT_MEMORY, true)) return refuse();
    return __interceptor_calloc != NULL ? __interceptor_calloc(count, size) : __libc_calloc(count, size);
}

VISIBLE void *realloc(void *pointer, size_t size) {
    if (strikes(INJECT_MEMORY, true)) return refuse();
    return __interceptor_realloc != NULL ? __interceptor_realloc(pointer, size) : __libc_realloc(pointer, size);
}

/* The address sanitizer asks this for the stack of each new thread, and aborts without an answer. */
VISIBLE int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes) {
    union {
        void *found;
        int (*call)(pthread_t, pthread_attr_t *);
    } next;
    exempt = true;
    next.found = dlsym(RTLD_NEXT, "pthread_getattr_np");
    int code = next.found != NULL ? next.call(thread, attributes) : ENOSYS;
    exempt = false;
    return code;
}

/* libzip 1.7 loses the layers of a member that it could not open for want of memory, which nobody else has a handle to.
 * That this program closes what it opened is seen in test_xlsx, without faults. */
VISIBLE const char *__lsan_default_suppressions(void);
VISIBLE const char *__lsan_default_suppressions(void) { return "leak:libzip.so\n"; }
VISIBLE const char *__asan_default_options(void);
VISIBLE const char *__asan_default_options(void) { return "print_suppressions=0"; }

/* ---- system calls ---- */

/* Of this file, not of libc: these pass the filter. */
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define ARGUMENT(context, i) ((context)->uc_mcontext.gregs[(const int[]){REG_RDI, REG_RSI, REG_RDX, REG_R10}[i]])
#define SET_RESULT(context, value) ((context)->uc_mcontext.gregs[REG_RAX] = (greg_t)(value))
static long call(long number, long a, long b, long c, long d) {
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define ARGUMENT(context, i) ((long)(context)->uc_mcontext.regs[i])
#define SET_RESULT(context, value) ((context)->uc_mcontext.regs[0] = (unsigned long long)(value))
static long call(long number, long a, long b, long c, long d) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}
#else
#error "tests/CMakeLists.txt builds this for x86-64 and AArch64 only"
#endif

static const int watched[] = {
    SYS_read,     SYS_pread64,   SYS_write,     SYS_pwrite64,  SYS_openat,   SYS_close,
    SYS_fsync,    SYS_fdatasync, SYS_ftruncate, SYS_fallocate, SYS_unlinkat,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_open
    SYS_open,     SYS_rename,    SYS_unlink,
#endif
};

/* Which kind a call is; *space: a full disk refuses it, and goes on to; *error: what it says. */
static bool classify(long number, const long argument[4], inject_kind *kind, bool *space, int *error) {
    *kind = INJECT_WRITE;
    *space = true;
    *error = ENOSPC;
    switch (number) {
    case SYS_read:
    case SYS_pread64: *kind = INJECT_READ, *error = EIO; return true;
    case SYS_write: return argument[0] != STDERR_FILENO; /* where the sentence goes */
    case SYS_pwrite64:
    case SYS_fallocate: return true;
    case SYS_fsync:
    case SYS_fdatasync: *error = EIO; return true;
    case SYS_close:
        *space = false, *error = EIO;
        return (call(SYS_fcntl, argument[0], F_GETFL, 0, 0) & O_ACCMODE) != O_RDONLY;
    case SYS_openat:
#ifdef SYS_open
    case SYS_open:
#endif
    {
        long flags = number == SYS_openat ? argument[2] : argument[1];
        *space = (flags & O_CREAT) != 0;
        if ((flags & (O_ACCMODE | O_CREAT)) == O_RDONLY) *kind = INJECT_READ, *error = EIO;
        return true;
    }
    default: *space = false, *error = EIO; return true; /* names that change: rename, unlink, ftruncate */
    }
}

static void on_call(int signal, siginfo_t *info, void *given) {
    (void)signal;
    ucontext_t *context = given;
    long number = info->si_syscall, argument[4];
    for (int i = 0; i < 4; i++) argument[i] = (long)ARGUMENT(context, i);
    inject_kind kind;
    bool space;
    int error, before = errno;
    bool struck = classify(number, argument, &kind, &space, &error) && strikes(kind, space);
    bool moves = number == SYS_read || number == SYS_pread64 || number == SYS_write || number == SYS_pwrite64;
    if (struck && shared->how == INJECT_SHORT) {
        struck = false;
        if (moves && argument[2] > 1) argument[2] /= 2;
    }
    if (struck && number == SYS_close) call(number, argument[0], 0, 0, 0); /* a failed close has closed */
    bool sync = number == SYS_fsync || number == SYS_fdatasync; /* nobody cuts the power here, and waiting is long */
    if (struck)
        SET_RESULT(context, -error);
    else
        SET_RESULT(context, sync ? 0 : call(number, argument[0], argument[1], argument[2], argument[3]));
    errno = before;
}

/* Where libc's instructions lie. */
static int find_libc(struct dl_phdr_info *object, size_t size, void *range) {
    (void)size;
    uint64_t *found = range;
    if (strstr(object->dlpi_name, "/libc.so") == NULL && strstr(object->dlpi_name, "/libc-") == NULL) return 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
        found[0] = object->dlpi_addr + part->p_vaddr;
        found[1] = found[0] + part->p_memsz;
    }
    return 1;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(field))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, (uint32_t)(value), yes, no)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

bool inject_install(inject *fault) {
    shared = fault;
    uint64_t libc[2] = {0, 0};
    dl_iterate_phdr(find_libc, libc);
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO};
    if (libc[0] == 0 || sigaction(SIGSYS, &action, NULL) != 0) return false;
    const size_t low = offsetof(struct seccomp_data, instruction_pointer), high = low + 4;
    struct sock_filter filter[19 + 2 * sizeof watched / sizeof *watched] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        IF(BPF_JEQ, ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(high), /* below libc: allowed */
        IF(BPF_JGT, libc[0] >> 32, 5, 0),
        IF(BPF_JEQ, libc[0] >> 32, 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(low),
        IF(BPF_JGE, libc[0], 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(high), /* above libc: allowed */
        IF(BPF_JGT, libc[1] >> 32, 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        IF(BPF_JEQ, libc[1] >> 32, 0, 3),
        LOAD(low),
        IF(BPF_JGE, libc[1], 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(offsetof(struct seccomp_data, nr)),
    };
    size_t n = 18;
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        filter[n++] = (struct sock_filter)IF(BPF_JEQ, watched[i], 0, 1);
        filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_TRAP);
    }
    filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
