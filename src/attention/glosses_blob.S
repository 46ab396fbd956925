/* Definitions and examples of WordNet 3.0, as they lie in data/. See glosses.h. */
    .section .rodata
    .balign 16
    .globl xp_glosses_gz
    .hidden xp_glosses_gz
    .globl xp_glosses_gz_end
    .hidden xp_glosses_gz_end
xp_glosses_gz:
    .incbin "data/wordnet-glosses.txt.gz"
xp_glosses_gz_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
