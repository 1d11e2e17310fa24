"""The studio's server: who may ask, what is told, and that edits are those of the library."""

import asyncio
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from PIL import Image
from starlette.testclient import TestClient

import gatework
from gatework import LSTM, RNN, Forecaster, SequenceClassifier
from gatework.cli import main
from gatework.demo import networks
from gatework.errors import InputFileError, OptionError
from gatework.examine import Edit, edited
from gatework.recognize.readers import read_data
from gatework.studio import events, requests, serve, slow, studio_app
from gatework.studio.catalogue import wave_run
from gatework.system import failures
from gatework.train import seeded
from tolerances import PATIENCE

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


def test_files_of_the_same_name_are_told_apart(model, tmp_path) -> None:
    paths = [tmp_path / folder / "model.safetensors" for folder in ("before", "after")]
    for path in paths:
        path.parent.mkdir()
        gatework.save(model[0], path)
    asking = client(*paths)
    names = [one["name"] for one in asking.get("/api/models").json()["models"][:2]]
    assert names == ["before/model.safetensors", "after/model.safetensors"]
    assert opened(asking, 1)["title"].startswith("after/model.safetensors")


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
            f"/api/sessions/{about['key']}/picture/{name}", params={"layer": 1, "unit": 2}
        )
        assert drawn.status_code == 200
        assert drawn.text.startswith("<svg")
    chinese = asking.get(f"/api/sessions/{about['key']}/picture/cell", params={"language": "zh"})
    assert "遗忘门" in chinese.text


def test_a_step_and_a_tile_are_those_of_the_run(model) -> None:
    lstm, path = model
    asking = client(path)
    key = opened(asking)["key"]
    run = wave_run(lstm)
    told = asking.get(f"/api/sessions/{key}/step", params={"step": 30, "layer": 1}).json()
    np.testing.assert_allclose(told["signals"]["cell"], run.signal(1, "cell")[30], rtol=1e-4)
    np.testing.assert_allclose(told["raw"], run.raw[30, 0], rtol=1e-4)
    asked = {"layer": 0, "signal": "forget_gate", "first": 10, "last": 50, "columns": 40}
    content = asking.get(f"/api/sessions/{key}/tile", params=asked).content
    low, high, rows, columns = struct.unpack("<ddII", content[:24])
    assert (low, high, rows, columns) == (0.0, 1.0, 6, 40)
    expected = run.signal(0, "forget_gate")[10:50].T
    values = np.frombuffer(content[24:-240], np.float32).reshape(rows, columns)
    np.testing.assert_array_equal(values, expected.astype(np.float32))
    shades = np.frombuffer(content[-240:], np.uint8).reshape(rows, columns)
    np.testing.assert_allclose(shades / 254, expected, atol=1 / 254)


def test_edits_are_those_of_the_library(model) -> None:
    lstm, path = model
    asking = client(path)
    key = opened(asking)["key"]
    edit = {"step": 40, "signal": "cell", "unit": 1, "value": 4.0, "layer": 1}
    told = asking.post(f"/api/sessions/{key}/edits", content=json.dumps([edit])).json()
    own = edited(wave_run(lstm), [Edit(**edit)])
    np.testing.assert_allclose(np.array(told["output"]).T, own.output, rtol=1e-4, atol=1e-6)
    assert told["largest"] > 0
    step = asking.get(f"/api/sessions/{key}/step", params={"step": 40, "layer": 1}).json()
    assert step["signals"]["cell"][1] == 4.0
    none = asking.post(f"/api/sessions/{key}/edits", content="[]").json()
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
    monkeypatch.setattr(networks, "EPOCHS", 1)
    asking = client()
    about = opened(asking, 1)
    assert about["text"] == networks.TEXT
    typed = opened(asking, 1, b"a cell", data="text")
    assert typed["steps"] == 6
    assert opened(asking, 1, "\ufeffa cell".encode(), data="text")["text"] == "a cell"
    windows = asking.post("/api/models/1/open", params={"data": "text"}, content=b"a\r\ncell")
    assert "does not know '\\n';" in windows.json()["error"], "a line end is one letter"
    told = asking.get(f"/api/sessions/{typed['key']}/step", params={"step": 5}).json()
    assert sum(share for _, share in told["letters"]) <= 1.001
    answer = asking.post("/api/models/1/open", params={"data": "text"}, content="ÿ".encode())
    assert answer.status_code == 400
    assert "does not know" in answer.json()["error"]


