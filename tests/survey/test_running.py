import pytest
from survey.scenes import Ground

from gates.survey.running import running

WHOLE = "Level 2 is not written here; gates that would suit it: "


def told(place: Ground) -> str:
    """The one line without its beginning, or empty."""
    lines = [*running(place.scene())]
    assert len(lines) <= 1
    assert all(line.startswith(WHOLE) for line in lines)
    return lines[0].removeprefix(WHOLE) if lines else ""


@pytest.fixture
def shop(place: Ground) -> Ground:
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n')
    place.repo.write("src/shop/__init__.py")
    return place


def test_of_what_answers_nobody_nothing_is_told(shop: Ground) -> None:
    shop.repo.write("src/shop/app.py", "from fastapi import FastAPI\n")
    assert told(shop) == ""


@pytest.mark.parametrize(
    ("text", "framework", "command"),
    [
        ("app = FastAPI()\n", "FastAPI", "uvicorn shop.web:app --port {port} --app-dir src"),
        (
            "import x\napi: Starlette = x.Starlette(\n)\n",
            "Starlette",
            "uvicorn shop.web:api --port {port} --app-dir src",
        ),
        ("app = Flask(__name__)\n", "Flask", "flask --app shop.web:app run --port {port}"),
    ],
)
def test_an_app_is_told_with_the_service_that_it_would_be(
    shop: Ground, text: str, framework: str, command: str
) -> None:
    shop.repo.write("src/shop/web.py", text)
    name = command.partition(":")[2].split()[0]
    program = command.split(maxsplit=1)[0]
    service = f'they need `services: {{api: {{run: "{command}"}}}}` for the'
    whole = f"http, load; {service} {framework} app `shop.web:{name}`"
    assert told(shop) == f"{whole}, and `{program}`, which is not installed"
    shop.environment({program: "1.0"})
    assert told(shop) == whole


def test_the_app_of_a_package_is_its_init_and_the_outermost_comes_first(place: Ground) -> None:
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n')
    place.repo.write("shop/a/b.py", "app = Flask(__name__)\n")
    place.repo.write("shop/__init__.py", "app = FastAPI()\n")
    assert '"uvicorn shop:app --port {port}"' in told(place)


@pytest.mark.parametrize("indented", ["    return FastAPI()\n", "    app = FastAPI()\n"])
def test_an_app_that_a_function_makes_has_no_known_command(shop: Ground, indented: str) -> None:
    shop.repo.write("src/shop/web.py", f"def make():\n{indented}")
    assert told(shop) == (
        "http, load; they need a `services:` entry with the command that starts the FastAPI app on"
        " {port}"
    )


def test_a_node_app_is_known_by_its_packages(place: Ground) -> None:
    place.manifest("fastify")
    place.repo.write("src/a.ts")
    assert told(place).endswith("with the command that starts the Fastify app on {port}")


def test_files_that_stages_work_by_are_named(shop: Ground) -> None:
    for name in ("openapi.yaml", "locustfile.py", "alembic.ini", "playwright.config.ts"):
        shop.repo.write(name, "")
    assert told(shop) == (
        "schemathesis (openapi.yaml), openapi-diff (openapi.yaml), locust (locustfile.py),"
        " alembic (alembic.ini), playwright (playwright.config.ts)"
    )


def test_a_source_that_cannot_be_read_tells_nothing(shop: Ground) -> None:
    shop.repo.write("src/shop/web.py", "app = FastAPI()\n")
    scene = shop.scene()
    (shop.root / "src/shop/web.py").unlink()
    assert [*running(scene)] == []
