"""The language of the windows: which there are, which one is right, and putting it on.

What is said stands in `resources/translations`; numbers, dates and times follow the language.
"""

from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from resources import path

Choice = Literal["", "en", "sv"]
"""A language, or the system's."""

SOURCE = "en"
"""The language of the sources."""

LANGUAGES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "sv": QLocale(QLocale.Language.Swedish, QLocale.Country.Sweden),
}
"""The languages there are, each with how it writes numbers and dates unless the system knows."""

NAME = "ace"
"""How our translations are called; Qt's own are `qtbase`."""


def chosen(choice: Choice, system: QLocale) -> QLocale:
    """The chosen language, else the first of the system's that there is, else English."""
    wanted = [choice] if choice else [tag.split("-")[0] for tag in system.uiLanguages()]
    language = next((one for one in wanted if one in LANGUAGES), SOURCE)
    return system if code(system) == language else LANGUAGES[language]


def code(locale: QLocale) -> str:
    """The two letters of a language."""
    return QLocale.languageToCode(locale.language())


def speak(app: QCoreApplication, locale: QLocale) -> None:
    """Say everything in this language from now on; what is shown already stays as it is."""
    QLocale.setDefault(locale)
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", qt), (NAME, str(path("translations")))):
        old = app.findChild(QTranslator, name)
        if old is not None:
            app.removeTranslator(old)
            old.setParent(None)  # it goes now: its successor is found by the same name
        translator = QTranslator(app)
        translator.setObjectName(name)
        if translator.load(f"{name}_{code(locale)}", folder):
            app.installTranslator(translator)
