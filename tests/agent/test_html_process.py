"""What a mail's HTML becomes: what is let through, what is counted, and within which limits."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ace_agent.desk import html, html_process
from ace_agent.desk.html import Cleaner
from ace_agent.desk.html_process import Asked, attribute, declared, styled
from ace_agent.desk.showable import Unreadable, Why

pytestmark = pytest.mark.usefixtures("qapp")

DATA = Path(__file__).parent.parent / "data" / "html"


def clean(text, *, most=100_000, slow=60.0, dark=False, width=700):
    return html_process.prepared(text.encode(), Asked(0, width, most, slow, dark))


def shown(text, **asked):
    return clean(text, **asked)[0]


def facts(text, **asked):
    return clean(text, **asked)[1]


# What is let through


def test_words_and_their_form_are_kept():
    text = "<h1>Hello</h1><p>a <b>bold</b> and <i>sloping</i> word</p><ul><li>one</li></ul>"
    assert shown(text) == text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<iframe srcdoc="<script>x</script>"></iframe>',
        "<object data=x></object>",
        "<embed src=x>",
        "<svg><script>x</script><image href=x /></svg>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        '<meta http-equiv=refresh content="0;url=http://a.example">',
        '<base href="http://a.example/">',
        "<link rel=stylesheet href=http://a.example/x.css>",
        "<video src=x></video>",
        "<input value=x><textarea>x</textarea><select><option>x</select>",
        "<template><b>x</b></template>",
        "<!-- a comment --><?php x ?>",
        "<!--[if mso]><v:rect href='x'></v:rect><![endif]-->",
        "<img src=x onerror=alert(1)>",
        '<p style="display:none">hidden</p>',
    ],
)
def test_what_could_do_harm_is_left_out_with_what_is_in_it(hostile):
    assert shown(f"<p>before</p>{hostile}<p>after</p>") == "<p>before</p><p>after</p>"


def test_form_is_no_form_any_more_and_its_words_stay():
    assert shown("<form action=x>Your name</form>") == "<div>Your name</div>"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("color: RED; position: fixed; top: 0", "color:red"),
        ("background: url(http://a.example/x.png) #EEE no-repeat", "background-color:#eee"),
        ("background-image: url(x); behavior: url(x); -moz-binding: url(x)", ""),
        ("width: expression(alert(1)); color: r\\65 d", ""),
        ("margin: 0cm 12pt", "margin-top:0px;margin-right:16px;margin-bottom:0px;margin-left:16px"),
        ("margin-left: -9999px; padding-left: 99999px", "padding-left:2000px"),
        ("font-size: 0; font-size: 300px", ""),
        ("font-size: 7pt", "font-size:11px"),
        ("font: bold 12pt/1.5 Arial", "font-weight:bold;font-size:16px"),
        ("font-family: Georgia, serif", ""),
        ("font-family: 'Courier New', monospace", "font-family:monospace"),
        ("border-top: solid #E1E1E1 1.0pt", "border-top:1.3px solid #e1e1e1"),
        ("border: none", "border:0px"),
        ("text-align: center !important", "text-align:center"),
        ('color: red" onclick="x', ""),
    ],
)
def test_style_is_let_through_by_a_list(given, kept):
    assert styled(declared(given)) == kept
    assert styled(declared(kept)) == kept, "it stays as it is the second time"


@pytest.mark.parametrize(
    ("tag", "name", "value", "kept"),
    [
        ("a", "href", "https://a.example/?x=1&y", "https://a.example/?x=1&y"),
        ("a", "href", "mailto:anna@a.example", "mailto:anna@a.example"),
        ("a", "href", "javascript:alert(1)", None),
        ("a", "href", "java\tscript:alert(1)", None),
        ("a", "href", "data:text/html,x", None),
        ("a", "href", "file:///etc/passwd", None),
        ("a", "href", "//a.example/", None),
        ("a", "href", "\\\\host\\share", None),
        ("a", "href", "#top", None),
        ("a", "href", "https://a.example/" + "x" * 2_000, None),
        ("img", "src", "cid:0", "cid:0"),
        ("img", "src", "blocked:12", "blocked:12"),
        ("img", "src", "https://a.example/x.png", None),
        ("img", "src", "qrc:/x.png", None),
        ("td", "colspan", "2", "2"),
        ("td", "colspan", "100000", None),
        ("td", "width", "99999", "2000"),
        ("td", "width", "40%", "40%"),
        ("table", "cellpadding", "9999", "100"),
        ("td", "bgcolor", "#EEE", "#EEE"),
        ("td", "bgcolor", "url(x)", None),
        ("span", "class", "alt", "alt"),
        ("span", "class", "mine", None),
    ],
)
def test_attributes_are_let_through_by_their_values(tag, name, value, kept):
    assert attribute(tag, name, value) == kept


def test_sheet_of_the_mail_is_followed_where_it_is_plain():
    said = (
        "<style>/* x */ p.MsoNormal, li {margin-top:0cm} .E{color:#1F497D}"
        " @media print {p {color:red}} a:hover{color:red} .gone{display:none}</style>"
        "<p class=MsoNormal>a <span class=e style='font-weight:bold'>b</span></p>"
        "<p class=gone>c</p>"
    )
    assert shown(said) == (
        '<p style="margin-top:0px">a <span style="color:#1f497d;font-weight:bold">b</span></p>'
    )


def test_what_was_quoted_stands_beside_a_line():
    assert 'class="quote"' in shown("before<blockquote>quoted</blockquote>")
    assert "quoted" in shown("before<blockquote>quoted</blockquote>")


def test_empty_line_is_one_line():
    assert shown("<div>a</div><div><br></div><div>b<br></div>c") == (
        "<div>a</div><div><div>&nbsp;</div></div><div>b</div>c"
    )


def test_letters_that_are_forced_round_are_not():
    assert shown("<p>\u202egpj.exe\u202d \u200fשלום</p>") == "<p>gpj.exe \u200fשלום</p>"


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "<", "<!doctype html>", "plain & simple", "\ud83d"]
)
def test_what_is_hardly_html_is_no_trouble(text):
    clean(text.encode("utf-8", "replace").decode())


# Pictures


def test_pictures_are_numbers():
    text = (
        '<img src="cid:logo%40a" alt="Logo"><img src="https://a.example/x.png" alt="Sale &lt;1">'
        '<img src="https://a.example/x.png"><img src="CID:logo@a">'
    )
    html_text, found = clean(text)
    assert html_text == (
        '<img src="cid:0"><img src="blocked:0"><span class="alt">Sale &lt;1</span>'
        '<img src="blocked:0"><img src="cid:0">'
    )
    assert (found["pictures"], found["parts"]) == (["https://a.example/x.png"], ["logo@a"])
    assert found["others"] == 0


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc/x.png",
        "//a.example/x.png",
        "\\\\host\\share\\x.png",
        "/etc/x.png",
        "x.png",
        "data:image/png;base64,iVBOR",
        "qrc:/x.png",
        "smb://host/x.png",
        "ftp://a.example/x.png",
        "javascript:x",
        "blocked:7",
        "http:x.png",
    ],
)
def test_picture_from_elsewhere_leaves_its_words(source):
    html_text, found = clean(f'<p><img src="{source}" alt="Logo"></p>')
    assert html_text == "<p>Logo</p>"
    assert found["pictures"] == []


def test_everything_that_would_have_been_fetched_is_counted_once():
    text = """<style>@import "http://a.example/1.css"; p{background:url(http://a.example/2.png)}
        @font-face{src:url('http://a.example/3.woff')}</style>
        <link rel=stylesheet href=http://a.example/4.css><body background="http://a.example/5.png">
        <p style="background:url(http://a.example/2.png)"><img src="http://a.example/shown.png"
        srcset="http://a.example/6.png 1x, http://a.example/shown.png 2x"></p>
        <video poster=http://a.example/7.png src=//a.example/8><source src=//a.example/9></video>
        <a href="http://a.example/page" ping="http://a.example/10">x</a>
        <svg><image xlink:href="http://a.example/11.png"/></svg>
        <img width=1 height=1 src="http://a.example/12.png?who=anna">"""
    found = facts(text)
    assert found["pictures"] == ["http://a.example/shown.png"]
    assert found["others"] == 12


def test_more_pictures_than_are_loaded_are_counted():
    found = facts("".join(f"<img src=http://a.example/{n}.png>" for n in range(60)))
    assert (len(found["pictures"]), found["others"]) == (50, 10)


def test_wide_picture_and_table_take_the_room_there_is():
    assert shown('<table width="900"><tr><td>a') == (
        '<table width="100%"><tbody><tr><td>a</td></tr></tbody></table>'
    )
    assert shown('<img src="cid:x" width="900" height="90">') == '<img src="cid:0">'


# Colours


@pytest.mark.parametrize(
    ("text", "is_coloured"),
    [
        ("<p>a</p>", False),
        ("<p style='color:#222;background:white'>a</p>", False),
        ("<font color=black>a</font>", False),
        ("<p style='color:#1F497D'>a</p>", True),
        ("<p style='background:#eef'>a</p>", True),
        ("<p style='color:white'>a</p>", True),
        ("<body bgcolor=#dddddd>a", True),
        ("<style>.x{color:red}</style><p class=y>a</p>", False),
    ],
)
def test_mail_with_colours_of_its_own_is_known(text, is_coloured):
    assert facts(text)["is_coloured"] is is_coloured


def test_greys_are_left_to_the_window_in_the_dark():
    text = "<p style='color:#222;text-align:center'>a</p>"
    assert shown(text, dark=True) == '<p style="text-align:center">a</p>'
    assert "color" in shown(text)
    assert "color:#222" in shown(text + "<p style='color:red'>b</p>", dark=True)


# Limits


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>a" * 200,
        "<div>a" * 5_000,
        "<b>a" * 400_000,
        "<blockquote>a" * 300,
        "<ul><li>a" * 500,
        "<table><tr>" * 100_000,
        "</p>" * 100_000,
        "<" * 100_000,
        '<a href="https://a.example/">x</a> ' * 20_000,
        "<p " + "x=1 " * 50_000 + ">a",
        "<p style='" + "color:red;" * 50_000 + "'>a",
        "<style>" + "p{" * 100_000 + "</style>a",
        "<style>" + ".x{color:red}" * 100_000 + "</style>a",
        "&amp;" * 300_000,
        "a" * 5_000_000,
    ],
    ids=lambda text: text[:12],
)
def test_whatever_comes_is_shown_within_limits(text):
    html_text, _ = clean(text, slow=2.0)
    assert len(html_text) < 600_000
    assert _deepest(html_text) <= html_process.MOST_DEPTH + 5
    assert _deepest(html_text, "table") <= html_process.MOST_TABLES


def _deepest(text, tag=None):
    depth = deepest = 0
    for end, name in re.findall(r"<(/?)([a-z0-9]+)", text):
        if name not in ("br", "hr", "img") and tag in (None, name):
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest


def test_what_is_flattened_keeps_its_words_and_lines():
    text = shown("<table><tr><td>a" * 7 + "<tr><td>b<td>c")
    assert re.sub(r"<[^>]*>", "", text.replace("<br>", "|")) == "aaaaaa|a|b c"


def test_long_mail_is_cut_and_said_to_be():
    text = "<p>word</p>" * 1_000
    cut, found = clean(text, most=500)
    assert found["is_cut"] and 400 < len(cut) < 600
    whole, found = clean(text)
    assert not found["is_cut"] and whole == text


def test_mail_that_lays_out_slowly_is_cut():
    _, found = clean("<p>word</p>" * 5_000, slow=0.0)
    assert found["is_cut"]
    assert len(shown("<p>word</p>" * 5_000, slow=0.0)) <= html_process.LEAST_AT_ONCE + 50


def test_words_that_lie_too_deep_are_said_to_be_missing():
    assert facts("<div>" * 5_000 + "a")["is_cut"]


# The process


def test_process_serves_one_mail_after_the_other_and_ends_with_its_input():
    asked = [b"<p>first</p>", "<p>andra å</p>".encode()]
    said = b"".join(
        json.dumps(Asked(len(text), 700, 1_000, 1.0, False)._asdict()).encode() + b"\n" + text
        for text in asked
    )
    done = subprocess.run(
        [sys.executable, "-P", str(html.PROCESS)], input=said, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"<p>first</p>" in done.stdout and "<p>andra å</p>".encode() in done.stdout


async def test_cleaner_keeps_its_process_from_mail_to_mail():
    cleaner = Cleaner()
    try:
        first = await cleaner.clean("<p>å<script>x</script>", 700)
        process = cleaner.process
        second = await cleaner.clean('<img src="http://a.example/x"><img src="cid:b">', 700)
        assert cleaner.process == process
    finally:
        cleaner.close()
    assert first.html == "<p>å</p>"
    assert (second.pictures, second.parts) == (("http://a.example/x",), ("b",))


async def test_mail_that_takes_too_long_is_given_up_and_the_next_is_shown():
    cleaner = Cleaner()
    try:
        await cleaner.clean("<p>first</p>", 700)
        process = cleaner.process
        cleaner._patience = 0.2
        with pytest.raises(Unreadable) as caught:  # eighty million cells
            await cleaner.clean("<table><tr>" + "<td>" * 9_000 + "<tr>" * 9_000, 700)
        assert (caught.value.why, cleaner.process) == (Why.SLOW, None)
        cleaner._patience = html.PATIENCE
        assert (await cleaner.clean("<p>next</p>", 700)).html == "<p>next</p>"
        assert cleaner.process != process
    finally:
        cleaner.close()


async def test_mail_that_is_too_large_is_not_looked_at():
    cleaner = Cleaner()
    with pytest.raises(Unreadable) as caught:
        await cleaner.clean("a" * (html.MOST_BYTES + 1), 700)
    assert (caught.value.why, cleaner.process) == (Why.TOO_LARGE, None)


@pytest.mark.parametrize(
    "program",
    [
        "",  # it dies
        "print('nonsense')",
        "print('{}')",
        "print('x' * 10**6)",
        "print('" + json.dumps(dict.fromkeys(("bytes", "pictures", "parts"), 0)) + "')",
    ],
)
async def test_process_that_says_what_it_never_would_is_ended(monkeypatch, tmp_path, program):
    file = tmp_path / "taken_over.py"
    file.write_text(f"import sys; sys.stdin.buffer.readline()\n{program}\n")
    monkeypatch.setattr(html, "PROCESS", file)
    cleaner = Cleaner()
    try:
        with pytest.raises(Unreadable) as caught:
            await cleaner.clean("<p>a", 700)
    finally:
        cleaner.close()
    assert (caught.value.why, cleaner.process) == (Why.BROKEN, None)


async def test_closed_cleaner_starts_nothing():
    cleaner = Cleaner()
    cleaner.close()
    with pytest.raises(Unreadable):
        await cleaner.clean("<p>a", 700)
    assert cleaner.process is None


async def test_packed_program_shows_the_text(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(Unreadable):
        await Cleaner().clean("<p>a", 700)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
async def test_process_has_no_more_than_it_needs():
    import resource

    cleaner = Cleaner()
    try:
        await cleaner.clean("<p>a", 700)
        limits = {
            name: resource.prlimit(cleaner.process, getattr(resource, f"RLIMIT_{name}"))[0]
            for name in ("DATA", "CORE", "FSIZE", "CPU")
        }
    finally:
        cleaner.close()
    assert limits["DATA"] <= html_process.MOST_MEMORY
    assert (limits["CORE"], limits["FSIZE"]) == (0, 0)
    assert 0 < limits["CPU"] <= html_process.MOST_WORK + 5


@pytest.mark.parametrize("file", sorted((DATA / "talon-html").glob("*.html")), ids=lambda f: f.stem)
def test_replies_of_real_programs_keep_their_words(file):
    said = file.read_text("utf-8", "replace")
    html_text, found = clean(said)
    assert not found["is_cut"]
    for word in re.findall(r">\s*(Reply|Test|Hi|Hello|On)\b", said):
        assert word in html_text
