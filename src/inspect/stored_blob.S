/* Values of the reference implementation, as they lie in data/. See stored.h. */
    .section .rodata
    .balign 16
    .globl xp_stored_minilm
    .hidden xp_stored_minilm
    .globl xp_stored_minilm_end
    .hidden xp_stored_minilm_end
xp_stored_minilm:
    .incbin "data/reference-minilm.safetensors"
xp_stored_minilm_end:
    .byte 0

    .balign 16
    .globl xp_stored_mpnet
    .hidden xp_stored_mpnet
    .globl xp_stored_mpnet_end
    .hidden xp_stored_mpnet_end
xp_stored_mpnet:
    .incbin "data/reference-mpnet.safetensors"
xp_stored_mpnet_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
