#include "formats/pickle.h"

#include <string.h>

#include "base/memory.h"

enum { CHUNK = 1 << 8 };

/* Values lie in chunks, so that pointers to them stay; a chunk's containers own their arrays. */
typedef struct chunk {
    struct chunk *before;
    size_t n;
    xp_pickled value[CHUNK];
} chunk;

struct xp_pickle {
    chunk *last;
    xp_pickled *root;
    size_t length;
};

typedef struct places { /* a stack of values */
    xp_pickled **at;
    size_t n, capacity;
} places;

typedef struct machine {
    const char *path;
    explaint_error *error;
    const unsigned char *bytes;
    size_t size, at, from; /* from: of the instruction */
    const char *const *globals;
    xp_pickle *pickle;
    places stack, memo;
    size_t *mark, n_marks, mark_capacity;
    bool no_memory;
} machine;

/* ---- what goes wrong ---- */

static bool bad(machine *m, const char *what) {
    xp_fail(m->error, EXPLAINT_INVALID, m->path, 0, "byte %zu of the pickle: %s", m->from, what);
    return false;
}

static bool out_of_memory(machine *m) {
    m->no_memory = true;
    return false;
}

static bool cut(machine *m) {
    return bad(m, m->size == XP_PICKLE_LIMIT
                      ? "it is longer than 33 MB, far beyond what names of tensors need: a damaged or hostile file"
                      : "it ends in the middle of an instruction; it was cut off, get it again");
}

static bool empty(machine *m) { return bad(m, "an instruction needs more values than there are; it is damaged"); }

/* ---- bytes ---- */

static const unsigned char *take(machine *m, size_t n) {
    if (n > m->size - m->at) {
        cut(m);
        return NULL;
    }
    m->at += n;
    return m->bytes + m->at - n;
}

static bool take_number(machine *m, size_t n, uint64_t *number) {
    const unsigned char *p = take(m, n);
    *number = 0;
    for (size_t i = n; p != NULL && i-- > 0;) *number = *number << 8 | p[i];
    return p != NULL;
}

/* ---- values ---- */

static xp_pickled *make(machine *m, xp_pickle_kind kind) {
    chunk *c = m->pickle->last;
    if (c == NULL || c->n == CHUNK) {
        c = xp_alloc(1, sizeof *c);
        if (c == NULL) return NULL;
        c->before = m->pickle->last;
        c->n = 0;
        m->pickle->last = c;
    }
    c->value[c->n] = (xp_pickled){.kind = kind};
    return &c->value[c->n++];
}

static bool put(machine *m, places *list, xp_pickled *value) {
    xp_pickled **room = value != NULL ? xp_grow((void **)&list->at, list->n, &list->capacity, sizeof *room) : NULL;
    if (room == NULL) return out_of_memory(m);
    *room = value;
    list->n++;
    return true;
}

static bool push(machine *m, xp_pickled *value) { return put(m, &m->stack, value); }

/* The n values on top: NULL for none, since the stack may be nowhere yet. */
static xp_pickled **top_of(const machine *m, size_t n) { return n > 0 ? m->stack.at + m->stack.n - n : NULL; }

/* What lies above the last mark, or on the whole stack. */
static size_t floor_of(const machine *m) { return m->n_marks > 0 ? m->mark[m->n_marks - 1] : 0; }

static xp_pickled *pop(machine *m) {
    if (m->stack.n <= floor_of(m)) {
        empty(m);
        return NULL;
    }
    return m->stack.at[--m->stack.n];
}

static xp_pickled *top(machine *m) {
    xp_pickled *value = pop(m);
    if (value != NULL) m->stack.n++;
    return value;
}

/* The values above the mark, which is taken away; the stack no longer holds them, though they still lie there. */
static bool pop_mark(machine *m, xp_pickled ***values, size_t *n) {
    if (m->n_marks == 0) return empty(m);
    const size_t from = m->mark[--m->n_marks];
    *n = m->stack.n - from;
    *values = top_of(m, *n);
    m->stack.n = from;
    return true;
}

