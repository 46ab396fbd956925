#include "faults/fixtures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tiny_model.h"
#include "support/wordnet.h"
#include "support/workbook.h"

enum { CONCEPTS = 26, FEATURES = 11, WIDTH = 4 };
static const char *const categories[] = {"animal", "tool", "fruit", "vehicle"};

static FILE *begin(const char *path) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    return file;
}

static void text(const char *path, const char *content) {
    FILE *file = begin(path);
    fputs(content, file);
    fclose(file);
}

static void write_archive(const char *path, workbook *archive) {
    FILE *file = begin(path);
    fwrite(archive->data, 1, archive->size, file);
    fclose(file);
    workbook_free(archive);
}

static int value(int i, int j) { return (7 * i * i + 11 * j + i * j) % 10; }
static double number(int i, int k) { return ((13 * i + 5 * k * k + i * k) % 17) / 4. - 2; }

static void name(char word[16], int i) { snprintf(word, 16, "%c%cing%c", 'a' + i, 'k' + i % 7, 'a' + i % 5); }

/* A pair stands twice, a concept has its sense tag, a comma is quoted: notes are made. */
static void long_norms(const char *path) {
    FILE *file = begin(path);
    char word[16];
    fputs("concept,feature,value,relation,category,more\n", file);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        const char *tag = i == 3 ? "_(thing)" : "", *category = categories[i % 4];
        fprintf(file, "%s%s,is_%s,9,taxonomic,%s,\n", word, tag, category, category);
        for (int j = 0; j < FEATURES; j++)
            if (value(i, j) > 4) fprintf(file, "%s%s,\"f,%d\",%d,,%s,x\n", word, tag, j, value(i, j), category);
    }
    name(word, 0);
    fprintf(file, "%s,is_animal,8,taxonomic,animal,\n", word);
    fclose(file);
}

static void wide_norms(const char *path) {
    FILE *file = begin(path);
    char word[16];
    fputs("word;caf\xe9", file); /* Latin-1 */
    for (int j = 1; j < FEATURES; j++) fprintf(file, ";f%d", j);
    fputs("\n", file);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fputs(word, file);
        for (int j = 0; j < FEATURES; j++) fprintf(file, (i + j) % 13 == 0 ? ";na" : ";%d", value(i, j));
        fputs("\n", file);
    }
    fclose(file);
}

static void mcrae_norms(void) {
    mkdir("mcrae", 0777);
    FILE *file = begin("mcrae/CONCS_FEATS_concstats_brm.txt");
    char word[16];
    fputs("Concept\tFeature\tWB_Label\tBR_Label\tProd_Freq\r\n", file);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fprintf(file, "%s\ta_%s\tsuperordinate\ttaxonomic\t12\r\n", word, categories[i % 4]);
        for (int j = 0; j < FEATURES; j++)
            if (value(i, j) > 4) fprintf(file, "%s\thas_%d\t\t\t%d\r\n", word, j, value(i, j));
    }
    fclose(file);
}

static void vectors(void) {
    FILE *file = begin("v.txt"), *words = begin("words.txt"), *array = begin("v.npy"), *table = begin("v.csv");
    fputs("word,layer", table);
    for (int k = 0; k < WIDTH; k++) fprintf(table, ",d%d", k + 1);
    char word[16];
    fwrite("\x93NUMPY\1\0\x76\0", 1, 10, array);
    int used = fprintf(array, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", CONCEPTS, WIDTH);
    fprintf(array, "%*s\n", 117 - used, "");
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fprintf(table, "\n%s,3", word);
        fprintf(file, "%s", word);
        fprintf(words, "%s\n", word);
        for (int k = 0; k < WIDTH; k++) {
            double x = number(i, k);
            fprintf(file, " %g", x);
            fprintf(table, ",%g", x);
            fwrite(&x, sizeof x, 1, array);
        }
        fputs("\n", file);
    }
    name(word, 0);
    fprintf(file, "%s 1 2 3 4\n", word); /* twice: a note */
    fclose(file);
    fclose(words);
    fclose(array);
    fclose(table);
}

