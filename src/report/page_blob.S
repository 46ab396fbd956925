/* Style sheet and script of the page, as they lie in web/. See page.c. */
    .section .rodata
    .globl xp_page_css
    .hidden xp_page_css
    .globl xp_page_js
    .hidden xp_page_js
xp_page_css:
    .incbin "web/page.css"
    .byte 0
xp_page_js:
    .incbin "web/shared.js"
    .incbin "web/page.js"
    .incbin "web/concepts.js"
    .incbin "web/drawing.js"
    .incbin "web/graph.js"
    .incbin "web/maps.js"
    .byte 0

    .section .note.GNU-stack, "", %progbits
