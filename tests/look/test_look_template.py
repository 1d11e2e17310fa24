"""Reports by a template of the user's: its words and style are there, and the page stays shut."""

import re

import pytest

from gatework.errors import OptionError
from gatework.look import forecast_report, report_template

MINE = """{% extends "gatework/report.html" %}
{% block style %}{{ super() }} .brand { color: #800000 }{% endblock %}
{% block header %}<p class="brand">ACME</p>{{ super() }}{% endblock %}
{% block content %}{% for part in parts if part.name != "method" %}{{ part }}{% endfor %}
<script>alert(1)</script>{% endblock %}"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        (tmp_path / "report.html").write_bytes(text.encode(errors="surrogateescape"))
        return tmp_path

    return write


def test_a_template_replaces_blocks_and_chooses_parts(written, make_result):
    result = make_result(name="<b>faults</b>")
    with report_template(written(MINE)):
        page = forecast_report(result)
    assert '<main data-words="' in page
    assert '<p class="brand">ACME</p>' in page
    assert "<h1>&lt;b&gt;faults&lt;/b&gt;: the next" in page
    assert 'id="forecast"' in page
    assert 'id="method"' not in page
    assert 'id="method"' in forecast_report(result)  # ours again, after the with statement
    # Its own style is allowed by its digest; of scripts still our one alone.
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].count("sha256-") == 2
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ nothing }}", "cannot be filled in: 'nothing' is undefined"),
        ("one\n{% if %}", "report.html', line 2: Expected an expression"),
        ('{% extends "other.html" %}', "names the template 'other.html', which is not in its"),
        ('{% include "../report.html" %}', "names the template '../report.html', which is not"),
        ("<head></head>", r"lacks \{\{ policy \}\} in its head"),
        ("{{ parts.__class__ }}", "access to attribute '__class__' of 'list' object is unsafe"),
        ("{{ 1 // 0 }}", "cannot be filled in: integer division"),
        (
            '{% extends "gatework/report.html" %}\n{% block contents %}{% endblock %}',
            r"report.html', line 2: .* has no block 'contents' \(did you mean 'content'\?\)",
        ),
        (
            "\n{% extends 'report.html' %}",
            r"report.html', line 2: the template extends itself\nhint: \{% extends",
        ),
        ("{% include 'report.html' %}", "a template or macro includes or calls itself\nhint"),
        ("{# \n \udcff #}", r"report.html', line 2: byte 0xff is not UTF-8"),
        (None, "is no file, and a template for reports is one"),
    ],
)
def test_a_template_that_does_not_work_is_refused_at_once(written, tmp_path, text, said):
    folder = tmp_path if text is None else written(text)
    with pytest.raises(OptionError, match=said) as error, report_template(folder):
        pytest.fail("the work began")
    assert error.value.hint
