import os
import runpy
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from orders import __main__
from orders.services.samples import MANY
from orders.settings import Settings, SettingsError
from shop import SECRET_KEY


def test_production_needs_a_secret_key() -> None:
    with pytest.raises(SettingsError, match="at least 32"):
        Settings.from_env({"ORDERS_ENVIRONMENT": "production"})


def test_development_makes_its_own_secret_key() -> None:
    first, second = Settings.from_env({}), Settings.from_env({})
    assert first.secret_key != second.secret_key
    assert first.environment == "development"


def test_every_setting_comes_from_the_environment() -> None:
    settings = Settings.from_env(
        {
            "ORDERS_SECRET_KEY": SECRET_KEY,
            "ORDERS_ENVIRONMENT": "production",
            "ORDERS_DATABASE_URL": "postgresql://db/orders",
            "ORDERS_TOKEN_LIFETIME_SECONDS": "60",
            "ORDERS_POOL_SIZE": "50",
            "ORDERS_ANONYMOUS_LIMIT": "1",
            "ORDERS_SIGNED_IN_LIMIT": "2",
            "ORDERS_LOGIN_ATTEMPTS": "3",
            "ORDERS_LIMIT_WINDOW_SECONDS": "4",
            "ORDERS_ADMIN_EMAIL": "root@example.com",
            "ORDERS_ADMIN_PASSWORD": "a long enough secret",  # pragma: allowlist secret
        }
    )
    assert settings == Settings(
        secret_key=SECRET_KEY,
        database_url="postgresql://db/orders",
        environment="production",
        token_lifetime_seconds=60,
        pool_size=50,
        anonymous_limit=1,
        signed_in_limit=2,
        login_attempts=3,
        limit_window_seconds=4,
        admin_email="root@example.com",
        admin_password="a long enough secret",  # pragma: allowlist secret
    )


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "", "ten", "²"])
def test_a_number_must_be_a_number(value: str) -> None:
    with pytest.raises(SettingsError, match="ORDERS_POOL_SIZE"):
        Settings.from_env({"ORDERS_POOL_SIZE": value})


def test_the_command_line_refuses_bad_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORDERS_SECRET_KEY", "short")
    assert __main__.main(["migrate"]) == 2
    assert capsys.readouterr().err.startswith("orders: ORDERS_SECRET_KEY")


def test_serve_migrates_first_where_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: list[tuple[FastAPI, str, int]] = []

    def run(app: FastAPI, *, host: str, port: int, **rest: object) -> None:
        assert rest == {"access_log": False, "log_config": None, "server_header": False}
        served.append((app, host, port))

    monkeypatch.setattr(uvicorn, "run", run)
    monkeypatch.setattr(__main__, "configure_logging", lambda: None)
    monkeypatch.chdir(Path(__file__).resolve().parent.parent)
    monkeypatch.setenv("ORDERS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert __main__.main(["serve", "--port", "8123", "--migrate", "--samples"]) == 0
    assert __main__.main(["serve", "--host", "::1"]) == 0
    assert [address for _, *address in served] == [["127.0.0.1", 8123], ["::1", 8000]]
    with TestClient(served[0][0]) as client:
        assert len(client.get("/products?limit=100").json()["items"]) == MANY
    for app, *_ in served:
        app.state.container.database.ping()
        app.state.container.database.close()


def test_migrate_does_not_serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parent.parent)
    monkeypatch.setenv("ORDERS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert __main__.main(["migrate"]) == 0
    assert (tmp_path / "new.db").exists()


def test_the_served_application_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("orders.logs.configure_logging", lambda: None)
    monkeypatch.setattr(os, "environ", {"ORDERS_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"})
    assert isinstance(runpy.run_module("orders.asgi")["app"], FastAPI)


def test_the_module_runs_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["orders", "--help"])
    with pytest.warns(RuntimeWarning), pytest.raises(SystemExit) as caught:
        runpy.run_module("orders.__main__", run_name="__main__")
    assert caught.value.code == 0
