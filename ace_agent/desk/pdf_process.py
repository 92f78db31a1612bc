"""Draws the pages of one PDF: a process of its own, run by its path and spoken to by `pdf`.

A PDF comes from outside and may be made to hang, to fill the memory or to break what reads it;
here it does so to this process alone, which `pdf` ends. Nothing of ours is imported. No link is
followed and no script is run: QtPdf has none.

It is asked on standard input, a line each, and answers on standard output with a line of JSON,
after which the bytes of a picture may follow. It ends when its standard input does.
"""

import json
import sys
from collections.abc import Sequence
from typing import BinaryIO

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument, QPdfDocumentRenderOptions

if sys.platform != "win32":
    import resource

MOST_MEMORY = 1024**3  # bytes; not of address space, of which QtPdf reserves far more than it uses
MOST_WORK = 300  # seconds of the processor, for all pages together

NONE = QPdfDocument.Error.None_


def main(arguments: Sequence[str]) -> int:
    """Open the file named, then answer until there is nothing more to answer."""
    limit()
    document = QPdfDocument()
    error = document.load(arguments[0])
    serve(document, error, sys.stdin.buffer, sys.stdout.buffer)
    return 0


def limit() -> None:
    """Take from this process what it does not need; Windows has no such limits."""
    if sys.platform != "win32":
        for what, most in (
            (resource.RLIMIT_DATA, MOST_MEMORY),
            (resource.RLIMIT_CPU, MOST_WORK),
            (resource.RLIMIT_CORE, 0),  # it would hold what a customer wrote
            (resource.RLIMIT_FSIZE, 0),
        ):
            hard = resource.getrlimit(what)[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (least, least))


def serve(
    document: QPdfDocument, error: QPdfDocument.Error, requests: BinaryIO, answers: BinaryIO
) -> None:
    """Say how many pages there are, then answer `size PAGE` and `draw PAGE WIDTH HEIGHT`."""
    pages = document.pageCount() if error == NONE else 0
    _say(answers, {"pages": pages, "error": "" if error == NONE else error.name})
    for line in requests:
        verb, *numbers = line.decode("ascii").split()
        if verb == "size":
            size = document.pagePointSize(int(numbers[0]))
            _say(answers, {"width": size.width(), "height": size.height()})
        else:
            page, width, height = map(int, numbers)
            _draw(answers, document, page, QSize(width, height))


def _draw(answers: BinaryIO, document: QPdfDocument, page: int, size: QSize) -> None:
    options = QPdfDocumentRenderOptions()
    options.setRenderFlags(QPdfDocumentRenderOptions.RenderFlag.Annotations)  # what was filled in
    image = document.render(page, size, options)
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    count = image.sizeInBytes()
    _say(answers, {"width": image.width(), "height": image.height(), "bytes": count})
    answers.write(image.constBits()[:count])
    answers.flush()


def _say(answers: BinaryIO, said: dict[str, object]) -> None:
    answers.write(json.dumps(said).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
