/* The WordNet norms and the vectors of their words, as they lie in data/. See wordnet_data.h. */
    .section .rodata
    .balign 16
    .globl xp_wordnet_norms_gz
    .hidden xp_wordnet_norms_gz
    .globl xp_wordnet_norms_gz_end
    .hidden xp_wordnet_norms_gz_end
xp_wordnet_norms_gz:
    .incbin "data/wordnet-norms.csv.gz"
xp_wordnet_norms_gz_end:
    .byte 0

    .balign 16
    .globl xp_wordnet_vectors_gz
    .hidden xp_wordnet_vectors_gz
    .globl xp_wordnet_vectors_gz_end
    .hidden xp_wordnet_vectors_gz_end
xp_wordnet_vectors_gz:
    .incbin "data/wordnet-glove.100d.txt.gz"
xp_wordnet_vectors_gz_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
