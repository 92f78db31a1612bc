<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
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
    <name>times</name>
    <message numerus="yes">
        <source>%n days</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
</TS>