def test_other_hosts_origins_and_files_are_refused(model, tmp_path) -> None:
    asking = client(model[1])
    for host in ("evil.example:8765", "localhost:8765, evil.example", "127.0.0.1@evil.example"):
        assert asking.get("/", headers={"host": host}).status_code == 421
    assert (
        asking.post("/api/models/0/open", headers={"origin": "http://evil.example"}).status_code
        == 403
    )
    for scheme in ("https", "evil", "http://evil.example"):
        origin = HOST.replace("http", scheme, 1)
        refused = asking.post("/api/models/0/open", headers={"origin": origin})
        assert (refused.status_code, origin) == (403, origin)
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

    monkeypatch.setattr(requests, "MOST_UPLOAD", 100)
    asking = client(model[1])
    answer = asking.post("/api/models/0/open", params={"data": "table"}, content=b"a" * 200)
    assert answer.status_code == 400
    assert "cannot be sent" in answer.json()["error"]
    monkeypatch.undo()
    key = opened(asking)["key"]
    sound = '"step": 0, "signal": "cell", "unit": 0, "value": '
    for wrong, said in (
        ("{}", "a list is expected"),
        ("nonsense", "what was sent is no JSON"),
        (b"[\xff]", "what was sent is no JSON"),
        ('[{"step": 1}]', "number 1 lacks 'signal', 'unit', 'value'"),
        ("[[]]", "number 1 is no object"),
        (f"[{{{sound}1}},{{{sound}true}}]", "number 2 has a wrong 'value'"),
        (f"[{{{sound}1e999}}]", "1e999 is not a finite number"),
        (f'[{{{sound}1, "x": 2}}]', "number 1 has the unknown 'x'"),
        ("[" * 2000, "it is nested too deeply"),
    ):
        answer = asking.post(f"/api/sessions/{key}/edits", content=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, f"these are no edits: {said}")
    large = f"[{{{sound}1e308}}]"
    assert asking.post(f"/api/sessions/{key}/edits", content=large).status_code == 400
    for path in (
        f"/api/sessions/{key}/step?step=999",
        f"/api/sessions/{key}/tile?first=5&last=2&columns=1",
        f"/api/sessions/{key}/picture/nothing",
        f"/api/sessions/{key}/step?step=x",
        f"/api/models/0/picture/structure?layer={'9' * 5000}",
        "/api/models/0/picture/structure?layer=-5",
        "/api/sessions/none/step",
    ):
        assert asking.get(path).status_code == 400


def test_a_file_that_is_no_model_is_shown_with_the_reason(tmp_path, model) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    shown = client(bad, model[1]).get("/api/models").json()["models"]
    assert shown[0]["problem"]
    assert not shown[1]["problem"]


def test_the_page_is_told_the_texts_of_every_language(model) -> None:
    told = client(model[1]).get("/api/languages").json()
    assert told["en"] == {"name": "English", "tag": "en", "texts": {}}
    assert (told["zh"]["name"], told["zh"]["tag"]) == ("中文", "zh-Hans")
    assert told["zh"]["texts"]["cell"] == "单元结构"


def test_events_follow_a_training_and_start_over_with_it(tmp_path) -> None:
    async def listen() -> list[str]:
        heard: list[str] = []
        begin = iter(
            [
                lambda: None,
                lambda: write(tmp_path, 2),
                lambda: None,
                lambda: write(tmp_path, 1),
                lambda: (tmp_path / "history.jsonl").write_text("nonsense\n", encoding="utf-8"),
            ]
        )

        async def gone() -> bool:
            step = next(begin, None)
            if step is None:
                return True
            step()
            return False

        async for event in events.epochs_of(tmp_path, gone):
            heard.append(event)
        return heard

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(events, "POLL", 0.0)
        heard = asyncio.run(listen())
    first = [json.loads(one.removeprefix("data: "))["epoch"] for one in heard[:2]]
    assert first == [1, 2]
    assert heard[2].startswith("event: again\n")
    assert json.loads(heard[3].removeprefix("data: "))["epoch"] == 1
    assert heard[4].startswith("event: problem\n")
    assert "line 1" in heard[4]
    assert len(heard) == 5


def write(folder: Path, epochs: int) -> None:
    lines = [
        {"epoch": n + 1, "loss": 1.0, "validation": None, "gradient": 1.0, "seconds": 0.1}
        for n in range(epochs)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "history.jsonl").write_text(text, encoding="utf-8")