static bool push_mark(machine *m) {
    size_t *room = xp_grow((void **)&m->mark, m->n_marks, &m->mark_capacity, sizeof *room);
    if (room == NULL) return out_of_memory(m);
    *room = m->stack.n;
    m->n_marks++;
    return true;
}

static bool push_integer(machine *m, xp_pickle_kind kind, int64_t number) {
    xp_pickled *value = make(m, kind);
    if (value != NULL) value->as.integer = number;
    return push(m, value);
}

/* ---- texts and numbers ---- */

static bool push_text(machine *m, xp_pickle_kind kind, size_t length_bytes) {
    uint64_t length;
    if (!take_number(m, length_bytes, &length)) return false;
    const unsigned char *text = length <= m->size ? take(m, (size_t)length) : NULL;
    if (text == NULL) return length <= m->size ? false : cut(m);
    xp_pickled *value = make(m, kind);
    if (value != NULL) {
        value->count = (uint32_t)length; /* within the limit */
        value->as.text = (const char *)text;
    }
    return push(m, value);
}

/* Two's complement of as many bytes as it takes. */
static bool push_long(machine *m, size_t length_bytes) {
    if (!push_text(m, XP_PICKLE_BYTES, length_bytes)) return false;
    xp_pickled *value = m->stack.at[m->stack.n - 1];
    if (value->count > 8) return true;
    const unsigned char *p = (const unsigned char *)value->as.text;
    uint64_t number = value->count > 0 && (p[value->count - 1] & 0x80) != 0 ? ~(uint64_t)0 : 0;
    for (size_t i = value->count; i-- > 0;) number = number << 8 | p[i];
    value->kind = XP_PICKLE_INTEGER;
    value->as.integer = (int64_t)number;
    return true;
}

static bool push_real(machine *m) {
    const unsigned char *p = take(m, 8); /* the highest byte first, alone among all numbers */
    uint64_t bits = 0;
    for (size_t i = 0; p != NULL && i < 8; i++) bits = bits << 8 | p[i];
    xp_pickled *value = p != NULL ? make(m, XP_PICKLE_REAL) : NULL;
    if (value != NULL) memcpy(&value->as.real, &bits, sizeof bits);
    return p != NULL && push(m, value);
}

/* ---- containers ---- */

static bool add_items(machine *m, xp_pickled *to, xp_pickled **from, size_t n) {
    if (n == 0) return true;
    /* Arrays double: they are full when the count is 0 or a power of two, and then take as much again. */
    size_t capacity = 1;
    while (capacity < to->count) capacity *= 2;
    if (to->count == 0) capacity = 0;
    if (to->count + n > capacity) {
        size_t wanted = 1;
        while (wanted < to->count + n) wanted *= 2;
        xp_pickled **grown = xp_realloc(to->as.item, wanted, sizeof *grown);
        if (grown == NULL) return out_of_memory(m);
        to->as.item = grown;
    }
    memcpy(to->as.item + to->count, from, n * sizeof *from);
    to->count += (uint32_t)n;
    return true;
}

/* The n values on top, as one. */
static bool gather(machine *m, xp_pickle_kind kind, size_t n) {
    if (m->stack.n - floor_of(m) < n) return empty(m);
    xp_pickled *value = make(m, kind);
    if (value == NULL) return out_of_memory(m);
    if (!add_items(m, value, top_of(m, n), n)) return false;
    m->stack.n -= n;
    return push(m, value);
}

static bool gather_marked(machine *m, xp_pickle_kind kind) {
    xp_pickled **values;
    size_t n;
    if (!pop_mark(m, &values, &n)) return false;
    m->stack.n += n;
    return gather(m, kind, n);
}

