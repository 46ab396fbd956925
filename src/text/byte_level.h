/* GPT-2's alphabet: a visible character for each of the 256 bytes. */
#ifndef XP_TEXT_BYTE_LEVEL_H
#define XP_TEXT_BYTE_LEVEL_H

#include "text/placed.h"

/* Appends the characters for n bytes. origin: of each byte. false without memory. */
bool xp_byte_level_write(const char *bytes, size_t n, const uint32_t *origin, xp_placed *out);

/* The byte that a character stands for, -1: none. */
int xp_byte_level_byte(uint32_t point);

/* How GPT-2 cuts words, for Oniguruma. */
extern const char xp_byte_level_words[];

#endif
