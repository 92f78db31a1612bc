"""Whether what fetches, sends and writes e-mail fits together: what `configure` says of it."""

import pytest

from ace_server.email import smtp_server, urls
from tests.administration.sites import assembled, problems

SUPPORT = '[[mail_account]]\nname = "support"\nfetch = "{}"\n'
MAIL = SUPPORT.format("imaps://me@mail.example")
POP3 = SUPPORT.format("pop3s://me@mail.example")
MAILDIR = SUPPORT.format("maildir:/var/mail/support")
OTHER = '[[mail_account]]\nname = "other"\nfetch = "{}"\n'
SMTP = '[[smtp_server]]\nname = "outgoing"\nurl = "{}"\n'
OUT = SMTP.format("smtps://mail.example")
CLIENT = '[[oauth_client]]\nname = "provider"\nclient_id = "ace"\ntoken_url = "{}"\n'
PROVIDER = CLIENT.format("https://login.example/token")
FROM = 'return_address = "a@bank.example"\nsmtp = "outgoing"\n'
USER = '[[user]]\nlogin = "anna"\nname = "Anna Berg"\nrole = "agent"\n'
TEMPLATE = '[[mail_template]]\nname = "Missing"\ntext = "{}"\n'
ANSWER = (
    '[[answer_text]]\nname = "English"\ntext = "Thank you."\n'
    '[[automatic_answer]]\nname = "a"\nmode = "{}"\ntext = "English"\n'
)