/* Adds what was taken off the stack to the container that now is on top. */
static bool add_to(machine *m, xp_pickle_kind kind, xp_pickled **values, size_t n) {
    xp_pickled *to = top(m);
    if (to == NULL) return false;
    if (to->kind != kind) return bad(m, "it adds to what is no list or dictionary; it is damaged");
    if (kind == XP_PICKLE_DICT && n % 2 != 0) return bad(m, "a key of a dictionary has no value; it is damaged");
    return add_items(m, to, values, n);
}

static bool add_marked(machine *m, xp_pickle_kind kind) {
    xp_pickled **values;
    size_t n;
    return pop_mark(m, &values, &n) && add_to(m, kind, values, n);
}

static bool add_top(machine *m, xp_pickle_kind kind, size_t n) {
    if (m->stack.n - floor_of(m) < n) return empty(m);
    xp_pickled **values = top_of(m, n);
    m->stack.n -= n;
    return add_to(m, kind, values, n);
}

/* ---- names and calls ---- */

static const char ordered[] = "collections.OrderedDict";

static bool names(const char *global, xp_view module, xp_view name) {
    return strlen(global) == module.length + 1 + name.length && memcmp(global, module.data, module.length) == 0 &&
           global[module.length] == '.' && memcmp(global + module.length + 1, name.data, name.length) == 0;
}

static bool push_global(machine *m, xp_view module, xp_view name) {
    const char *found = names(ordered, module, name) ? ordered : NULL;
    for (size_t i = 0; found == NULL && m->globals[i] != NULL; i++)
        if (names(m->globals[i], module, name)) found = m->globals[i];
    if (found == NULL) {
        xp_fail(m->error, EXPLAINT_INVALID, m->path, 0,
                "byte %zu of the pickle: it asks Python for \"%.*s.%.*s\", which is no part of a dictionary of tensors "
                "and is never run here; save the model's state_dict() alone, or as safetensors (save_pretrained)",
                m->from, XP_SHOW(module), XP_SHOW(name));
        return false;
    }
    xp_pickled *value = make(m, XP_PICKLE_GLOBAL);
    if (value != NULL) value->as.global = found;
    return push(m, value);
}

static bool take_line(machine *m, xp_view *line) {
    const unsigned char *from = m->bytes + m->at, *end = memchr(from, '\n', m->size - m->at);
    if (end == NULL) return cut(m);
    *line = (xp_view){(const char *)from, (size_t)(end - from)};
    m->at += line->length + 1;
    return true;
}

static bool global(machine *m) {
    xp_view module, name;
    return take_line(m, &module) && take_line(m, &name) && push_global(m, module, name);
}

static bool stack_global(machine *m) {
    const xp_pickled *name = pop(m), *module = name != NULL ? pop(m) : NULL;
    if (module == NULL) return false;
    if (name->kind != XP_PICKLE_TEXT || module->kind != XP_PICKLE_TEXT)
        return bad(m, "a name in Python is no text; it is damaged");
    return push_global(m, xp_pickled_text(module), xp_pickled_text(name));
}

static bool call(machine *m) {
    const size_t n = m->stack.n;
    if (n - floor_of(m) < 2) return empty(m);
    const xp_pickled *function = m->stack.at[n - 2], *arguments = m->stack.at[n - 1];
    if (function->kind != XP_PICKLE_GLOBAL || arguments->kind != XP_PICKLE_TUPLE)
        return bad(m, "it calls what is no function of tensors; it is damaged, or hostile");
    if (function->as.global != ordered) return gather(m, XP_PICKLE_CALL, 2);
    if (arguments->count > 0)
        return bad(m, "it makes an OrderedDict of values, as Python 2 does; save the model again with Python 3");
    m->stack.n -= 2;
    return push(m, make(m, XP_PICKLE_DICT));
}

/* Attributes of an OrderedDict: torch's _metadata, the versions of the modules. */
static bool build(machine *m) {
    if (pop(m) == NULL) return false;
    const xp_pickled *on = top(m);
    if (on == NULL) return false;
    return on->kind == XP_PICKLE_DICT || bad(m, "it sets attributes of what is no dictionary; they are not read");
}

