"""A report by a template of the user's, from the command line."""

import pytest
from running import run

MINE = """{% extends "gatework/report.html" %}{% block footer %}<p>ACME</p>{% endblock %}"""


@pytest.mark.parametrize(("template", "code"), [(MINE, 0), ("{{ nothing }}", 2)])
def test_a_template_writes_the_report_or_is_refused_before_any_work(
    tmp_path, capsys, template, code
) -> None:
    (tmp_path / "report.html").write_text(template, encoding="utf-8")
    out = tmp_path / "out"
    told = ["--template", str(tmp_path), "--out", str(out)]
    assert run("forecast", "--demo", *told) == code
    if code:
        assert "'nothing' is undefined" in capsys.readouterr().err
        assert not out.exists()
    else:
        assert "<p>ACME</p></main>" in (out / "report.html").read_text(encoding="utf-8")