/* An .npz of one array a word. */
static void arrays_of_words(void) {
    workbook archive;
    workbook_begin(&archive);
    for (int i = 0; i < CONCEPTS; i++) {
        char word[16], member[32], bytes[128 + WIDTH * 8] = "\x93NUMPY\1\0\x76";
        name(word, i);
        snprintf(member, sizeof member, "%s.npy", word);
        int used = sprintf(bytes + 10, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }", WIDTH);
        sprintf(bytes + 10 + used, "%*s\n", 117 - used, "");
        for (int k = 0; k < WIDTH; k++) {
            double x = number(i, k);
            memcpy(bytes + 128 + 8 * k, &x, 8);
        }
        workbook_bytes(&archive, member, bytes, sizeof bytes, 0);
    }
    workbook_end(&archive);
    write_archive("w.npz", &archive);
}

/* The same vectors as word2vec's binary file, as safetensors and, compressed, as .npz. */
static void packed_vectors(void) {
    FILE *binary = begin("v.bin"), *tensors = begin("v.safetensors");
    char word[16], header[128] = {0};
    fprintf(binary, "%d %d\n", CONCEPTS, WIDTH);
    int used =
        snprintf(header + 8, sizeof header - 8, "{\"v\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}",
                 CONCEPTS, WIDTH, CONCEPTS * WIDTH * 4);
    header[0] = (char)used;
    fwrite(header, 1, 8 + (size_t)used, tensors);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fprintf(binary, "%s ", word);
        for (int k = 0; k < WIDTH; k++) {
            float x = (float)number(i, k);
            fwrite(&x, sizeof x, 1, binary);
            fwrite(&x, sizeof x, 1, tensors);
        }
        fputs("\n", binary);
    }
    fclose(binary);
    fclose(tensors);
    unsigned char bytes[4096];
    FILE *array = fopen("v.npy", "rb");
    assert_non_null(array);
    size_t size = fread(bytes, 1, sizeof bytes, array);
    fclose(array);
    workbook archive;
    workbook_begin(&archive);
    workbook_bytes(&archive, "v.npy", bytes, size, 0);
    workbook_end(&archive);
    write_archive("v.npz", &archive);
}

/* Two layers with their words; a third array is none, which is noted. */
static void layered_vectors(void) {
    FILE *tensors = begin("layers.safetensors");
    char word[16];
    xp_text header = {0};
    enum { SIZE = CONCEPTS * WIDTH * 4 };
    xp_text_adds(&header, "{\"__metadata__\":{\"words\":\"[");
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        xp_text_addf(&header, "%s\\\"%s\\\"", i > 0 ? "," : "", word);
    }
    xp_text_adds(&header, "]\"},");
    for (int l = 0; l < 2; l++)
        xp_text_addf(&header, "\"layer.%d\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]},", l,
                     CONCEPTS, WIDTH, l * SIZE, (l + 1) * SIZE);
    xp_text_addf(&header, "\"bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}", 2 * SIZE,
                 2 * SIZE + 4);
    assert_false(header.failed);
    const uint64_t length = header.length;
    fwrite(&length, 1, 8, tensors);
    fwrite(header.data, 1, header.length, tensors);
    for (int k = 0; k < 2 * CONCEPTS * WIDTH + 1; k++) {
        const float x = (float)number(k / WIDTH, k % WIDTH);
        fwrite(&x, sizeof x, 1, tensors);
    }
    fclose(tensors);
    xp_text_free(&header);
}

static void workbook_norms(void) {
    xp_text sheet = {0};
    char word[16];
    xp_text_adds(&sheet, "<worksheet><sheetData><row><c t='inlineStr'><is><t>word</t></is></c>");
    for (int j = 0; j < FEATURES; j++) xp_text_addf(&sheet, "<c t='inlineStr'><is><t>f%d</t></is></c>", j);
    xp_text_adds(&sheet, "</row>");
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        xp_text_addf(&sheet, "<row><c t='inlineStr'><is><t>%s</t></is></c>", word);
        for (int j = 0; j < FEATURES; j++) xp_text_addf(&sheet, "<c><v>%d</v></c>", value(i, j));
        xp_text_adds(&sheet, "</row>");
    }
    xp_text_adds(&sheet, "</sheetData></worksheet>");
    assert_false(sheet.failed);
    workbook book;
    workbook_make(&book, WORKBOOK_ONE_SHEET, sheet.data, NULL, NULL, NULL);
    write_archive("norms.xlsx", &book);
    xp_text_free(&sheet);
}

