"""Checks what Wurstwerk is delivered with: Dockerfiles, docker-compose.yml and the manifests for Kubernetes.

    manifests.py            checks
    manifests.py --write    makes base/shared/rules.yaml of observability/alerts.yaml first

The launcher (./wurstwerk manifests) installs what this needs. Schemas come from package registries: Kubernetes' own from
kubernetes-validate, those of custom resources and of the compose file from the projects' modules.
"""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "manifests"
OVERLAYS = ("cpu", "gpu", "cells")
# The oldest release in which all that is used is there for good, and the newest that is known.
RELEASES = ("1.34", "1.37")
KEDA = "github.com/kedacore/keda/v2@v2.21.0"
PROMETHEUS = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
COMPOSE = "github.com/compose-spec/compose-go/v2@v2.16.2"
STRIMZI = {
    "KafkaTopic": "io.strimzi.api.kafka.model.topic.KafkaTopic",
    "KafkaUser": "io.strimzi.api.kafka.model.user.KafkaUser",
}
# What others put into the namespace: Strimzi makes the first two, README.md says how to make the others.
GIVEN = {
    ("Secret", "kafka-cluster-ca-cert"),
    ("Secret", "wurstwerk-orchestrator"),
    ("Secret", "wurstwerk-store"),
    ("Secret", "wurstwerk-tenants"),
}

problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"manifests: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


# --- what the checks need


def tool(called):
    """A program of the environment that runs this."""
    return Path(sys.executable).with_name(called)


def module(name):
    """Folder of a Go module; the go command compares it with the public log of checksums."""
    return Path(json.loads(run("go", "mod", "download", "-json", name, cwd=WORK))["Dir"])


def strimzi():
    """Definitions that Strimzi's own generator makes of its classes."""
    libraries, definitions = WORK / "strimzi" / "lib", WORK / "strimzi" / "definitions"
    pom = Path(__file__).with_name("strimzi") / "pom.xml"
    stamp = WORK / "strimzi" / "complete"
    if not stamp.exists() or stamp.read_text() != pom.read_text():
        print("manifests: making the definitions of Strimzi's resources")
        run(
            "mvn",
            "-B",
            "-q",
            "-f",
            pom,
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={libraries}",
        )
        made = [f"{class_name}={definitions / kind}.yaml" for kind, class_name in STRIMZI.items()]
        java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
        run(
            java,
            "-cp",
            f"{libraries}/*",
            "io.strimzi.crdgenerator.CrdGenerator",
            "--target-kube",
            "1.30+",
            "--crd-api-version",
            "v1",
            "--yaml",
            *made,
        )
        stamp.write_text(pom.read_text())
    return sorted(definitions.glob("*.yaml"))


