<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Addresses</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DataPane</name>
    <message numerus="yes">
        <source>%n more keys are not shown.</source>
        <translation>
            <numerusform>%n more key is not shown.</numerusform>
            <numerusform>%n more keys are not shown.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message numerus="yes">
        <source>%1 and %n more are needed before the contact can be ended.</source>
        <translation>
            <numerusform>%1 and %n more are needed before the contact can be ended.</numerusform>
            <numerusform>%1 and %n more are needed before the contact can be ended.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HtmlView</name>
    <message numerus="yes">
        <source>%n remote pictures are not loaded.</source>
        <translation>
            <numerusform>%n remote picture is not loaded.</numerusform>
            <numerusform>%n remote pictures are not loaded.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>interventions</name>
    <message numerus="yes">
        <source>Close %n contacts</source>
        <translation>
            <numerusform>Close %n contact</numerusform>
            <numerusform>Close %n contacts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %n contacts</source>
        <translation>
            <numerusform>Move %n contact</numerusform>
            <numerusform>Move %n contacts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>mail</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of your mails were refused, or may not have been sent. %1 shows them.</source>
        <translation>
            <numerusform>%n of your mails was refused, or may not have been sent. %1 shows it.</numerusform>
            <numerusform>%n of your mails were refused, or may not have been sent. %1 shows them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The mail to %1 is sent in %n s.</source>
        <translation>
            <numerusform>The mail to %1 is sent in %n s.</numerusform>
            <numerusform>The mail to %1 is sent in %n s.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>mails</name>
    <message numerus="yes">
        <source>%n mails will be analysed again.</source>
        <translation>
            <numerusform>%n mail will be analysed again.</numerusform>
            <numerusform>%n mails will be analysed again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails will be sent again.</source>
        <translation>
            <numerusform>%n mail will be sent again.</numerusform>
            <numerusform>%n mails will be sent again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Discard %n mails?</source>
        <translation>
            <numerusform>Discard %n mail?</numerusform>
            <numerusform>Discard %n mails?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>rows</name>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>times</name>
    <message numerus="yes">
        <source>%n days</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>words</name>
    <message numerus="yes">
        <source>%n agents serve it and are logged in.</source>
        <translation>
            <numerusform>%n agent serves it and is logged in.</numerusform>
            <numerusform>%n agents serve it and are logged in.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n at work</source>
        <translation>
            <numerusform>%n at work</numerusform>
            <numerusform>%n at work</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n contacts wait for you alone.</source>
        <translation>
            <numerusform>%n contact waits for you alone.</numerusform>
            <numerusform>%n contacts wait for you alone.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n contacts wait.</source>
        <translation>
            <numerusform>%n contact waits.</numerusform>
            <numerusform>%n contacts wait.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them are not paused.</source>
        <translation>
            <numerusform>%n of them is not paused.</numerusform>
            <numerusform>%n of them are not paused.</numerusform>
        </translation>
    </message>
</context>
</TS>