/* What makes a folder one of sentence-transformers: a prompt, the mean, a linear map of 4 to 1, length 1. */
static void sentence(const char *folder) {
    static const float weight[4] = {.5f, -1, 2, .25f};
    static const char head[] = "{\"linear.weight\":{\"dtype\":\"F32\",\"shape\":[1,4],\"data_offsets\":[0,16]}}   ";
    const uint64_t length = sizeof head - 1;
    char path[96];
    static const char *const names[] = {"1_Pooling", "2_Dense"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        mkdir(path, 0777);
    }
    snprintf(path, sizeof path, "%s/modules.json", folder);
    text(path, "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, "
               "{\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}, "
               "{\"path\": \"2_Dense\", \"type\": \"sentence_transformers.models.Dense\"}, "
               "{\"path\": \"3_Normalize\", \"type\": \"sentence_transformers.models.Normalize\"}]");
    snprintf(path, sizeof path, "%s/1_Pooling/config.json", folder);
    text(path, "{\"word_embedding_dimension\": 4, \"include_prompt\": false}");
    snprintf(path, sizeof path, "%s/2_Dense/config.json", folder);
    text(path, "{\"in_features\": 4, \"out_features\": 1, \"bias\": false}");
    snprintf(path, sizeof path, "%s/config_sentence_transformers.json", folder);
    text(path, "{\"prompts\": {\"query\": \"sun \"}, \"default_prompt_name\": \"query\"}");
    snprintf(path, sizeof path, "%s/2_Dense/model.safetensors", folder);
    FILE *file = begin(path);
    fwrite(&length, 8, 1, file);
    fwrite(head, 1, sizeof head - 1, file);
    fwrite(weight, sizeof weight, 1, file);
    fclose(file);
}

/* An index, text, words of truth, deviations beside means, lengths, marks; responses without a value; two sheets of norms. */
static void tables_of_all_kinds(void) {
    FILE *file = begin("columns.csv"), *responses = begin("responses.csv"), *sums = begin("sums.csv");
    char word[16];
    int sum[3] = {0};
    fputs(";word;kind;a.mean;a.SD;\"b, c.mean\";\"b, c.SD\";letters;likes;f\n", file);
    fputs("person,cue,feature,n,pct,relation,category\n", responses);
    fputs("category;word;f;g;h;count\n", sums);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fprintf(file, "%d;%s;thing;%d,5;0,%d;%d,25;0,7;%d;%s;%d\n", i, word, value(i, 0), 1 + i % 3, value(i, 1),
                (int)strlen(word), i % 2 == 0 ? "yes" : "no", i % 4 == 0 ? -99 : value(i, 2));
        for (int j = 0; j < 3; j++) sum[j] += value(i, j) + 1;
        fprintf(sums, "%s;%s;%d;%d;%d;%s\n", i % 8 == 0 ? categories[i / 8 % 4] : "", word, value(i, 0) + 1,
                value(i, 1) + 1, value(i, 2) + 1, i % 8 == 0 ? "1.234" : "870");
        for (int j = 0; j < FEATURES; j++)
            fprintf(responses, "p%d,%s,f%d,%d,%d,%s,%s\n", j, word, j % 2, value(i, j), 2 * value(i, j),
                    j == 0 ? "super" : "", categories[i / 2 % 4]);
    }
    fprintf(sums, ";all;%d;%d;%d;870\n;SD;1;2;3;4\n", sum[0], sum[1], sum[2]);
    fclose(file);
    fclose(responses);
    fclose(sums);
    workbook book;
    workbook_make(
        &book, "<sheets><sheet name='a' sheetId='1' r:id='r1'/><sheet name='b' sheetId='2' r:id='r2'/></sheets>",
        "<worksheet><sheetData><row><c t='inlineStr'><is><t>word</t></is></c><c t='inlineStr'><is><t>f_x000D_</t></is>"
        "</c></row><row><c t='inlineStr'><is><t>x</t></is></c><c><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t='inlineStr'><is><t>word</t></is></c><c t='inlineStr'><is><t>f</t></is></c>"
        "</row><row><c t='inlineStr'><is><t>x</t></is></c><c t='b'><v>1</v></c></row><row><c t='inlineStr'><is><t>y"
        "</t></is></c><c t='b'><v>0</v></c></row></sheetData></worksheet>",
        NULL, NULL);
    write_archive("sheets.xlsx", &book);
}

