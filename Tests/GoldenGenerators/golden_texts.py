"""Texts written for the fixtures: invented reports, prose, numbers, other scripts. No text of a real report is used."""

PERPLEXITY_TEXT = (
    "A radiologist reads an image twice. The first look is for the question that was asked; the second is for everything "
    "that was not. On the chest film the eye goes to the lungs, then to the heart and the great vessels, then to the bones, "
    "and last to the corners of the image, where small things hide. The report that follows has to be short enough to be "
    "read and complete enough to be trusted.\n\n"
    "Indication: Cough and fever for five days. Comparison: None.\n"
    "Findings: The heart is normal in size. The mediastinal contours are unremarkable. There is a patchy opacity in the right "
    "lower lobe, measuring about 3.4 cm, with air bronchograms. The left lung is clear. There is a small right pleural "
    "effusion. No pneumothorax is seen. The visible bones are intact.\n"
    "Impression: 1. Right lower lobe pneumonia. 2. Small right pleural effusion. A follow-up radiograph in six weeks is "
    "recommended to show that the opacity has cleared.\n\n"
    "The doctor who asked for the examination reads the impression first and often reads nothing else. So the impression must "
    "not add anything that the findings do not support, and it must not leave out what changes the treatment. Each department "
    "has its own habits: some number every line, some put the most important finding first, and some never write the word "
    "normal. A new colleague learns these habits from the corrections that others make to his drafts."
)

FORWARD_TEXTS = [
    "The liver is normal in size and attenuation. No focal lesion is seen.",
    "<|im_start|>user\nWrite the impression.\n\nFindings: 7 mm nodule in the left upper lobe.<|im_end|>\n<|im_start|>assistant\n",
    "CT 2024-01-05: 12.5 x 8.0 mm; T2 \u2191, ADC \u2193. \u00b1 0.5 \u00b0C, \u00b5m\u00b2",
    "Once upon a time there was a small town by the sea, and every morning the fishermen",
]

GREEDY_PLAIN = [
    "The capital of France is",
    "No evidence of acute fracture or",
    "The heart is normal in size. The lungs are",
    "1, 2, 3, 4, 5,",
    "Water boils at a temperature of",
]
GREEDY_CHAT = [
    "Name three organs of the abdomen.",
    "Write one sentence about the moon.",
    "Write the impression.\n\nFindings: There is a 7 mm nodule in the left upper lobe. No pleural effusion.",
    "What is 12 plus 30?",
    "Correct the spelling: the pashent has a fractured rist.",
]
# Prompts with long answers; not part of the tiny tokenizer's corpus, which they came after.
GREEDY_LONG = [
    "Explain in a few sentences what a chest radiograph shows.",
    "List five bones of the hand, one on each line, with a short description of each.",
    "Write a short letter that asks a colleague for an earlier examination of a patient.",
    "Tell a short story about a lighthouse keeper and a ship in the fog.",
    "Describe step by step how bread is baked.",
    "What is the difference between computed tomography and magnetic resonance imaging?",
    "Write a paragraph about the history of the microscope.",
    "Give me a plan for a week of learning anatomy.",
]

_WORDS = [
    "Normal.", "No acute findings.", "IMPRESSION:", "impression", "pneumothorax", "hepatosplenomegaly", "choledocholithiasis",
    "cardiomediastinal silhouette", "gastro-oesophageal", "non-contrast", "ground-glass opacities", "T2-weighted", "FLAIR",
    "L4-L5", "C5/C6", "BI-RADS 4A", "PI-RADS\u00ae v2.1", "LI-RADS LR-5", "TI-RADS: TR3", "Lung-RADS 2", "Bosniak IIF",
    "SUVmax 4.7", "HU -35", "q.d.", "e.g. a cyst", "i.e., benign", "and/or", "vs.", "s/p CABG", "w/ contrast", "R>L",
    "AP & lateral", "don't", "doesn't", "It's", "we'll", "I'm", "they've", "he'd", "you're", "IT'S", "DON'T", "'S 's",
    "o'clock", "patient's", "patients'", "''quoted''", "\"double\"", "(parenthesis)", "[bracket]", "{brace}", "<angle>",
]

