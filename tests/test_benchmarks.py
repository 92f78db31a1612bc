"""That each benchmark runs, and what is made of its samples; never how fast anything is."""

import json
from itertools import count

import pytest

import benchmarks
from ace_server.email.message import parse
from ace_server.workitem import message
from benchmarks import bank, command, growth, mails, senders, smooth
from benchmarks.measuring import Comparison, Failed, Goal, Plan, Result, Side, in_turn, percentile
from tests import dovecot, postgresql

AGAINST_POSTGRESQL = ("journal",)
"""What is measured against PostgreSQL alone."""

FROM_DOVECOT = ("mail", "unblocked")
"""What fetches mail."""


@pytest.mark.parametrize("name", command.NAMES)
def test_benchmark_runs(name, tmp_path, capsys):
    if name in AGAINST_POSTGRESQL and postgresql.programs() is None:
        pytest.skip(postgresql.MISSING)
    if name in FROM_DOVECOT and not dovecot.is_installed():
        pytest.skip(dovecot.MISSING)
    file = tmp_path / "results.json"

    assert benchmarks.run([name], short=True, json_file=file) == 0

    (found,) = json.loads(file.read_text("utf-8"))
    assert found["name"] == name
    assert {one["goal"] for one in found["comparisons"]} - {None}
    for comparison in found["comparisons"]:
        for side in (comparison["measured"], comparison["against"]):
            assert len(side["samples"]) == 1 and side["median"] > 0
    assert "goal" in capsys.readouterr().out


def test_short_form_leaves_the_results_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    monkeypatch.setattr(command, "BENCHMARKS", {"store": lambda plan: RESULT})

    assert benchmarks.run(["store"], short=True) == 0
    assert not list(tmp_path.iterdir())

    assert benchmarks.run(["store"]) == 0
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text("utf-8"))["comparisons"][0]["met"] is True


def test_benchmark_that_fails_says_why_and_the_others_run(monkeypatch, capsys):
    def fail(plan):
        raise Failed("the server went away")

    monkeypatch.setattr(command, "BENCHMARKS", {"ingest": fail, "store": lambda plan: RESULT})

    assert benchmarks.run(["ingest", "store"], short=True) == 1

    out, err = capsys.readouterr()
    assert err == "ingest: the server went away\n"
    assert out.startswith("a title")


def test_unknown_name_is_wrong_usage(capsys):
    assert benchmarks.run(["store", "storee"]) == 2
    assert "'storee'" in capsys.readouterr().err


def test_sides_are_measured_in_turn_after_one_that_does_not_count(tmp_path):
    order = []
    numbers = count(1)

    def measured(label):
        order.append(label)
        return float(next(numbers))

    plan = Plan(tmp_path)
    found = in_turn(plan, {"a": lambda: measured("a"), "b": lambda: measured("b")})

    assert "".join(order) == "ab" * (plan.rounds + 1)
    assert found["a"].samples[0] == 3.0
    assert len(found["b"].samples) == plan.rounds >= 5


def test_result_shows_both_sides_the_ratio_and_the_verdict():
    assert RESULT.text().splitlines() == [
        "a title [per second]",
        f"  {'ours':46} {'2,000':>8}   (1,000 … 3,000)",
        f"  {'theirs':46} {'1,000':>8}   (1,000 … 1,000)",
        f"  {'÷ theirs':46} {'2.00':>8}   (1.00 … 3.00)   goal ≥ 2: met",
        "  note: something",
    ]


@pytest.mark.parametrize(
    ("goal", "ratio", "met"),
    [
        (Goal(least=0.4), 0.4, True),
        (Goal(least=0.4), 0.39, False),
        (Goal(most=3), 3.0, True),
        (Goal(most=3), 3.01, False),
    ],
)
def test_goal_is_a_bound_that_may_be_reached(goal, ratio, met):
    assert goal.is_met(ratio) is met


def test_percentile():
    assert percentile([float(one) for one in range(101)], 99) == 99.0
    assert percentile([7.0], 99) == 7.0


def test_work_items_are_as_long_as_they_say_and_have_ids_of_their_own():
    requests = bank.requests()
    bodies = [next(requests).partition(b"\r\n\r\n")[2] for _ in range(2)]

    assert [len(body) for body in bodies] == [bank.MESSAGE_BYTES] * 2
    ids = [message.parse(body).external_id for body in bodies]
    assert ids == [bank.external_id(1), bank.external_id(2)]


def test_large_work_items_have_an_attachment_of_their_own():
    heads = [bank.large_request(number, 5000).partition(b"\r\n\r\n") for number in (1, 2)]
    for head, _, body in heads:
        assert f"Content-Length: {len(body)}".encode() in head
    assert heads[0][2] != heads[1][2].replace(b"LARGE-0000000002", b"LARGE-0000000001")


def test_a_tick_is_late_by_how_long_after_it_was_due_it_came():
    ticks = smooth.Ticks(0.01, [0.0, 0.01, 0.09, 0.1])
    assert smooth._lateness(ticks, (0.005, 0.095)) == pytest.approx([0.0, 0.07])
    with pytest.raises(Failed, match="never came"):
        smooth._lateness(ticks, (1.0, 2.0))


def test_sender_waits_for_the_whole_answer_and_refuses_what_is_no_success():
    answers, faults = [], []
    connection = senders.Connection(lambda it, took: answers.append(took))
    connection.on_fault = faults.append

    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal")
    assert not answers
    connection.data_received(b"lo")
    assert len(answers) == 1
    connection.data_received(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert len(answers) == 2 and not faults
    connection.data_received(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    assert len(answers) == 2 and isinstance(faults[0], Failed)


def test_mails_are_the_same_each_time_and_say_what_they_should():
    written = list(mails.mails(40))
    assert written == list(mails.mails(40))
    assert len({mail.subject for mail in written}) == len(written)
    for mail in written:
        understood = parse(mail.raw)
        assert understood.subject == mail.subject
        assert mails.is_kept(mail, understood.text) and mails.is_legible(mail, understood.text)
        assert not mails.is_kept(mail, understood.text.replace(mail.text[20], "\ufffd"))
        assert understood.html and not understood.faults
    assert [len(parse(mail.raw).parts) for mail in written].count(1) == 2, "one in twenty"
    assert len(mails.large(100_000, "large")) == pytest.approx(100_000, rel=0.02)


def test_growth_is_drawn_from_a_result(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(growth, "RESULTS", tmp_path)
    monkeypatch.setattr(growth, "PICTURE", tmp_path / "routing.svg")
    assert growth.main() == 1
    assert "run the benchmark" in capsys.readouterr().err

    found = Result(
        title="a title",
        unit="per second",
        comparisons=[
            Comparison(
                Side(f"router, {size}", [least, 2 * least]),
                Side(f"bare heaps, {size}", [5 * least, 5 * least]),
            )
            for size, least in (("1,000 × 10", 2000.0), ("100,000 × 2,000", 1000.0))
        ],
    )
    (tmp_path / "routing-1.json").write_text(json.dumps(found.facts()), "utf-8")
    assert growth.main() == 0
    picture = (tmp_path / "routing.svg").read_text("utf-8")
    for text in ("1,000 × 10", "100,000 × 2,000", ">3,000<", ">1,500<", ">10,000<", ">5,000<"):
        assert text in picture


RESULT = Result(
    title="a title",
    unit="per second",
    comparisons=[
        Comparison(
            Side("ours", [1000.0, 2000.0, 3000.0]), Side("theirs", [1000.0] * 3), Goal(least=2)
        )
    ],
    notes=["something"],
)
