"""Times llama.cpp on the benchmark's prompts.  llama_generate.py MODEL.gguf PAIRS.jsonl PROMPTS TOKENS

Prints one JSON object: greedy writing of one stream, and of all prompts as one batch through llama.cpp's own decode.
"""
import json
import os
import sys
import time

import llama_cpp
import numpy as np


def main(path, pairs, count, tokens):
    threads = len(os.sched_getaffinity(0))
    llama = llama_cpp.Llama(
        path, n_ctx=count * 512, n_batch=2048, n_ubatch=512, n_threads=threads, n_threads_batch=threads, verbose=False,
        logits_all=False)
    rows = [json.loads(line) for line in open(pairs)][:count]
    prompts = []
    for row in rows:
        text = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        text += "<|im_start|>user\n" + row["prompt"][0]["content"] + "<|im_end|>\n<|im_start|>assistant\n"
        prompts.append(llama.tokenize(text.encode(), add_bos=False, special=True))

    # One stream.
    single = []
    context, vocabulary = llama._ctx.ctx, llama.n_vocab()

    def best(row):
        """The most probable token by the present context's logits."""
        return int(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, row), (vocabulary,)).argmax())

    for prompt in prompts[:4]:
        llama.reset()
        llama.eval(prompt)
        start = time.perf_counter()
        for _ in range(tokens):
            llama.eval([best(-1)])
        single.append(tokens / (time.perf_counter() - start))

    # All at once: one sequence id for each prompt, one llama_decode for each step.
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch, settings.n_seq_max = count * 512, 2048, 512, count
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(llama._model.model, settings)
    batch = llama_cpp.llama_batch_init(2048, 0, count)
    started = time.perf_counter()
    next_tokens, lengths = [], []
    for sequence, prompt in enumerate(prompts):
        batch.n_tokens = len(prompt)
        for i, token in enumerate(prompt):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, i, 1, sequence
            batch.logits[i] = i == len(prompt) - 1
        assert llama_cpp.llama_decode(context, batch) == 0
        next_tokens.append(best(len(prompt) - 1))
        lengths.append(len(prompt))
    reading = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(tokens - 1):
        batch.n_tokens = count
        for i in range(count):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = next_tokens[i], lengths[i], 1, i
            batch.logits[i] = True
            lengths[i] += 1
        assert llama_cpp.llama_decode(context, batch) == 0
        for i in range(count):
            next_tokens[i] = best(i)
    writing = time.perf_counter() - started
    print(json.dumps({
        "prompts": count, "prompt_tokens": sum(map(len, prompts)),
        "prompt_tokens_per_second": sum(map(len, prompts)) / reading,
        "single_stream_tokens_per_second": sorted(single)[len(single) // 2],
        "batched_tokens_per_second": count * (tokens - 1) / writing, "llama_cpp_python": llama_cpp.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
