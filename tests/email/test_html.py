"""HTML as text: what a browser shows, as lines (EM-3)."""

from pathlib import Path

import pytest
from hypothesis import given, strategies

from ace_server.email.html import joined, of_text, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n  two</p><p>three</p>", "One two\n\nthree"),
        ("one<br>two<br/>\n three", "one\ntwo\nthree"),
        ("one<br><br><br>two", "one\n\ntwo"),
        ("<div>one</div><div>two<br></div><div><br></div><div>three</div>", "one\ntwo\n\nthree"),
        ("<b>bo</b>ld <i>and</i>\n<u>more</u>", "bold and more"),
        ("a&nbsp;b &amp; &lt;c&gt; &euro; &#228; &unknown;", "a b & <c> € ä &unknown;"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd"),
        ("<ol><li><p>a</p></li><li>b</li></ol>", "1. a\n\n2. b"),
        ("<h1>Title</h1>text<hr>end", "Title\n\ntext\n---\nend"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<img alt="A picture" src="cid:x"> text <img src="y">', "A picture text"),
    ],
)
def test_lines_of_a_page(html, text):
    assert to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<table><tr><td>Name</td><td>Ada</td></tr><tr><th>Age<td>36</table>",
            "Name\tAda\nAge\t36",
        ),
        ("<table><tr><td><p>Name</p></td><td><div>Ada</div></td></tr></table>", "Name\tAda"),
        ("a<table><tr><td></td><td>x</td></tr></table>b", "a\nx\nb"),
    ],
)
def test_cells_are_separated(html, text):
    assert to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://x.example/p">here</a>', "here <https://x.example/p>"),
        ('<a href="https://x.example/p">https://x.example/p</a>', "https://x.example/p"),
        ('<a href="http://www.x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<a href="https://x.example"><img src="y"></a>', ""),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="#top">up</a>', "up"),
    ],
)
def test_target_of_a_link_is_shown_where_its_text_differs(html, text):
    assert to_text(html) == text


def test_nothing_that_is_not_shown():
    assert (
        to_text(
            "<html><head><title>T</title><style>s {}</style></head><body>"
            '<div style="color: red; Display : none">preheader</div><p hidden>h</p>'
            "<script>x = 1</script><!-- comment --><style>b {}</style>"
            "<template>t</template>seen</body></html>"
        )
        == "seen"
    )


def test_quotes_are_marked():
    assert (
        to_text("Yes.<blockquote>Is it?<br>Now?<blockquote>No.</blockquote></blockquote>So.")
        == "Yes.\n\n> Is it?\n> Now?\n>\n> > No.\n\nSo."
    )


@pytest.mark.parametrize("html", ["", " ", "<!--", "<b", "</a>", "<html></html>", "\0"])
def test_nothing_is_an_empty_text(html):
    assert to_text(html) == ""


def test_declaration_of_an_encoding_is_passed_over():
    html = '<?xml version="1.0" encoding="utf-16"?><meta charset="koi8-r"><p>Grüße</p>'
    assert to_text(html) == "Grüße"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>" * 400_000 + "end", "end"),
        ("x<b>" * 3_000 + "&amp;<!-- > no -->", "\n".join("x" * 3_000) + "\n&"),
        ("<b>" * 100_000 + "</i>" * 100_000 + "end", "end"),
        ("<p " + "a=b " * 100_000 + ">end", "end"),
        ("<blockquote>" * 1_000 + "end", "> " * 20 + "end"),
    ],
)
def test_hostile_depth_keeps_its_words(html, text):
    assert to_text(html) == text


def test_five_megabytes_are_read():
    assert to_text("<p>hello <a href='http://x.example'>l</a>" * 120_000).count("hello") == 120_000


def test_joined_documents_do_not_reach_into_each_other():
    html = joined(['<p>one<img src="http://evil.example/', '">two', of_text("a < b\nc")])
    assert "evil" not in html
    assert to_text(html) == 'one\n\n">two\na < b c'


def test_joined_documents_may_be_empty_or_too_deep():
    assert to_text(joined(["", "<p>one", "<div>" * 3_000 + "two", "<!--"])) == "one\n\ntwo"


@given(
    strategies.lists(
        strategies.sampled_from(
            "<p> <div> </div> <td> <tr> <table> </table> <li> <ul> </ul> <a href='http://x'> </a>"
            " <pre> </pre> <br> <blockquote> </blockquote> x &#x80; &#1; &nbsp; <b <!-- --> <style>"
            " \ud800 \x85 \r \0".split(" ")
        )
        | strategies.just(" \n")
        | strategies.text(max_size=5)
    )
)
def test_any_html_is_a_clean_text(pieces):
    text = to_text("".join(pieces))
    assert not any(ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < 160 for c in text)
    text.encode()


def test_replies_of_mail_programs():
    folder = Path(__file__).parent.parent / "data" / "mail" / "talon-html"
    files = sorted(folder.glob("*.html"))
    assert files
    for file in files:
        text = to_text(file.read_text("utf-8"))
        assert "Hello" in text or "Hi" in text, file.name
        assert "<div" not in text and "{" not in text, file.name
