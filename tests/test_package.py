"""The wheel is whole: installed elsewhere, it audits the samples that lie inside it and reaches for nothing outside."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel

SHIPPED = ("audit", "lexicons", "models", "sample_transcripts")
SOURCES = (*SHIPPED, "pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY.md")

#: Loaded first in the installed environment: a file of the repository that is opened there ends the run.
GUARD = """
import os, sys
REPOSITORY, ALLOWED = {repository!r}, {allowed!r}
def guard(event, args):
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], str):
        path = os.path.realpath(args[0])
        if path.startswith(REPOSITORY + os.sep) and not path.startswith(tuple(a + os.sep for a in ALLOWED)):
            sys.stderr.write("reached into the repository: " + path)
            os._exit(97)
sys.addaudithook(guard)
"""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources that holds nothing else."""
    source = tmp_path_factory.mktemp("source") / "kefu-audit"
    source.mkdir()
    for name in SOURCES:
        if (repository / name).is_dir():
            shutil.copytree(repository / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(repository / name, source / name)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("kefu_audit-*.whl")
    shutil.rmtree(source)
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a fresh environment with the wheel installed; the dependencies are those of this environment."""
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(install, capture_output=True, encoding="utf-8", errors="replace")
    assert done.returncode == 0, done.stdout + done.stderr
    (site,) = home.rglob("site-packages")
    outer = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    # A path line, not site.addsitedir: the editable install of the repository must not come along.
    (site / "zz_dependencies.pth").write_text("\n".join(dict.fromkeys(outer)) + "\n", encoding="utf-8")
    allowed = [os.path.realpath(p) for p in (*outer, sys.prefix)]
    guard = GUARD.format(repository=os.path.realpath(repository), allowed=allowed)
    (site / "sitecustomize.py").write_text(guard, encoding="utf-8")
    return python


def run(python: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed interpreter from `cwd` with an environment that knows nothing of the repository."""
    keep = ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")
    env = {k: os.environ[k] for k in keep if k in os.environ} | {"HOME": str(cwd), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [str(python), *args], cwd=cwd, env=env, capture_output=True, encoding="utf-8", errors="replace", timeout=300
    )


def test_wheel_holds_everything(wheel: Path, repository: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("lexicons", "models", "sample_transcripts"):
        there = {p.relative_to(repository).as_posix() for p in (repository / folder).rglob("*") if p.is_file()}
        there = {p for p in there if not p.startswith("models/corpus/")}  # it trains, it does not audit
        assert there, f"{folder} is empty"
        assert {f"audit/_bundled/{name}" for name in there} <= names
    package = {p.relative_to(repository).as_posix() for p in (repository / "audit").rglob("*") if p.is_file()}
    package = {p for p in package if "__pycache__" not in p}
    assert package <= names
    assert any(n.startswith("audit/policy/packs/") and n.endswith(".yaml") for n in names)
    assert any(n.startswith("audit/report/") and n.endswith(".js") for n in names)
    assert {n for n in names if n.endswith(("licenses/LICENSE", "licenses/THIRD_PARTY.md"))}
    assert not {n for n in names if n.startswith(("tests/", "bench/", "docs/"))}


def test_wheel_knows_its_name_and_command(installed: Path, tmp_path: Path) -> None:
    code = (
        "import audit, importlib.metadata as m; d = m.distribution('kefu-audit');"
        "print(audit.__file__); print(d.version == audit.__version__);"
        "print([e.value for e in d.entry_points if e.name == 'audit'])"
    )
    done = run(installed, "-c", code, cwd=tmp_path)
    where, same_version, entry = done.stdout.splitlines()
    assert Path(where).is_relative_to(installed.parent.parent)
    assert (same_version, entry) == ("True", "['audit.cli.main:main']")


def test_installed_wheel_audits_the_samples(installed: Path, repository: Path, tmp_path: Path) -> None:
    find = "from audit.resources import home; print(home('sample_transcripts')); print(home('lexicons'))"
    samples, lexicons = (Path(p) for p in run(installed, "-c", find, cwd=tmp_path).stdout.splitlines())
    assert samples.is_relative_to(installed.parent.parent)
    assert lexicons.is_relative_to(installed.parent.parent)
    out = tmp_path / "report"
    done = run(installed, "-m", "audit", "run", str(samples), "--policy", "auto", "--out", str(out), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    elsewhere = [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {f["rule"] for f in elsewhere} >= {"RSP001", "RSP003", "ATT001", "REV001"}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "echarts" in page
    assert not re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)

    here = tmp_path / "here"
    command = ["-m", "audit", "run", str(repository / "sample_transcripts"), "--policy", "auto", "--out", str(here)]
    subprocess.run([sys.executable, *command], cwd=repository, capture_output=True, check=True)
    assert (here / "findings.jsonl").read_bytes() == (out / "findings.jsonl").read_bytes()


def test_what_is_imported_is_declared(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=!~;\s\[]", d)[0].lower().replace("_", "-") for d in project["dependencies"]}
    optional = {"rjieba", "scipy", "sklearn"}  # extras
    owners = packages_distributions()
    used: dict[str, set[str]] = {}
    for path in sorted((repository / "audit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for top in {n.split(".")[0] for n in names} - set(sys.stdlib_module_names) - {"audit"}:
                used.setdefault(top, set()).add(path.relative_to(repository).as_posix())
    undeclared = {
        top: sorted(places)
        for top, places in used.items()
        if top not in optional and not declared & {d.lower().replace("_", "-") for d in owners.get(top, [])}
    }
    assert undeclared == {}