RIGHT = {
    "mail without TLS on this machine": SUPPORT.format("imap://me@127.0.0.1:1143"),
    "mail of this machine by name": SUPPORT.format("pop3://me@localhost"),
    "mail of this machine by IPv6": SUPPORT.format("pop3://me@[::1]:110"),
    "mail with TLS": MAIL,
    "mail with STARTTLS": SUPPORT.format("imap+starttls://me@mail.example:143/"),
    "mail by POP3 with STARTTLS": SUPPORT.format("pop3+starttls://me@mail.example"),
    "at sign in the user": SUPPORT.format("imaps://me%40bank.example@mail.example"),
    "letters beyond ASCII in the user": SUPPORT.format("imaps://b%C3%B6rje@mail.example"),
    "maildir": MAILDIR + 'folders = ["INBOX", "Forms"]\nafterwards = "seen"\n',
    "SMTP on this machine": SMTP.format("smtp://127.0.0.1:1025"),
    "SMTP with a user": SMTP.format("smtps://me%40bank.example@mail.example:465"),
    "SMTP with STARTTLS": SMTP.format("smtp+starttls://mail.example:587"),
    "password from a file": MAIL + 'password = "file:/run/secrets/mail"',
    "OAuth": PROVIDER
    + MAIL
    + 'oauth = "provider"\npassword = "env:REFRESH"\n'
    + SMTP.format("smtps://me@mail.example")
    + 'oauth = "provider"',
    "secret of a client from a file": PROVIDER + 'secret = "file:/run/secrets/client"',
    "token service on this machine": CLIENT.format("http://127.0.0.1:8080/token?tenant=7"),
    "own authority": MAIL + 'ca_file = "/etc/ace/ca.pem"\n' + OUT + "ca_file = 'C:\\ace\\ca.pem'",
    "inbox of POP3": POP3 + 'folders = ["Inbox"]\nafterwards = "delete"',
    "moved": MAIL + 'afterwards = "move"\nmoved_to = "Fetched"\nserver = "any text"',
    "return address": OUT + MAIL + FROM,
    "answers": OUT + MAIL + FROM + ANSWER.format("always"),
    "answers that are off": MAIL + ANSWER.format("never"),
    "own address in two spellings": OUT
    + MAIL.replace('"support"', '"A@bank.example"')
    + FROM
    + 'alternative_addresses = ["b@bank.example"]',
    "two folders of one mailbox": MAIL
    + OTHER.format("imaps://me@mail.example")
    + 'folders = ["B"]',
    "two mailboxes of one machine": SUPPORT.format("imap://me@localhost:1143")
    + OTHER.format("imap://me@localhost:1144"),
    "user with an address elsewhere": OUT + MAIL + FROM + USER + 'email = "anna@bank.example"',
    "texts with variables": TEMPLATE.format(
        "{{Dear}} {cid}, { yours } is here. {AgentName}"
    ).replace("{ yours }", "{")
    + MAIL
    + 'signature = "{AgentName}, {TaskType}"',
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_is_right(text):
    assert problems(text) == []


IN_CLEAR = "is needed in clear, so it is not kept here: give env:NAME, file:PATH or ask"

WRONG = {
    "literal password of mail": (
        MAIL + 'password = "correct horse"',
        f"mail_account support, password: {IN_CLEAR}",
    ),
    "literal password of SMTP": (
        OUT + 'password = "correct horse"',
        f"smtp_server outgoing, password: {IN_CLEAR}",
    ),
    "literal secret of a client": (
        PROVIDER + 'secret = "correct horse"',
        f"oauth_client provider, secret: {IN_CLEAR}",
    ),
    "hash as the secret of a client": (
        PROVIDER + 'secret = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$aGFzaGhhc2g"',
        f"oauth_client provider, secret: {IN_CLEAR}",
    ),
    "mail without TLS": (
        SUPPORT.format("imap://me@mail.example"),
        "mail_account support, fetch: imap without TLS is for this machine only: use imaps or"
        " imap+starttls",
    ),
    "POP3 without TLS": (
        SUPPORT.format("pop3://me@10.0.0.1"),
        "mail_account support, fetch: pop3 without TLS is for this machine only: use pop3s or"
        " pop3+starttls",
    ),
    "SMTP without TLS": (
        SMTP.format("smtp://mail.example"),
        "smtp_server outgoing, url: smtp without TLS is for this machine only: use smtps or"
        " smtp+starttls",
    ),
    "tokens without TLS": (
        CLIENT.format("http://login.example/token"),
        "oauth_client provider, token_url: http without TLS is for this machine only: use https",
    ),
    "host is missing": (
        SMTP.format("smtps:///path"),
        "smtp_server outgoing, url: the host is missing",
    ),
    "port that is none": (
        SMTP.format("smtps://mail.example:70000"),
        "smtp_server outgoing, url: not an address: Port out of range 0-65535",
    ),
    "port of the token service that is none": (
        CLIENT.format("https://login.example:x/token"),
        "oauth_client provider, token_url: not an address: Port could not be cast to integer"
        " value as 'x'",
    ),
    "folder in the address": (
        SUPPORT.format("imaps://me@mail.example/INBOX"),
        "mail_account support, fetch: ends with the host and its port: leave out what follows",
    ),
    "space in an address": (
        SUPPORT.format("imaps://me too@mail.example"),
        "mail_account support, fetch: an address has no space and no control characters",
    ),
    "password in an address": (
        SMTP.format("smtps://me:secret@mail.example"),
        "smtp_server outgoing, url: a password never stands in an address: use the field password",
    ),
    "user of the token service": (
        CLIENT.format("https://me@login.example/token"),
        "oauth_client provider, token_url: user and password never stand in this address: use"
        " client_id and secret",
    ),
    "fragment of the token service": (
        CLIENT.format("https://login.example/token#x"),
        "oauth_client provider, token_url: nothing stands behind #: leave it out",
    ),
    "no user": (
        SUPPORT.format("imap+starttls://mail.example"),
        "mail_account support, fetch: the user is missing: write imap+starttls://USER@…",
    ),
    "no user for the tokens of SMTP": (
        PROVIDER + OUT + 'oauth = "provider"',
        "smtp_server outgoing, url: the user is missing: write smtps://USER@…",
    ),
    "bare at sign in the user": (
        SUPPORT.format("imaps://me@bank.example@mail.example"),
        "mail_account support, fetch: an at sign in the user is written %40",
    ),
    "bare percent sign in the user": (
        SUPPORT.format("imaps://me%4x@mail.example"),
        "mail_account support, fetch: a percent sign in the user is written %25",
    ),
    "line break in the user": (
        SUPPORT.format("imaps://me%0D%0A@mail.example"),
        "mail_account support, fetch: what % stands for in the user is no text in UTF-8",
    ),
    "no UTF-8 in the user": (
        SUPPORT.format("imaps://b%F6rje@mail.example"),
        "mail_account support, fetch: what % stands for in the user is no text in UTF-8",
    ),
    **{
        f"maildir of {path}": (
            SUPPORT.format(f"maildir:{path}"),
            "mail_account support, fetch: the path of a maildir begins at the root, with /; in it #"
            " is %23, ? %3F and % %25",
        )
        for path in ("mail", "C:/mail", "//server/mail", "/mail#1", "/mail?1")
    },
    "log in to a maildir": (
        PROVIDER + MAILDIR + 'oauth = "provider"',
        "mail_account support, oauth: nobody logs in to a maildir: leave it out",
    ),
    "certificates of a maildir": (
        MAILDIR + 'ca_file = "/etc/ace/ca.pem"',
        "mail_account support, ca_file: nobody logs in to a maildir: leave it out",
    ),
    "unknown client": (
        MAIL + 'oauth = "provider"',
        "mail_account support, oauth: oauth_client 'provider' is not configured",
    ),
    "unknown client of SMTP": (
        SMTP.format("smtps://me@mail.example") + 'oauth = "provider"',
        "smtp_server outgoing, oauth: oauth_client 'provider' is not configured",
    ),
    "certificates that depend": (
        MAIL + 'ca_file = "ca.pem"',
        "mail_account support, ca_file: the path of a file begins at the root",
    ),
    "certificates of SMTP that depend": (
        OUT + 'ca_file = "ca.pem"',
        "smtp_server outgoing, ca_file: the path of a file begins at the root",
    ),
    "same folder twice": (
        MAIL + 'folders = ["INBOX", "inbox"]',
        "mail_account support, folders: folder 'INBOX' stands 2 times",
    ),
    "folders of POP3": (
        POP3 + 'folders = ["INBOX", "Forms"]',
        "mail_account support, folders: POP3 has no folder but INBOX: leave folders out",
    ),
    "seen by POP3": (
        POP3 + 'afterwards = "seen"',
        'mail_account support, afterwards: POP3 can only keep or delete a mail: write "keep" or'
        ' "delete"',
    ),
    "moved by POP3": (
        POP3 + 'afterwards = "move"\nmoved_to = "Fetched"',
        'mail_account support, afterwards: POP3 can only keep or delete a mail: write "keep" or'
        ' "delete"',
    ),
    "moved nowhere": (
        MAIL + 'afterwards = "move"',
        'mail_account support, moved_to: is needed where afterwards is "move"',
    ),
    "not moved": (
        MAIL + 'afterwards = "seen"\nmoved_to = "Fetched"',
        'mail_account support, moved_to: is asked only where afterwards is "move"',
    ),
    "moved to where it is fetched": (
        MAIL + 'afterwards = "move"\nmoved_to = "inbox"',
        "mail_account support, moved_to: is fetched from, too: name another folder",
    ),
    "unknown SMTP server": (
        MAIL + 'smtp = "outgoing"',
        "mail_account support, smtp: smtp_server 'outgoing' is not configured",
    ),
    "return address that is none": (
        OUT + MAIL + FROM.replace("a@bank.example", "support"),
        "mail_account support, return_address: 'support' is no mail address",
    ),
    "other address that is none": (
        OUT + MAIL + FROM + 'alternative_addresses = ["a b@c"]',
        "mail_account support, alternative_addresses: 'a b@c' is no mail address",
    ),
    "other address twice": (
        OUT + MAIL + FROM + 'alternative_addresses = ["b@c.example", "b@c.example"]',
        "mail_account support, alternative_addresses: address 'b@c.example' stands 2 times",
    ),
    "return address without a server": (
        MAIL + 'return_address = "a@bank.example"',
        "mail_account support, smtp: mail from this account's addresses needs it",
    ),
    "other address without a server": (
        MAIL + 'alternative_addresses = ["a@bank.example"]',
        "mail_account support, smtp: mail from this account's addresses needs it",
    ),
    "answer without a return address": (
        OUT + MAIL + 'smtp = "outgoing"\n' + ANSWER.format("always"),
        "mail_account support, return_address: automatic_answer a needs it",
    ),
    "answer without a server": (
        MAIL + 'return_address = "a@bank.example"\n' + ANSWER.format("always"),
        "mail_account support, smtp: automatic_answer a needs it",
    ),
    "address of two entrances": (
        OUT
        + MAIL
        + FROM
        + OTHER.format("imaps://o@mail.example")
        + 'smtp = "outgoing"\nalternative_addresses = ["A@bank.example"]',
        "mail_account other: support has A@bank.example, too",
    ),
    "name of another entrance": (
        OUT
        + MAIL.replace('"support"', '"b@bank.example"')
        + OTHER.format("imaps://o@mail.example")
        + FROM.replace("a@", "B@"),
        "mail_account other: b@bank.example has B@bank.example, too",
    ),
    "mailbox of two accounts": (
        MAIL
        + OTHER.format("imap+starttls://m%65@MAIL.example")
        + 'folders = ["Forms", "inbox", "INBOX2"]',
        "mail_account other, fetch: mail_account support fetches folder 'INBOX' of this mailbox,"
        " too",
    ),
    "maildir of two accounts": (
        MAILDIR + OTHER.format("maildir:/var/mail/support/"),
        "mail_account other, fetch: mail_account support fetches folder 'INBOX' of this mailbox,"
        " too",
    ),
    "user with the address of an entrance": (
        OUT + MAIL + FROM + USER + 'email = "A+1@bank.example"',
        "user anna, email: 'A+1@bank.example' is of a mail_account: what is sent there would be"
        " fetched again",
    ),
    "rule to the address of an entrance": (
        OUT + MAIL + FROM + '[[routing_rule]]\nto = [{ external = "a@bank.example" }]',
        "routing_rule 1, to 1, external: 'a@bank.example' is of a mail_account: what is sent there"
        " would be fetched again",
    ),
    "address of a user that is none": (
        USER + 'email = "anna"',
        "user anna, email: 'anna' is no mail address",
    ),
    "unknown variable of a signature": (
        MAIL + 'signature = "{Agentname}"',
        "mail_account support, signature: variable 'Agentname' is not configured",
    ),
    "unknown variable of a template": (
        TEMPLATE.format("Yours, {agent} {agent}"),
        "mail_template Missing, text: variable 'agent' is not configured",
    ),
    "template of an unknown area": (
        TEMPLATE.format("Hello.") + 'area = "Cards"',
        "mail_template Missing, area: organisation_area 'Cards' is not configured",
    ),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_is_wrong(text, problem):
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    "url", ["imaps://[::1", "imaps://me@mail.example:port", "imaps://me@", "maildir://[::1"]
)
def test_broken_address_is_one_problem_and_no_mailbox(url):
    (problem,) = problems(SUPPORT.format(url))
    assert problem.startswith("mail_account support, fetch: ")
    assert len(problems(SUPPORT.format(url) + OTHER.format(url))) == 2


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_can_be_fetched_from_and_sent_by(text):
    found = assembled(text)
    for account in found.mail_accounts.values():
        urls.parse(urls.without_user(account.fetch)[0])
    for server in found.smtp_servers.values():
        smtp_server.server(server.url)
