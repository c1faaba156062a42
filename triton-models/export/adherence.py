"""Measures how well a running Wurstwerk draws what prompts ask for, and writes the report and a contact sheet.

    ./wurstwerk up        # in another terminal; it prints the address of its Kafka
    python adherence.py --kafka HOST:PORT --prior interpolated --output report/
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image
from wurstwerk_nano.checker import check, look
from wurstwerk_nano.drawing import COLOURS, SHAPES
from wurstwerk_nano.language import SIZES, article, held_out_prompts
from wurstwerk_nano.product import Order, Wurstwerk
from wurstwerk_nano.report import Share, table

SEED = 20260000
SHEET_PROMPTS = (
    "a red circle on a white background",
    "a large blue square above a small yellow triangle",
    "a green star",
    "a black ring on a pink background",
    "a purple cross on the left",
    "an orange triangle at the bottom",
    "a small white square on a black background",
    "a large yellow star on a gray background",
    "a red square to the left of a blue circle",
    "a small green ring below a large orange cross",
    "a yellow circle in the top right corner on a light blue background",
    "two red circles",
    "three small blue stars",
    "a white ring to the right of a red star on a black background",
    "three large green squares on a beige background",
    "two white crosses on a gray background",
    "a large purple circle above a small black star on a beige background",
    "a black triangle to the left of a green square on a light green background",
    "a blue ring at the top",
    "a yellow square below a purple triangle on a pink background",
    "a small red cross in the bottom left corner",
    "a white circle on a gray background",
    "three orange triangles on a light blue background",
    "two small purple rings on a light green background",
)


def measure(wurstwerk, prior, counts):
    """Verdicts by size name, on held-out prompts with fixed seeds and the prior's defaults."""
    columns = {}
    for number, (size, count) in enumerate(zip(SIZES, counts)):
        if not count:
            continue
        prompts = held_out_prompts(count, SEED + number)
        orders = [Order(prompt.text, SEED + index, size, prior) for index, prompt in enumerate(prompts)]
        verdicts = {index: check(picture, prompts[index]) for index, picture in wurstwerk.draw(orders)}
        columns[f"{size[0]}x{size[1]}"] = [verdicts[index] for index in range(count)]
    return columns


def suppression(wurstwerk, prior, count):
    """Of pictures of prompts that leave colour or shape free, how many lose what they had once it is the negative
    prompt, with the same seed; by kind."""
    free = {"colour": [], "shape": []}
    for index in range(count):
        kind = ("colour", "shape")[index % 2]
        noun = list(SHAPES)[index // 2 % 6] if kind == "colour" else list(COLOURS)[index // 2 % 8] + " shape"
        prompt = article(noun) + (" on a gray background" if noun.startswith(("black", "white")) else "")
        free[kind].append(Order(prompt, SEED + index, SIZES[0], prior))
    result = {}
    for kind, orders in free.items():
        drawn = {index: look(picture)[1] for index, picture in wurstwerk.draw(orders)}
        named = {index: getattr(seen[0], kind) for index, seen in drawn.items() if seen}
        again = [
            (Order(orders[index].prompt, orders[index].seed, orders[index].size, prior, negative), negative)
            for index, negative in sorted(named.items())
        ]
        gone = 0
        for index, picture in wurstwerk.draw([order for order, _ in again]):
            seen = look(picture)[1]
            gone += bool(seen) and all(getattr(thing, kind) != again[index][1] for thing in seen)
        result[kind] = Share(gone, len(again))
    return result


def contact_sheet(wurstwerk, prior):
    """The pictures of SHEET_PROMPTS, six in a row."""
    orders = [Order(prompt, 1000 + index, SIZES[0], prior) for index, prompt in enumerate(SHEET_PROMPTS)]
    pictures = dict(wurstwerk.draw(orders))
    framed = [np.pad(pictures[i], ((2, 2), (2, 2), (0, 0)), constant_values=255) for i in range(len(orders))]
    return np.concatenate([np.concatenate(framed[row : row + 6], 1) for row in range(0, len(orders), 6)], 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True, help="HOST:PORT of the running Wurstwerk's Kafka")
    parser.add_argument("--prior", default="interpolated")
    parser.add_argument("--prompts", type=int, default=1000, help="at 256x256")
    parser.add_argument("--prompts-other", type=int, default=300, help="at each other size")
    parser.add_argument("--negatives", type=int, default=200)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    wurstwerk = Wurstwerk(options.kafka)
    Image.fromarray(contact_sheet(wurstwerk, options.prior)).save(options.output / f"{options.prior}.png")
    counts = (options.prompts, *[options.prompts_other] * (len(SIZES) - 1))
    columns = measure(wurstwerk, options.prior, counts)
    negative = suppression(wurstwerk, options.prior, options.negatives)
    text = f"## {options.prior}\n\n{table(columns)}\n"
    text += "Negative prompts, what the same seed drew without them is gone: "
    text += "; ".join(f"{kind} {share} % of {share.total}" for kind, share in negative.items()) + "\n"
    (options.output / f"{options.prior}.md").write_text(text)
    failures = {
        name: [prompt.text for prompt, verdict in zip(held_out_prompts(len(verdicts), SEED + number), verdicts) if not verdict.all_right]
        for number, (name, verdicts) in enumerate(columns.items())
    }  # fmt: skip
    (options.output / f"{options.prior}-failures.json").write_text(json.dumps(failures, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