def test_any_numeric_address_is_answered_only_where_that_was_asked_for(model) -> None:
    told = {"host": "192.0.2.7:8765", "origin": "http://192.0.2.7:8765"}
    assert client(model[1]).get("/", headers=told).status_code == 421
    everywhere = client(model[1], any_address=True)
    assert everywhere.get("/", headers=told).status_code == 200
    named = {"host": "evil.example:8765", "origin": "http://evil.example:8765"}
    assert everywhere.get("/", headers=named).status_code == 421
    assert (
        everywhere.get("/api/models", headers={"origin": "http://evil.example"}).status_code == 403
    )


def test_a_port_in_use_is_told(model) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OptionError, match=f"cannot listen on 127.0.0.1, port {port}"):
            serve([model[1]], port=port)


@pytest.fixture
def served(model, monkeypatch):
    """Serve a model in a thread, and return the address and port."""
    servers: list[uvicorn.Server] = []

    class Kept(uvicorn.Server):
        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr(uvicorn, "Server", Kept)
    addresses: queue.Queue[str] = queue.Queue()
    how = {"port": 0, "ready": addresses.put}
    thread = threading.Thread(target=serve, args=([model[1]],), kwargs=how)
    thread.start()
    address = addresses.get(timeout=PATIENCE)
    yield ("127.0.0.1", int(address.strip("/").rpartition(":")[2]))
    servers[0].should_exit = True
    thread.join()


def test_a_request_that_does_not_come_is_not_waited_for(served, monkeypatch) -> None:
    monkeypatch.setattr(slow, "PATIENCE", 0.2)
    head = f"Host: 127.0.0.1:{served[1]}\r\nOrigin: http://127.0.0.1:{served[1]}\r\n"
    body = f"POST /api/models/0/open?data=table HTTP/1.1\r\n{head}Content-Length: 9\r\n\r\n12"
    for begin in ("", "GET / HTTP/1.1\r\nHos", body):
        with socket.create_connection(served, timeout=PATIENCE) as asking:
            asking.sendall(begin.encode())
            told = b"".join(iter(lambda: asking.recv(1 << 16), b""))
        assert told.startswith(b"HTTP/1.1 408 ")
        assert told.endswith(b"The request took too long to come.")
    told = b""
    while not told.startswith(b"HTTP/1.1 200 ") and slow.PATIENCE < 60:
        slow.PATIENCE *= 4  # a busy machine may be late with the request, too
        with socket.create_connection(served, timeout=PATIENCE) as asking:
            asking.sendall(f"GET /api/models HTTP/1.1\r\n{head}\r\n".encode())
            told = b"".join(iter(lambda: asking.recv(1 << 16), b""))  # which is closed at last
    assert told.startswith(b"HTTP/1.1 200 ")


def test_the_command_serves_until_it_is_interrupted(model) -> None:
    command = [
        sys.executable,
        "-m",
        "gatework",
        "studio",
        str(model[1]),
        "--no-open",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        address = running.stdout.readline().decode().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert b"Gatework" in answer.read()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=PATIENCE) in (0, 130)
        assert running.stderr is not None
        assert b"Traceback" not in running.stderr.read()


def test_the_command_refuses_a_file_that_is_not_there(capsys) -> None:
    with pytest.raises(SystemExit) as left:
        main(["studio", "nowhere.safetensors"])
    assert left.value.code == 2
    assert "nowhere.safetensors is no file" in capsys.readouterr().err


def test_a_forecaster_shows_its_structure_and_asks_for_a_table(tmp_path, brief_training) -> None:
    values = 10 + np.sin(np.arange(60))
    forecaster = Forecaster(horizon=2, trials=1, workers=1, method="es-lstm").fit(values)
    gatework.save(forecaster, tmp_path / "model.safetensors")
    asking = client(tmp_path / "model.safetensors")
    about = opened(asking)
    assert about["key"] is None
    assert about["reads"] == ["table"]
    drawn = asking.get("/api/models/0/picture/structure")
    assert drawn.text.startswith("<svg")
    table = "value\n" + "\n".join(f"{value:.4f}" for value in values)
    about = opened(asking, body=table.encode(), data="table", name="faults.csv")
    assert about["steps"] >= 50
    assert about["title"].endswith("faults.csv")


