"""The studio's server: who may ask, what is told, and that edits are those of the library."""

import json
import struct

import numpy as np
import pytest
from starlette.testclient import TestClient

import gatework
from gatework import LSTM
from gatework.examine import Edit, edited
from gatework.look import demo
from gatework.studio import studio_app
from gatework.studio.shelf import wave_run
from gatework.train import seeded

HOST = "http://127.0.0.1:8765"


@pytest.fixture
def model(tmp_path):
    with seeded(0):
        lstm = LSTM(2, [6, 4])
    path = tmp_path / "model.safetensors"
    gatework.save(lstm, path)
    return lstm, path


def client(*models, **options) -> TestClient:
    return TestClient(studio_app(models, **options), base_url=HOST, headers={"origin": HOST})


def opened(asking: TestClient, number: int = 0, body: bytes = b"", **query: str) -> dict:
    answer = asking.post(f"/api/models/{number}/open", params=query, content=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_model_is_opened_and_its_pictures_are_drawn(model) -> None:
    _, path = model
    asking = client(path)
    assert asking.get("/api/models").json()["models"][0]["name"] == "model.safetensors"
    about = opened(asking)
    assert about["steps"] == 120
    assert [layer["units"]["hidden"] for layer in about["layers"]] == [6, 4]
    assert about["findings"][0]["told"].startswith("layer 1: the forget bias never moved")
    for name in (
        "structure",
        "unrolled",
        "cell",
        "memory",
        "gradients",
        "saturation",
        "attribution",
    ):
        drawn = asking.get(
            f"/api/sittings/{about['key']}/picture/{name}", params={"layer": 1, "unit": 2}
        )
        assert drawn.status_code == 200
        assert drawn.text.startswith("<svg")
    chinese = asking.get(f"/api/sittings/{about['key']}/picture/cell", params={"language": "zh"})
    assert "遗忘门" in chinese.text


def test_a_step_and_a_tile_are_those_of_the_run(model) -> None:
    lstm, path = model
    asking = client(path)
    key = opened(asking)["key"]
    run = wave_run(lstm)
    told = asking.get(f"/api/sittings/{key}/step", params={"step": 30, "layer": 1}).json()
    np.testing.assert_allclose(told["signals"]["cell"], run.signal(1, "cell")[30], rtol=1e-4)
    np.testing.assert_allclose(told["raw"], run.raw[30, 0], rtol=1e-4)
    asked = {"layer": 0, "signal": "forget_gate", "first": 10, "last": 50, "columns": 40}
    content = asking.get(f"/api/sittings/{key}/tile", params=asked).content
    low, high, rows, columns = struct.unpack("<ddII", content[:24])
    assert (low, high, rows, columns) == (0.0, 1.0, 6, 40)
    shades = np.frombuffer(content[24:], np.uint8).reshape(rows, columns)
    expected = run.signal(0, "forget_gate")[10:50].T
    np.testing.assert_allclose(shades / 254, expected, atol=1 / 254)


def test_edits_are_those_of_the_library(model) -> None:
    lstm, path = model
    asking = client(path)
    key = opened(asking)["key"]
    edit = {"step": 40, "signal": "cell", "unit": 1, "value": 4.0, "layer": 1}
    told = asking.post(f"/api/sittings/{key}/edits", content=json.dumps([edit])).json()
    own = edited(wave_run(lstm), [Edit(**edit)])
    np.testing.assert_allclose(np.array(told["output"]).T, own.output, rtol=1e-4, atol=1e-6)
    assert told["largest"] > 0
    step = asking.get(f"/api/sittings/{key}/step", params={"step": 40, "layer": 1}).json()
    assert step["signals"]["cell"][1] == 4.0
    none = asking.post(f"/api/sittings/{key}/edits", content="[]").json()
    assert none["largest"] == 0


def test_a_table_is_read_and_a_bad_one_is_told(model) -> None:
    asking = client(model[1])
    rows = "\n".join(f"{n},{n % 5},{n % 3}" for n in range(30))
    about = opened(asking, body=f"day,a,b\n{rows}\n".encode(), data="table", column="a,b")
    assert (about["steps"], about["names"]) == (30, ["a", "b"])
    for body, said in ((b"a,b\n1,x\n", "x"), (b"", "table.csv"), (b"a\n1\n2\n", "2 features")):
        answer = asking.post("/api/models/0/open", params={"data": "table"}, content=body)
        assert answer.status_code == 400
        assert said in answer.json()["error"]


def test_a_text_is_read_by_the_example_that_reads_texts(monkeypatch) -> None:
    monkeypatch.setattr(demo, "EPOCHS", 1)
    asking = client()
    about = opened(asking, 1)
    assert about["text"] == demo.TEXT
    typed = opened(asking, 1, b"a cell", data="text")
    assert typed["steps"] == 6
    told = asking.get(f"/api/sittings/{typed['key']}/step", params={"step": 5}).json()
    assert sum(share for _, share in told["letters"]) <= 1.001
    answer = asking.post("/api/models/1/open", params={"data": "text"}, content="ÿ".encode())
    assert answer.status_code == 400
    assert "does not know" in answer.json()["error"]


def test_other_hosts_origins_and_files_are_refused(model, tmp_path) -> None:
    asking = client(model[1])
    assert asking.get("/", headers={"host": "evil.example:8765"}).status_code == 421
    assert (
        asking.post("/api/models/0/open", headers={"origin": "http://evil.example"}).status_code
        == 403
    )
    bare = TestClient(studio_app([model[1]]), base_url=HOST)
    assert bare.post("/api/models/0/open").status_code == 403
    assert asking.post("/api/models/7/open").status_code == 400
    for name in ("../app.py", "%2e%2e%2fapp.py", "app.py", "index.html"):
        assert asking.get(f"/static/{name}").status_code == 404
    page = asking.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "<script>" not in page.text


def test_a_token_is_asked_for_and_kept(model) -> None:
    asking = client(model[1], token="secret")
    assert asking.get("/").status_code == 401
    assert asking.get("/?token=wrong").status_code == 401
    assert asking.get("/?token=secret").status_code == 200
    assert asking.get("/api/models").status_code == 200  # by its cookie


def test_what_is_too_much_is_refused(model, monkeypatch) -> None:
    from gatework.studio import questions

    monkeypatch.setattr(questions, "MOST_UPLOAD", 100)
    asking = client(model[1])
    answer = asking.post("/api/models/0/open", params={"data": "table"}, content=b"a" * 200)
    assert answer.status_code == 400
    assert "cannot be sent" in answer.json()["error"]
    key = opened(asking)["key"]
    for wrong in (
        "{}",
        "nonsense",
        '[{"step": 1}]',
        '[{"step": 0, "signal": "cell", "unit": 0, "value": 1, "x": 2}]',
    ):
        assert asking.post(f"/api/sittings/{key}/edits", content=wrong[:100]).status_code == 400
    for path in (
        f"/api/sittings/{key}/step?step=999",
        f"/api/sittings/{key}/tile?first=5&last=2&columns=1",
        f"/api/sittings/{key}/picture/nothing",
        f"/api/sittings/{key}/step?step=x",
        "/api/sittings/none/step",
    ):
        assert asking.get(path).status_code == 400


def test_a_file_that_is_no_model_is_shown_with_the_reason(tmp_path, model) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    shown = client(bad, model[1]).get("/api/models").json()["models"]
    assert shown[0]["problem"]
    assert not shown[1]["problem"]
