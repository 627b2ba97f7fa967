# SPDX-License-Identifier: Apache-2.0
"""Reads the file of an experiment (tools/experiment.py --help) and names its mistakes."""
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class ExperimentError(Exception):
    pass


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def check_beginnings(path, variants):
    """A variant that begins with another one's run stands behind it and says where it takes over."""
    for place, variant in enumerate(variants):
        if "from" not in variant:
            if extra := [key for key in ("after", "stages", "lenient") if key in variant]:
                raise ExperimentError(f"{path}: [[variant]] {variant['name']!r} has {extra[0]}, but no from.")
            continue
        if variant["from"] not in [earlier["name"] for earlier in variants[:place]]:
            raise ExperimentError(f"{path}: [[variant]] {variant['name']!r}: from = {variant['from']!r} is no earlier variant.")
        if not variant.get("after") or not variant.get("stages"):
            raise ExperimentError(f"{path}: [[variant]] {variant['name']!r} has from and needs after and stages.")


CHANGES = ("noise", "occlude", "warp", "distil")  # commands below 'mien data' that make a pack from another one


def check_data(path, entries):
    names = [entry["name"] for entry in entries]
    for entry in entries:
        if sum(change in entry for change in CHANGES) > 1:
            raise ExperimentError(f"{path}: [[data]] {entry['name']!r} has more than one of {', '.join(CHANGES)}.")
        source = entry.get("trained_on", entry["name"])
        if source not in names or any("trained_on" in other for other in entries if other["name"] == source != entry["name"]):
            raise ExperimentError(f"{path}: [[data]] trained_on = {source!r} is no other entry that is trained on.")


def read_experiment(path):
    try:
        spec = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ExperimentError(f"{path}: {error}") from error
    for key in ("title", "seeds", "measures", "variant"):
        if not spec.get(key):
            raise ExperimentError(f"{path}: {key} is missing.")
    for variant in spec["variant"]:
        if not variant.get("config", spec.get("config")):
            raise ExperimentError(f"{path}: config is missing, and the variant {variant['name']!r} has none of its own.")
        variant["config"] = str(path.parent / variant.get("config", spec.get("config")))
        if not Path(variant["config"]).exists():
            raise ExperimentError(f"{path}: config {variant['config']} of the variant {variant['name']!r} is not there.")
    for measure in spec["measures"]:
        if not re.fullmatch(r".+ (?:over|at) [1-9][0-9]*|(?:(?! over | at ).)+", measure):
            raise ExperimentError(f"{path}: measure {measure!r} is neither a name nor 'NAME over COUNT' nor 'NAME at EPOCH'.")
    if spec.setdefault("layout", "rows") not in ("rows", "columns"):
        raise ExperimentError(f"{path}: layout = {spec['layout']!r} is neither 'rows' nor 'columns'.")
    if trunk := spec.get("trunk"):
        if "subset" not in spec or "config" not in trunk:
            raise ExperimentError(f"{path}: [trunk] needs a config of its own, and a subset that leaves pictures to train it on.")
        trunk["config"] = str(path.parent / trunk["config"])
        if not Path(trunk["config"]).exists():
            raise ExperimentError(f"{path}: config {trunk['config']} of the trunk is not there.")
    if "probe" in spec and not (ROOT / spec["probe"]).exists():
        raise ExperimentError(f"{path}: probe = {spec['probe']!r} is not there.")
    spec.setdefault("split", "test")
    spec.setdefault("set", [])
    spec.setdefault("data", [{"name": "labels as packed"}])
    names = {kind: [entry["name"] for entry in spec[kind]] for kind in ("variant", "data")}
    for kind, given in names.items():
        if len(set(map(slug, given))) != len(given):
            raise ExperimentError(f"{path}: two entries of [[{kind}]] have the same name.")
    check_data(path, spec["data"])
    check_beginnings(path, spec["variant"])
    floor = spec.get("floor")
    if floor and "measure" in floor:
        if not {floor["measure"], floor.get("above")} <= set(spec["measures"]):
            raise ExperimentError(f"{path}: [floor] needs 'measure' and 'above', both among the measures.")
    elif floor:
        if not {"accuracy", "pictures"} <= floor.keys():
            raise ExperimentError(f"{path}: [floor] needs accuracy and pictures.")
        if "accuracy" not in spec["measures"]:
            raise ExperimentError(f"{path}: [floor] needs the measure 'accuracy'.")
    for expect in spec.get("expect", []):
        expect.setdefault("data", names["data"][0])
        expect.setdefault("than_measure", expect.get("measure"))
        for key, known in (("of", names["variant"]), ("than", names["variant"]), ("data", names["data"]), ("measure", spec["measures"]), ("than_measure", spec["measures"])):
            if expect.get(key) not in known and not (key == "than" and isinstance(expect.get(key), (int, float))):
                raise ExperimentError(f"{path}: [[expect]] {key} = {expect.get(key)!r} is none of {', '.join(known)}.")
        if expect.get("is") not in ("lower", "higher"):
            raise ExperimentError(f"{path}: [[expect]] is = {expect.get('is')!r} is neither 'lower' nor 'higher'.")
    return spec
