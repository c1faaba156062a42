import copy
import json
import tempfile
import unittest
from pathlib import Path

import check

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "group": "com.example",
    "name": "part",
    "version": "1.2.3",
    "licenses": [{"license": {"id": "MIT"}}],
}


def sbom(**changes):
    return {"components": [copy.deepcopy(GOOD) | changes]}


class CheckTest(unittest.TestCase):
    def problems(self, bill, files=None):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            for name, text in (files or {}).items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            check.check(bill, root, write=True)
            return check.check(bill, root)[0]

    def test_what_is_fine_is_found_fine(self):
        files = {
            "requirements.txt": "# comment\nnumpy==1.26.4\nonnxruntime==1.19.2; python_version < '3.10'\n",
            "worker/gpu/Dockerfile": "FROM nvcr.io/nvidia/tritonserver:26.07-py3\n",
            "docker-compose.yml": "services:\n  a:\n    image: apache/kafka:4.1.1\n",
        }
        self.assertEqual([], self.problems(sbom(), files))

    def test_a_known_bad_version_is_named_with_its_reason(self):
        found = self.problems(sbom(group="com.microsoft.onnxruntime", name="onnxruntime", version="1.29.0"))
        self.assertIn("onnxruntime 1.29.0 is known to be bad: ends a process", found[0])
        self.assertEqual([], self.problems(sbom(group="com.microsoft.onnxruntime", name="onnxruntime", version="1.28.0")))
        self.assertIn("known to be bad", self.problems(sbom(group="ch.qos.logback", name="logback-core"))[0])
        for tag, bad in (("26.06-py3", True), ("26.07-py3", False), ("27.01-py3", False), ("25.12", True)):
            found = self.problems(sbom(), {"Dockerfile": f"FROM nvcr.io/nvidia/tritonserver:{tag}\n"})
            self.assertEqual(bad, any("CVE-2026-24207" in problem for problem in found), tag)

    def test_versions_that_may_change_are_refused(self):
        for text in ("numpy>=1.26\n", "numpy\n", "numpy==1.*\n", "numpy~=1.26\n"):
            self.assertIn("has no exact version", self.problems(sbom(), {"a/requirements.txt": text})[0])
        for image in ("apache/kafka", "apache/kafka:latest", "localhost:5000/kafka"):
            found = self.problems(sbom(), {"k8s/a.yaml": f"  - image: {image}\n"})
            self.assertIn("has no exact version", found[0], image)
        self.assertIn("for ever", self.problems(sbom(version="2.0-SNAPSHOT"))[0])

    def test_a_licence_that_is_not_allowed_is_refused(self):
        agpl = {"license": {"id": "AGPL-3.0-only"}}
        self.assertIn("AGPL-3.0-only", self.problems(sbom(licenses=[agpl]))[0])
        self.assertIn("found: none", self.problems(sbom(licenses=[]))[0])
        self.assertEqual([], self.problems(sbom(licenses=[agpl, {"license": {"id": "Apache-2.0"}}])))
        self.assertEqual([], self.problems(sbom(licenses=[{"license": {"name": "Go License"}}])))

    def test_the_page_of_licences_is_held_to_the_bill(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            check.check(sbom(), root, write=True)
            self.assertIn("| com.example:part | 1.2.3 | MIT |", (root / "docs" / "licences.md").read_text())
            found, _ = check.check(sbom(version="1.2.4"), root)
            self.assertEqual(1, len(found))
            self.assertIn("docs/licences.md does not say what is in", found[0])

    def test_the_repository_itself_names_exact_versions_only(self):
        contents = list(check.requirements(ROOT)) + list(check.images(ROOT))
        self.assertGreater(len(contents), 10)
        self.assertEqual([], list(check.unpinned(contents)))
        self.assertEqual([], list(check.bad_problems(contents, list(check.known_bad()))))


if __name__ == "__main__":
    unittest.main()