/* ---- the memo ---- */

/* Picklers number what they remember from 0 on. */
static bool remember(machine *m, uint64_t number) {
    xp_pickled *value = top(m);
    if (value == NULL) return false;
    if (number > m->memo.n) return bad(m, "it numbers what it remembers with gaps, as no pickler does");
    if (number == m->memo.n) return put(m, &m->memo, value);
    m->memo.at[number] = value;
    return true;
}

static bool remember_as(machine *m, size_t length_bytes) {
    uint64_t number;
    return take_number(m, length_bytes, &number) && remember(m, number);
}

static bool recall(machine *m, size_t length_bytes) {
    uint64_t number;
    if (!take_number(m, length_bytes, &number)) return false;
    return number < m->memo.n ? push(m, m->memo.at[number]) : bad(m, "it recalls what it never remembered");
}

/* ---- the machine ---- */

static bool protocol(machine *m) {
    uint64_t number;
    if (!take_number(m, 1, &number)) return false;
    return (number >= 2 && number <= 5) || bad(m, "expected protocol 2 to 5; save it again with torch.save");
}

static bool small_integer(machine *m, size_t length_bytes) {
    uint64_t number;
    if (!take_number(m, length_bytes, &number)) return false;
    return push_integer(m, XP_PICKLE_INTEGER, length_bytes == 4 ? (int32_t)(uint32_t)number : (int64_t)number);
}

static bool unknown(machine *m, unsigned char code) {
    xp_fail(
        m->error, EXPLAINT_INVALID, m->path, 0,
        "byte %zu of the pickle: found the instruction 0x%02x, which no dictionary of tensors needs; it is damaged, "
        "or other things were saved: save the model's state_dict() alone, or as safetensors (save_pretrained)",
        m->from, code);
    return false;
}

/* One instruction; the letters are pickletools'. */
static bool step(machine *m, unsigned char code) {
    switch (code) {
    case 0x80: return protocol(m);
    case 0x95: return take(m, 8) != NULL; /* FRAME: how much to read ahead */
    case '(': return push_mark(m);
    case 'N': return push(m, make(m, XP_PICKLE_NONE));
    case 0x88: return push_integer(m, XP_PICKLE_BOOL, 1);
    case 0x89: return push_integer(m, XP_PICKLE_BOOL, 0);
    case 'J': return small_integer(m, 4);
    case 'K': return small_integer(m, 1);
    case 'M': return small_integer(m, 2);
    case 0x8a: return push_long(m, 1);
    case 0x8b: return push_long(m, 4);
    case 'G': return push_real(m);
    case 'X': return push_text(m, XP_PICKLE_TEXT, 4);
    case 0x8c: return push_text(m, XP_PICKLE_TEXT, 1);
    case 0x8d: return push_text(m, XP_PICKLE_TEXT, 8);
    case 'C': return push_text(m, XP_PICKLE_BYTES, 1);
    case 'B': return push_text(m, XP_PICKLE_BYTES, 4);
    case ')': return gather(m, XP_PICKLE_TUPLE, 0);
    case 0x85: return gather(m, XP_PICKLE_TUPLE, 1);
    case 0x86: return gather(m, XP_PICKLE_TUPLE, 2);
    case 0x87: return gather(m, XP_PICKLE_TUPLE, 3);
    case 't': return gather_marked(m, XP_PICKLE_TUPLE);
    case ']': return gather(m, XP_PICKLE_LIST, 0);
    case '}': return gather(m, XP_PICKLE_DICT, 0);
    case 'a': return add_top(m, XP_PICKLE_LIST, 1);
    case 'e': return add_marked(m, XP_PICKLE_LIST);
    case 's': return add_top(m, XP_PICKLE_DICT, 2);
    case 'u': return add_marked(m, XP_PICKLE_DICT);
    case 'c': return global(m);
    case 0x93: return stack_global(m);
    case 'Q': return gather(m, XP_PICKLE_STORED, 1);
    case 'R': return call(m);
    case 'b': return build(m);
    case 'q': return remember_as(m, 1);
    case 'r': return remember_as(m, 4);
    case 0x94: return remember(m, m->memo.n);
    case 'h': return recall(m, 1);
    case 'j': return recall(m, 4);
    default: return unknown(m, code);
    }
}

