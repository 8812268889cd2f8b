#!/usr/bin/env python3
"""Holds the rendered manifests against the schemas of their kinds, strictly.

usage: check_schemas.py FILE...   (what `kubectl kustomize` prints)

`scripts/setup --deploy` installs what it needs; kserve and kubernetes are read
as text, without what they depend on.
Exits 1 where a key is unknown, a type is wrong or a kind has no schema.
"""

import ast
import importlib.util
import pathlib
import sys

import kubernetes_validate
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as prometheus

MODELS = {
    "ScaledObject": keda.ScaledObject,
    "PodMonitor": prometheus.PodMonitor,
    "ServiceMonitor": prometheus.ServiceMonitor,
    "PrometheusRule": prometheus.PrometheusRule,
}
KSERVE = {
    "ServingRuntime": "V1alpha1ServingRuntime",
    "InferenceService": "V1beta1InferenceService",
}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def generated_types():
    """{type: {key: its type}} of the generated clients of KServe and core."""
    types = {}
    for package, folder in ("kubernetes", "client/models"), ("kserve", "models"):
        root = pathlib.Path(importlib.util.find_spec(package).origin).parent
        for path in (root / folder).glob("*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    tables = class_tables(node)
                    if len(tables) == 2:
                        keys = tables["attribute_map"]
                        types[node.name] = {
                            keys[name]: kind
                            for name, kind in tables["openapi_types"].items()
                        }
    return types


def class_tables(node):
    tables = {}
    for line in node.body:
        if isinstance(line, (ast.Assign, ast.AnnAssign)):
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            if target.id in ("openapi_types", "attribute_map"):
                tables[target.id] = ast.literal_eval(line.value)
    return tables


def kserve_errors(value, kind, types, path):
    name, _, inner = kind.rstrip("])").replace("(", "[").partition("[")
    if name in PLAIN:
        if not isinstance(value, PLAIN[name]):
            yield f"{path}: {value!r} is not {kind}"
    elif name.lower() == "list":
        for i, item in enumerate(value):
            yield from kserve_errors(item, inner, types, f"{path}[{i}]")
    elif name.lower() == "dict":
        for key, item in value.items():
            yield from kserve_errors(
                item, inner.split(", ", 1)[1], types, f"{path}.{key}"
            )
    elif name in types:
        for key, item in value.items():
            if key in types[name]:
                yield from kserve_errors(item, types[name][key], types, f"{path}.{key}")
            else:
                yield f"{path}.{key}: unknown"


def lost_keys(given, kept, path):
    """The models drop unknown keys; what a dump lacks was one."""
    if isinstance(given, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{path}.{key}: unknown"
            else:
                yield from lost_keys(value, kept[key], f"{path}.{key}")
    elif isinstance(given, list):
        for i, value in enumerate(given):
            yield from lost_keys(value, kept[i], f"{path}[{i}]")


def errors(document, types):
    kind = document["kind"]
    if kind in KSERVE:
        yield from kserve_errors(document, KSERVE[kind], types, kind)
        return
    try:
        if kind in MODELS:
            model = MODELS[kind].model_validate(document)
            dump = model.model_dump(by_alias=True, exclude_unset=True, mode="json")
            yield from lost_keys(document, dump, kind)
        else:
            kubernetes_validate.validate(document, "1.37", strict=True)
    except Exception as error:  # each library has its own
        yield f"{kind}: {(str(error) or repr(error)).splitlines()[0]}"


def main():
    types = generated_types()
    documents, found = 0, []
    for path in sys.argv[1:]:
        for document in yaml.safe_load_all(pathlib.Path(path).read_text()):
            documents += 1
            found += [f"{path}: {error}" for error in errors(document, types)]
    print("\n".join(found + [f"{documents} documents, {len(found)} errors"]))
    sys.exit(1 if found or not documents else 0)


if __name__ == "__main__":
    main()
