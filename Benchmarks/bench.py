#!/usr/bin/env python3
"""Times packed programs and their rivals in one interleaved run.

    bench.py --edgepack PROGRAM --models FOLDER [--networks ad,ic,…] [--threads N] [--rounds N] [-o FOLDER]

FOLDER is searched for NAME_float.onnx with NAME.golden.npz (arrays x and y), which edgepack packs for `native`, and for the rivals'
int8 files of the same network: NAME_int8.tflite and NAME_qdq.onnx. Each contestant is a process of its own, on processor 0 where one
thread is asked for. In every round each runs a short batch, in another order each time; a batch counts as its median, and the table
shows the median over all batches, the least single run, and the ratio to the best rival. Where the batches of any contestant spread
(90th percentile over 1.3 times the median) the table says so: run it again on a quieter machine.

Writes bench.json and bench.md, and prints the table.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BATCH = 64
DOUBTFUL_SPREAD = 1.3
# Engine, its name in the table, and the file it reads.
RIVALS = [
    ("litert", "LiteRT (XNNPACK)", "_int8.tflite"),
    ("onnxruntime", "ONNX Runtime", "_qdq.onnx"),
    ("openvino", "OpenVINO", "_qdq.onnx"),
]


def pinned(threads):
    """Starts a child on as many processors as it has threads."""
    processors = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, processors)


class Program:
    """A packed program. Each batch is a process of its own, whose first run is not timed."""

    name = "edgepack"

    def __init__(self, edgepack, model, golden, folder, threads):
        subprocess.run(
            [edgepack, model, "--data", golden, "--target", "native", "-o", folder, "--quiet", "--exit-zero"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        manifest = json.loads((folder / "build.json").read_text())
        self.command = [folder / manifest["name"], "--bench", str(BATCH), "--stats", "json"]
        if threads > 1:
            self.command += ["--threads", str(threads)]
        self.threads = threads
        proof = json.loads((folder / "report.json").read_text())["smoke"]
        self.note = "byte-equal" if proof["byte_equal"] else "DIFFERS"

    def batch(self):
        child = subprocess.run(self.command, check=True, capture_output=True, text=True, preexec_fn=pinned(self.threads))
        stats = json.loads(child.stdout)
        return stats["median_ns"], stats["minimum_ns"]

    def close(self):
        pass


class Rival:
    """A process that keeps its network loaded and times batches on demand."""

    def __init__(self, engine, name, model, golden, threads):
        self.name = name
        self.child = subprocess.Popen(
            [sys.executable, HERE / "rival.py", engine, model, golden, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=pinned(threads),
        )
        words = self.child.stdout.readline().split()
        if words[:1] != ["ready"]:
            raise RuntimeError(f"{name} does not run {model}")
        self.note = f"error {float(words[1]):.1%}"

    def batch(self):
        print(BATCH, file=self.child.stdin, flush=True)
        times = [int(word) for word in self.child.stdout.readline().split()]
        return statistics.median(times), min(times)

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def files(folder, network):
    """All files of a network by the end of their names."""
    found = {}
    for ending in ["_float.onnx", ".golden.npz"] + [ending for _, _, ending in RIVALS]:
        for path in sorted(folder.rglob(network + ending)):
            found.setdefault(ending, path)
    return found


def measure(network, found, arguments, scratch):
    golden = found[".golden.npz"]
    contestants = [Program(arguments.edgepack, found["_float.onnx"], golden, scratch / network, arguments.threads)]
    for engine, name, ending in RIVALS:
        if ending in found:
            contestants.append(Rival(engine, name, found[ending], golden, arguments.threads))
    batches = {contestant.name: [] for contestant in contestants}
    for turn in range(arguments.rounds):
        start = turn % len(contestants)
        for contestant in contestants[start:] + contestants[:start]:
            batches[contestant.name].append(contestant.batch())
    rows = []
    for contestant in contestants:
        contestant.close()
        medians = sorted(median for median, _ in batches[contestant.name])
        median = statistics.median(medians)
        rows.append(
            {
                "contestant": contestant.name,
                "median_us": median / 1000,
                "minimum_us": min(least for _, least in batches[contestant.name]) / 1000,
                "spread": medians[len(medians) * 9 // 10] / median,
                "note": contestant.note,
            }
        )
    rivals = [row["median_us"] for row in rows[1:]]
    for row in rows:
        row["ratio_to_best_rival"] = row["median_us"] / min(rivals) if rivals else None
    return rows


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def table(result):
    lines = [
        f"int8, {result['threads']} thread(s), {result['processor']}; median µs (least; ratio to the best rival), "
        f"{result['rounds']} interleaved batches of {BATCH}",
        "",
    ]
    names = [name for name in ["edgepack"] + [name for _, name, _ in RIVALS]]
    networks = result["networks"]
    lines.append("| | " + " | ".join(networks) + " |")
    lines.append("|---|" + "---|" * len(networks))
    for name in names:
        cells = []
        for rows in networks.values():
            row = next((row for row in rows if row["contestant"] == name), None)
            if row is None:
                cells.append("–")
                continue
            ratio = row["ratio_to_best_rival"]
            doubt = " ⚠" if row["spread"] > DOUBTFUL_SPREAD else ""
            cells.append(
                f"{row['median_us']:.1f} ({row['minimum_us']:.1f}" + ("" if ratio is None else f"; {ratio:.2f}") + f"){doubt}"
            )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    if any("⚠" in line for line in lines):
        lines += ["", f"⚠ the batches spread by more than {DOUBTFUL_SPREAD}: other work disturbed this figure."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edgepack", required=True, type=pathlib.Path)
    parser.add_argument("--models", required=True, type=pathlib.Path)
    parser.add_argument("--networks", help="names, separated by commas; all that are found by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("."))
    arguments = parser.parse_args()

    if arguments.networks:
        networks = arguments.networks.split(",")
    else:
        networks = sorted(path.name.removesuffix("_float.onnx") for path in arguments.models.rglob("*_float.onnx"))
    if not networks:
        parser.error(f"{arguments.models} holds no NAME_float.onnx")
    result = {"processor": processor(), "threads": arguments.threads, "rounds": arguments.rounds, "networks": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for network in networks:
            found = files(arguments.models, network)
            missing = [ending for ending in ("_float.onnx", ".golden.npz") if ending not in found]
            if missing:
                parser.error(f"{arguments.models} holds no {network}{missing[0]}")
            print(f"bench: {network}", file=sys.stderr)
            result["networks"][network] = measure(network, found, arguments, pathlib.Path(scratch))
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "bench.json").write_text(json.dumps(result, indent=2) + "\n")
    text = table(result)
    (arguments.output / "bench.md").write_text(text)
    print(text, end="")


main()
