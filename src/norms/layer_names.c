#include "norms/layer_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 16, MOST = 100000 };

static bool is_digit(char c) { return isdigit((unsigned char)c) != 0; }

/* The digits from here on without zeros before them, and what follows. */
static size_t digits(const char **at, const char **next) {
    while (**at == '0' && is_digit((*at)[1])) ++*at;
    *next = *at;
    while (is_digit(**next)) ++*next;
    return (size_t)(*next - *at);
}

/* Numbers within names compare as numbers. */
static int by_nature(const void *left, const void *right) {
    const char *const *first = left, *const *second = right;
    const char *a = *first, *b = *second, *a_next, *b_next;
    while (*a != 0 && *b != 0) {
        if (is_digit(*a) && is_digit(*b)) {
            const size_t na = digits(&a, &a_next), nb = digits(&b, &b_next);
            if (na != nb) return na < nb ? -1 : 1;
            const int order = memcmp(a, b, na);
            if (order != 0) return order;
            a = a_next;
            b = b_next;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    if (*a != *b) return *a == 0 ? -1 : 1;
    return strcmp(*first, *second);
}

/* The numbers in a name; false: too many, or too large. */
static bool read_numbers(const char *name, int *number, size_t *n) {
    *n = 0;
    while (*name != 0) {
        if (!is_digit(*name)) {
            name++;
            continue;
        }
        const char *next;
        if (digits(&name, &next) > 6 || *n == MOST_NUMBERS) return false;
        number[*n] = atoi(name);
        if (number[*n] > MOST) return false;
        ++*n;
        name = next;
    }
    return true;
}

/* Equal but for their numbers? */
static bool are_alike(const char *a, const char *b) {
    while (*a != 0 && *b != 0) {
        if (is_digit(*a) != is_digit(*b)) return false;
        if (!is_digit(*a)) {
            if (*a++ != *b++) return false;
            continue;
        }
        while (is_digit(*a)) a++;
        while (is_digit(*b)) b++;
    }
    return *a == *b;
}

/* The place, among the numbers of every name, of the one in which they differ. */
static bool find_place(char *const *name, size_t n, size_t *place) {
    int first[MOST_NUMBERS], other[MOST_NUMBERS];
    size_t count, same;
    bool differs = false;
    if (!read_numbers(name[0], first, &count) || count == 0) return false;
    *place = count - 1;
    for (size_t i = 1; i < n; i++) {
        if (!are_alike(name[0], name[i]) || !read_numbers(name[i], other, &same) || same != count) return false;
        for (size_t k = 0; k < count; k++) {
            if (first[k] == other[k]) continue;
            if (differs && k != *place) return false;
            differs = true;
            *place = k;
        }
    }
    return differs || n == 1;
}

bool xp_layer_numbers(char **name, size_t n, int *number) {
    size_t place, count;
    int numbers[MOST_NUMBERS];
    qsort(name, n, sizeof *name, by_nature);
    bool told = n > 0 && find_place(name, n, &place);
    for (size_t i = 0; told && i < n; i++) {
        read_numbers(name[i], numbers, &count);
        number[i] = numbers[place];
        told = i == 0 || number[i] > number[i - 1]; /* "6" and "06" are one layer */
    }
    for (size_t i = 0; !told && i < n; i++) number[i] = (int)i;
    return told;
}
