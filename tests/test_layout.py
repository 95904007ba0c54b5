"""What holds the house together beside the floors."""

import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_source_root_is_no_package_and_the_standard_librarys_platform_is_whole() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    code = "import app, platform, uuid, sqlalchemy; assert platform.system() and uuid.uuid4()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert platform.system()


def test_the_sandbox_imports_nothing_of_the_house_but_its_base() -> None:
    for file in (ROOT / "platform" / "ordain" / "sandbox").rglob("*.py"):
        for line in file.read_text().splitlines():
            if line.strip().startswith(("from ordain.", "import ordain.")):
                assert "ordain.base" in line or "ordain.sandbox" in line, f"{file.name}: {line}"


def test_no_file_speaks_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in tracked:
        if name.endswith((".py", ".md", ".toml", ".html", ".yml", "Makefile")):
            text = (ROOT / name).read_text()
            for folder in ("home", "work"):
                assert f"/{folder}/" not in text, name
            assert not re.search(r"/Users/\w+/", text), name  # SCIM's path of a user ends there
