"""Holds what Wurstwerk is made of to what this folder allows.

    python3 check.py SBOM ROOT           checks
    python3 check.py SBOM ROOT --write   writes docs/licences.md first

SBOM is CycloneDX in JSON. Beside it, this reads the requirements of the Python programs and the images that the
containers and manifests name. The exit status is 1 when something is found.
"""

import fnmatch
import json
import re
import sys
from pathlib import Path

OWN = "io.wurstwerk"
HERE = Path(__file__).parent


def lines(file):
    for line in file.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            yield line


# Licences


def allowed_licences(file=HERE / "licences.txt"):
    """SPDX identifiers that are allowed, and the names that stand for one."""
    names = {}
    for line in lines(file):
        identifier, _, alias = (part.strip() for part in line.partition("="))
        names[identifier] = identifier
        if alias:
            names[alias] = identifier
    return names


def offered(component):
    for entry in component.get("licenses", []):
        if "expression" in entry:
            yield entry["expression"]
        else:
            yield entry["license"].get("id") or entry["license"].get("name", "unnamed")


def chosen(component, names):
    """The licences of a component that are allowed, as SPDX identifiers."""
    return sorted({names[licence] for licence in offered(component) if licence in names})


def foreign(sbom):
    return [component for component in sbom["components"] if component.get("group") != OWN]


def coordinates(component):
    return f"{component['group']}:{component['name']}" if component.get("group") else component["name"]


def licence_page(sbom, names):
    # Native parts differ between machines; their Java part has the same licence.
    everywhere = [c for c in foreign(sbom) if not re.match(r"native-(linux|osx|windows)-", c["name"])]
    rows = sorted((coordinates(c), c["version"], " or ".join(chosen(c, names))) for c in everywhere)
    text = [
        "# Licences",
        "",
        "What a built Wurstwerk contains beside its own code, which is MIT. Written by `./wurstwerk sbom --write` from the",
        "bill of materials, and held to it by `./wurstwerk sbom`. Where a project offers several licences, those that are",
        "allowed here (`supply-chain/licences.txt`) are named.",
        "",
        "| component | version | licence |",
        "|---|---|---|",
    ]
    text += [f"| {name} | {version} | {licence} |" for name, version, licence in rows]
    return "\n".join(text) + "\n"


def licence_problems(sbom, names):
    for component in foreign(sbom):
        if not chosen(component, names):
            found = ", ".join(offered(component)) or "none"
            yield (
                f"{coordinates(component)} {component['version']} has no licence of supply-chain/licences.txt (found: {found}):"
                " take it out, or allow its licence there if it fits the MIT licence"
            )


# Versions


def parts(version):
    return [int(part) if part.isdigit() else part for part in re.findall(r"\d+|[a-z]+", version.lower())]


def older(left, right):
    for a, b in zip(parts(left), parts(right)):
        if a != b:
            return str(a) < str(b) if type(a) is not type(b) else a < b
    return len(parts(left)) < len(parts(right))


def meets(version, conditions):
    for condition in conditions.split(","):
        if condition == "*":
            continue
        if condition.startswith(">="):
            held = not older(version, condition[2:])
        elif condition.startswith("<"):
            held = older(version, condition[1:])
        elif condition.startswith("="):
            held = version == condition[1:]
        else:
            raise ValueError(f"supply-chain/known-bad.txt: '{condition}' is no condition on a version")
        if not held:
            return False
    return True


def known_bad(file=HERE / "known-bad.txt"):
    for line in lines(file):
        kind, name, conditions, reason = line.split(None, 3)
        yield kind, name, conditions, reason


def bad_problems(contents, bad):
    """contents: (kind, name, version, where)"""
    for kind, name, version, where in contents:
        for bad_kind, pattern, conditions, reason in bad:
            if kind == bad_kind and fnmatch.fnmatchcase(name, pattern) and meets(version, conditions):
                yield f"{where}: {name} {version} is known to be bad: {reason}"


# What there is


def components(sbom):
    for component in foreign(sbom):
        yield "maven", coordinates(component), component["version"], "bill of materials"


def requirements(root):
    """Python packages as (kind, name, version, where); a version that is not exact is None."""
    files = [
        file
        for file in sorted(root.rglob("requirements*.txt")) + sorted(root.rglob("pyproject.toml"))
        if not {"target", "node_modules", "venv", ".venv"} & set(file.relative_to(root).parts)
    ]
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if file.name == "pyproject.toml":
                found = re.findall(r'"([A-Za-z0-9_.-]+==[^"]+)"', line)
            else:
                found = [line.split("#")[0].split(" --")[0].rstrip("\\").strip()]
            for wanted in found:
                if not wanted or wanted.startswith("-"):
                    continue
                exact = re.fullmatch(r"([A-Za-z0-9_.\[\]-]+)==([^\s;,*]+)\s*(;.*)?", wanted)
                name = re.match(r"[A-Za-z0-9_.-]+", wanted).group()
                yield "python", name, exact.group(2) if exact else None, f"{file.relative_to(root)}: {wanted}"


def images(root):
    """Container images as (kind, name, tag, where); an image without a fixed tag has None."""
    files = [root / "docker-compose.yml"]
    for pattern in ("**/Dockerfile*", "k8s/**/*.yaml", "k8s/**/*.yml", "docker/**/*.yml", "docker/**/*.yaml"):
        files += sorted(root.glob(pattern))
    for file in files:
        if not file.is_file() or "target" in file.relative_to(root).parts:
            continue
        for line in file.read_text(encoding="utf-8").splitlines():
            found = re.match(r"\s*(?:-\s*)?image:\s*[\"']?([^\s\"'#]+)", line) or re.match(
                r"FROM\s+(?:--\S+\s+)?(\S+)", line
            )
            if not found or found.group(1).startswith(("$", "wurstwerk", "ghcr.io/wurstwerk")):
                continue  # this project's own
            name = re.sub(r"\$\{[A-Z_]+:-([^}]+)\}", r"\1", found.group(1))
            if re.fullmatch(r"[a-z]+", name):
                continue  # a stage of the same file
            plain, _, digest = name.partition("@")
            image, colon, tag = plain.rpartition(":")
            fixed = colon and "/" not in tag and tag != "latest"
            yield "image", image if fixed else plain, tag if fixed else None, f"{file.relative_to(root)}: {name}"


def unpinned(contents):
    for _, name, version, where in contents:
        if version is None:
            yield f"{where}: {name} has no exact version: name one, so that everybody builds the same"
        elif re.search(r"SNAPSHOT|LATEST|RELEASE$|[\[(]", version):
            yield f"{where}: {name} {version} is not one version for ever: name a released one"


def check(sbom, root, write=False):
    names = allowed_licences()
    contents = list(components(sbom)) + list(requirements(root)) + list(images(root))
    pinned = [content for content in contents if content[2] is not None]
    problems = list(licence_problems(sbom, names)) + list(unpinned(contents)) + list(bad_problems(pinned, list(known_bad())))
    page = root / "docs" / "licences.md"
    text = licence_page(sbom, names)
    if write and not problems:
        page.write_text(text, encoding="utf-8")
    elif not page.is_file() or page.read_text(encoding="utf-8") != text:
        problems.append("docs/licences.md does not say what is in: run ./wurstwerk sbom --write and look at what changes")
    return problems, len(contents)


def main(arguments):
    sbom = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    problems, count = check(sbom, Path(arguments[1]), "--write" in arguments)
    for problem in problems:
        print(f"supply chain: {problem}", file=sys.stderr)
    if not problems:
        print(f"supply chain: {count} components, packages and images: versions exact, licences allowed, none known to be bad")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
