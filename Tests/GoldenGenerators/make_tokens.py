"""Makes Fixtures/tokens: ids and texts by Hugging Face tokenizers, and chat renderings.  make_tokens.py MODEL.gguf NAME"""
import sys

from golden_common import FIXTURES, load_tokenizer, write_json
from golden_texts import CHATS, TOKEN_TEXTS


def main(path, name):
    tokenizer = load_tokenizer(path)
    rows = []
    for text in TOKEN_TEXTS:
        ids = tokenizer(text)["input_ids"]
        row = {"text": text, "ids": ids, "special": True}
        decoded = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        if decoded != text:
            row["decoded"] = decoded
        rows.append(row)
    write_json(FIXTURES / "tokens" / f"{name}.tokens.json", rows)
    chats = []
    for messages in CHATS:
        for generation in (False, True):
            text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation)
            ids = tokenizer.apply_chat_template(
                messages, tokenize=True, add_generation_prompt=generation, return_dict=True)["input_ids"]
            assert ids == tokenizer(text)["input_ids"]
            chats.append({"messages": messages, "add_generation_prompt": generation, "text": text, "ids": ids})
    write_json(FIXTURES / "tokens" / f"{name}.chats.json", chats)
    print(len(rows), "texts,", sum("decoded" in r for r in rows), "not decoded to themselves;", len(chats), "chats")
    print("not round-trip:", [(r["text"], r["ids"], r["decoded"]) for r in rows if "decoded" in r])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