/* A BERT of one layer that knows three words, the same without its tokenizer (a model is inspected without one, too: what is wrong with
 * it is a note), and norms and texts in which they stand. */
static void model(void) {
    static unsigned char bytes[1 << 16];
    const tiny_model tiny = tiny_create();
    const size_t size = tiny_pack(&tiny, 0, 1, bytes);
    static const char *const folders[] = {"model", "bare"};
    for (int i = 0; i < 2; i++) {
        char path[64];
        mkdir(folders[i], 0777);
        snprintf(path, sizeof path, "%s/config.json", folders[i]);
        text(path, tiny.config);
        snprintf(path, sizeof path, "%s/model.safetensors", folders[i]);
        FILE *file = begin(path);
        fwrite(bytes, 1, size, file);
        fclose(file);
    }
    text("model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nsun\nsea\n##s\n");
    text("model/tokenizer_config.json", "{\"do_lower_case\": true, \"never_split\": [\"sun\"]}");
    text("model/special_tokens_map.json", "{\"mask_token\": {\"content\": \"[PAD]\"}}");
    sentence("model");
    text("seen.txt", "sun\nsea\nseas\n");
    text("texts.txt", "sun sea\nseas sun\nsea sea suns\n\nsun\n");
    text("texts.csv", "id,text\n1,sun sea\n2,\"\"\"sun\"\"\"\n");
    text("texts.jsonl", "{\"text\": \"sun sea\"}\n{\"id\": 2, \"sentence\": \"seas\"}\n");
    text("phrases.txt", "sun sea\nseas sun\n");
    FILE *norms = begin("seen.csv");
    fputs("concept,feature,value\n", norms);
    static const char *const words[] = {"sun", "sea", "suns", "seas", "sun sea", "sea sun"};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < FEATURES; j++)
            if (value(i, j) > 4) fprintf(norms, "%s,f%d,%d\n", words[i], j, value(i, j));
    fclose(norms);
}

/* Weights as torch.save writes them: a zip archive, and the stream before torch 1.6, whose transposed matrices are copied. */
static void golden_copy(const char *from, const char *to) {
    char path[512], bytes[4096];
    snprintf(path, sizeof path, "%s/tests/golden/%s", EXPLAINT_SOURCE_DIR, from);
    FILE *in = fopen(path, "rb"), *out = begin(to);
    for (size_t got; in != NULL && (got = fread(bytes, 1, sizeof bytes, in)) > 0;) fwrite(bytes, 1, got, out);
    if (in == NULL || fclose(in) != 0 || fclose(out) != 0) {
        perror(path);
        exit(2);
    }
}