static bool run(machine *m) {
    for (;;) {
        m->from = m->at;
        const unsigned char *code = take(m, 1);
        if (code == NULL) return false;
        if (*code == '.') break;
        if (!step(m, *code)) return false;
    }
    m->pickle->root = pop(m);
    m->pickle->length = m->at;
    if (m->pickle->root == NULL) return false;
    return (m->stack.n == 0 && m->n_marks == 0) || bad(m, "values are left over at its end; it is damaged");
}

explaint_status xp_pickle_read(const char *path, const void *bytes, size_t size, const char *const *globals,
                               xp_pickle **pickle, explaint_error *error) {
    *pickle = NULL;
    explaint_error own = {0};
    machine m = {.path = path, .error = error != NULL ? error : &own, .bytes = bytes, .globals = globals};
    m.size = size < XP_PICKLE_LIMIT ? size : XP_PICKLE_LIMIT;
    m.pickle = xp_calloc(1, sizeof *m.pickle);
    const bool ok = m.pickle != NULL && run(&m);
    xp_free_all(m.stack.at, m.memo.at, m.mark);
    if (ok) {
        *pickle = m.pickle;
        return EXPLAINT_OK;
    }
    const bool no_memory = m.pickle == NULL || m.no_memory;
    xp_pickle_close(m.pickle);
    return no_memory ? xp_no_memory(error, "a pickle") : EXPLAINT_INVALID;
}

static bool owns_items(xp_pickle_kind kind) {
    return (kind >= XP_PICKLE_TUPLE && kind <= XP_PICKLE_DICT) || kind >= XP_PICKLE_STORED;
}

void xp_pickle_close(xp_pickle *pickle) {
    if (pickle == NULL) return;
    for (chunk *c = pickle->last, *before; c != NULL; c = before) {
        before = c->before;
        for (size_t i = 0; i < c->n; i++)
            if (owns_items(c->value[i].kind)) xp_free(c->value[i].as.item);
        xp_free(c);
    }
    xp_free(pickle);
}

bool xp_pickle_each_stored(const xp_pickle *pickle, bool (*see)(void *self, const xp_pickled *value), void *self) {
    for (const chunk *c = pickle->last; c != NULL; c = c->before)
        for (size_t i = 0; i < c->n; i++)
            if (c->value[i].kind == XP_PICKLE_STORED && !see(self, &c->value[i])) return false;
    return true;
}

const xp_pickled *xp_pickle_root(const xp_pickle *pickle) { return pickle->root; }
size_t xp_pickle_length(const xp_pickle *pickle) { return pickle->length; }

const char *xp_pickled_name(const xp_pickled *value) {
    static const char *const names_of[] = {
        [XP_PICKLE_NONE] = "None",     [XP_PICKLE_BOOL] = "a boolean",   [XP_PICKLE_INTEGER] = "a whole number",
        [XP_PICKLE_REAL] = "a number", [XP_PICKLE_TEXT] = "a text",      [XP_PICKLE_BYTES] = "bytes",
        [XP_PICKLE_TUPLE] = "a tuple", [XP_PICKLE_LIST] = "a list",      [XP_PICKLE_DICT] = "a dictionary",
        [XP_PICKLE_GLOBAL] = "a name", [XP_PICKLE_STORED] = "a storage", [XP_PICKLE_CALL] = "a tensor"};
    return names_of[value->kind];
}
