"""python3 export.py MODEL WORDS.txt OUT.safetensors ["This is a {}."]: what every layer of any AutoModel of transformers makes of words, one a
line. Then: explaint infer --norms NORMS --embeddings OUT.safetensors --tensor all"""
import json, sys, safetensors.torch, torch, transformers
name, words, out, template = (sys.argv[1:] + ["This is a {}."])[:4]
tokenizer = transformers.AutoTokenizer.from_pretrained(name, use_fast=True)
model = transformers.AutoModel.from_pretrained(name, dtype=torch.float32).eval()
model = model.get_encoder() if model.config.is_encoder_decoder else model
kept, rows, begin = [], [], template.index("{}")
for word in filter(None, open(words, encoding="utf-8").read().splitlines()):
    pieces = tokenizer(template.replace("{}", word), return_offsets_mapping=True, return_tensors="pt")
    places = pieces.pop("offset_mapping")[0].tolist()  # of each piece in the text: those of the word share a character with it
    at = [i for i, (first, last) in enumerate(places) if max(first, begin) < min(last, begin + len(word))]
    with torch.no_grad():
        states = model(**pieces, output_hidden_states=True).hidden_states
    if at:  # a word of characters that the tokenizer leaves out has no vector
        kept.append(word)
        rows.append(torch.stack([h[0, at].mean(0) for h in states]))
layers = {f"layer.{i}": h.contiguous() for i, h in enumerate(torch.stack(rows, 1))}
safetensors.torch.save_file(layers, out, {"words": json.dumps(kept)})