_REPORTS = [
    "Indication: Trauma. Comparison: None.\nFindings: No fracture or dislocation. Soft tissues are unremarkable.",
    "IMPRESSION:\n1. No acute intracranial haemorrhage.\n2. Chronic small vessel disease.\n",
    "FINDINGS:\n- Liver: normal.\n- Spleen: 11.2 cm.\n- Kidneys: right 10.1 cm, left 10.4 cm.",
    "There is a 3.4 x 2.1 x 1.9 cm mass in segment VII, previously 2.8 cm (series 4, image 112).",
    "Ejection fraction 55 %. LV mass index 78 g/m\u00b2. Aortic root 3.1 cm at the sinuses.",
    "Findings discussed with the referring physician at 14:35 on 03/02/2025 by telephone.",
    "Recommend follow-up CT in 6-12 months, then at 18-24 months if unchanged.",
    "The appendix measures 11 mm in diameter with fat stranding; no abscess, no free air.",
    "Degenerative changes at L4-5 and L5-S1, with mild narrowing of the foramina.",
    "Comparison is made with the study of 12 Mar 2019.   Three spaces before this sentence.",
    "\tTabbed line\n\n\nThree line ends above.\r\nAnd one of the other kind.",
    "Left breast, 2 o'clock, 4 cm from the nipple: oval, circumscribed, parallel mass, 8 x 5 x 7 mm.",
    "Status post cholecystectomy. Common bile duct 7 mm, within normal limits after surgery.",
    "No DVT in the common femoral, femoral or popliteal veins. Calf veins were not seen well.",
    "1.Nodule 2.Effusion 3.Fracture", "A: B; C, D - E -- F --- G...", "???!!! ...,,, ;;; :::",
    "Dose: CTDIvol 12.34 mGy, DLP 456.7 mGy*cm; contrast 90 mL (350 mg I/mL).",
]

_NUMBERS = [
    "0", "7", "10", "123", "2024", "12345678901234567890", "3.14159", "1,234,567.89", "-5", "+5", "1e-5", "0x1F", "50%", "50 %",
    "1/2", "12:30", "2024-01-05T10:11:12Z", "007", "1st 2nd 3rd", "10x10", "5mm", "5 mm", "  5 mm", "T12", "v1.2.3", "100 000",
    "1 2 3", "12 34", "a1b2c3", "1a 2b", "\u00b2\u00b3", "\u00bd cup", "\u0661\u0662\u0663", "\uff11\uff12\uff13", "\u2163",
    "99.9", "$5.00", "#1", "No. 5", "(12)", "12)", "12.", "12,", "1-2", "1\u20132", "6.02e23", "192.168.0.1", "+49 30 1234",
]

_UNICODE = [
    "\u00e9", "e\u0301", "caf\u00e9", "na\u00efve", "\u00c4rzte", "Stra\u00dfe", "\u00d8re", "\u0141\u00f3d\u017a", "\u0130stanbul",
    "\u00b5m", "\u03bcm", "\u03b1-fetoprotein", "\u0394T", "\u2103", "\u00b0C", "\u2265 5 mm", "\u2264 3", "\u2248 2 cm", "\u00d7", "3\u00d74", "\u2192", "\u2191\u2193",
    "\u2014", "em\u2014dash", "\u201cquoted\u201d", "\u2018single\u2019", "it\u2019s", "\u2026", "\u2022 bullet", "\u00a7 3", "\u00a9 \u00ae \u2122",
    "\u80ba\u708e", "\u653e\u5c04\u79d1\u533b\u751f", "\u5f71\u50cf\u8a3a\u65ad", "\u30ec\u30f3\u30c8\u30b2\u30f3", "\u3053\u3093\u306b\u3061\u306f", "\ud3d0\ub834", "\u0440\u0435\u043d\u0442\u0433\u0435\u043d", "\u0420\u0435\u043d\u0442\u0433\u0435\u043d \u043b\u0451\u0433\u043a\u0438\u0445",
    "\u03ad\u03bb\u03b5\u03b3\u03c7\u03bf\u03c2", "\u0631\u0626\u0629", "\u05e8\u05d9\u05d0\u05d4", "\u092b\u0947\u092b\u0921\u093c\u093e", "\u0e1b\u0e2d\u0e14", "ph\u1ed5i", "\U0001F44D", "\U0001F469\u200d\u2695\ufe0f", "\U0001F1E9\U0001F1EA", "\U0001F9E0 \U0001FAC1",
    "a\u00a0b", "a\u2003b", "a\u200bb", "\ufeffstart", "a\u3000b", "\u2028", "\x7f", "\u0085", "\ufffd", "\U00010348",
    "fi\ufb01", "\u212b", "\u1e9e", "Z\u0351\u036ba\u0300\u0301l", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 12", "\u4e00\u4e8c\u4e09 123 \u56db",
]

