"""Prints the table of bench/full_size from the reports in a folder."""

import collections
import json
import pathlib
import statistics
import sys

GIB = 2**30


def our_median(report):
    return report["sizes"][0]["steps"][0]["median_s"]


def main():
    steps = collections.defaultdict(lambda: {"ours": [], "theirs": []})
    ours, theirs = {}, {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        dtype, _, side, _ = path.name.split(".")
        report = json.loads(path.read_text())
        if side == "ours":
            ours[dtype] = report
            steps[dtype][side].append(our_median(report))
        else:
            theirs[dtype] = report
            steps[dtype][side].append(report["median_s"])
    print("| dtype | ELLA Serve, step | diffusers, UNet call "
          "| ratio of medians | of each round |")
    print("| --- | --- | --- | --- | --- |")
    for dtype, sides in steps.items():
        medians = {side: statistics.median(values)
                   for side, values in sides.items()}
        rounds = ", ".join(f"{b / a:.2f}"
                           for a, b in zip(sides["ours"], sides["theirs"]))
        print(f"| {dtype} | {medians['ours']:.2f} s | {medians['theirs']:.2f} s "
              f"| {medians['theirs'] / medians['ours']:.2f} | {rounds} |")
    for dtype, report in ours.items():
        size = report["sizes"][0]
        print(f"{dtype}: load {report['load_s']:.1f} s; encode "
              f"{report['encode']['tokens']} tokens "
              f"{report['encode']['median_s']:.2f} s; decode {size['size']} "
              f"{size['decode']['median_s']:.2f} s; at most "
              f"{report['peak_bytes'] / GIB:.2f} GiB resident (diffusers' UNet "
              f"alone {theirs[dtype]['peak_bytes'] / GIB:.2f} GiB)")


if __name__ == "__main__":
    main()