def strict(schema):
    """A definition's schema in which a field that is not named is an error, as it is for a server told to be strict."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items() if key not in ("description", "default", "format")}
    closed = "properties" in schema and "additionalProperties" not in schema
    if closed and schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        schema = {"type": ["integer", "string"]}
    return schema


def definitions():
    """(apiVersion, kind) to schema, of the custom resources in use."""
    keda = module(KEDA) / "config" / "crd" / "bases" / "keda.sh_scaledobjects.yaml"
    prometheus = module(PROMETHEUS) / "example" / "prometheus-operator-crd"
    files = [
        keda,
        *(prometheus / f"monitoring.coreos.com_{kinds}.yaml" for kinds in ("servicemonitors", "prometheusrules")),
        *strimzi(),
    ]
    known = {}
    for file in files:
        definition = yaml.safe_load(file.read_text())
        spec = definition["spec"]
        for version in spec["versions"]:
            schema = copy.deepcopy(version["schema"]["openAPIV3Schema"])
            # The server knows metadata, whatever the definition says of it.
            schema["properties"]["metadata"] = {"x-kubernetes-preserve-unknown-fields": True, "type": "object"}
            known[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = strict(schema)
    return known


# --- Kubernetes


def validate(where, document, known):
    schema = known.get((document["apiVersion"], document["kind"]))
    if schema is None:
        for release in RELEASES:
            try:
                kubernetes_validate.validate(document, release, strict=True)
            except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                problem(where, f"Kubernetes {release}: {getattr(error, 'message', error)}")
                return
        return
    for error in jsonschema.Draft7Validator(schema).iter_errors(document):
        problem(where, f"{'.'.join(map(str, error.absolute_path))}: {error.message}")


def pod_template(document):
    return document["spec"]["template"] if document["kind"] in ("StatefulSet", "Deployment") else None


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in (selector or {}).items())


def check_pod(where, spec):
    security = spec.get("securityContext", {})
    if not security.get("runAsNonRoot") or security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        problem(where, "the pod must be non-root, with seccomp RuntimeDefault")
    if spec.get("automountServiceAccountToken") is not False:
        problem(where, "nothing here calls the API server: automountServiceAccountToken must be false")
    for container in spec.get("initContainers", []) + spec["containers"]:
        own, name = container.get("securityContext", {}), f"{where} container {container['name']}"
        if own.get("allowPrivilegeEscalation") is not False or own.get("readOnlyRootFilesystem") is not True:
            problem(name, "must not gain privileges, and must have a read-only root")
        if own.get("capabilities") != {"drop": ["ALL"]}:
            problem(name, "must drop all capabilities and add none")
        resources = container.get("resources", {})
        if "memory" not in resources.get("limits", {}) or not {"cpu", "memory"} <= resources.get("requests", {}).keys():
            problem(name, "must ask for cpu and memory, and have a limit of memory")
        if resources["requests"]["memory"] != resources["limits"]["memory"]:
            problem(name, "gets memory that it has not asked for, and can be killed for it")
        if not re.search(r":[\w.-]+$", container["image"]) or container["image"].endswith(":latest"):
            problem(name, f"image {container['image']} has no tag")
        writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        if "/tmp" not in writable:
            problem(name, "needs a /tmp that it can write")
    for container in spec["containers"]:
        if missing := {"startupProbe", "readinessProbe", "livenessProbe"} - container.keys():
            problem(f"{where} container {container['name']}", f"has no {', '.join(sorted(missing))}")
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if pause < 1 or spec.get("terminationGracePeriodSeconds", 30) < pause + 30:
            problem(f"{where} container {container['name']}", "must pause before it stops, and then have time to")


def references(document):
    """Kind and name of what a document needs to be there."""
    template = pod_template(document)
    if template:
        spec = template["spec"]
        yield "ServiceAccount", spec["serviceAccountName"]
        for container in spec.get("initContainers", []) + spec["containers"]:
            for source in container.get("envFrom", []):
                for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                    if key in source:
                        yield kind, source[key]["name"]
            for variable in container.get("env", []):
                for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                    if key in variable.get("valueFrom", {}):
                        yield kind, variable["valueFrom"][key]["name"]
        for volume in spec.get("volumes", []):
            for key, kind, name in (
                ("secret", "Secret", "secretName"),
                ("configMap", "ConfigMap", "name"),
                ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
            ):
                if key in volume:
                    yield kind, volume[key][name]
    if document["kind"] == "StatefulSet":
        yield "Service", document["spec"]["serviceName"]
    if document["kind"] == "ScaledObject":
        target = document["spec"]["scaleTargetRef"]
        yield target["kind"], target["name"]


def check_volumes(where, document, spec):
    claims = {claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])}
    volumes = {volume["name"] for volume in spec.get("volumes", [])} | claims
    for container in spec.get("initContainers", []) + spec["containers"]:
        for mount in container["volumeMounts"]:
            if mount["name"] not in volumes:
                problem(where, f"container {container['name']} mounts {mount['name']}, which is no volume of the pod")


def check_selectors(where, documents):
    """Services, budgets, policies and monitors find pods and ports; every pod has all of them."""
    pods = [(name(document), pod_template(document)) for document in documents if pod_template(document)]
    covered = {kind: set() for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy")}
    for document in documents:
        spec, kind = document.get("spec", {}), document["kind"]
        if kind not in covered:
            continue
        selector = {
            "Service": lambda: spec["selector"],
            "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
            "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"],
        }[kind]()
        found = [(pod, template) for pod, template in pods if selects(selector, template["metadata"]["labels"])]
        if not found:
            problem(f"{where} {kind} {name(document)}", f"selects no pod: {selector}")
        covered[kind].update(pod for pod, _ in found)
        ports = [
            port for _, template in found for container in template["spec"]["containers"] for port in container["ports"]
        ]
        wanted = (
            [port["targetPort"] for port in spec["ports"]]
            if kind == "Service"
            else [port["port"] for rule in spec.get("ingress", []) for port in rule["ports"]]
        )
        for port in wanted:
            if port not in {each["name"] for each in ports}:
                problem(f"{where} {kind} {name(document)}", f"no container names a port {port}")
    for kind, found in covered.items():
        if missing := {pod for pod, _ in pods} - found:
            problem(where, f"no {kind} for {', '.join(sorted(missing))}")
    services = [document for document in documents if document["kind"] == "Service"]
    for monitor in (document for document in documents if document["kind"] == "ServiceMonitor"):
        seen = [
            service
            for service in services
            if selects(monitor["spec"]["selector"]["matchLabels"], service["metadata"].get("labels", {}))
        ]
        for endpoint in monitor["spec"]["endpoints"]:
            if not seen or any(
                endpoint["port"] not in {port["name"] for port in service["spec"]["ports"]} for service in seen
            ):
                problem(
                    f"{where} ServiceMonitor {name(monitor)}", f"no service, or one without a port {endpoint['port']}"
                )
        scraped = [
            pod
            for service in seen
            for pod, template in pods
            if selects(service["spec"]["selector"], template["metadata"]["labels"])
        ]
        if len(scraped) != len(set(scraped)):
            problem(f"{where} ServiceMonitor {name(monitor)}", f"counts pods twice: {scraped}")


def check_scaling(where, documents):
    config = {name(document): document.get("data", {}) for document in documents if document["kind"] == "ConfigMap"}
    topics = [document for document in documents if document["kind"] == "KafkaTopic"]
    for document in documents:
        if document["kind"] != "ScaledObject":
            continue
        here, spec = f"{where} ScaledObject {name(document)}", document["spec"]
        least, most = spec["minReplicaCount"], spec["maxReplicaCount"]
        for trigger in spec["triggers"]:
            namespaces = set(re.findall(r'namespace="([^"]*)"', trigger["metadata"]["query"]))
            if namespaces != {"wurstwerk"}:
                problem(here, f"trigger {trigger['name']} asks for metrics of {namespaces}")
        target = next(
            (
                each
                for each in documents
                if each["kind"] == spec["scaleTargetRef"]["kind"] and name(each) == spec["scaleTargetRef"]["name"]
            ),
            None,
        )
        if target is None:
            continue
        if "replicas" in target["spec"]:
            problem(here, "its target has replicas of its own, which every apply would set back")
        container = pod_template(target)["spec"]["containers"][0]
        if container["name"] == "orchestrator":
            settings = config[container["envFrom"][0]["configMapRef"]["name"]]
            if least < 1:
                problem(here, "orchestrators are never scaled to zero")
            if any(most > topic["spec"]["partitions"] for topic in topics):
                problem(here, "more orchestrators than partitions: some would have nothing to do")
            if float(settings.get("WURSTWERK_TRITON_SHARE", "1.0")) * most > 1:
                problem(here, f"{most} orchestrators take more than the whole of a model server")


def name(document):
    return document["metadata"]["name"]


def check_overlay(overlay, known):
    # As kubectl apply -k renders it.
    rendered = run(tool("kubectl"), "kustomize", ROOT / "k8s" / "overlays" / overlay)
    (WORK / f"{overlay}.yaml").write_text(rendered)
    documents = list(yaml.safe_load_all(rendered))
    there = {(document["kind"], name(document)) for document in documents} | GIVEN
    for document in documents:
        where = f"{overlay}: {document['kind']} {name(document)}"
        validate(where, document, known)
        if document["kind"] != "Namespace" and document["metadata"].get("namespace") != "wurstwerk":
            problem(where, "is not in the namespace wurstwerk")
        template = pod_template(document)
        if template:
            check_pod(where, template["spec"])
            check_volumes(where, document, template["spec"])
            if not selects(document["spec"]["selector"]["matchLabels"], template["metadata"]["labels"]):
                problem(where, "does not select its own pods")
        for reference in references(document):
            if reference not in there:
                problem(where, f"needs {reference[0]} {reference[1]}, which nobody makes")
    check_selectors(overlay, documents)
    check_scaling(overlay, documents)
    for settings in (document["data"] for document in documents if document["kind"] == "ConfigMap"):
        host, port = re.fullmatch(r"dns:///([\w-]+):(\d+)", settings["WURSTWERK_TRITON_ENDPOINT"]).groups()
        lanes = [document["spec"] for document in documents if document["kind"] == "Service" and name(document) == host]
        if (
            not lanes
            or lanes[0].get("clusterIP") != "None"
            or int(port) not in {each["port"] for each in lanes[0]["ports"]}
        ):
            problem(overlay, f"{host}:{port} is no headless service: there would be no lane, or one behind a proxy")
    return len(documents)


def jobs():
    """Whoever scrapes calls the jobs as the alerts do."""

    def scraped(file):
        return {job["job_name"] for job in yaml.safe_load((ROOT / file).read_text())["scrape_configs"]}

    wanted = scraped("observability/prometheus.yaml")
    monitors = yaml.safe_load_all((ROOT / "k8s" / "base" / "shared" / "monitors.yaml").read_text())
    named = {
        relabeling["replacement"]
        for monitor in monitors
        for endpoint in monitor["spec"]["endpoints"]
        for relabeling in endpoint["relabelings"]
        if relabeling["targetLabel"] == "job"
    }
    for where, found in (
        ("docker/prometheus.yaml", scraped("docker/prometheus.yaml")),
        ("k8s/base/shared/monitors.yaml", named),
    ):
        if found != wanted:
            problem(where, f"scrapes the jobs {sorted(found)}, but observability/prometheus.yaml {sorted(wanted)}")


def rules(write):
    """The alerts of observability, as the operator of Prometheus takes them."""
    source, target = ROOT / "observability" / "alerts.yaml", ROOT / "k8s" / "base" / "shared" / "rules.yaml"
    if not source.exists():
        problem(source.relative_to(ROOT), "is missing")
        return
    jobs()
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "wurstwerk"},
        "spec": {"groups": yaml.safe_load(source.read_text())["groups"]},
    }
    if write:
        text = yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=120)
        target.write_text(f"# Made of observability/alerts.yaml by ./wurstwerk manifests --write.\n{text}")
    if not target.exists() or yaml.safe_load(target.read_text()) != rule:
        problem(
            target.relative_to(ROOT),
            "differs from observability/alerts.yaml: ./wurstwerk manifests --write makes it anew",
        )


# --- containers


def interpolated(text, values):
    """As docker compose replaces ${NAME}, ${NAME:-default} and ${NAME:?message}."""

    def value(match):
        variable, operator, rest = match.groups()
        if values.get(variable):
            return values[variable]
        if operator == ":-":
            return rest
        sys.exit(f"manifests: .env.example has no {variable}, which docker-compose.yml needs")

    return re.sub(r"\$\{(\w+)(:-|:\?)?([^}]*)\}", value, text)


def compose():
    values = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"\w+=", line)
    )
    text = (ROOT / "docker-compose.yml").read_text()
    if unused := set(values) - set(re.findall(r"\$\{(\w+)", text)) - {"COMPOSE_PROFILES"}:
        problem(".env.example", f"nothing reads {', '.join(sorted(unused))}")
    file = yaml.safe_load(interpolated(text, values))
    schema = json.loads((module(COMPOSE) / "schema" / "compose-spec.json").read_text())
    for error in jsonschema.validators.validator_for(schema)(schema).iter_errors(file):
        problem("docker-compose.yml", f"{'.'.join(map(str, error.absolute_path))}: {error.message}")
    services = file["services"]
    profiles = {profile for service in services.values() for profile in service.get("profiles", [])}
    if profiles != {"cpu", "gpu", "observability"}:
        problem("docker-compose.yml", f"has the profiles {profiles}")
    for called, service in services.items():
        where = f"docker-compose.yml: {called}"
        for needed, how in service.get("depends_on", {}).items():
            if needed not in services:
                problem(where, f"depends on {needed}, which is no service")
            elif (
                services[needed].get("profiles")
                and services[needed]["profiles"] != service.get("profiles")
                and how.get("required", True)
            ):
                problem(where, f"depends on {needed}, which is not there without its profile")
            elif (
                how["condition"] == "service_healthy"
                and "healthcheck" not in services[needed]
                and "build" not in services[needed]
            ):
                problem(where, f"waits for the health of {needed}, which has no check")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and source != values["REPOSITORY"] and not (ROOT / source).exists():
                problem(where, f"mounts {source}, which is not there")
            elif not source.startswith("./") and source not in file["volumes"]:
                problem(where, f"mounts the volume {source}, which is not declared")
        if not re.search(r":[\w.-]+$", service["image"]) or service["image"].endswith(":latest"):
            problem(where, f"image {service['image']} is not pinned")
        if service.get("cap_drop") != ["ALL"] or service.get("security_opt") != ["no-new-privileges:true"]:
            problem(where, "must drop all capabilities, and gain none")
        if not {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys():
            problem(where, "needs limits of cpus, memory and pids")
        # Kafka's image writes into its root, and runs as a user of its own.
        if called != "kafka" and (service.get("read_only") is not True or "user" not in service):
            problem(where, "must name a user, and have a read-only root")
        if str(service.get("user", "")).startswith("0:") and service.get("cap_add") != ["CHOWN"]:
            problem(where, "is root")
        for port in service.get("ports", []):
            if not port.startswith(values["ADDRESS"] + ":"):
                problem(where, f"opens {port} to everyone")
    return len(services)


def dockerfiles():
    files = sorted(ROOT.glob("*/Dockerfile")) + sorted(ROOT.glob("*/*/Dockerfile"))
    for file in files:
        done = subprocess.run([tool("hadolint"), "--no-color", file], capture_output=True, text=True, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            problem(file.relative_to(ROOT), line.removeprefix(f"{file}:"))
    return len(files)


def main(arguments):
    if arguments not in ([], ["--write"]):
        sys.exit(f"manifests: unknown arguments {arguments}: ./wurstwerk manifests [--write]")
    WORK.mkdir(parents=True, exist_ok=True)
    counted = [f"{dockerfiles()} Dockerfiles", f"{compose()} services"]
    rules(write=bool(arguments))
    if not problems:
        known = definitions()
        counted += [f"{check_overlay(overlay, known)} resources in {overlay}" for overlay in OVERLAYS]
    for each in problems:
        print(each, file=sys.stderr)
    print(f"manifests: {', '.join(counted)}: {len(problems)} problems")
    sys.exit(1 if problems else 0)


main(sys.argv[1:])