_SPACES = [
    "", " ", "  ", "   ", "    ", "        ", "\n", "\n\n", "\n\n\n", "\r\n", "\r", "\t", "\t\t", " \n", "\n ", " \n \n ", "a ", " a", "  a",
    "   a   b", "a  b", "a\nb", "a\n\nb", "a \n b", "a\tb", "\ta", "a\r\nb", "x \t y", "a   5", "5   a", "   5", " 5 ", "\n5", ".\n\n1.",
    "word   \n   word", "trailing   ",
]

_CODE = [
    "def f(x):\n    return x + 1\n", "if (a && b) { c(); }", "<p class=\"x\">text</p>", "SELECT * FROM t WHERE id = 5;", "a_b_c", "camelCase",
    "snake_case_name", "https://example.org/a?b=c&d=1", "name@example.org", "C:\\temp\\x.txt", "/usr/bin/env", "#!/bin/sh", "x=y", "a->b",
    "|table|cell|", "**bold** _it_", "```\ncode\n```", "---", "===", "~~~", "\\n", "\\u00e9", "%d %s", "@user", "^caret`tick",
]

_SPECIAL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_start|>user\nhi<|im_end|>\n", "a<|endoftext|>b", "a <|im_end|> b", "<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|><|im_start|>", "<|im_start|", "|im_start|>", "<| im_start |>", "<|IM_START|>", "<|im_end|>5", "5<|im_end|>", "<repo_name>x", "<file_sep>",
    "<jupyter_code>print(1)", "<empty_output>", " <|im_end|>", "<|im_end|> ", "\n<|im_end|>\n", "<|endoftext|><|endoftext|>", "<reponame><filename>f.py",
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nFindings: normal.<|im_end|>\n<|im_start|>assistant\nIMPRESSION:\n1. Normal.<|im_end|>\n",
]

# The first six have no token in SmolLM2's vocabulary.
_CONTROL = ["\x04", "a\x04b", "\x06", "\x13\x14", "a\x16", "\x1d", "\x01", "\x00", "a\x00b", "\x1b[0m", "\x08", "\x0b\x0c"]

_PROSE = [
    "Hello world", "hello world", "HELLO WORLD", "Hello, World!", "The quick brown fox jumps over the lazy dog.",
    "In the beginning the ward was quiet.", "To be read aloud, slowly.", "She said: \"Wait!\" and left.", "A", "a", "Aa", "aA", "AAAA", "aaaaaaaaaaaaaaaa",
    "antidisestablishmentarianism", "Pneumonoultramicroscopicsilicovolcanoconiosis", "Llanfairpwllgwyngyll", "zzz", "qqq", "xyzzy",
    "Supercalifragilistic", "Dr. M\u00fcller", "U.S.A.", "e-mail", "co-operate", "Mr. Smith's 2 dogs", "1 dog", "Yes.No.", "end.Start", "WHO's who?",
]

TOKEN_TEXTS = list(dict.fromkeys(
    _WORDS + _REPORTS + _NUMBERS + _UNICODE + _SPACES + _CODE + _SPECIAL + _CONTROL + _PROSE
    + [PERPLEXITY_TEXT] + FORWARD_TEXTS))

CHATS = [
    [{"role": "user", "content": "Hello"}],
    [{"role": "user", "content": "  spaces kept  "}],
    [{"role": "user", "content": ""}],
    [{"role": "system", "content": "You write short impressions."}, {"role": "user", "content": "Findings: normal."}],
    [{"role": "system", "content": ""}, {"role": "user", "content": "Findings: normal."}],
    [{"role": "user", "content": "Findings: 5 mm stone."}, {"role": "assistant", "content": "IMPRESSION:\n1. 5 mm stone."}],
    [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}, {"role": "user", "content": "Three"}],
    [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "assistant", "content": "A"},
     {"role": "user", "content": "U2"}, {"role": "assistant", "content": "A2"}],
    [{"role": "user", "content": "Line one\nLine two\n\n5 mm \u00b2 \u80ba\u708e"}],
    [{"role": "user", "content": "A marker <|im_end|> in the text"}],
    [{"role": "assistant", "content": "First word is the assistant's."}],
    [{"role": "user", "content": "a"}, {"role": "system", "content": "late system"}],
]

TINY_CORPUS = "\n".join(_REPORTS + _PROSE + _WORDS + [PERPLEXITY_TEXT] + GREEDY_PLAIN + GREEDY_CHAT)
