"""Where a file is to be saved: asked for, and asked again where one is there already."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from ace_agent.loop import closed
from ace_agent.sentences import filled
from ace_agent.widgets.question import Answer, Question, ask

translate = QCoreApplication.translate

REPLACE = 1


async def ask_where(parent: QWidget, title: str, name: str) -> Path | None:
    """Where to save a file of this name; None: it is not to be saved after all."""
    target = await _ask_where(parent, title, name)
    if target is None or not await asyncio.to_thread(target.exists):
        return target
    return target if await ask(_replace_question(parent, target)) == REPLACE else None


async def _ask_where(parent: QWidget, title: str, name: str) -> Path | None:
    downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    dialog = QFileDialog(parent, title, downloads)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # its question stops the loop
    dialog.selectFile(name)
    try:
        accepted = await closed(dialog) == QFileDialog.DialogCode.Accepted
        return Path(dialog.selectedFiles()[0]) if accepted else None
    finally:
        dialog.deleteLater()


def _replace_question(parent: QWidget, target: Path) -> Question:
    return Question(
        parent,
        filled(translate("saving", "Replace %1?"), target.name),
        translate("saving", "There is a file of this name already:"),
        [
            Answer(translate("saving", "Keep it"), "primary"),
            Answer(translate("saving", "Replace")),
        ],
        detail=str(target),
    )
