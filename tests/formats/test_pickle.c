/* The machine of pickles: each instruction, and what is refused. The bytes are Python's own (pickle.dumps, pickletools). */
#include "support/files.h"

#include "formats/pickle.h"

static const char *const globals[] = {"torch.make", "torch.Kind", NULL};

typedef struct text {
    const char *bytes;
    size_t size;
} text;
#define TEXT(literal)                                                                                                  \
    { literal, sizeof literal - 1 }

static xp_pickle *read_well(text t) {
    explaint_error error = {0};
    xp_pickle *pickle;
    if (xp_pickle_read("p.bin", t.bytes, t.size, globals, &pickle, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    for (size_t cut = 0; cut < t.size; cut++) { /* every cut is seen, and no step beyond it is made */
        xp_pickle *none;
        char *part = malloc(cut + (cut == 0));
        memcpy(part, t.bytes, cut);
        assert_int_equal(xp_pickle_read("p.bin", part, cut, globals, &none, NULL), EXPLAINT_INVALID);
        assert_null(none);
        free(part);
    }
    return pickle;
}

static void refused(text t, const char *part) {
    explaint_error error = {0};
    xp_pickle *pickle;
    assert_int_equal(xp_pickle_read("p.bin", t.bytes, t.size, globals, &pickle, &error), EXPLAINT_INVALID);
    assert_null(pickle);
    assert_contains(error.message, part);
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        text t;
        int64_t number;
    } cases[] = {{TEXT("\x80\x02K\xff."), 255},
                 {TEXT("\x80\x02M\x01\xff."), 0xff01},
                 {TEXT("\x80\x02J\xff\xff\xff\xff."), -1},
                 {TEXT("\x80\x02J\x00\x00\x00\x80."), INT32_MIN},
                 {TEXT("\x80\x02\x8a\x00."), 0},
                 {TEXT("\x80\x02\x8a\x01\x80."), -128},
                 {TEXT("\x80\x02\x8a\x02\xff\x00."), 255},
                 {TEXT("\x80\x02\x8a\x05\x00\x00\x00\x00\x01."), (int64_t)1 << 32},
                 {TEXT("\x80\x02\x8b\x05\x00\x00\x00\x00\x00\x00\x00\x01."), (int64_t)1 << 32},
                 {TEXT("\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), INT64_MIN},
                 {TEXT("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00K\x07."), 7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xp_pickle *p = read_well(cases[i].t);
        assert_int_equal(xp_pickle_root(p)->kind, XP_PICKLE_INTEGER);
        assert_true(xp_pickle_root(p)->as.integer == cases[i].number);
        assert_int_equal(xp_pickle_length(p), cases[i].t.size);
        xp_pickle_close(p);
    }
    xp_pickle *p = read_well((text)TEXT("\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00."));
    assert_true(xp_pickle_root(p)->kind == XP_PICKLE_REAL && xp_pickle_root(p)->as.real == 1.5);
    xp_pickle_close(p);
    p = read_well((text)TEXT("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
    assert_true(xp_pickle_root(p)->kind == XP_PICKLE_BYTES && xp_pickle_root(p)->count == 10);
    xp_pickle_close(p);
}

static void containers(void **state) {
    (void)state;
    /* {"a": [1, 2, 3], "b": (), "c": ("a", None, True)}, protocol 2, its batches of SETITEMS and one SETITEM more */
    xp_pickle *p = read_well((text)TEXT("\x80\x02}q\x00(X\x01\x00\x00\x00"
                                        "aq\x01]q\x02(K\x01K\x02K\x03"
                                        "eX\x01\x00\x00\x00"
                                        "bq\x03)X\x01\x00\x00\x00"
                                        "cq\x04h\x01N\x88\x87q\x05uX\x01\x00\x00\x00"
                                        "d\x89s."));
    const xp_pickled *root = xp_pickle_root(p);
    assert_int_equal(root->kind, XP_PICKLE_DICT);
    assert_int_equal(root->count, 8);
    assert_int_equal(root->as.item[1]->count, 3);
    assert_true(root->as.item[1]->kind == XP_PICKLE_LIST && root->as.item[1]->as.item[2]->as.integer == 3);
    assert_true(root->as.item[3]->kind == XP_PICKLE_TUPLE && root->as.item[3]->count == 0);
    assert_ptr_equal(root->as.item[5]->as.item[0], root->as.item[0]);
    assert_true(root->as.item[7]->kind == XP_PICKLE_BOOL && root->as.item[7]->as.integer == 0);
    xp_pickle_close(p);
    /* a list of 2,000, in steps of one; and a list that holds itself */
    char bytes[5000] = "\x80\x02]", *at = bytes + 3;
    for (int i = 0; i < 2000; i++) {
        *at++ = 'N';
        *at++ = 'a';
    }
    *at++ = '.';
    explaint_error error;
    assert_int_equal(xp_pickle_read("p", bytes, (size_t)(at - bytes), globals, &p, &error), EXPLAINT_OK);
    assert_int_equal(xp_pickle_root(p)->count, 2000);
    xp_pickle_close(p);
    p = read_well((text)TEXT("\x80\x02]q\x00h\x00"
                             "a."));
    assert_ptr_equal(xp_pickle_root(p)->as.item[0], xp_pickle_root(p));
    xp_pickle_close(p);
}

static bool count_stored(void *self, const xp_pickled *value) {
    assert_int_equal(value->kind, XP_PICKLE_STORED);
    ++*(int *)self;
    return true;
}

static void calls(void **state) {
    (void)state;
    xp_pickle *p = read_well((text)TEXT("\x80\x02"
                                        "ctorch\nmake\n(K\x01Qctorch\nKind\ntR."));
    const xp_pickled *root = xp_pickle_root(p);
    int n = 0;
    assert_int_equal(root->kind, XP_PICKLE_CALL);
    assert_ptr_equal(root->as.item[0]->as.global, globals[0]);
    assert_int_equal(root->as.item[1]->count, 2);
    assert_int_equal(root->as.item[1]->as.item[0]->kind, XP_PICKLE_STORED);
    assert_ptr_equal(root->as.item[1]->as.item[1]->as.global, globals[1]);
    assert_true(xp_pickle_each_stored(p, count_stored, &n) && n == 1);
    xp_pickle_close(p);
    /* protocol 4: names from the stack, MEMOIZE; an OrderedDict with an attribute */
    p = read_well(
        (text)TEXT("\x80\x04\x8c\x0b"
                   "collections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94\x8c\x01kK\x05s}\x8c\x09_metadatah\x03sb."));
    root = xp_pickle_root(p);
    assert_true(root->kind == XP_PICKLE_DICT && root->count == 2 && root->as.item[1]->as.integer == 5);
    xp_pickle_close(p);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        text t;
        const char *part;
    } cases[] = {{TEXT("\x80\x02"
                       "cos\nsystem\nX\x02\x00\x00\x00lsR."),
                  "byte 2 of the pickle: it asks Python for \"os.system\""},
                 {TEXT("\x80\x04\x8c\x02os\x8c\x06system\x93."), "\"os.system\""},
                 {TEXT("\x80\x02"
                       "ctorch\nmakes\n."),
                  "\"torch.makes\""},
                 {TEXT("\x80\x02"
                       "ctorch.make\n\n."),
                  "\"torch.make.\""},
                 {TEXT("\x80\x02K\x01K\x02\x86R."), "more values than there are"},
                 {TEXT("\x80\x02K\x01)R."), "calls what is no function"},
                 {TEXT("\x80\x02"
                       "ctorch\nmake\nK\x01R."),
                  "calls what is no function"},
                 {TEXT("\x80\x02"
                       "ccollections\nOrderedDict\nN\x85R."),
                  "as Python 2 does"},
                 {TEXT("\x80\x02N}b."), "attributes"},
                 {TEXT("\x80\x02(ios\nsystem\n."), "found the instruction 0x69"},
                 {TEXT("\x80\x02}\x81."), "0x81"},
                 {TEXT("\x80\x02\x82\x01."), "0x82"},
                 {TEXT("(dp0\n."), "0x64"},
                 {TEXT("\x80\x01N."), "expected protocol 2 to 5"},
                 {TEXT("\x80\x06N."), "expected protocol 2 to 5"},
                 {TEXT("\x80\x02."), "more values than there are"},
                 {TEXT("\x80\x02NN."), "left over"},
                 {TEXT("\x80\x02(N."), "left over"},
                 {TEXT("\x80\x02Nt."), "more values than there are"},
                 {TEXT("\x80\x02N(a."), "more values than there are"},
                 {TEXT("\x80\x02N(q\x00."), "more values than there are"},
                 {TEXT("\x80\x02)N(e."), "adds to what is no list"},
                 {TEXT("\x80\x02)(Ne."), "adds to what is no list"},
                 {TEXT("\x80\x02](NNu."), "adds to what is no list or dictionary"},
                 {TEXT("\x80\x02}(Nu."), "has no value"},
                 {TEXT("\x80\x02h\x00."), "never remembered"},
                 {TEXT("\x80\x02Nq\x01."), "with gaps"},
                 {TEXT("\x80\x02Nr\xff\xff\xff\xff."), "with gaps"},
                 {TEXT("\x80\x02X\xff\xff\xff\xff."), "cut off"},
                 {TEXT("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff."), "cut off"},
                 {TEXT("\x80\x02\x8b\xff\xff\xff\xff."), "cut off"},
                 {TEXT("\x80\x02"
                       "ctorch"),
                  "cut off"},
                 {TEXT("\x80\x04K\x01K\x02\x93."), "no text"},
                 {TEXT(""), "cut off"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) refused(cases[i].t, cases[i].part);
}

static void bounds(void **state) {
    (void)state;
    const size_t size = XP_PICKLE_LIMIT + 2;
    char *bytes = malloc(size);
    explaint_error error;
    xp_pickle *pickle;
    memset(bytes, '(', size);
    memcpy(bytes, "\x80\x02", 2);
    assert_int_equal(xp_pickle_read("p", bytes, size, globals, &pickle, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "longer than 33 MB");
    memset(bytes + 2, ']', 100000); /* nested as deep as it goes: nothing recurses */
    memset(bytes + 100002, 'a', 99999);
    bytes[200001] = '.';
    assert_int_equal(xp_pickle_read("p", bytes, 200002, globals, &pickle, &error), EXPLAINT_OK);
    xp_pickle_close(pickle);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(containers), cmocka_unit_test(calls),
                                       cmocka_unit_test(refusals), cmocka_unit_test(bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