def test_a_classifier_reads_a_table_and_one_of_pictures_a_picture(tmp_path) -> None:
    rows = np.random.default_rng(0).normal(size=(12, 5))
    fitted = SequenceClassifier((3,), epochs=1).fit(rows, np.arange(12) % 2)
    gatework.save(fitted, tmp_path / "waves.safetensors")
    for number in range(4):
        (tmp_path / "seen" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(np.full((4, 4), 60 * number, np.uint8))
        picture.save(tmp_path / "seen" / str(number % 2) / f"{number}.png")
    seen = SequenceClassifier((3,), epochs=1, validation=None).fit(read_data(tmp_path / "seen"))
    gatework.save(seen, tmp_path / "pictures.safetensors")
    with client(tmp_path / "waves.safetensors", tmp_path / "pictures.safetensors") as asking:
        about = opened(asking, 0, b"a,b,c\n1,2,3\n4,5,6\n", data="table", name="mine.csv")
        assert (about["steps"], about["results"]) == (3, ["0", "1"])
        body = (tmp_path / "seen" / "0" / "0.png").read_bytes()
        about = opened(asking, 1, body, data="table", name="mine.png")
        assert (about["steps"], about["results"]) == (4, ["0", "1"])


def test_a_model_is_opened_with_the_file_that_the_studio_was_given(model, tmp_path) -> None:
    rows = np.random.default_rng(0).normal(size=(12, 5))
    fitted = SequenceClassifier((3,), epochs=1).fit(rows, np.arange(12) % 2)
    waves = gatework.save(fitted, tmp_path / "waves.safetensors")
    data = tmp_path / "seen.csv"
    data.write_text("a,b,c\n1,2,3\n4,5,6\n", encoding="utf-8")
    asking = client(waves, data=data)
    assert asking.get("/api/models").json()["data"] == "seen.csv"
    assert asking.post("/api/columns", params={"data": "own"}).json() == ["a", "b", "c"]
    first = opened(asking)
    assert first["title"] == "waves.safetensors, seen.csv"
    assert (len(first["sequences"]), first["sequence"]) == (2, first["sequences"][0])
    second = opened(asking, series=first["sequences"][1])
    assert [column[0] for column in (first["values"], second["values"])] == [[1, 2, 3], [4, 5, 6]]
    ((factor, offset),) = first["scales"]
    given = asking.get(f"/api/sessions/{first['key']}/step", params={"step": 2}).json()["raw"][0]
    assert factor * 3 + offset == pytest.approx(given, rel=1e-4), "the data's units and its own"
    missing = asking.post("/api/models/0/open", params={"series": "none"})
    assert "there is no sequence 'none'" in missing.json()["error"]


def test_a_bare_network_is_opened_with_the_file_and_not_over_waves(model, tmp_path) -> None:
    data = tmp_path / "seen.csv"
    data.write_text("a,b\n1,2\n4,5\n7,8\n", encoding="utf-8")
    about = opened(client(model[1], data=data))
    assert (about["title"], about["steps"]) == ("model.safetensors, seen.csv", 3)
    data.write_text("a,b,c\n1,2,3\n4,5,6\n", encoding="utf-8")
    refused = client(model[1], data=data).post("/api/models/0/open")
    assert refused.status_code == 400
    assert "2 features" in refused.json()["error"]


@pytest.mark.parametrize(
    ("tab", "header", "lines"),
    [
        ("gates", "step,label,unit 1,unit 2", 5),
        ("cell", "step,label,wave 1,wave 2,input_gate,forget_gate,candidate,output_gate", 121),
        ("memory", "layer,direction,unit,half-life,0,1", 11),
        ("gradients", "steps back,layer 1,layer 2", 62),
        ("saturation", "layer,direction,gate,unit,closed,open", 31),
        ("attribution", "step,label,wave 1,wave 2", 121),
        ("edit", 'step,label,output 0,output 1,output 2,output 3,"output 0, edited"', 121),
    ],
)
def test_the_numbers_of_a_tab_are_a_table(model, tab, header, lines) -> None:
    asking = client(model[1])
    key = opened(asking)["key"]
    where = {"signal": "cell", "first": 40, "last": 44, "top": 1, "bottom": 3}
    told = asking.get(f"/api/sessions/{key}/numbers/{tab}", params=where)
    assert told.headers["content-type"].startswith("text/csv")
    found = told.text.splitlines()
    assert found[0].startswith(header)
    assert len(found) == lines
    if tab == "gates":
        expected = wave_run(model[0]).signal(0, "cell")[40, 1:3]
        np.testing.assert_allclose([float(x) for x in found[1].split(",")[2:]], expected)


def test_a_writer_reads_the_text_that_is_typed(tmp_path) -> None:
    writer = gatework.Writer(preset="small", hidden_sizes=[6, 4], epochs=1)
    writer.fit("to be, or not to be, that is the question. " * 20)
    asking = client(gatework.save(writer, tmp_path / "bard.safetensors"))
    assert asking.get("/api/models").json()["models"][0]["name"] == "bard.safetensors"
    own = opened(asking)
    assert own["title"] == "bard.safetensors, its own words"
    assert set(own["text"]) <= set("to be, or not to be, that is the question. ")
    about = opened(asking, body=b"that is not", data="text", name="said.txt")
    assert (about["title"], about["steps"]) == ("bard.safetensors, said.txt", len("that is not"))
    assert [layer["units"]["hidden"] for layer in about["layers"]] == [6, 4]


def test_a_hint_of_the_command_line_names_the_fields_of_the_page(tmp_path) -> None:
    with seeded(0):
        gatework.save(LSTM(1, [3]), tmp_path / "model.safetensors")
    answer = client(tmp_path / "model.safetensors").post(
        "/api/models/0/open", params={"data": "table", "name": "a.csv"}, content=b"a,b\n1,2\n3,4\n"
    )
    told = answer.json()
    assert told["error"].startswith("a.csv: the network reads 1 feature, but 2")
    assert told["hint"] == "fill in under “columns”: column, time column"
    elsewhere = requests.page_hint("--missing interpolate")
    assert elsewhere == "gatework explain MODEL FILE takes it: --missing interpolate"
    assert requests.page_hint("fill it, or remove it") == "fill it, or remove it"


def test_hints_of_python_are_kept_from_the_page_and_so_are_tabs_without_content(tmp_path) -> None:
    with seeded(0):
        gatework.save(LSTM(1, [3], bidirectional=True), tmp_path / "both.safetensors")
        gatework.save(RNN(1, [3]), tmp_path / "rnn.safetensors")
    asking = client(tmp_path / "both.safetensors", tmp_path / "rnn.safetensors")
    kinds = (("gradients", "forward only"), ("memory", "no forget gate"))
    for number, (picture, told) in enumerate(kinds):
        about = asking.post(f"/api/models/{number}/open", params={"data": "own"}).json()
        assert about["without"] == [picture, "text"]
        refused = asking.get(f"/api/sessions/{about['key']}/picture/{picture}").json()
        assert told in refused["error"]
        assert "=" not in (refused["hint"] or "")


@pytest.mark.parametrize("value", [1e308, -1e308, 3.4e38, 1e20])
@pytest.mark.parametrize("signal", ["raw", "hidden", "cell"])
def test_a_huge_edit_is_made_or_refused(model, value, signal) -> None:
    asking = client(model[1])
    key = opened(asking)["key"]
    edits = [{"step": 3, "signal": signal, "unit": 0, "value": value}]
    answer = asking.post(f"/api/sessions/{key}/edits", json=edits)
    if abs(value) > 3.5e38:
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("a value must be finite, 3.4e+38 at most, got ")
        return
    if signal == "hidden":
        assert answer.json()["error"].startswith("the hidden state of a unit is from -1 to 1, got")
        return
    assert answer.status_code == 200
    for name in ("gates", "memory", "unrolled"):
        drawn = asking.get(f"/api/sessions/{key}/picture/{name}", params={"step": 3, "length": 9})
        assert drawn.status_code in (200, 400), name


@pytest.mark.parametrize("number", ["9" * 5000, "999999999999999999999999", "-99999999999"])
def test_a_number_that_no_model_has_is_refused_by_name(model, number) -> None:
    answer = client(model[1]).get("/api/models/0/picture/structure", params={"layer": number})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("layer must be a whole number from 0 on, got '")


def test_what_nobody_foresaw_is_a_sentence_and_a_log(model, monkeypatch, tmp_path) -> None:
    def fail(*arguments: object) -> None:
        raise IndexError("index 7 is out of bounds")

    monkeypatch.setattr(failures.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("gatework.studio.app.run_asked", fail)
    answer = client(model[1]).post("/api/models/0/open")
    assert answer.status_code == 422
    assert "IndexError, index 7 is out of bounds" in answer.json()["error"]
    (log,) = tmp_path.glob("gatework-*.log")
    assert str(log) in answer.json()["hint"]
    assert "in fail\n" in log.read_text()
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_run_is_a_folder_with_a_record_that_is_a_file(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / "history.jsonl")
    for run, told in (
        (os.devnull, "is a device, which is not an ordinary file"),
        (tmp_path / "pipe", "is a pipe, which is not an ordinary file"),
        (tmp_path / "piped", "history.jsonl is a pipe, which is not an ordinary file"),
        (__file__, "is not the folder of a recorded training"),
    ):
        with pytest.raises(InputFileError, match=told):
            studio_app([], runs=[run])
    asking = client(runs=[tmp_path / "to come"])
    assert asking.get("/api/models").json()["runs"][0] == "to come"
    key = opened(asking)["key"]
    answer = asking.get(f"/api/sessions/{key}/film/0")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("to come holds no record of a run")
