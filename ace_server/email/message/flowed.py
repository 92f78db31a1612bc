"""format=flowed: lines that were cut for the way are joined again (RFC 3676 §4)."""


def unwrapped(text: str, *, delsp: bool = False) -> str:
    """The text with whole paragraphs; `delsp`: the blank at a cut was not the writer's."""
    lines: list[str] = []
    paragraph: list[str] = []
    depth_before = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # space-stuffing
        is_signature = content == "-- "
        if paragraph and (depth != depth_before or is_signature):
            lines.append(_quoted(paragraph, depth_before))
            paragraph = []
        depth_before = depth
        if content.endswith(" ") and not is_signature:
            paragraph.append(content[:-1] if delsp else content)
        else:
            lines.append(_quoted([*paragraph, content], depth))
            paragraph = []
    if paragraph:
        lines.append(_quoted(paragraph, depth_before))
    return "\n".join(lines)


def _quoted(pieces: list[str], depth: int) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth else text