static void torch_models(void) {
    mkdir("zipped", 0777);
    golden_copy("models/mpnet-f16-head/config.json", "zipped/config.json");
    golden_copy("torch/mpnet-f16-head.bin", "zipped/pytorch_model.bin");
    golden_copy("gguf/blocks.gguf", "blocks.gguf");
    golden_copy("../report/golden/relation.json", "relation.json");
    mkdir("decoder", 0777);
    golden_copy("models/llama-10/config.json", "decoder/config.json");
    golden_copy("models/llama-10/model.safetensors", "decoder/model.safetensors");
    text(
        "decoder/tokenizer.json",
        "{\"added_tokens\": [{\"id\": 9, \"content\": \"<s>\", \"special\": true, \"normalized\": false}],"
        "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"Replace\","
        "\"pattern\": {\"Regex\": \"x+\"}, \"content\": \"s\"}]}, \"pre_tokenizer\": {\"type\": \"ByteLevel\","
        "\"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": false}, \"post_processor\": {\"type\": "
        "\"BertProcessing\","
        "\"cls\": [\"<s>\", 9], \"sep\": [\"<s>\", 9]}, \"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": "
        "\"BPE\","
        "\"unk_token\": \"e\", \"vocab\": {\"e\": 0, \"s\": 1, \"u\": 2, \"n\": 3, \"a\": 4, \"\\u0120\": 5, \"su\": 6,"
        "\"sun\": 7, \"\\u0120sun\": 8}, \"merges\": [\"s u\", \"su n\", \"\\u0120 sun\"]}}");
    golden_copy("models/llama-gguf/sentence-piece.gguf", "model.gguf");
    mkdir("streamed", 0777);
    golden_copy("models/bert-f16/config.json", "streamed/config.json");
    golden_copy("torch/bert-f16.bin", "streamed/pytorch_model.bin");
}

/* A pair from two sources, several raw forms of a root, a share that is missing. */
static void buchanan_norms(void) {
    FILE *file = begin("buchanan.csv");
    char word[16];
    fputs("where,cue,feature,translated,normalized_translated,pos_cue,FSG\n", file);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        for (int j = 0; j < FEATURES; j++)
            if (value(i, j) > 4) fprintf(file, "b,%s,raw%d,root%d,%d,noun,NA\n", word, j, j, value(i, j));
        fprintf(file, "m,%s,raws%d,root%d,%d,noun,NA\n", word, i % FEATURES, i % FEATURES, 3 + i);
    }
    fputs("b,lone,raw,root0,NA,verb,NA\n", file);
    fclose(file);
}

static void labels(void) {
    FILE *folds = begin("folds.csv"), *groups = begin("categories.csv"), *numbers = begin("covariates.csv");
    char word[16];
    fputs("concept,fold\n", folds);
    fputs("concept,category\n", groups);
    fputs("concept,frequency,length\n", numbers);
    for (int i = 0; i < CONCEPTS; i++) {
        name(word, i);
        fprintf(folds, "%s%s,%d\n", word, i == 3 ? "_(thing)" : "", i % 3);
        fprintf(groups, "%s,%s\n", word, categories[i / 2 % 4]);
        fprintf(numbers, "%s,%d,%d\n", word, i * i % 7, i % 3);
    }
    fclose(folds);
    fclose(groups);
    fclose(numbers);
}

static void compress_file(const char *from, const char *to) {
    char bytes[4096];
    FILE *in = fopen(from, "rb");
    gzFile out = gzopen(to, "wb9");
    for (size_t got; in != NULL && out != NULL && (got = fread(bytes, 1, sizeof bytes, in)) > 0;)
        gzwrite(out, bytes, (unsigned)got);
    if (in != NULL) fclose(in);
    if (out != NULL) gzclose(out);
}

void fixtures_make(void) {
    long_norms("long.csv");
    compress_file("long.csv", "long.csv.gz");
    wide_norms("wide.csv");
    mcrae_norms();
    vectors();
    packed_vectors();
    arrays_of_words();
    layered_vectors();
    workbook_norms();
    tables_of_all_kinds();
    compress_file("v.txt", "v.txt.gz");
    labels();
    model();
    torch_models();
    buchanan_norms();
    /* What is there already must be there afterwards. */
    static const char *const products[] = {"out.csv",         "out.json",   "out.txt", "top.csv",
                                           "all.safetensors", "linked.csv", "out.npy", "out.safetensors"};
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) text(products[i], "old\n");
    if (symlink("linked.csv", "link.csv") != 0) perror("link.csv");
    mini database = {.folder = "wordnet"};
    mkdir(database.folder, 0777);
    mini_fill(&database);
    mini_write(&database);
    mini_clear(&database);
}
