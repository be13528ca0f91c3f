"""Makes Fixtures/greedy: continuations by transformers' generate without sampling.  make_greedy.py MODEL.gguf NAME NEW_TOKENS"""
import sys

import torch

from golden_common import FIXTURES, load_model, load_tokenizer, write_json
from golden_texts import GREEDY_CHAT, GREEDY_LONG, GREEDY_PLAIN


@torch.no_grad()
def main(path, name, count):
    model, tokenizer = load_model(path), load_tokenizer(path)
    prompts = [{"kind": "plain", "prompt": text, "prompt_ids": tokenizer(text)["input_ids"]} for text in GREEDY_PLAIN]
    for text in GREEDY_CHAT + (GREEDY_LONG if name.startswith("smollm2") else []):
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=True, return_dict=True)["input_ids"]
        prompts.append({"kind": "chat", "prompt": text, "prompt_ids": ids})
    for row in prompts:
        inputs = torch.tensor([row["prompt_ids"]])
        out = model.generate(
            inputs, attention_mask=torch.ones_like(inputs), do_sample=False, max_new_tokens=count, eos_token_id=2, pad_token_id=2,
            output_logits=True, return_dict_in_generate=True)
        ids = out.sequences[0, inputs.shape[1]:].tolist()
        row["ids"] = ids
        row["text"] = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        row["stopped_by_end_token"] = ids[-1] == 2
        top = [logits[0].float().topk(2) for logits in out.logits]
        row["gaps"] = [round((t.values[0] - t.values[1]).item(), 6) for t in top]
        row["second_ids"] = [t.indices[1].item() for t in top]
        assert [t.indices[0].item() for t in top] == ids
        print(repr(row["text"])[:110], "smallest gap", min(row["gaps"]), len(ids))
    write_json(FIXTURES / "greedy" / f"{name}.greedy.json", prompts)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
