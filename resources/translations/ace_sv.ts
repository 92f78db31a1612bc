<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="sv" sourcelanguage="en">
<context>
    <name>ActionBar</name>
    <message>
        <source>Actions</source>
        <translation>Åtgärder</translation>
    </message>
</context>
<context>
    <name>Addresses</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 och %n till</numerusform>
            <numerusform>%1 och %n till</numerusform>
        </translation>
    </message>
    <message>
        <source>Answers to</source>
        <translation>Svar till</translation>
    </message>
    <message>
        <source>Bcc</source>
        <translation>Hemlig kopia</translation>
    </message>
    <message>
        <source>Cc</source>
        <translation>Kopia</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Från</translation>
    </message>
    <message>
        <source>Show all addresses</source>
        <translation>Visa alla adresser</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
</context>
<context>
    <name>AttachmentsView</name>
    <message>
        <source>%1 cannot be shown here. Open or save it.</source>
        <translation>%1 kan inte visas här. Öppna eller spara filen.</translation>
    </message>
    <message>
        <source>%1 was not saved: %2. It is still here; choose another place.</source>
        <translation>%1 sparades inte: %2. Bilagan är kvar här; välj en annan plats.</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>Bilagor</translation>
    </message>
    <message>
        <source>No program opens %1. Save it instead.</source>
        <translation>Inget program öppnar %1. Spara filen i stället.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öppna</translation>
    </message>
    <message>
        <source>Open it with the desktop&apos;s program</source>
        <translation>Öppna den med skrivbordets program</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Spela</translation>
    </message>
    <message>
        <source>Play or show the chosen attachment here</source>
        <translation>Spela eller visa den valda bilagan här</translation>
    </message>
    <message>
        <source>Save attachment</source>
        <translation>Spara bilaga</translation>
    </message>
    <message>
        <source>Save the chosen attachment</source>
        <translation>Spara den valda bilagan</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Spara…</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Visa</translation>
    </message>
</context>
<context>
    <name>Bar</name>
    <message>
        <source>Close this message (Esc)</source>
        <translation>Stäng meddelandet (Esc)</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meddelande</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>Choose</source>
        <translation>Välj</translation>
    </message>
    <message>
        <source>– none –</source>
        <translation>– inget –</translation>
    </message>
</context>
<context>
    <name>ChoiceDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Type to find one</source>
        <translation>Skriv för att söka</translation>
    </message>
    <message>
        <source>What can be chosen</source>
        <translation>Vad som kan väljas</translation>
    </message>
</context>
<context>
    <name>Chooser</name>
    <message>
        <source>Type to find</source>
        <translation>Skriv för att hitta</translation>
    </message>
</context>
<context>
    <name>CommandList</name>
    <message>
        <source>All commands</source>
        <translation>Alla kommandon</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Kommandon</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>Sök ett kommando</translation>
    </message>
    <message>
        <source>No command has these words.</source>
        <translation>Inget kommando har de orden.</translation>
    </message>
</context>
<context>
    <name>ContactsPane</name>
    <message>
        <source>Contacts</source>
        <translation>Kontakter</translation>
    </message>
    <message>
        <source>Contacts in hand</source>
        <translation>Dina kontakter</translation>
    </message>
    <message>
        <source>Filter contacts</source>
        <translation>Filtrera kontakter</translation>
    </message>
    <message>
        <source>None of your contacts has these words.</source>
        <translation>Ingen av dina kontakter har de orden.</translation>
    </message>
    <message>
        <source>Nothing in hand.</source>
        <translation>Inga kontakter just nu.</translation>
    </message>
    <message>
        <source>Show only contacts with these words (Ctrl+F)</source>
        <translation>Visa bara kontakter med de här orden (Ctrl+F)</translation>
    </message>
</context>
<context>
    <name>Correspondence</name>
    <message>
        <source>A mail about this contact is not sent</source>
        <translation>Ett mejl om den här kontakten är inte skickat</translation>
    </message>
    <message>
        <source>Attach files of at most 35 MB each</source>
        <translation>Bifoga filer på högst 35 MB var</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Close, and lose it</source>
        <translation>Stäng, och förlora det</translation>
    </message>
    <message>
        <source>Drafts</source>
        <translation>Utkast</translation>
    </message>
    <message>
        <source>Insert a text</source>
        <translation>Infoga en text</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behåll det</translation>
    </message>
    <message>
        <source>Show the mail</source>
        <translation>Visa mejlet</translation>
    </message>
    <message>
        <source>The picture was not attached: it cannot be kept here.</source>
        <translation>Bilden bifogades inte: den kan inte sparas här.</translation>
    </message>
    <message>
        <source>The server does not have it. It is lost when the program is closed.</source>
        <translation>Servern har det inte. Det går förlorat när programmet stängs.</translation>
    </message>
    <message>
        <source>There is no draft. What you write and do not send is kept here.</source>
        <translation>Det finns inget utkast. Det du skriver men inte skickar sparas här.</translation>
    </message>
    <message>
        <source>There is no prepared text. Texts are made in the configuration.</source>
        <translation>Det finns ingen färdig text. Texter läggs in i konfigurationen.</translation>
    </message>
    <message>
        <source>Throw it away</source>
        <translation>Kasta det</translation>
    </message>
    <message>
        <source>Throw this draft away?</source>
        <translation>Kasta utkastet?</translation>
    </message>
    <message>
        <source>What you wrote is gone then, and so are the files that go along.</source>
        <translation>Då försvinner det du har skrivit, och även bilagorna.</translation>
    </message>
    <message>
        <source>What you wrote is only here</source>
        <translation>Det du skrev finns bara här</translation>
    </message>
    <message>
        <source>You can go on with it later: it stays among your drafts.</source>
        <translation>Du kan fortsätta senare: det ligger kvar bland dina utkast.</translation>
    </message>
    <message>
        <source>mail-%1.eml</source>
        <translation>mejl-%1.eml</translation>
    </message>
    <message>
        <source>picture-%1.png</source>
        <translation>bild-%1.png</translation>
    </message>
</context>
<context>
    <name>DataPane</name>
    <message numerus="yes">
        <source>%n more keys are not shown.</source>
        <translation>
            <numerusform>%n nyckel till visas inte.</numerusform>
            <numerusform>%n nycklar till visas inte.</numerusform>
        </translation>
    </message>
    <message>
        <source>Contact data</source>
        <translation>Kontaktdata</translation>
    </message>
    <message>
        <source>Copy contact data</source>
        <translation>Kopiera kontaktdata</translation>
    </message>
    <message>
        <source>Needed before the contact can be ended.</source>
        <translation>Behövs innan kontakten kan avslutas.</translation>
    </message>
    <message>
        <source>Other keys</source>
        <translation>Övriga nycklar</translation>
    </message>
    <message>
        <source>This contact carries no contact data.</source>
        <translation>Den här kontakten har inga kontaktdata.</translation>
    </message>
    <message>
        <source>What is known about a contact is shown here.</source>
        <translation>Här visas det som är känt om en kontakt.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message numerus="yes">
        <source>%1 and %n more are needed before the contact can be ended.</source>
        <translation>
            <numerusform>%1 och %n till behövs innan kontakten kan avslutas.</numerusform>
            <numerusform>%1 och %n till behövs innan kontakten kan avslutas.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is needed before the contact can be ended.</source>
        <translation>%1 behövs innan kontakten kan avslutas.</translation>
    </message>
    <message>
        <source>End, and keep the draft</source>
        <translation>Avsluta och behåll utkastet</translation>
    </message>
    <message>
        <source>No browser opened. Copy the address instead.</source>
        <translation>Ingen webbläsare öppnades. Kopiera adressen i stället.</translation>
    </message>
    <message>
        <source>Park, and keep the draft</source>
        <translation>Parkera och behåll utkastet</translation>
    </message>
    <message>
        <source>Requeue, and keep the draft</source>
        <translation>Köa om och behåll utkastet</translation>
    </message>
</context>
<context>
    <name>Door</name>
    <message>
        <source>ACE Agent</source>
        <translation>ACE Agent</translation>
    </message>
    <message>
        <source>Starting the server…</source>
        <translation>Startar servern…</translation>
    </message>
    <message>
        <source>This server has no users yet. Start ACE Agent on the server&apos;s own machine: there it asks for the first administrator.</source>
        <translation>Servern har inga användare ännu. Starta ACE Agent på serverns egen dator: där frågar programmet efter den första administratören.</translation>
    </message>
</context>
<context>
    <name>Drafts</name>
    <message>
        <source>%1 was not attached. %2</source>
        <translation>%1 bifogades inte. %2</translation>
    </message>
    <message>
        <source>%1 was not attached: a file may have at most 35 MB.</source>
        <translation>%1 bifogades inte: en fil får vara högst 35 MB.</translation>
    </message>
    <message>
        <source>%1 was not attached: it is no file, or cannot be read.</source>
        <translation>%1 bifogades inte: det är ingen fil, eller så kan den inte läsas.</translation>
    </message>
    <message>
        <source>A file is still on its way; send when it is there.</source>
        <translation>En fil är fortfarande på väg; skicka när den är framme.</translation>
    </message>
    <message>
        <source>A mail without a subject is not stored. %1</source>
        <translation>Ett mejl utan ämne är inte sparat. %1</translation>
    </message>
    <message>
        <source>Nothing was attached: this draft was closed meanwhile.</source>
        <translation>Ingenting bifogades: utkastet stängdes under tiden.</translation>
    </message>
    <message>
        <source>The mail %1 is not stored. %2</source>
        <translation>Mejlet %1 är inte sparat. %2</translation>
    </message>
    <message>
        <source>This draft was sent or thrown away before; what you typed since is only here.</source>
        <translation>Det här utkastet har redan skickats eller kastats; det du har skrivit sedan dess finns bara här.</translation>
    </message>
</context>
<context>
    <name>Embedded</name>
    <message>
        <source>Another server holds the data folder %1 and does not get ready.</source>
        <translation>En annan server håller datamappen %1 och blir inte klar.</translation>
    </message>
    <message>
        <source>The server on this machine does not start. What it wrote is in %1.</source>
        <translation>Servern på den här datorn startar inte. Det den skrev finns i %1.</translation>
    </message>
    <message>
        <source>The server on this machine does not start: %1</source>
        <translation>Servern på den här datorn startar inte: %1</translation>
    </message>
</context>
<context>
    <name>Explanation</name>
    <message>
        <source>Close (Esc)</source>
        <translation>Stäng (Esc)</translation>
    </message>
    <message>
        <source>Why is this mine?</source>
        <translation>Varför fick jag den?</translation>
    </message>
</context>
<context>
    <name>FieldView</name>
    <message>
        <source>Mandatory</source>
        <translation>Obligatoriskt</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopiera</translation>
    </message>
    <message>
        <source>&amp;Login</source>
        <translation>&amp;Användarnamn</translation>
    </message>
    <message>
        <source>&amp;Show password</source>
        <translation>&amp;Visa lösenordet</translation>
    </message>
    <message>
        <source>A login has letters, digits and . _ @ - only.</source>
        <translation>Ett användarnamn har bokstäver, siffror och tecknen . _ @ - men inget annat.</translation>
    </message>
    <message>
        <source>Commands to configure this server</source>
        <translation>Kommandon för att konfigurera servern</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopierat</translation>
    </message>
    <message>
        <source>Create administrator</source>
        <translation>Skapa administratör</translation>
    </message>
    <message>
        <source>Entrances, queues and agents are set up in one text file. The first command writes it; the second takes it in after you have changed it. The server can go on meanwhile. docs/administrator.md says what the file may hold.</source>
        <translation>Ingångar, köer och agenter ställs in i en textfil. Det första kommandot skriver den, det andra läser in den när du har ändrat den. Servern kan vara i gång under tiden. I docs/administrator.md står vad filen kan innehålla.</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>Logga in</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Användarnamn</translation>
    </message>
    <message>
        <source>The administrator is created</source>
        <translation>Administratören är skapad</translation>
    </message>
    <message>
        <source>This server has no users yet. Name its first administrator, who then adds everybody else; the password is kept nowhere in clear and cannot be read back.</source>
        <translation>Servern har inga användare ännu. Ange den första administratören, som sedan lägger upp alla andra. Lösenordet sparas ingenstans i klartext och kan inte läsas tillbaka.</translation>
    </message>
    <message>
        <source>Welcome to ACE</source>
        <translation>Välkommen till ACE</translation>
    </message>
    <message>
        <source>Your &amp;name</source>
        <translation>Ditt na&amp;mn</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Ditt namn</translation>
    </message>
</context>
<context>
    <name>HtmlView</name>
    <message>
        <source>%1 of %2 remote pictures could be loaded.</source>
        <translation>%1 av %2 bilder på nätet kunde hämtas.</translation>
    </message>
    <message numerus="yes">
        <source>%n remote pictures are not loaded.</source>
        <translation>
            <numerusform>%n bild på nätet är inte hämtad.</numerusform>
            <numerusform>%n bilder på nätet är inte hämtade.</numerusform>
        </translation>
    </message>
    <message>
        <source>As it was written, without what could do harm</source>
        <translation>Som det skrevs, utan det som kan göra skada</translation>
    </message>
    <message>
        <source>Formatted</source>
        <translation>Formaterat</translation>
    </message>
    <message>
        <source>Formatted mail</source>
        <translation>Formaterat mejl</translation>
    </message>
    <message>
        <source>Its words alone</source>
        <translation>Bara orden</translation>
    </message>
    <message>
        <source>Load them for this mail</source>
        <translation>Hämta dem för det här mejlet</translation>
    </message>
    <message>
        <source>Mail</source>
        <translation>Mejl</translation>
    </message>
    <message>
        <source>No program opened it. Copy the address instead.</source>
        <translation>Inget program öppnade den. Kopiera adressen i stället.</translation>
    </message>
    <message>
        <source>None of the remote pictures could be loaded.</source>
        <translation>Ingen av bilderna på nätet kunde hämtas.</translation>
    </message>
    <message>
        <source>Only the beginning of this mail is shown.</source>
        <translation>Bara början av mejlet visas.</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Visa allt</translation>
    </message>
    <message>
        <source>Show the source</source>
        <translation>Visa källan</translation>
    </message>
    <message>
        <source>Shown as</source>
        <translation>Visas som</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Text of the mail</source>
        <translation>Mejlets text</translation>
    </message>
    <message>
        <source>The pictures of this mail are being loaded.</source>
        <translation>Mejlets bilder hämtas.</translation>
    </message>
    <message>
        <source>This is the source of the mail.</source>
        <translation>Det här är mejlets källa.</translation>
    </message>
    <message>
        <source>This mail cannot be formatted. Its text is shown instead.</source>
        <translation>Mejlet kan inte visas formaterat. Texten visas i stället.</translation>
    </message>
    <message>
        <source>This mail is too large to be formatted. Its text is shown instead.</source>
        <translation>Mejlet är för stort för att visas formaterat. Texten visas i stället.</translation>
    </message>
    <message>
        <source>This mail is too long or too intricate to be shown to its end.</source>
        <translation>Mejlet är för långt eller för invecklat för att visas ända till slutet.</translation>
    </message>
    <message>
        <source>This mail takes too long to prepare. Its text is shown instead.</source>
        <translation>Mejlet tar för lång tid att förbereda. Texten visas i stället.</translation>
    </message>
</context>
<context>
    <name>Instead</name>
    <message>
        <source>Close (Esc)</source>
        <translation>Stäng (Esc)</translation>
    </message>
    <message>
        <source>Not shown here</source>
        <translation>Visas inte här</translation>
    </message>
    <message>
        <source>Open it outside of this window (Enter)</source>
        <translation>Öppna den utanför det här fönstret (Enter)</translation>
    </message>
    <message>
        <source>Open with the desktop&apos;s program</source>
        <translation>Öppna med skrivbordets program</translation>
    </message>
</context>
<context>
    <name>Line</name>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Go on writing</source>
        <translation>Skriv vidare</translation>
    </message>
    <message>
        <source>Not sent yet – %1</source>
        <translation>Inte skickat än – %1</translation>
    </message>
    <message>
        <source>Read it</source>
        <translation>Läs det</translation>
    </message>
    <message>
        <source>Send again</source>
        <translation>Skicka igen</translation>
    </message>
</context>
<context>
    <name>Lines</name>
    <message>
        <source>Sent about this mail</source>
        <translation>Skickat om det här mejlet</translation>
    </message>
</context>
<context>
    <name>Link</name>
    <message>
        <source>%1 is no server address. One looks like https://ace.example:8764.</source>
        <translation>%1 är ingen serveradress. En sådan ser ut som https://ace.example:8764.</translation>
    </message>
    <message>
        <source>The certificate of the server at %1 is not to be trusted.</source>
        <translation>Certifikatet för servern på %1 går inte att lita på.</translation>
    </message>
    <message>
        <source>The file of trusted certificates %1 cannot be read: %2.</source>
        <translation>Filen %1 med betrodda certifikat kan inte läsas: %2.</translation>
    </message>
    <message>
        <source>The link to %1 would not be encrypted. Use https:// and a server with a certificate (agentCertificate).</source>
        <translation>Förbindelsen till %1 skulle inte vara krypterad. Använd https:// och en server med certifikat (agentCertificate).</translation>
    </message>
    <message>
        <source>The link to the server at %1 was lost.</source>
        <translation>Förbindelsen till servern på %1 bröts.</translation>
    </message>
    <message>
        <source>The link to the server is down. Nothing was changed.</source>
        <translation>Förbindelsen till servern är bruten. Inget har ändrats.</translation>
    </message>
    <message>
        <source>The link was lost before the server answered. Once it is back, this page shows whether it was done.</source>
        <translation>Förbindelsen bröts innan servern svarade. När den är tillbaka syns det här om det blev gjort.</translation>
    </message>
    <message>
        <source>The server at %1 does not answer.</source>
        <translation>Servern på %1 svarar inte.</translation>
    </message>
    <message>
        <source>The server at %1 speaks another language than this program. Install the same version on both.</source>
        <translation>Servern på %1 talar ett annat språk än det här programmet. Installera samma version på båda.</translation>
    </message>
    <message>
        <source>The server is newer than this program. Update ACE Agent.</source>
        <translation>Servern är nyare än det här programmet. Uppdatera ACE Agent.</translation>
    </message>
    <message>
        <source>The server is older than this program. Update the ACE server.</source>
        <translation>Servern är äldre än det här programmet. Uppdatera ACE-servern.</translation>
    </message>
    <message>
        <source>The server no longer knows this log-in. Log in again: what you typed is kept.</source>
        <translation>Servern känner inte längre till den här inloggningen. Logga in igen: det du har skrivit finns kvar.</translation>
    </message>
    <message>
        <source>This is more text than the server takes.</source>
        <translation>Det här är mer text än servern tar emot.</translation>
    </message>
    <message>
        <source>What answers at %1 is no ACE server.</source>
        <translation>Det som svarar på %1 är ingen ACE-server.</translation>
    </message>
</context>
<context>
    <name>LinkView</name>
    <message>
        <source>Copy the reference</source>
        <translation>Kopiera referensen</translation>
    </message>
    <message>
        <source>Open in %1</source>
        <translation>Öppna i %1</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>Referens</translation>
    </message>
</context>
<context>
    <name>LogInPage</name>
    <message>
        <source>%1 It is tried again all the while.</source>
        <translation>%1 Nya försök görs hela tiden.</translation>
    </message>
    <message>
        <source>&amp;Login</source>
        <translation>&amp;Användarnamn</translation>
    </message>
    <message>
        <source>&amp;Show password</source>
        <translation>&amp;Visa lösenordet</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>Logga in</translation>
    </message>
    <message>
        <source>Log in to %1</source>
        <translation>Logga in på %1</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Användarnamn</translation>
    </message>
    <message>
        <source>P&amp;assword or one-time code</source>
        <translation>&amp;Lösenord eller engångskod</translation>
    </message>
    <message>
        <source>Password or one-time code</source>
        <translation>Lösenord eller engångskod</translation>
    </message>
    <message>
        <source>This is a one-time code. Choose a password of your own.</source>
        <translation>Det här är en engångskod. Välj ett eget lösenord.</translation>
    </message>
</context>
<context>
    <name>MailPage</name>
    <message>
        <source>Copy</source>
        <translation>Kopiera</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Kopiera adressen</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Markera allt</translation>
    </message>
</context>
<context>
    <name>MailSource</name>
    <message>
        <source>About this mail</source>
        <translation>Om mejlet</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>Försök</translation>
    </message>
    <message>
        <source>Came</source>
        <translation>Kom</translation>
    </message>
    <message>
        <source>Choose one mail to see what is known of it.</source>
        <translation>Välj ett mejl för att se vad som är känt om det.</translation>
    </message>
    <message>
        <source>Contact</source>
        <translation>Kontakt</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Mapp</translation>
    </message>
    <message>
        <source>Its source is not shown yet: press Enter in the list.</source>
        <translation>Källtexten visas inte ännu: tryck Enter i listan.</translation>
    </message>
    <message>
        <source>Mail account</source>
        <translation>E-postkonto</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Orsak</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Storlek</translation>
    </message>
    <message>
        <source>Source of the mail</source>
        <translation>Mejlets källtext</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Läge</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>These are its first %1 of %2. Export it to see the rest.</source>
        <translation>Här visas de första %1 av %2. Exportera mejlet för att se resten.</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
    <message>
        <source>What it is</source>
        <translation>Vad det är</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Skrivet</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>Skrivet av</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>servern</translation>
    </message>
</context>
<context>
    <name>MailView</name>
    <message>
        <source>E-mail</source>
        <translation>E-post</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Visa det</translation>
    </message>
    <message>
        <source>The mail is being fetched …</source>
        <translation>Mejlet hämtas …</translation>
    </message>
    <message>
        <source>This mail follows up another one at your desk: %1.</source>
        <translation>Mejlet följer upp ett annat som ligger hos dig: %1.</translation>
    </message>
    <message>
        <source>This mail follows up contact %1, which is not at your desk.</source>
        <translation>Mejlet följer upp kontakt %1, som inte ligger hos dig.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Försök igen</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>%1 – %2 – ACE Agent</source>
        <translation>%1 – %2 – ACE Agent</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>&amp;Agent</source>
        <translation>&amp;Agent</translation>
    </message>
    <message>
        <source>&amp;Contact</source>
        <translation>&amp;Kontakt</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hjälp</translation>
    </message>
    <message>
        <source>&amp;Mail</source>
        <translation>&amp;Mejl</translation>
    </message>
    <message>
        <source>&amp;Pulse</source>
        <translation>&amp;Pulse</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Visa</translation>
    </message>
    <message>
        <source>ACE Agent</source>
        <translation>ACE Agent</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Stäng</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Av</translation>
    </message>
    <message>
        <source>On</source>
        <translation>På</translation>
    </message>
    <message>
        <source>The agent&apos;s desk for work items and e-mail, at %1.</source>
        <translation>Agentens arbetsplats för arbetsuppgifter och e-post, hos %1.</translation>
    </message>
    <message>
        <source>Your password is changed. Log in with the new one.</source>
        <translation>Ditt lösenord är bytt. Logga in med det nya.</translation>
    </message>
    <message>
        <source>this site</source>
        <translation>den här organisationen</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>A work item is booked for you: %1</source>
        <translation>En arbetsuppgift är bokad åt dig: %1</translation>
    </message>
    <message>
        <source>Accept with F10.</source>
        <translation>Acceptera med F10.</translation>
    </message>
    <message>
        <source>An e-mail is booked for you: %1</source>
        <translation>Ett e-postmeddelande är bokat åt dig: %1</translation>
    </message>
</context>
<context>
    <name>PasswordDialog</name>
    <message>
        <source>&amp;Show passwords</source>
        <translation>&amp;Visa lösenorden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Change password</source>
        <translation>Byt lösenord</translation>
    </message>
    <message>
        <source>Password &amp;now</source>
        <translation>N&amp;uvarande lösenord</translation>
    </message>
    <message>
        <source>Password now</source>
        <translation>Nuvarande lösenord</translation>
    </message>
    <message>
        <source>You stay logged in here, and are logged out everywhere else.</source>
        <translation>Du förblir inloggad här och loggas ut överallt annars.</translation>
    </message>
</context>
<context>
    <name>PasswordPair</name>
    <message>
        <source>At least %1 characters, of any kind. A short sentence is good.</source>
        <translation>Minst %1 tecken, av vilket slag som helst. En kort mening är bra.</translation>
    </message>
    <message>
        <source>Both are the same.</source>
        <translation>Båda är lika.</translation>
    </message>
    <message>
        <source>New &amp;password</source>
        <translation>&amp;Nytt lösenord</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>Nytt lösenord</translation>
    </message>
    <message>
        <source>New password a&amp;gain</source>
        <translation>Nytt lösenord &amp;igen</translation>
    </message>
    <message>
        <source>New password again</source>
        <translation>Nytt lösenord igen</translation>
    </message>
    <message>
        <source>Type the same password once more.</source>
        <translation>Skriv samma lösenord en gång till.</translation>
    </message>
</context>
<context>
    <name>PictureView</name>
    <message>
        <source>Enlarge %1 (Enter)</source>
        <translation>Förstora %1 (Enter)</translation>
    </message>
</context>
<context>
    <name>PlacesView</name>
    <message>
        <source>Show what waits</source>
        <translation>Visa vad som väntar</translation>
    </message>
    <message>
        <source>Waiting lists and queues</source>
        <translation>Väntelistor och köer</translation>
    </message>
</context>
<context>
    <name>Player</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 av %2</translation>
    </message>
    <message>
        <source>%1 ×</source>
        <translation>%1 ×</translation>
    </message>
    <message>
        <source>Pause (Space)</source>
        <translation>Pausa (Blanksteg)</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Spela</translation>
    </message>
    <message>
        <source>Play (Space)</source>
        <translation>Spela (Blanksteg)</translation>
    </message>
    <message>
        <source>Player</source>
        <translation>Spelare</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Hastighet</translation>
    </message>
    <message>
        <source>Speed (Up, Down)</source>
        <translation>Hastighet (Uppil, Nedpil)</translation>
    </message>
    <message>
        <source>Stop and close the player (Esc)</source>
        <translation>Stoppa och stäng spelaren (Esc)</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>Author</source>
        <translation>Författare</translation>
    </message>
    <message>
        <source>Open the thread in %1</source>
        <translation>Öppna tråden i %1</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Förhandsvisning</translation>
    </message>
    <message>
        <source>Show more of the text</source>
        <translation>Visa mer av texten</translation>
    </message>
    <message>
        <source>Show the whole text</source>
        <translation>Visa hela texten</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Thread</source>
        <translation>Tråd</translation>
    </message>
    <message>
        <source>Written by %1</source>
        <translation>Skrivet av %1</translation>
    </message>
</context>
<context>
    <name>PulsePage</name>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Agents</source>
        <translation>Agenter</translation>
    </message>
    <message>
        <source>Filter mails</source>
        <translation>Filtrera mejl</translation>
    </message>
    <message>
        <source>Filter queues and agents</source>
        <translation>Filtrera köer och agenter</translation>
    </message>
    <message>
        <source>Filter waiting contacts</source>
        <translation>Filtrera väntande</translation>
    </message>
    <message>
        <source>Mail accounts</source>
        <translation>E-postkonton</translation>
    </message>
    <message>
        <source>No agent has these words.</source>
        <translation>Ingen agent har de orden.</translation>
    </message>
    <message>
        <source>No mail account has these words.</source>
        <translation>Inget e-postkonto innehåller de orden.</translation>
    </message>
    <message>
        <source>No queue has these words.</source>
        <translation>Ingen kö har de orden.</translation>
    </message>
    <message>
        <source>Pulse</source>
        <translation>Pulse</translation>
    </message>
    <message>
        <source>Queues</source>
        <translation>Köer</translation>
    </message>
    <message>
        <source>Show only rows with these words (Ctrl+F)</source>
        <translation>Visa bara rader med de här orden (Ctrl+F)</translation>
    </message>
</context>
<context>
    <name>QuarantineView</name>
    <message>
        <source>Actions on mails</source>
        <translation>Åtgärder för mejl</translation>
    </message>
    <message>
        <source>Empty the line above to see all of them.</source>
        <translation>Töm raden ovan för att se alla.</translation>
    </message>
    <message>
        <source>Mails not delivered</source>
        <translation>Mejl som inte levererats</translation>
    </message>
    <message>
        <source>No mail here has these words</source>
        <translation>Inget mejl här innehåller de orden</translation>
    </message>
    <message>
        <source>No mail waits for a person</source>
        <translation>Inga mejl att ta hand om</translation>
    </message>
    <message>
        <source>Quarantine</source>
        <translation>Karantän</translation>
    </message>
    <message>
        <source>Quarantined mails</source>
        <translation>Mejl i karantän</translation>
    </message>
    <message>
        <source>The first %1; there may be more</source>
        <translation>De första %1; det kan finnas fler</translation>
    </message>
    <message>
        <source>What cannot be made a contact of, or is not delivered, is shown here.</source>
        <translation>Det som inte kan bli en kontakt, eller inte levereras, visas här.</translation>
    </message>
</context>
<context>
    <name>QueueView</name>
    <message>
        <source>Actions on waiting contacts</source>
        <translation>Åtgärder för väntande kontakter</translation>
    </message>
    <message>
        <source>Empty the line above to see all of them.</source>
        <translation>Töm raden ovanför för att se alla.</translation>
    </message>
    <message>
        <source>No contact here has these words</source>
        <translation>Ingen kontakt här har de orden</translation>
    </message>
    <message>
        <source>Nothing waits here</source>
        <translation>Ingenting väntar här</translation>
    </message>
    <message>
        <source>Waiting contacts</source>
        <translation>Väntande kontakter</translation>
    </message>
    <message>
        <source>What comes is shown here by itself.</source>
        <translation>Det som kommer visas här av sig självt.</translation>
    </message>
</context>
<context>
    <name>ReasonDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Stäng</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Skäl</translation>
    </message>
    <message>
        <source>Reason, kept with the contact</source>
        <translation>Skäl, sparas med kontakten</translation>
    </message>
</context>
<context>
    <name>RequeueDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Note to who gets it</source>
        <translation>Anteckning till den som får kontakten</translation>
    </message>
    <message>
        <source>Requeue</source>
        <translation>Köa om</translation>
    </message>
    <message>
        <source>You are paused afterwards, and there is no wrap-up.</source>
        <translation>Du blir pausad efteråt, och det blir inget efterarbete.</translation>
    </message>
    <message>
        <source>Find a queue, a list or a colleague</source>
        <translation>Sök en kö, en lista eller en kollega</translation>
    </message>
    <message>
        <source>Queues, waiting lists and colleagues</source>
        <translation>Köer, väntelistor och kollegor</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Clear</source>
        <translation>Rensa</translation>
    </message>
</context>
<context>
    <name>SentDialog</name>
    <message>
        <source>Close</source>
        <translation>Stäng</translation>
    </message>
    <message>
        <source>In the last two weeks you have sent no mail.</source>
        <translation>De senaste två veckorna har du inte skickat något mejl.</translation>
    </message>
    <message>
        <source>Mails sent</source>
        <translation>Skickade mejl</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Skickat</translation>
    </message>
    <message>
        <source>What you sent is being looked up …</source>
        <translation>Det du har skickat hämtas …</translation>
    </message>
</context>
<context>
    <name>SentView</name>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Stäng</translation>
    </message>
    <message>
        <source>Files that went along: %1</source>
        <translation>Bilagor som följde med: %1</translation>
    </message>
    <message>
        <source>Send again</source>
        <translation>Skicka igen</translation>
    </message>
    <message>
        <source>What was sent</source>
        <translation>Det som skickades</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>Skriv på nytt</translation>
    </message>
</context>
<context>
    <name>SentWindow</name>
    <message>
        <source>&amp;Decoded</source>
        <translation>&amp;Avkodat</translation>
    </message>
    <message>
        <source>All mail of this bank ends here, on this machine: automatic answers, replies, and what goes to a colleague&apos;s own mail program. Nobody gets any of it.</source>
        <translation>All e-post från banken stannar här, på den här datorn: automatiska svar, svar och det som går till en kollegas eget e-postprogram. Ingen får något av den.</translation>
    </message>
    <message>
        <source>Kept in %1 until the demonstration ends.</source>
        <translation>Finns i %1 tills demonstrationen avslutas.</translation>
    </message>
    <message>
        <source>Mails sent</source>
        <translation>Skickade mejl</translation>
    </message>
    <message>
        <source>Nothing was sent yet.</source>
        <translation>Inget har skickats än.</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Källa</translation>
    </message>
    <message>
        <source>Source of the mail</source>
        <translation>Mejlets källa</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Tid</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
    <message>
        <source>What was sent</source>
        <translation>Vad som skickades</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>The contact left this desk before what you typed last was stored.</source>
        <translation>Kontakten lämnade dig innan det du skrev sist hade lagrats.</translation>
    </message>
    <message>
        <source>The server cannot do this at present. Nothing was changed; try again soon.</source>
        <translation>Servern kan inte göra detta just nu. Inget har ändrats; försök igen om en stund.</translation>
    </message>
    <message>
        <source>There is no link to the server.</source>
        <translation>Det finns ingen förbindelse till servern.</translation>
    </message>
    <message>
        <source>This attachment is no longer here.</source>
        <translation>Bilagan finns inte längre här.</translation>
    </message>
    <message>
        <source>This contact is no longer where it was. What you see now is how it is.</source>
        <translation>Kontakten är inte längre där den var. Det du ser nu är hur det är.</translation>
    </message>
    <message>
        <source>This contact no longer waits here: somebody took it, or it was moved.</source>
        <translation>Kontakten väntar inte längre här: någon har tagit den, eller så har den flyttats.</translation>
    </message>
</context>
<context>
    <name>SourceDialog</name>
    <message>
        <source>Close</source>
        <translation>Stäng</translation>
    </message>
    <message>
        <source>Original source</source>
        <translation>Ursprunglig källa</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Spara…</translation>
    </message>
    <message>
        <source>The mail is being fetched …</source>
        <translation>Mejlet hämtas …</translation>
    </message>
    <message>
        <source>The mail is being fetched: %1 %.</source>
        <translation>Mejlet hämtas: %1 %.</translation>
    </message>
</context>
<context>
    <name>StatusStrip</name>
    <message>
        <source>Agent menu of %1</source>
        <translation>Agentmeny för %1</translation>
    </message>
    <message>
        <source>Light or dark, language, how a contact is announced, password, log out</source>
        <translation>Ljust eller mörkt, språk, hur en kontakt meddelas, lösenord, logga ut</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Sidor</translation>
    </message>
    <message>
        <source>Pause with an activity</source>
        <translation>Pausa med en aktivitet</translation>
    </message>
    <message>
        <source>Since %1</source>
        <translation>Sedan %1</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Work level: %1</source>
        <translation>Arbetsnivå: %1</translation>
    </message>
</context>
<context>
    <name>SupportWindow</name>
    <message>
        <source>&amp;Send one now</source>
        <translation>Skicka ett &amp;nu</translation>
    </message>
    <message>
        <source>&amp;What the bank sent</source>
        <translation>&amp;Vad banken skickade</translation>
    </message>
    <message>
        <source>Send &amp;no more</source>
        <translation>Skicka &amp;inga fler</translation>
    </message>
    <message>
        <source>Sent, the newest first</source>
        <translation>Skickat, det senaste först</translation>
    </message>
    <message>
        <source>Stands for the bank&apos;s other computers and its customers: it hands work items in over the open interface, shows what it is answered, and writes mails.</source>
        <translation>Står för bankens andra datorer och dess kunder: lämnar in arbetsuppgifter genom det öppna gränssnittet, visar vad det får till svar och skriver mejl.</translation>
    </message>
    <message>
        <source>Work items sent, with their receipts, and mails</source>
        <translation>Skickade arbetsuppgifter med sina kvitton, och mejl</translation>
    </message>
    <message>
        <source>Support system of the bank</source>
        <translation>Bankens stödsystem</translation>
    </message>
</context>
<context>
    <name>TableView</name>
    <message>
        <source>Columns</source>
        <translation>Kolumner</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Kopiera som text</translation>
    </message>
    <message>
        <source>Sort by</source>
        <translation>Sortera efter</translation>
    </message>
</context>
<context>
    <name>Track</name>
    <message>
        <source>Five seconds back or on (Left, Right)</source>
        <translation>Fem sekunder bakåt eller framåt (Vänsterpil, Högerpil)</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Plats</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>About to be sent</source>
        <translation>Skickas strax</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 av %2</translation>
    </message>
    <message>
        <source>%1 of %2 and more</source>
        <translation>%1 av %2 och fler</translation>
    </message>
    <message>
        <source>%1, show at 100 %</source>
        <translation>%1, visa i 100 %</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Stäng (Esc)</translation>
    </message>
    <message>
        <source>Fit (0)</source>
        <translation>Anpassa (0)</translation>
    </message>
    <message>
        <source>Larger (+)</source>
        <translation>Större (+)</translation>
    </message>
    <message>
        <source>Next page (Page Down)</source>
        <translation>Nästa sida (Page Down)</translation>
    </message>
    <message>
        <source>Page before (Page Up)</source>
        <translation>Föregående sida (Page Up)</translation>
    </message>
    <message>
        <source>Show at 100 % (1)</source>
        <translation>Visa i 100 % (1)</translation>
    </message>
    <message>
        <source>Smaller (−)</source>
        <translation>Mindre (−)</translation>
    </message>
    <message>
        <source>Viewer</source>
        <translation>Visare</translation>
    </message>
</context>
<context>
    <name>WaitingList</name>
    <message>
        <source>This contact was moved: it waits elsewhere now.</source>
        <translation>Kontakten har flyttats: den väntar någon annanstans nu.</translation>
    </message>
</context>
<context>
    <name>WaitingPage</name>
    <message>
        <source>%1 of %2 are shown.</source>
        <translation>%1 av %2 visas.</translation>
    </message>
    <message>
        <source>Back to your contacts (Esc)</source>
        <translation>Tillbaka till dina kontakter (Esc)</translation>
    </message>
    <message>
        <source>Contacts that wait</source>
        <translation>Kontakter som väntar</translation>
    </message>
    <message>
        <source>Filter this list</source>
        <translation>Filtrera listan</translation>
    </message>
    <message>
        <source>None of these contacts has these words.</source>
        <translation>Ingen av kontakterna här har de orden.</translation>
    </message>
    <message>
        <source>Nothing waits here.</source>
        <translation>Här väntar ingenting.</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Visa fler</translation>
    </message>
    <message>
        <source>Show only contacts with these words (Ctrl+F)</source>
        <translation>Visa bara kontakter med de här orden (Ctrl+F)</translation>
    </message>
    <message>
        <source>Waiting for you</source>
        <translation>Väntar på dig</translation>
    </message>
</context>
<context>
    <name>Why</name>
    <message>
        <source>Close (Esc)</source>
        <translation>Stäng (Esc)</translation>
    </message>
    <message>
        <source>Explanation</source>
        <translation>Förklaring</translation>
    </message>
</context>
<context>
    <name>WritingPane</name>
    <message>
        <source>Bcc</source>
        <translation>Hemlig kopia</translation>
    </message>
    <message>
        <source>Cc</source>
        <translation>Kopia</translation>
    </message>
    <message>
        <source>Files that go along</source>
        <translation>Bilagor</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Från</translation>
    </message>
    <message>
        <source>Put this draft aside (Esc)</source>
        <translation>Lägg undan utkastet (Esc)</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Ta bort</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>Take the chosen file out (Del)</source>
        <translation>Ta bort den valda filen (Del)</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
    <message>
        <source>Write a mail</source>
        <translation>Skriv ett mejl</translation>
    </message>
</context>
<context>
    <name>_Note</name>
    <message>
        <source>Note</source>
        <translation>Anteckning</translation>
    </message>
    <message>
        <source>Note from %1</source>
        <translation>Anteckning från %1</translation>
    </message>
</context>
<context>
    <name>_Trouble</name>
    <message>
        <source>ACE Agent cannot start</source>
        <translation>ACE Agent kan inte starta</translation>
    </message>
    <message>
        <source>No contact is lost by this: try again once it is mended.</source>
        <translation>Ingen kontakt går förlorad av detta: försök igen när felet är åtgärdat.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Avsluta</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Försök igen</translation>
    </message>
    <message>
        <source>What the server wrote is in %1.</source>
        <translation>Det servern skrev finns i %1.</translation>
    </message>
</context>
<context>
    <name>attachments</name>
    <message>
        <source>%1 cannot be played here: it is damaged, or in a form that is not known here.</source>
        <translation>%1 kan inte spelas här: filen är skadad eller i ett format som inte är känt här.</translation>
    </message>
    <message>
        <source>%1 cannot be played here: there is nothing to hear it with.</source>
        <translation>%1 kan inte spelas här: det finns inget att höra den med.</translation>
    </message>
    <message>
        <source>%1 cannot be shown here: it is damaged, or in a form that is not known here.</source>
        <translation>%1 kan inte visas här: filen är skadad eller i ett format som inte är känt här.</translation>
    </message>
    <message>
        <source>%1 is locked with a password; only the desktop&apos;s program asks.</source>
        <translation>%1 är låst med lösenord; bara skrivbordets program frågar efter det.</translation>
    </message>
    <message>
        <source>%1 is not shown here: by its content it is %2.</source>
        <translation>%1 visas inte här: enligt innehållet är det %2.</translation>
    </message>
    <message>
        <source>%1 is not shown here: its content does not tell its kind.</source>
        <translation>%1 visas inte här: innehållet säger inte av vilket slag den är.</translation>
    </message>
    <message>
        <source>%1 is too large to be shown here.</source>
        <translation>%1 är för stor för att visas här.</translation>
    </message>
    <message>
        <source>%1 takes too long to be shown here.</source>
        <translation>%1 tar för lång tid att visa här.</translation>
    </message>
    <message>
        <source>By its name and by its content it is %1.</source>
        <translation>Enligt både namn och innehåll är det %1.</translation>
    </message>
    <message>
        <source>By its name it is %1; by its content it is %2.</source>
        <translation>Enligt namnet är det %1; enligt innehållet är det %2.</translation>
    </message>
    <message>
        <source>By its name it is %1; its content does not tell.</source>
        <translation>Enligt namnet är det %1; innehållet säger inget.</translation>
    </message>
    <message>
        <source>Its name does not tell; by its content it is %2.</source>
        <translation>Namnet säger inget; enligt innehållet är det %2.</translation>
    </message>
    <message>
        <source>Neither its name nor its content tells what it is.</source>
        <translation>Varken namnet eller innehållet säger vad det är.</translation>
    </message>
    <message>
        <source>Open anyway</source>
        <translation>Öppna ändå</translation>
    </message>
    <message>
        <source>Open it only if you know who sent it, and why.</source>
        <translation>Öppna den bara om du vet vem som skickade den och varför.</translation>
    </message>
    <message>
        <source>Save instead</source>
        <translation>Spara i stället</translation>
    </message>
    <message>
        <source>This file can do harm</source>
        <translation>Den här filen kan göra skada</translation>
    </message>
    <message>
        <source>This file is not what its name says</source>
        <translation>Den här filen är inte vad namnet säger</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message>
        <source>About ACE Agent</source>
        <translation>Om ACE Agent</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Acceptera</translation>
    </message>
    <message>
        <source>Activate</source>
        <translation>Aktivera</translation>
    </message>
    <message>
        <source>All commands…</source>
        <translation>Alla kommandon…</translation>
    </message>
    <message>
        <source>All queues</source>
        <translation>Alla köer</translation>
    </message>
    <message>
        <source>Always English</source>
        <translation>Alltid engelska</translation>
    </message>
    <message>
        <source>Always Swedish</source>
        <translation>Alltid svenska</translation>
    </message>
    <message>
        <source>Always dark</source>
        <translation>Alltid mörkt</translation>
    </message>
    <message>
        <source>Always light</source>
        <translation>Alltid ljust</translation>
    </message>
    <message>
        <source>Analyse these mails again</source>
        <translation>Analysera mejlen på nytt</translation>
    </message>
    <message>
        <source>As large as other texts</source>
        <translation>Lika stort som annan text</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>Bifoga…</translation>
    </message>
    <message>
        <source>Back in order</source>
        <translation>Tillbaka i ordningen</translation>
    </message>
    <message>
        <source>Be ready to receive contacts</source>
        <translation>Bli redo att få kontakter</translation>
    </message>
    <message>
        <source>Be told of it by the desktop while you work elsewhere</source>
        <translation>Få veta det av skrivbordet medan du arbetar i andra program</translation>
    </message>
    <message>
        <source>Begin a draft with what did not arrive, or was taken back</source>
        <translation>Börja ett utkast med det som inte kom fram, eller togs tillbaka</translation>
    </message>
    <message>
        <source>Cc and Bcc</source>
        <translation>Kopia och hemlig kopia</translation>
    </message>
    <message>
        <source>Change password…</source>
        <translation>Byt lösenord…</translation>
    </message>
    <message>
        <source>Choose another password, with the one you have</source>
        <translation>Välj ett annat lösenord, med hjälp av det du har</translation>
    </message>
    <message>
        <source>Close…</source>
        <translation>Stäng…</translation>
    </message>
    <message>
        <source>Contact data</source>
        <translation>Kontaktdata</translation>
    </message>
    <message>
        <source>Contacts</source>
        <translation>Kontakter</translation>
    </message>
    <message>
        <source>Copy all contact data as text</source>
        <translation>Kopiera alla kontaktdata som text</translation>
    </message>
    <message>
        <source>Copy contact data</source>
        <translation>Kopiera kontaktdata</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Mörkt</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>Avböj</translation>
    </message>
    <message>
        <source>Desk</source>
        <translation>Arbetsplats</translation>
    </message>
    <message>
        <source>Desktop message for a booked contact</source>
        <translation>Skrivbordsmeddelande för en bokad kontakt</translation>
    </message>
    <message>
        <source>Did not arrive</source>
        <translation>Kom inte fram</translation>
    </message>
    <message>
        <source>Drafts…</source>
        <translation>Utkast…</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Avsluta</translation>
    </message>
    <message>
        <source>End this contact with a reason, though nobody handled it</source>
        <translation>Avsluta kontakten med ett skäl, fast ingen har hanterat den</translation>
    </message>
    <message>
        <source>End this contact; wrap-up follows</source>
        <translation>Avsluta den här kontakten; sedan följer efterarbete</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportera…</translation>
    </message>
    <message>
        <source>Extend wrap-up</source>
        <translation>Förläng efterarbetet</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filtrera</translation>
    </message>
    <message>
        <source>Find a command by its words</source>
        <translation>Sök ett kommando med dess ord</translation>
    </message>
    <message>
        <source>Follow the system&apos;s language</source>
        <translation>Följ systemets språk</translation>
    </message>
    <message>
        <source>Follow the system&apos;s light or dark</source>
        <translation>Följ systemets ljusa eller mörka läge</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vidarebefordra</translation>
    </message>
    <message>
        <source>Go on with something that is not sent yet</source>
        <translation>Fortsätt med något som inte är skickat än</translation>
    </message>
    <message>
        <source>Go on with this draft later; Esc does it, too</source>
        <translation>Fortsätt med utkastet senare; det gör också Esc</translation>
    </message>
    <message>
        <source>Go to what you write</source>
        <translation>Gå till det du skriver</translation>
    </message>
    <message>
        <source>Hear the audio that came with this contact; pause, go on</source>
        <translation>Hör ljudet som följde med den här kontakten; pausa, fortsätt</translation>
    </message>
    <message>
        <source>Hear when a contact is booked for you</source>
        <translation>Hör när en kontakt bokas åt dig</translation>
    </message>
    <message>
        <source>Insert a text…</source>
        <translation>Infoga text…</translation>
    </message>
    <message>
        <source>Language as the system</source>
        <translation>Samma språk som systemet</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>Större</translation>
    </message>
    <message>
        <source>Lay this contact aside; it stays yours</source>
        <translation>Lägg den här kontakten åt sidan; den förblir din</translation>
    </message>
    <message>
        <source>Let it go before all others where it waits</source>
        <translation>Låt den gå före alla andra där den väntar</translation>
    </message>
    <message>
        <source>Let it wait in another queue or list, or for one person</source>
        <translation>Låt den vänta i en annan kö eller lista, eller på en viss person</translation>
    </message>
    <message>
        <source>Let the booked contact go back to its place</source>
        <translation>Låt den bokade kontakten gå tillbaka till sin plats</translation>
    </message>
    <message>
        <source>Let the chosen agent serve a queue or waiting list</source>
        <translation>Låt den valda agenten betjäna en kö eller väntelista</translation>
    </message>
    <message>
        <source>Let the chosen agent serve a queue or waiting list no longer</source>
        <translation>Låt den valda agenten inte längre betjäna en kö eller väntelista</translation>
    </message>
    <message>
        <source>Let the taskbar ask for your attention</source>
        <translation>Låt aktivitetsfältet påkalla din uppmärksamhet</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Ljust</translation>
    </message>
    <message>
        <source>Light or dark as the system</source>
        <translation>Ljust eller mörkt som systemet</translation>
    </message>
    <message>
        <source>Load remote pictures</source>
        <translation>Hämta bilder på nätet</translation>
    </message>
    <message>
        <source>Load them for this mail; its sender learns that you read it</source>
        <translation>Hämta dem för det här mejlet; avsändaren får veta att du läser det</translation>
    </message>
    <message>
        <source>Log in to queue…</source>
        <translation>Logga in i kö…</translation>
    </message>
    <message>
        <source>Log out</source>
        <translation>Logga ut</translation>
    </message>
    <message>
        <source>Log out of queue…</source>
        <translation>Logga ut ur kö…</translation>
    </message>
    <message>
        <source>Look into quarantine</source>
        <translation>Titta i karantänen</translation>
    </message>
    <message>
        <source>Look into queue</source>
        <translation>Titta in i kön</translation>
    </message>
    <message>
        <source>Mail as text</source>
        <translation>Mejlet som text</translation>
    </message>
    <message>
        <source>Make this wrap-up last longer</source>
        <translation>Låt det här efterarbetet vara längre</translation>
    </message>
    <message>
        <source>Move the keyboard to the mail you are writing</source>
        <translation>Flytta markören till mejlet du skriver</translation>
    </message>
    <message>
        <source>Move the keyboard to the next part of the window</source>
        <translation>Flytta markören till nästa del av fönstret</translation>
    </message>
    <message>
        <source>Move…</source>
        <translation>Flytta…</translation>
    </message>
    <message>
        <source>New mail</source>
        <translation>Nytt mejl</translation>
    </message>
    <message>
        <source>Next part of the window</source>
        <translation>Nästa del av fönstret</translation>
    </message>
    <message>
        <source>Open the address this contact leads to, after a question</source>
        <translation>Öppna adressen som kontakten leder till, efter en fråga</translation>
    </message>
    <message>
        <source>Open the link…</source>
        <translation>Öppna länken…</translation>
    </message>
    <message>
        <source>Open the thread…</source>
        <translation>Öppna tråden…</translation>
    </message>
    <message>
        <source>Open what was said before, on the channel&apos;s own pages</source>
        <translation>Öppna det som har skrivits tidigare, på kanalens egna sidor</translation>
    </message>
    <message>
        <source>Original source</source>
        <translation>Ursprunglig källa</translation>
    </message>
    <message>
        <source>Park</source>
        <translation>Parkera</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausa</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>Spela eller pausa</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Förhandsvisning</translation>
    </message>
    <message>
        <source>Prioritise</source>
        <translation>Prioritera</translation>
    </message>
    <message>
        <source>Prioritise it no longer</source>
        <translation>Prioritera den inte längre</translation>
    </message>
    <message>
        <source>Pull to me</source>
        <translation>Hämta till mig</translation>
    </message>
    <message>
        <source>Pulse</source>
        <translation>Pulse</translation>
    </message>
    <message>
        <source>Put a prepared text in where you write</source>
        <translation>Infoga en färdig text där du skriver</translation>
    </message>
    <message>
        <source>Put aside</source>
        <translation>Lägg undan</translation>
    </message>
    <message>
        <source>Read the mail that could not be read</source>
        <translation>Läs mejlet som inte kunde läsas</translation>
    </message>
    <message>
        <source>Receive no more contacts; during a contact, from its end on</source>
        <translation>Få inga fler kontakter; under en kontakt gäller det när den är slut</translation>
    </message>
    <message>
        <source>Reduced motion</source>
        <translation>Mindre rörelse</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Svara</translation>
    </message>
    <message>
        <source>Reply all</source>
        <translation>Svara alla</translation>
    </message>
    <message>
        <source>Requeue…</source>
        <translation>Köa om…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Återuppta</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Försök igen</translation>
    </message>
    <message>
        <source>Save this mail as it was fetched</source>
        <translation>Spara mejlet så som det hämtades</translation>
    </message>
    <message>
        <source>Say where this contact is, why, and what would change it</source>
        <translation>Säg var kontakten är, varför, och vad som skulle ändra det</translation>
    </message>
    <message>
        <source>Say why a certain agent has not been given this contact</source>
        <translation>Säg varför en viss agent inte har fått kontakten</translation>
    </message>
    <message>
        <source>Say why the chosen agent has this contact; Enter does it, too</source>
        <translation>Säg varför den valda agenten har kontakten; det gör även Enter</translation>
    </message>
    <message>
        <source>Say why this contact came to you</source>
        <translation>Säg varför den här kontakten kom till dig</translation>
    </message>
    <message>
        <source>See what became of the mails that you wrote</source>
        <translation>Se hur det gick för mejlen du har skrivit</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Skicka</translation>
    </message>
    <message>
        <source>Send again</source>
        <translation>Skicka igen</translation>
    </message>
    <message>
        <source>Send files along, of at most 35 MB each</source>
        <translation>Skicka med filer på högst 35 MB var</translation>
    </message>
    <message>
        <source>Send once more what did not arrive</source>
        <translation>Skicka en gång till det som inte kom fram</translation>
    </message>
    <message>
        <source>Send these again</source>
        <translation>Skicka mejlen igen</translation>
    </message>
    <message>
        <source>Send these mails once more to whom they did not reach</source>
        <translation>Skicka mejlen på nytt till dem som de inte nådde</translation>
    </message>
    <message>
        <source>Send this mail on to somebody else</source>
        <translation>Skicka mejlet vidare till någon annan</translation>
    </message>
    <message>
        <source>Send what you wrote; for a moment it can be undone</source>
        <translation>Skicka det du har skrivit; en kort stund går det att ångra</translation>
    </message>
    <message>
        <source>Sent…</source>
        <translation>Skickat…</translation>
    </message>
    <message>
        <source>Show a booked contact without a pulse</source>
        <translation>Visa en bokad kontakt utan pulserande ljus</translation>
    </message>
    <message>
        <source>Show all queues and agents again; Esc does it, too</source>
        <translation>Visa alla köer och agenter igen; det gör även Esc</translation>
    </message>
    <message>
        <source>Show also what lies behind the beginning of this mail</source>
        <translation>Visa också det som följer efter mejlets början</translation>
    </message>
    <message>
        <source>Show mails that went no further or were not delivered</source>
        <translation>Visa mejl som inte kom vidare eller inte levererades</translation>
    </message>
    <message>
        <source>Show or hide the contact data</source>
        <translation>Visa eller dölj kontaktdata</translation>
    </message>
    <message>
        <source>Show or hide the preview</source>
        <translation>Visa eller dölj förhandsvisningen</translation>
    </message>
    <message>
        <source>Show or hide your contacts</source>
        <translation>Visa eller dölj dina kontakter</translation>
    </message>
    <message>
        <source>Show queues and agents as they are now</source>
        <translation>Visa köer och agenter som de är nu</translation>
    </message>
    <message>
        <source>Show source</source>
        <translation>Visa källtext</translation>
    </message>
    <message>
        <source>Show the contacts in your hands</source>
        <translation>Visa kontakterna som du har hand om</translation>
    </message>
    <message>
        <source>Show the mail larger; Ctrl and the wheel do it, too</source>
        <translation>Visa mejlet större; det gör också Ctrl och hjulet</translation>
    </message>
    <message>
        <source>Show the mail neither larger nor smaller</source>
        <translation>Visa mejlet varken större eller mindre</translation>
    </message>
    <message>
        <source>Show the mail smaller</source>
        <translation>Visa mejlet mindre</translation>
    </message>
    <message>
        <source>Show the whole mail</source>
        <translation>Visa hela mejlet</translation>
    </message>
    <message>
        <source>Show the words of this mail alone, or formatted again</source>
        <translation>Visa mejlet som ren text, eller formaterat igen</translation>
    </message>
    <message>
        <source>Show this mail as it came, letter by letter</source>
        <translation>Visa mejlet som det kom, tecken för tecken</translation>
    </message>
    <message>
        <source>Show this mail as it was fetched; Enter does it, too</source>
        <translation>Visa mejlet så som det hämtades; Enter gör det också</translation>
    </message>
    <message>
        <source>Show what waits in the chosen queue; Enter does it, too</source>
        <translation>Visa vad som väntar i den valda kön; det gör även Enter</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>Mindre</translation>
    </message>
    <message>
        <source>Sound for a booked contact</source>
        <translation>Ljud för en bokad kontakt</translation>
    </message>
    <message>
        <source>Store what you typed and leave; parked contacts stay yours</source>
        <translation>Lagra det du har skrivit och gå; parkerade kontakter förblir dina</translation>
    </message>
    <message>
        <source>Take back what is about to be sent, and go on writing</source>
        <translation>Ta tillbaka det som strax skickas och skriv vidare</translation>
    </message>
    <message>
        <source>Take the booked contact in hand</source>
        <translation>Ta dig an den bokade kontakten</translation>
    </message>
    <message>
        <source>Take these mails out of quarantine without making contacts</source>
        <translation>Ta mejlen ur karantänen utan att det blir kontakter</translation>
    </message>
    <message>
        <source>Take this parked contact in hand again</source>
        <translation>Ta dig an den här parkerade kontakten igen</translation>
    </message>
    <message>
        <source>Take this waiting contact in hand yourself</source>
        <translation>Ta dig an den väntande kontakten själv</translation>
    </message>
    <message>
        <source>Taskbar alert for a booked contact</source>
        <translation>Signal i aktivitetsfältet för en bokad kontakt</translation>
    </message>
    <message>
        <source>Throw this draft away</source>
        <translation>Kasta utkastet</translation>
    </message>
    <message>
        <source>Try again to read the mail</source>
        <translation>Försök läsa mejlet igen</translation>
    </message>
    <message>
        <source>Type to find one of your contacts, a queue or an agent</source>
        <translation>Skriv för att hitta en av dina kontakter, en kö eller en agent</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Ångra</translation>
    </message>
    <message>
        <source>What is in hand?</source>
        <translation>Vad har agenten?</translation>
    </message>
    <message>
        <source>What this program is</source>
        <translation>Vad det här programmet är</translation>
    </message>
    <message>
        <source>Why does it wait?</source>
        <translation>Varför väntar den?</translation>
    </message>
    <message>
        <source>Why is this mine?</source>
        <translation>Varför fick jag den?</translation>
    </message>
    <message>
        <source>Why not …?</source>
        <translation>Varför inte …?</translation>
    </message>
    <message>
        <source>Write a mail that belongs to no contact</source>
        <translation>Skriv ett mejl som inte hör till någon kontakt</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>Skriv på nytt</translation>
    </message>
    <message>
        <source>Write to more people, seen or unseen by the others</source>
        <translation>Skriv till fler, synligt eller dolt för de andra</translation>
    </message>
    <message>
        <source>Write to who sent this mail</source>
        <translation>Skriv till den som skickade mejlet</translation>
    </message>
    <message>
        <source>Write to who sent this mail, and to all who got it</source>
        <translation>Skriv till den som skickade mejlet och till alla som fick det</translation>
    </message>
    <message>
        <source>Choose which of your queues and waiting lists you serve</source>
        <translation>Välj vilka av dina köer och väntelistor du betjänar</translation>
    </message>
    <message>
        <source>Discard draft</source>
        <translation>Kasta utkastet</translation>
    </message>
    <message>
        <source>Discard mails…</source>
        <translation>Kassera mejl…</translation>
    </message>
    <message>
        <source>Give this contact to a queue, a waiting list or a colleague</source>
        <translation>Ge den här kontakten till en kö, en väntelista eller en kollega</translation>
    </message>
    <message>
        <source>Have this mail sent or read again; the second time, answer it here</source>
        <translation>Låt mejlet skickas eller läsas igen; andra gången besvarar du det här i programmet</translation>
    </message>
    <message>
        <source>Log in to the queue</source>
        <translation>Logga in i kön</translation>
    </message>
    <message>
        <source>Log out of the queue</source>
        <translation>Logga ut ur kön</translation>
    </message>
    <message>
        <source>Move the keyboard to your waiting lists and queues</source>
        <translation>Flytta markören till dina väntelistor och köer</translation>
    </message>
    <message>
        <source>Pick</source>
        <translation>Plocka</translation>
    </message>
    <message>
        <source>Serve the chosen queue or waiting list</source>
        <translation>Betjäna den valda kön eller väntelistan</translation>
    </message>
    <message>
        <source>Serve the chosen queue or waiting list no longer</source>
        <translation>Betjäna inte längre den valda kön eller väntelistan</translation>
    </message>
    <message>
        <source>Take the contact chosen in a waiting list in hand</source>
        <translation>Ta dig an kontakten som är vald i en väntelista</translation>
    </message>
    <message>
        <source>Waiting lists and queues</source>
        <translation>Väntelistor och köer</translation>
    </message>
    <message>
        <source>Work level…</source>
        <translation>Arbetsnivå…</translation>
    </message>
</context>
<context>
    <name>cut</name>
    <message>
        <source>Copy all</source>
        <translation>Kopiera allt</translation>
    </message>
    <message>
        <source>Copy all: %1</source>
        <translation>Kopiera allt: %1</translation>
    </message>
    <message>
        <source>The first %1 of %2 are shown.</source>
        <translation>De första %1 av %2 visas.</translation>
    </message>
    <message>
        <source>The first %1 of %2 characters are shown.</source>
        <translation>De första %1 av %2 tecken visas.</translation>
    </message>
</context>
<context>
    <name>demo</name>
    <message>
        <source>%1 → no answer, sent again soon</source>
        <translation>%1 → inget svar, skickas snart igen</translation>
    </message>
    <message>
        <source>Log in to this bank as the next agent, in a window beside this one</source>
        <translation>Logga in i banken som nästa agent, i ett fönster bredvid</translation>
    </message>
    <message>
        <source>Making the bank…</source>
        <translation>Banken byggs upp…</translation>
    </message>
    <message>
        <source>Open another agent&apos;s window</source>
        <translation>Öppna en annan agents fönster</translation>
    </message>
    <message>
        <source>Press F9 to be ready: the first contact is booked for you, and F10 accepts it. Read it, choose an outcome at the right, and end it with Ctrl+Enter. Ctrl+N opens another agent&apos;s window. Customers write mail, too: Ctrl+Shift+W shows what was sent – automatic answers, your replies, and what Frida reads in her own mail program.</source>
        <translation>Tryck F9 för att bli redo: den första kontakten bokas åt dig, och F10 accepterar den. Läs den, välj ett resultat till höger och avsluta den med Ctrl+Enter. Ctrl+N öppnar en annan agents fönster. Kunderna skriver också mejl: Ctrl+Shift+W visar vad som har skickats – automatiska svar, dina svar och det som Frida läser i sitt eget e-postprogram.</translation>
    </message>
    <message>
        <source>See every mail that left the bank, and its source</source>
        <translation>Se varje mejl som har lämnat banken, och dess källa</translation>
    </message>
    <message>
        <source>There is no display; the pictures are in %1</source>
        <translation>Det finns ingen skärm; bilderna ligger i %1</translation>
    </message>
    <message>
        <source>What was sent</source>
        <translation>Vad som skickades</translation>
    </message>
    <message>
        <source>You are logged in as the administrator of a bank whose support system sends work items. Start the demonstration without --role to receive them.</source>
        <translation>Du är inloggad som administratör i en bank vars stödsystem skickar arbetsuppgifter. Starta demonstrationen utan --role för att få dem.</translation>
    </message>
    <message>
        <source>You are logged in as the supervisor of a bank: Pulse shows its queues and agents as they are now. Alt+1 is your own desk, Alt+2 is Pulse; Ctrl+N opens an agent&apos;s window.</source>
        <translation>Du är inloggad som arbetsledare i en bank: Pulse visar köer och agenter som de är just nu. Alt+1 är din egen arbetsplats, Alt+2 är Pulse; Ctrl+N öppnar en agents fönster.</translation>
    </message>
    <message>
        <source>mail of %1 → mailbox %2</source>
        <translation>mejl från %1 → brevlåda %2</translation>
    </message>
    <message>
        <source>receipt %1 %2</source>
        <translation>kvitto %1 %2</translation>
    </message>
</context>
<context>
    <name>files</name>
    <message>
        <source>a PDF document</source>
        <translation>ett PDF-dokument</translation>
    </message>
    <message>
        <source>a disk image, which can hold programs</source>
        <translation>en diskavbildning, som kan innehålla program</translation>
    </message>
    <message>
        <source>a document with macros, which run like a program</source>
        <translation>ett dokument med makron, som körs som ett program</translation>
    </message>
    <message>
        <source>a file of unknown kind</source>
        <translation>en fil av okänt slag</translation>
    </message>
    <message>
        <source>a picture</source>
        <translation>en bild</translation>
    </message>
    <message>
        <source>a program</source>
        <translation>ett program</translation>
    </message>
    <message>
        <source>a script, which runs like a program</source>
        <translation>ett skript, som körs som ett program</translation>
    </message>
    <message>
        <source>a shortcut, which can start a program</source>
        <translation>en genväg, som kan starta ett program</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>en text</translation>
    </message>
    <message>
        <source>a video</source>
        <translation>en video</translation>
    </message>
    <message>
        <source>a web page, which can run scripts</source>
        <translation>en webbsida, som kan köra skript</translation>
    </message>
    <message>
        <source>an Office document</source>
        <translation>ett Office-dokument</translation>
    </message>
    <message>
        <source>an SVG drawing, which can run scripts</source>
        <translation>en SVG-teckning, som kan köra skript</translation>
    </message>
    <message>
        <source>an archive</source>
        <translation>ett arkiv</translation>
    </message>
    <message>
        <source>an audio file</source>
        <translation>en ljudfil</translation>
    </message>
    <message>
        <source>an e-mail</source>
        <translation>ett e-postmeddelande</translation>
    </message>
    <message>
        <source>an older Office document, which can hold macros</source>
        <translation>ett äldre Office-dokument, som kan innehålla makron</translation>
    </message>
</context>
<context>
    <name>interventions</name>
    <message>
        <source>%1 ends, and nobody will have handled it.</source>
        <translation>%1 avslutas utan att någon har hanterat kontakten.</translation>
    </message>
    <message>
        <source>%1 is logged in to %2.</source>
        <translation>%1 är inloggad i %2.</translation>
    </message>
    <message>
        <source>%1 is logged out of %2.</source>
        <translation>%1 är utloggad ur %2.</translation>
    </message>
    <message>
        <source>%1 keeps its age where it waits next.</source>
        <translation>%1 behåller sin väntetid på den nya platsen.</translation>
    </message>
    <message>
        <source>%1 of %2 were refused. %3: %4</source>
        <translation>%1 av %2 gick inte. %3: %4</translation>
    </message>
    <message>
        <source>Choose who might have been given %1.</source>
        <translation>Välj vem som kunde ha fått %1.</translation>
    </message>
    <message numerus="yes">
        <source>Close %n contacts</source>
        <translation>
            <numerusform>Stäng %n kontakt</numerusform>
            <numerusform>Stäng %n kontakter</numerusform>
        </translation>
    </message>
    <message>
        <source>Close contact</source>
        <translation>Stäng kontakten</translation>
    </message>
    <message>
        <source>Explain</source>
        <translation>Förklara</translation>
    </message>
    <message>
        <source>Log %1 in to a queue</source>
        <translation>Logga in %1 i en kö</translation>
    </message>
    <message>
        <source>Log %1 out of a queue</source>
        <translation>Logga ut %1 ur en kö</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>Logga in</translation>
    </message>
    <message>
        <source>Log out</source>
        <translation>Logga ut</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Flytta</translation>
    </message>
    <message numerus="yes">
        <source>Move %n contacts</source>
        <translation>
            <numerusform>Flytta %n kontakt</numerusform>
            <numerusform>Flytta %n kontakter</numerusform>
        </translation>
    </message>
    <message>
        <source>Move contact</source>
        <translation>Flytta kontakten</translation>
    </message>
    <message>
        <source>The agent serves it no longer, until the next log-in.</source>
        <translation>Agenten betjänar den inte igen förrän efter nästa inloggning.</translation>
    </message>
    <message>
        <source>The agent serves it until the next log-out, even without its skills.</source>
        <translation>Agenten betjänar den fram till nästa utloggning, även utan kompetenserna för den.</translation>
    </message>
    <message>
        <source>They end, and nobody will have handled them.</source>
        <translation>De avslutas utan att någon har hanterat dem.</translation>
    </message>
    <message>
        <source>They keep their age where they wait next.</source>
        <translation>De behåller sin väntetid på den nya platsen.</translation>
    </message>
    <message>
        <source>What %1 has in hand</source>
        <translation>Vad %1 har hand om</translation>
    </message>
    <message>
        <source>Why does it wait?</source>
        <translation>Varför väntar den?</translation>
    </message>
    <message>
        <source>Why not %1?</source>
        <translation>Varför inte %1?</translation>
    </message>
    <message>
        <source>Why not …?</source>
        <translation>Varför inte …?</translation>
    </message>
</context>
<context>
    <name>link</name>
    <message>
        <source>Cancel</source>
        <translation>Avbryt</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Kopiera adressen</translation>
    </message>
    <message>
        <source>In its own letters the host is written %1.</source>
        <translation>Med egna bokstäver skrivs värdnamnet %1.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öppna</translation>
    </message>
    <message>
        <source>Open in %1?</source>
        <translation>Öppna i %1?</translation>
    </message>
    <message>
        <source>The connection is not encrypted.</source>
        <translation>Anslutningen är inte krypterad.</translation>
    </message>
    <message>
        <source>The name of the host mixes letters of several scripts: it may imitate another.</source>
        <translation>Värdnamnet blandar bokstäver ur flera skriftsystem: det kan härma ett annat.</translation>
    </message>
    <message>
        <source>The text of the link names %1, but it leads to %2.</source>
        <translation>Länkens text nämner %1, men den leder till %2.</translation>
    </message>
    <message>
        <source>What stands before the @ is not the host; the address leads to %1.</source>
        <translation>Det som står före @ är inte värdnamnet; adressen leder till %1.</translation>
    </message>
    <message>
        <source>Write to %1?</source>
        <translation>Skriva till %1?</translation>
    </message>
    <message>
        <source>Your browser opens this address:</source>
        <translation>Webbläsaren öppnar den här adressen:</translation>
    </message>
    <message>
        <source>Your mail program opens with this address:</source>
        <translation>Ditt mejlprogram öppnas med den här adressen:</translation>
    </message>
</context>
<context>
    <name>mail</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 och %n till</numerusform>
            <numerusform>%1 och %n till</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is no e-mail address. One looks like name@bank.example.</source>
        <translation>%1 är ingen e-postadress. En sådan ser ut som namn@bank.example.</translation>
    </message>
    <message>
        <source>%1 to %2: %3</source>
        <translation>%1 till %2: %3</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>(no subject)</source>
        <translation>(inget ämne)</translation>
    </message>
    <message>
        <source>Automatic answer to %1, %2</source>
        <translation>Automatiskt svar till %1, %2</translation>
    </message>
    <message>
        <source>Being sent</source>
        <translation>Skickas nu</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vidarebefordran</translation>
    </message>
    <message>
        <source>Forwarded to %1, %2</source>
        <translation>Vidarebefordrat till %1, %2</translation>
    </message>
    <message>
        <source>Handed over</source>
        <translation>Överlämnat</translation>
    </message>
    <message>
        <source>Kept here until the link is back</source>
        <translation>Sparas här tills förbindelsen är tillbaka</translation>
    </message>
    <message>
        <source>Mail to %1, %2</source>
        <translation>Mejl till %1, %2</translation>
    </message>
    <message>
        <source>May have been sent</source>
        <translation>Kan ha skickats</translation>
    </message>
    <message>
        <source>New mail</source>
        <translation>Nytt mejl</translation>
    </message>
    <message>
        <source>Read and answer the mail here now.</source>
        <translation>Läs och besvara mejlet här nu.</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Avvisat</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Svar</translation>
    </message>
    <message>
        <source>Reply to %1, %2</source>
        <translation>Svar till %1, %2</translation>
    </message>
    <message>
        <source>Reply to all</source>
        <translation>Svar till alla</translation>
    </message>
    <message>
        <source>Say who the mail is for.</source>
        <translation>Ange vem mejlet är till.</translation>
    </message>
    <message>
        <source>Sent to %1 %2 – %3.</source>
        <translation>Skickat till %1 %2 – %3.</translation>
    </message>
    <message>
        <source>Stored as a draft</source>
        <translation>Sparat som utkast</translation>
    </message>
    <message>
        <source>Stored as a draft %1</source>
        <translation>Sparat som utkast %1</translation>
    </message>
    <message>
        <source>Storing …</source>
        <translation>Sparar …</translation>
    </message>
    <message>
        <source>Taken back</source>
        <translation>Återtaget</translation>
    </message>
    <message>
        <source>The mail is longer than can be sent. Attach a file.</source>
        <translation>Mejlet är längre än vad som kan skickas. Bifoga en fil.</translation>
    </message>
    <message>
        <source>The mail is sent to %1 once more.</source>
        <translation>Mejlet skickas till %1 en gång till.</translation>
    </message>
    <message numerus="yes">
        <source>The mail to %1 is sent in %n s.</source>
        <translation>
            <numerusform>Mejlet till %1 skickas om %n s.</numerusform>
            <numerusform>Mejlet till %1 skickas om %n s.</numerusform>
        </translation>
    </message>
    <message>
        <source>The mail was read once more from what is kept.</source>
        <translation>Mejlet lästes in igen från den sparade kopian.</translation>
    </message>
    <message>
        <source>Your mail to %1 may not have been sent. %2 shows what is known.</source>
        <translation>Ditt mejl till %1 har kanske inte skickats. %2 visar det som är känt.</translation>
    </message>
    <message>
        <source>Your mail to %1 was refused. %2 shows why.</source>
        <translation>Ditt mejl till %1 avvisades. %2 visar varför.</translation>
    </message>
    <message>
        <source>This mail is handled in your own mail program, at %1.</source>
        <translation>Mejlet hanteras i ditt eget mejlprogram, på %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n of your mails were refused, or may not have been sent. %1 shows them.</source>
        <translation>
            <numerusform>%n av dina mejl avvisades, eller har kanske inte skickats. %1 visar det.</numerusform>
            <numerusform>%n av dina mejl avvisades, eller har kanske inte skickats. %1 visar dem.</numerusform>
        </translation>
    </message>
    <message>
        <source>This mail, routed on to %1, %2</source>
        <translation>Det här mejlet, dirigerat vidare till %1, %2</translation>
    </message>
    <message>
        <source>This mail, sent to %1, %2</source>
        <translation>Det här mejlet, skickat till %1, %2</translation>
    </message>
    <message>
        <source>Unknown sender</source>
        <translation>Okänd avsändare</translation>
    </message>
    <message>
        <source>Waits to be sent</source>
        <translation>Väntar på att skickas</translation>
    </message>
    <message>
        <source>What you answer there leaves with your own address, and is not in the history here.</source>
        <translation>Det du svarar där går ut med din egen adress och finns inte i historiken här.</translation>
    </message>
</context>
<context>
    <name>mails</name>
    <message>
        <source>%1 of %2 were refused. %3</source>
        <translation>%1 av %2 avvisades. %3</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>%n mails will be analysed again.</source>
        <translation>
            <numerusform>%n mejl analyseras på nytt.</numerusform>
            <numerusform>%n mejl analyseras på nytt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails will be sent again.</source>
        <translation>
            <numerusform>%n mejl skickas igen.</numerusform>
            <numerusform>%n mejl skickas igen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Kassera</translation>
    </message>
    <message numerus="yes">
        <source>Discard %n mails?</source>
        <translation>
            <numerusform>Kassera %n mejl?</numerusform>
            <numerusform>Kassera %n mejl?</numerusform>
        </translation>
    </message>
    <message>
        <source>Export mail</source>
        <translation>Exportera mejl</translation>
    </message>
    <message>
        <source>It may have arrived already; then it arrives twice.</source>
        <translation>Det kan ha kommit fram redan; då kommer det fram två gånger.</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behåll</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>Låt det vara</translation>
    </message>
    <message>
        <source>No contact is made, nobody is answered, and this list shows it no more. The audit keeps that you did it.</source>
        <translation>Det blir ingen kontakt, ingen får svar, och listan visar det inte längre. I granskningsloggen står att du gjorde det.</translation>
    </message>
    <message>
        <source>Send again</source>
        <translation>Skicka igen</translation>
    </message>
    <message>
        <source>Send again what may have been sent?</source>
        <translation>Skicka igen det som kan ha skickats?</translation>
    </message>
    <message>
        <source>The mail is saved as %1.</source>
        <translation>Mejlet är sparat som %1.</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>Skriv på nytt</translation>
    </message>
    <message>
        <source>Write again what may have been sent?</source>
        <translation>Skriva det på nytt, fast det kan ha skickats?</translation>
    </message>
</context>
<context>
    <name>pulse</name>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1 (personal)</source>
        <translation>%1 (personlig)</translation>
    </message>
    <message>
        <source>%1 fetched and not analysed yet; %2 in its folders on the server</source>
        <translation>%1 hämtade och ännu inte analyserade; %2 i mapparna på servern</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 av %2</translation>
    </message>
    <message>
        <source>%1 parked</source>
        <translation>%1 parkerade</translation>
    </message>
    <message>
        <source>%1 since %2</source>
        <translation>%1 sedan %2</translation>
    </message>
    <message>
        <source>%1 waiting</source>
        <translation>%1 väntar</translation>
    </message>
    <message>
        <source>%1 waiting; scroll down for more than the first %2</source>
        <translation>%1 väntar; bläddra nedåt för fler än de första %2</translation>
    </message>
    <message>
        <source>%1 waiting; searched are the first %2</source>
        <translation>%1 väntar; sökningen gäller de första %2</translation>
    </message>
    <message>
        <source>%1: %2, number %3</source>
        <translation>%1: %2, nummer %3</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>Agent</translation>
    </message>
    <message>
        <source>Agents who can be given a contact now, of those who are logged in</source>
        <translation>Agenter som kan få en kontakt nu, av dem som är inloggade</translation>
    </message>
    <message>
        <source>All fetched</source>
        <translation>Allt hämtat</translation>
    </message>
    <message>
        <source>Automatic answer</source>
        <translation>Automatiskt svar</translation>
    </message>
    <message>
        <source>Buffered</source>
        <translation>Buffrade</translation>
    </message>
    <message>
        <source>Came</source>
        <translation>Kom</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Ansluter</translation>
    </message>
    <message>
        <source>Contact</source>
        <translation>Kontakt</translation>
    </message>
    <message>
        <source>Contacts ended since midnight, where the site is</source>
        <translation>Kontakter som avslutats sedan midnatt, där verksamheten finns</translation>
    </message>
    <message>
        <source>Contacts held back because their entrance is closed or full</source>
        <translation>Kontakter som hålls tillbaka för att deras ingång är stängd eller full</translation>
    </message>
    <message>
        <source>Contacts that wait in a queue or for one person</source>
        <translation>Kontakter som väntar i en kö eller på en person</translation>
    </message>
    <message>
        <source>Delivery to an agent&apos;s own mail program</source>
        <translation>Leverans till en agents eget e-postprogram</translation>
    </message>
    <message>
        <source>Ended today</source>
        <translation>Avslutade i dag</translation>
    </message>
    <message>
        <source>Entrance</source>
        <translation>Ingång</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>Hämtar</translation>
    </message>
    <message>
        <source>For</source>
        <translation>I</translation>
    </message>
    <message>
        <source>Forwarded mail</source>
        <translation>Vidarebefordrat mejl</translation>
    </message>
    <message>
        <source>Held back</source>
        <translation>Hålls tillbaka</translation>
    </message>
    <message>
        <source>How long the contact has waited that was queued first</source>
        <translation>Hur länge kontakten som köades först har väntat</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Id</translation>
    </message>
    <message>
        <source>In hand</source>
        <translation>Pågående</translation>
    </message>
    <message>
        <source>In trouble</source>
        <translation>Har problem</translation>
    </message>
    <message>
        <source>It is tried again by itself; mail stays on its server.</source>
        <translation>Nya försök görs av sig själva; mejlen ligger kvar på sin server.</translation>
    </message>
    <message>
        <source>Last fetch</source>
        <translation>Senast hämtat</translation>
    </message>
    <message>
        <source>Look into quarantine to see the mails that went no further.</source>
        <translation>Titta i karantänen för att se mejlen som inte kom vidare.</translation>
    </message>
    <message>
        <source>Mail account</source>
        <translation>E-postkonto</translation>
    </message>
    <message>
        <source>Mails that went no further or were not delivered</source>
        <translation>Mejl som inte kom vidare eller inte levererades</translation>
    </message>
    <message>
        <source>Mails to see to</source>
        <translation>Mejl att ta hand om</translation>
    </message>
    <message>
        <source>Only %1 sees the recipients</source>
        <translation>Bara %1 ser mottagarna</translation>
    </message>
    <message>
        <source>%1, %2.</source>
        <translation>%1, %2.</translation>
    </message>
    <message>
        <source>Automatic answers to others go on.</source>
        <translation>Automatiska svar till andra fortsätter.</translation>
    </message>
    <message>
        <source>Mails went no further.</source>
        <translation>Mejl kom inte vidare.</translation>
    </message>
    <message>
        <source>New mail</source>
        <translation>Nytt mejl</translation>
    </message>
    <message>
        <source>No reason is known.</source>
        <translation>Orsaken är inte känd.</translation>
    </message>
    <message>
        <source>No. %2</source>
        <translation>Nr %2</translation>
    </message>
    <message>
        <source>Not begun</source>
        <translation>Inte påbörjat</translation>
    </message>
    <message>
        <source>Not delivered</source>
        <translation>Ej levererade</translation>
    </message>
    <message>
        <source>Oldest</source>
        <translation>Äldsta</translation>
    </message>
    <message>
        <source>Only a person can mend this: see to the password, the token or the certificate that it names. It is tried again now and then; mail stays on its server.</source>
        <translation>Bara en människa kan rätta till det: se över lösenordet, åtkomstnyckeln eller certifikatet som nämns. Nya försök görs då och då; mejlen ligger kvar på sin server.</translation>
    </message>
    <message>
        <source>Paused: %1</source>
        <translation>Pausad: %1</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Plats</translation>
    </message>
    <message>
        <source>Quarantined</source>
        <translation>I karantän</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Kö</translation>
    </message>
    <message>
        <source>Ready agents</source>
        <translation>Redo agenter</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Orsak</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Svar</translation>
    </message>
    <message>
        <source>Reply to all</source>
        <translation>Svar till alla</translation>
    </message>
    <message>
        <source>Sent out by a routing rule</source>
        <translation>Skickat vidare av en dirigeringsregel</translation>
    </message>
    <message>
        <source>Since %1</source>
        <translation>Sedan %1</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Storlek</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Stoppat</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>There is no room for more mail. It goes on by itself as contacts end.</source>
        <translation>Det finns inte plats för fler mejl. Hämtningen fortsätter av sig själv när kontakter avslutas.</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
    <message>
        <source>To analyse</source>
        <translation>Att analysera</translation>
    </message>
    <message>
        <source>Waited</source>
        <translation>Har väntat</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Väntar</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>Vad som är fel</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Skrivet</translation>
    </message>
</context>
<context>
    <name>rows</name>
    <message>
        <source>%1 left</source>
        <translation>%1 kvar</translation>
    </message>
    <message>
        <source>Being attached, %1 %</source>
        <translation>Bifogas, %1 %</translation>
    </message>
    <message>
        <source>Colleagues</source>
        <translation>Kollegor</translation>
    </message>
    <message>
        <source>Email</source>
        <translation>E-post</translation>
    </message>
    <message>
        <source>Facebook message</source>
        <translation>Facebook-meddelande</translation>
    </message>
    <message>
        <source>Fetching, %1 %</source>
        <translation>Hämtar, %1 %</translation>
    </message>
    <message>
        <source>In hand</source>
        <translation>Pågående</translation>
    </message>
    <message>
        <source>Message on X</source>
        <translation>Meddelande på X</translation>
    </message>
    <message>
        <source>Parked</source>
        <translation>Parkerade</translation>
    </message>
    <message>
        <source>Queues</source>
        <translation>Köer</translation>
    </message>
    <message>
        <source>Work item</source>
        <translation>Arbetsuppgift</translation>
    </message>
    <message>
        <source>Wrap-up</source>
        <translation>Efterarbete</translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n väntar</numerusform>
            <numerusform>%n väntar</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for you</source>
        <translation>Väntar på dig</translation>
    </message>
    <message>
        <source>Waiting lists</source>
        <translation>Väntelistor</translation>
    </message>
    <message>
        <source>folded</source>
        <translation>hopfälld</translation>
    </message>
    <message>
        <source>unfolded</source>
        <translation>utfälld</translation>
    </message>
</context>
<context>
    <name>saving</name>
    <message>
        <source>Keep it</source>
        <translation>Behåll den</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersätt</translation>
    </message>
    <message>
        <source>Replace %1?</source>
        <translation>Ersätta %1?</translation>
    </message>
    <message>
        <source>There is a file of this name already:</source>
        <translation>Det finns redan en fil med det namnet:</translation>
    </message>
</context>
<context>
    <name>sent</name>
    <message>
        <source>Sent</source>
        <translation>Skickat</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Läge</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Till</translation>
    </message>
</context>
<context>
    <name>server</name>
    <message>
        <source>%1 %2 (%3 is enough)</source>
        <translation>%1 %2 (%3 räcker)</translation>
    </message>
    <message>
        <source>%1 %2 or higher</source>
        <translation>%1 %2 eller högre</translation>
    </message>
    <message>
        <source>%1 accepts it.</source>
        <translation>%1 accepterar den.</translation>
    </message>
    <message>
        <source>%1 alone</source>
        <translation>enbart %1</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <translation>%1 och %2</translation>
    </message>
    <message>
        <source>%1 and this server agree on no secure connection.</source>
        <translation>%1 och den här servern kommer inte överens om en säker anslutning.</translation>
    </message>
    <message>
        <source>%1 answered with %2, which means nothing: the mail may have been sent. It is not sent again by itself.</source>
        <translation>%1 svarade med %2, vilket inte betyder något: mejlet kan ha skickats. Det skickas inte igen av sig självt.</translation>
    </message>
    <message>
        <source>%1 answers what no mail server should: %2</source>
        <translation>%1 svarar som ingen e-postserver ska: %2</translation>
    </message>
    <message>
        <source>%1 automatic answers were sent in an hour.</source>
        <translation>%1 automatiska svar skickades under en timme.</translation>
    </message>
    <message>
        <source>%1 cannot be changed.</source>
        <translation>%1 kan inte ändras.</translation>
    </message>
    <message>
        <source>%1 cannot be reached, or hung up.</source>
        <translation>%1 kan inte nås, eller bröt anslutningen.</translation>
    </message>
    <message>
        <source>%1 cannot be reached: %2.</source>
        <translation>%1 kan inte nås: %2.</translation>
    </message>
    <message>
        <source>%1 cannot be used: %2.</source>
        <translation>%1 kan inte användas: %2.</translation>
    </message>
    <message>
        <source>%1 contacts</source>
        <translation>%1 kontakter</translation>
    </message>
    <message>
        <source>%1 contacts buffered there before it go first.</source>
        <translation>%1 kontakter som buffrats där tidigare går först.</translation>
    </message>
    <message>
        <source>%1 contacts waiting there go before it.</source>
        <translation>%1 kontakter som väntar där går före den.</translation>
    </message>
    <message>
        <source>%1 contains %2</source>
        <translation>%1 innehåller %2</translation>
    </message>
    <message>
        <source>%1 does not answer.</source>
        <translation>%1 svarar inte.</translation>
    </message>
    <message>
        <source>%1 does not let %2 log in: %3</source>
        <translation>%1 låter inte %2 logga in: %3</translation>
    </message>
    <message>
        <source>%1 does not speak TLS as it should on this port.</source>
        <translation>%1 talar inte TLS som det ska på den här porten.</translation>
    </message>
    <message>
        <source>%1 ended it at %2.</source>
        <translation>%1 avslutade den %2.</translation>
    </message>
    <message>
        <source>%1 ended it.</source>
        <translation>%1 avslutade den.</translation>
    </message>
    <message>
        <source>%1 ends, parks or requeues it.</source>
        <translation>%1 avslutar den, parkerar den eller köar om den.</translation>
    </message>
    <message>
        <source>%1 fits and is ready since %2.</source>
        <translation>%1 passar och är redo sedan %2.</translation>
    </message>
    <message>
        <source>%1 fits and is ready since %2: it is about to be booked.</source>
        <translation>%1 passar och är redo sedan %2: den bokas strax.</translation>
    </message>
    <message>
        <source>%1 fits queue %2, which asks for no skill.</source>
        <translation>%1 passar för kön %2, som inte kräver någon kompetens.</translation>
    </message>
    <message>
        <source>%1 fits queue %2: %3.</source>
        <translation>%1 passar för kön %2: %3.</translation>
    </message>
    <message>
        <source>%1 fits, but has never logged in.</source>
        <translation>%1 passar, men har aldrig loggat in.</translation>
    </message>
    <message>
        <source>%1 fits, but is %2 (%3) since %4.</source>
        <translation>%1 passar men är %2 (%3) sedan %4.</translation>
    </message>
    <message>
        <source>%1 fits, but is %2 since %3.</source>
        <translation>%1 passar men är %2 sedan %3.</translation>
    </message>
    <message>
        <source>%1 gets it first.</source>
        <translation>%1 får den först.</translation>
    </message>
    <message>
        <source>%1 has any value</source>
        <translation>%1 har något värde</translation>
    </message>
    <message>
        <source>%1 has at most %2 characters.</source>
        <translation>%1 har högst %2 tecken.</translation>
    </message>
    <message>
        <source>%1 has it in hand since %2.</source>
        <translation>%1 arbetar med den sedan %2.</translation>
    </message>
    <message>
        <source>%1 has it in hand.</source>
        <translation>%1 arbetar med den.</translation>
    </message>
    <message>
        <source>%1 has never logged in.</source>
        <translation>%1 har aldrig loggat in.</translation>
    </message>
    <message>
        <source>%1 has no UIDL: use IMAP, or another server.</source>
        <translation>%1 saknar UIDL: använd IMAP, eller en annan server.</translation>
    </message>
    <message>
        <source>%1 has no folders: POP3 reads the inbox only.</source>
        <translation>%1 har inga mappar: POP3 läser bara inkorgen.</translation>
    </message>
    <message>
        <source>%1 has no value</source>
        <translation>%1 saknar värde</translation>
    </message>
    <message>
        <source>%1 has parked it since %2.</source>
        <translation>%1 har haft den parkerad sedan %2.</translation>
    </message>
    <message>
        <source>%1 has parked it.</source>
        <translation>%1 har parkerat den.</translation>
    </message>
    <message>
        <source>%1 has this contact.</source>
        <translation>%1 har den här kontakten.</translation>
    </message>
    <message>
        <source>%1 is %2 since %3.</source>
        <translation>%1 är %2 sedan %3.</translation>
    </message>
    <message>
        <source>%1 is logged out since %2.</source>
        <translation>%1 är utloggad sedan %2.</translation>
    </message>
    <message>
        <source>%1 is no e-mail address.</source>
        <translation>%1 är ingen e-postadress.</translation>
    </message>
    <message>
        <source>%1 is not an e-mail address.</source>
        <translation>%1 är ingen e-postadress.</translation>
    </message>
    <message>
        <source>%1 is not configured in its organisation area: nobody serves it.</source>
        <translation>%1 finns inte i kontaktens organisationsområde: ingen betjänar den.</translation>
    </message>
    <message>
        <source>%1 is one digit, 0 to 9.</source>
        <translation>%1 är en siffra, 0 till 9.</translation>
    </message>
    <message>
        <source>%1 lacks %2.</source>
        <translation>%1 saknar %2.</translation>
    </message>
    <message>
        <source>%1 lets nobody log in now (%2).</source>
        <translation>%1 låter ingen logga in just nu (%2).</translation>
    </message>
    <message>
        <source>%1 may choose a work level that has what is for %1 alone.</source>
        <translation>%1 kan välja en arbetsnivå där det som väntar på just %1 ingår.</translation>
    </message>
    <message>
        <source>%1 may choose a work level with %2.</source>
        <translation>%1 kan välja en arbetsnivå där %2 ingår.</translation>
    </message>
    <message>
        <source>%1 may log in to %2.</source>
        <translation>%1 kan logga in i %2.</translation>
    </message>
    <message>
        <source>%1 more do not serve it.</source>
        <translation>%1 till betjänar den inte.</translation>
    </message>
    <message>
        <source>%1 more fit.</source>
        <translation>%1 till passar.</translation>
    </message>
    <message>
        <source>%1 must be one of the values in its list.</source>
        <translation>%1 måste vara ett av värdena i listan.</translation>
    </message>
    <message>
        <source>%1 offers no STARTTLS: use imaps:// or ask who runs it.</source>
        <translation>%1 erbjuder inte STARTTLS: använd imaps:// eller fråga den som driver servern.</translation>
    </message>
    <message>
        <source>%1 offers no STARTTLS: use pop3s:// or ask who runs it.</source>
        <translation>%1 erbjuder inte STARTTLS: använd pop3s:// eller fråga den som driver servern.</translation>
    </message>
    <message>
        <source>%1 offers no TLS, and mail is not given to it without.</source>
        <translation>%1 erbjuder inte TLS, och utan det lämnas ingen e-post dit.</translation>
    </message>
    <message>
        <source>%1 offers no way to log in that is known here.</source>
        <translation>%1 erbjuder inget sätt att logga in som är känt här.</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 eller %2</translation>
    </message>
    <message>
        <source>%1 picked it from waiting list %2.</source>
        <translation>%1 plockade den från väntelistan %2.</translation>
    </message>
    <message>
        <source>%1 refused the mail for good: %2</source>
        <translation>%1 avvisade mejlet för gott: %2</translation>
    </message>
    <message>
        <source>%1 refuses the access token: allow the access once more.</source>
        <translation>%1 godtar inte åtkomstbeviset: ge åtkomst en gång till.</translation>
    </message>
    <message>
        <source>%1 refuses the log in: check user and password.</source>
        <translation>%1 nekar inloggning: kontrollera användare och lösenord.</translation>
    </message>
    <message>
        <source>%1 refuses what mail is read with (%2).</source>
        <translation>%1 nekar det som e-posten läses med (%2).</translation>
    </message>
    <message>
        <source>%1 resumes it.</source>
        <translation>%1 återupptar den.</translation>
    </message>
    <message>
        <source>%1 said at %2 that the mail did not arrive.</source>
        <translation>%1 sade %2 att mejlet inte kom fram.</translation>
    </message>
    <message>
        <source>%1 said what cannot be understood.</source>
        <translation>Det som %1 svarade går inte att förstå.</translation>
    </message>
    <message>
        <source>%1 takes no access tokens: use a password.</source>
        <translation>%1 tar inte emot åtkomstbevis: använd ett lösenord.</translation>
    </message>
    <message>
        <source>%1 takes no connection: check that it runs, and the port.</source>
        <translation>%1 tar inte emot någon anslutning: kontrollera att den är i gång, och porten.</translation>
    </message>
    <message>
        <source>%1 takes no mail from us now: %2</source>
        <translation>%1 tar inte emot e-post från oss just nu: %2</translation>
    </message>
    <message>
        <source>%1 takes only addresses of plain letters: it cannot be sent to %2.</source>
        <translation>%1 tar bara emot adresser med enkla bokstäver: det kan inte skickas till %2.</translation>
    </message>
    <message>
        <source>%1 takes only plain letters in user and password.</source>
        <translation>%1 tar bara emot enkla bokstäver i användare och lösenord.</translation>
    </message>
    <message>
        <source>%1 took the mail: %2</source>
        <translation>%1 tog emot mejlet: %2</translation>
    </message>
    <message>
        <source>%1 wants the mail later: %2</source>
        <translation>%1 vill ha mejlet senare: %2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, then to %2</source>
        <translation>%1, sedan till %2</translation>
    </message>
    <message>
        <source>1 contact</source>
        <translation>1 kontakt</translation>
    </message>
    <message>
        <source>1 contact buffered there before it goes first.</source>
        <translation>1 kontakt som buffrats där tidigare går först.</translation>
    </message>
    <message>
        <source>1 contact waiting there goes before it.</source>
        <translation>1 kontakt som väntar där går före den.</translation>
    </message>
    <message>
        <source>1 more does not serve it.</source>
        <translation>1 till betjänar den inte.</translation>
    </message>
    <message>
        <source>1 more fits.</source>
        <translation>1 till passar.</translation>
    </message>
    <message>
        <source>A contact from social media cannot be declined.</source>
        <translation>En kontakt från sociala medier kan inte avböjas.</translation>
    </message>
    <message>
        <source>A file that goes with a mail has at most %1 MB.</source>
        <translation>En fil som följer med ett mejl får ha högst %1 MB.</translation>
    </message>
    <message>
        <source>A keyword holds a letter or a digit.</source>
        <translation>Ett nyckelord innehåller en bokstav eller en siffra.</translation>
    </message>
    <message>
        <source>A log-in lasts %1 hours. Log in again.</source>
        <translation>En inloggning gäller i %1 timmar. Logga in igen.</translation>
    </message>
    <message>
        <source>A login has letters, digits and . _ @ - only.</source>
        <translation>Ett användarnamn har bokstäver, siffror och tecknen . _ @ - men inget annat.</translation>
    </message>
    <message>
        <source>A machine is not answered: %1.</source>
        <translation>En maskin får inget svar: %1.</translation>
    </message>
    <message>
        <source>A machine may have sent this mail: %1.</source>
        <translation>Det här mejlet kan vara skickat av en maskin: %1.</translation>
    </message>
    <message>
        <source>A mail can carry no more than %1 files.</source>
        <translation>Ett mejl kan inte ha fler än %1 bilagor.</translation>
    </message>
    <message>
        <source>A mail cannot be given the header %1.</source>
        <translation>Ett mejl kan inte få huvudfältet %1.</translation>
    </message>
    <message>
        <source>A mail goes to no more than %1 addresses.</source>
        <translation>Ett mejl går till högst %1 adresser.</translation>
    </message>
    <message>
        <source>A mail server is written like %1, or with smtps or smtp.</source>
        <translation>En e-postserver skrivs som %1, eller med smtps eller smtp.</translation>
    </message>
    <message>
        <source>A mailbox is given as %1.</source>
        <translation>En brevlåda anges som %1.</translation>
    </message>
    <message>
        <source>A password has at least %1 characters.</source>
        <translation>Ett lösenord har minst %1 tecken.</translation>
    </message>
    <message>
        <source>A password has at most %1 characters.</source>
        <translation>Ett lösenord har högst %1 tecken.</translation>
    </message>
    <message>
        <source>A star stands at the end of a word, and nowhere else.</source>
        <translation>En stjärna står i slutet av ett ord och ingen annanstans.</translation>
    </message>
    <message>
        <source>A supervisor has logged %1 in to %2.</source>
        <translation>En arbetsledare har loggat in %1 i %2.</translation>
    </message>
    <message>
        <source>A supervisor has prioritised it.</source>
        <translation>En arbetsledare har prioriterat den.</translation>
    </message>
    <message>
        <source>A supervisor may log %1 in to %2.</source>
        <translation>En arbetsledare kan logga in %1 i %2.</translation>
    </message>
    <message>
        <source>A supervisor may prioritise it, or move it.</source>
        <translation>En arbetsledare kan prioritera den eller flytta den.</translation>
    </message>
    <message>
        <source>ACE Server cannot be reached.</source>
        <translation>ACE Server kan inte nås.</translation>
    </message>
    <message>
        <source>Accept the contact first.</source>
        <translation>Acceptera kontakten först.</translation>
    </message>
    <message>
        <source>Accept the contact to write about it.</source>
        <translation>Acceptera kontakten för att skriva om den.</translation>
    </message>
    <message>
        <source>An automatic answer could not be written; the log says more.</source>
        <translation>Ett automatiskt svar kunde inte skrivas; loggen säger mer.</translation>
    </message>
    <message>
        <source>Be ready first: you may pick contacts only then.</source>
        <translation>Bli redo först: bara då får du plocka kontakter.</translation>
    </message>
    <message>
        <source>Being in group %1 would help.</source>
        <translation>Att vara med i gruppen %1 skulle hjälpa.</translation>
    </message>
    <message>
        <source>Choose a password of your own.</source>
        <translation>Välj ett eget lösenord.</translation>
    </message>
    <message>
        <source>Choose the address to write from.</source>
        <translation>Välj vilken adress mejlet skrivs från.</translation>
    </message>
    <message>
        <source>Contact %1, which waits for %2 alone, is the next one for %2.</source>
        <translation>Kontakt %1, som väntar på just %2, är nästa för %2.</translation>
    </message>
    <message>
        <source>Contact %1, which waits in %2, is the next one for %3.</source>
        <translation>Kontakt %1, som väntar i %2, är nästa för %3.</translation>
    </message>
    <message>
        <source>Discarded by %1.</source>
        <translation>Kasserat av %1.</translation>
    </message>
    <message>
        <source>Discarded by the rule %1.</source>
        <translation>Kasserat av regeln %1.</translation>
    </message>
    <message>
        <source>End or requeue what you have parked first.</source>
        <translation>Avsluta eller köa om det du har parkerat först.</translation>
    </message>
    <message>
        <source>End, park or requeue the contact in hand first.</source>
        <translation>Avsluta, parkera eller köa om den pågående kontakten först.</translation>
    </message>
    <message>
        <source>Entrance %1 is closed until %2.</source>
        <translation>Ingången %1 är stängd till %2.</translation>
    </message>
    <message>
        <source>Entrance %1 is closed, and no opening hours lie ahead.</source>
        <translation>Ingången %1 är stängd, och inga öppettider ligger framför.</translation>
    </message>
    <message>
        <source>Entrance %1 is full: %2 in its queues, and at most %3 may be.</source>
        <translation>Ingången %1 är full: %2 i dess köer, och högst %3 får finnas där.</translation>
    </message>
    <message>
        <source>Entrance %1 is full: %2 not ended, and at most %3 may be.</source>
        <translation>Ingången %1 är full: %2 utan avslut, och högst %3 får finnas.</translation>
    </message>
    <message>
        <source>Entrance %1 lets contacts in again as soon as no more than %2 are left.</source>
        <translation>Ingången %1 släpper in kontakter igen så snart högst %2 är kvar.</translation>
    </message>
    <message>
        <source>Entrance %1 lets contacts in again as soon as there is room.</source>
        <translation>Ingången %1 släpper in kontakter igen så snart det finns plats.</translation>
    </message>
    <message>
        <source>Entrance %1 was full, and %2 not ended are more than %3.</source>
        <translation>Ingången %1 var full, och %2 utan avslut är fler än %3.</translation>
    </message>
    <message>
        <source>Fetching failed by a fault of this program; the log says more. It is tried again.</source>
        <translation>Hämtningen misslyckades genom ett fel i programmet; loggen säger mer. Ett nytt försök görs.</translation>
    </message>
    <message>
        <source>Folder %1 cannot be opened on %2.</source>
        <translation>Mappen %1 kan inte öppnas på %2.</translation>
    </message>
    <message>
        <source>Folder %1 on %2 was made anew.</source>
        <translation>Mappen %1 på %2 har gjorts om.</translation>
    </message>
    <message>
        <source>If nobody accepts it in time, it returns to its place in queue %1, and %2 is paused.</source>
        <translation>Om ingen accepterar den i tid går den tillbaka till sin plats i kön %1, och %2 blir pausad.</translation>
    </message>
    <message>
        <source>If nobody accepts it in time, it returns to its place, and %1 is paused.</source>
        <translation>Om ingen accepterar den i tid går den tillbaka till sin plats, och %1 blir pausad.</translation>
    </message>
    <message>
        <source>If the link to the agent is lost for %1 seconds, it returns to its queue.</source>
        <translation>Om förbindelsen till agenten är bruten i %1 sekunder går den tillbaka till sin kö.</translation>
    </message>
    <message>
        <source>It arrived too long ago to be answered automatically.</source>
        <translation>Det kom för länge sedan för att besvaras automatiskt.</translation>
    </message>
    <message>
        <source>It can be booked when %1 becomes ready.</source>
        <translation>Den kan bokas när %1 blir redo.</translation>
    </message>
    <message>
        <source>It cannot be read when this mail was written.</source>
        <translation>Det går inte att läsa när det här mejlet skrevs.</translation>
    </message>
    <message>
        <source>It could not be read, by a fault of this program; the log says more.</source>
        <translation>Det kunde inte läsas, genom ett fel i programmet; loggen säger mer.</translation>
    </message>
    <message>
        <source>It does not wait, so nobody else gets it.</source>
        <translation>Den väntar inte, så ingen annan får den.</translation>
    </message>
    <message>
        <source>It does not wait, so nobody gets it.</source>
        <translation>Den väntar inte, så ingen får den.</translation>
    </message>
    <message>
        <source>It has more parts inside each other than can be read.</source>
        <translation>Det har fler delar inuti varandra än vad som kan läsas.</translation>
    </message>
    <message>
        <source>It has priority %1 where it waits, this one %2.</source>
        <translation>Den har prioritet %1 där den väntar, den här %2.</translation>
    </message>
    <message>
        <source>It has priority digit %1, this one %2.</source>
        <translation>Den har prioritetssiffra %1, den här %2.</translation>
    </message>
    <message>
        <source>It is about to be booked for %1.</source>
        <translation>Den bokas strax åt %1.</translation>
    </message>
    <message>
        <source>It is being booked, picked or moved just now.</source>
        <translation>Den bokas, plockas eller flyttas just nu.</translation>
    </message>
    <message>
        <source>It is booked for %1 until %2.</source>
        <translation>Den är bokad åt %1 till %2.</translation>
    </message>
    <message>
        <source>It is booked for %1.</source>
        <translation>Den är bokad åt %1.</translation>
    </message>
    <message>
        <source>It is buffered at entrance %1 since %2.</source>
        <translation>Den är buffrad vid ingången %1 sedan %2.</translation>
    </message>
    <message>
        <source>It is buffered at entrance %1.</source>
        <translation>Den är buffrad vid ingången %1.</translation>
    </message>
    <message>
        <source>It is not distributed there: nobody is given it.</source>
        <translation>Den fördelas inte där: ingen får den.</translation>
    </message>
    <message>
        <source>It is queued when ACE Server is back.</source>
        <translation>Den köas när ACE Server är tillbaka.</translation>
    </message>
    <message>
        <source>It is queued when a routing rule sends it to a queue that exists.</source>
        <translation>Den köas när en dirigeringsregel skickar den till en kö som finns.</translation>
    </message>
    <message>
        <source>It is queued when entrance %1 is given opening hours.</source>
        <translation>Den köas när ingången %1 får öppettider.</translation>
    </message>
    <message>
        <source>It is queued when entrance %1 opens at %2.</source>
        <translation>Den köas när ingången %1 öppnar %2.</translation>
    </message>
    <message>
        <source>It is the older one.</source>
        <translation>Den är äldre.</translation>
    </message>
    <message>
        <source>It may have been sent after the backup was made that was restored. It is not sent again by itself.</source>
        <translation>Det kan ha skickats efter att säkerhetskopian gjordes som återställdes. Det skickas inte igen av sig självt.</translation>
    </message>
    <message>
        <source>It may have been sent: a fault of this program came between; the log says more. It is not sent again by itself.</source>
        <translation>Det kan ha skickats: ett fel i det här programmet kom emellan; loggen säger mer. Det skickas inte igen av sig självt.</translation>
    </message>
    <message>
        <source>It may have been sent: the server stopped just then. It is not sent again by itself.</source>
        <translation>Det kan ha skickats: servern stannade just då. Det skickas inte igen av sig självt.</translation>
    </message>
    <message>
        <source>It moves on to %1 at %2.</source>
        <translation>Den går vidare till %1 %2.</translation>
    </message>
    <message>
        <source>It moves on to %1 when fewer than %2 agents who serve it are at work; %3 are.</source>
        <translation>Den går vidare till %1 när färre än %2 agenter som betjänar den är i arbete; nu är det %3.</translation>
    </message>
    <message>
        <source>It moves on to %1 when its estimated queue time is above %2 seconds; it is %3.</source>
        <translation>Den går vidare till %1 när dess beräknade kötid är över %2 sekunder; nu är den %3.</translation>
    </message>
    <message>
        <source>It moves on to %1 when its estimated queue time is above %2 seconds; nobody who serves it is at work.</source>
        <translation>Den går vidare till %1 när dess beräknade kötid är över %2 sekunder; ingen som betjänar den är i arbete.</translation>
    </message>
    <message>
        <source>It moves on to %1 when more than %2 contacts wait there for each agent who is logged in; nobody is.</source>
        <translation>Den går vidare till %1 när fler än %2 kontakter väntar där per inloggad agent; ingen är inloggad.</translation>
    </message>
    <message>
        <source>It moves on to %1 when more than %2 contacts wait there for each agent who is logged in; there are %3.</source>
        <translation>Den går vidare till %1 när fler än %2 kontakter väntar där per inloggad agent; nu är det %3.</translation>
    </message>
    <message>
        <source>It moves on to %1 when the agent logs out.</source>
        <translation>Den går vidare till %1 när agenten loggar ut.</translation>
    </message>
    <message>
        <source>It returns to its queue at %1, unless %2 logs in before.</source>
        <translation>Den går tillbaka till sin kö %1 om inte %2 loggar in innan dess.</translation>
    </message>
    <message>
        <source>It returns to its queue when %1 has been logged out for %2 hours.</source>
        <translation>Den går tillbaka till sin kö när %1 har varit utloggad i %2 timmar.</translation>
    </message>
    <message>
        <source>It stands before this one there.</source>
        <translation>Den står före den här där.</translation>
    </message>
    <message>
        <source>It waited for %1 alone.</source>
        <translation>Den väntade på just %1.</translation>
    </message>
    <message>
        <source>It waits for %1 alone since %2.</source>
        <translation>Den väntar på just %1 sedan %2.</translation>
    </message>
    <message>
        <source>It waits for %1 alone.</source>
        <translation>Den väntar på just %1.</translation>
    </message>
    <message>
        <source>It waits in queue %1 as number %2 of %3 since %4.</source>
        <translation>Den väntar i kön %1 som nummer %2 av %3 sedan %4.</translation>
    </message>
    <message>
        <source>It waits in queue %1 as number %2 of %3.</source>
        <translation>Den väntar i kön %1 som nummer %2 av %3.</translation>
    </message>
    <message>
        <source>It waits in queue %1 since %2.</source>
        <translation>Den väntar i kön %1 sedan %2.</translation>
    </message>
    <message>
        <source>It waits in queue %1.</source>
        <translation>Den väntar i kön %1.</translation>
    </message>
    <message>
        <source>It waits in waiting list %1 as number %2 of %3 since %4.</source>
        <translation>Den väntar i väntelistan %1 som nummer %2 av %3 sedan %4.</translation>
    </message>
    <message>
        <source>It waits in waiting list %1 as number %2 of %3.</source>
        <translation>Den väntar i väntelistan %1 som nummer %2 av %3.</translation>
    </message>
    <message>
        <source>It waits in waiting list %1 since %2.</source>
        <translation>Den väntar i väntelistan %1 sedan %2.</translation>
    </message>
    <message>
        <source>It waits in waiting list %1.</source>
        <translation>Den väntar i väntelistan %1.</translation>
    </message>
    <message>
        <source>It waits until %1 picks it.</source>
        <translation>Den väntar tills %1 plockar den.</translation>
    </message>
    <message>
        <source>It waits until an agent picks it.</source>
        <translation>Den väntar tills en agent plockar den.</translation>
    </message>
    <message>
        <source>It was ended at %1.</source>
        <translation>Den avslutades %1.</translation>
    </message>
    <message>
        <source>It was ended.</source>
        <translation>Den avslutades.</translation>
    </message>
    <message>
        <source>It was not answered automatically. %1</source>
        <translation>Det besvarades inte automatiskt. %1</translation>
    </message>
    <message>
        <source>It was tried for days, and never taken. The last word was: %1</source>
        <translation>Försök gjordes i flera dagar, men det togs aldrig emot. Det sista beskedet var: %1</translation>
    </message>
    <message>
        <source>Its bytes are not kept any more.</source>
        <translation>Dess innehåll finns inte kvar.</translation>
    </message>
    <message>
        <source>Its contact data name %1.</source>
        <translation>Kontaktdata anger %1.</translation>
    </message>
    <message>
        <source>Its domain got %1 automatic answers in an hour.</source>
        <translation>Dess domän fick %1 automatiska svar under en timme.</translation>
    </message>
    <message>
        <source>Its file cannot be read: %1.</source>
        <translation>Filen går inte att läsa: %1.</translation>
    </message>
    <message>
        <source>Its mail account names no SMTP server.</source>
        <translation>Dess e-postkonto anger ingen SMTP-server.</translation>
    </message>
    <message>
        <source>Log in first.</source>
        <translation>Logga in först.</translation>
    </message>
    <message>
        <source>Login or password is wrong.</source>
        <translation>Fel användarnamn eller lösenord.</translation>
    </message>
    <message>
        <source>Mail from %1 must be read over TLS: write %2.</source>
        <translation>E-post från %1 måste läsas över TLS: skriv %2.</translation>
    </message>
    <message>
        <source>Mail goes to %1 with TLS only: use smtp+starttls or smtps.</source>
        <translation>E-post går till %1 bara med TLS: använd smtp+starttls eller smtps.</translation>
    </message>
    <message>
        <source>Mail on %1 cannot be moved to folder %2.</source>
        <translation>E-post på %1 kan inte flyttas till mappen %2.</translation>
    </message>
    <message>
        <source>Mail on %1 may be read, but not changed.</source>
        <translation>E-post på %1 får läsas men inte ändras.</translation>
    </message>
    <message>
        <source>Mails that %1 does not delete: %2. Delete them there.</source>
        <translation>Mejl som %1 inte tar bort: %2. Ta bort dem där.</translation>
    </message>
    <message>
        <source>Mails that %1 does not give out: %2.</source>
        <translation>Mejl som %1 inte lämnar ut: %2.</translation>
    </message>
    <message>
        <source>Move it to a queue or to a colleague.</source>
        <translation>Flytta den till en kö eller till en kollega.</translation>
    </message>
    <message>
        <source>No agent fits.</source>
        <translation>Ingen agent passar.</translation>
    </message>
    <message>
        <source>No automatic answer is configured for this mail.</source>
        <translation>Inget automatiskt svar är inställt för det här mejlet.</translation>
    </message>
    <message>
        <source>No automatic answer to %1: %2</source>
        <translation>Inget automatiskt svar till %1: %2</translation>
    </message>
    <message>
        <source>No queue of routing rule %1 exists any more.</source>
        <translation>Ingen av köerna i dirigeringsregel %1 finns kvar.</translation>
    </message>
    <message>
        <source>No routing rule fits it, so it goes to %1.</source>
        <translation>Ingen dirigeringsregel passar den, så den går till %1.</translation>
    </message>
    <message>
        <source>No token for %1 can be had now.</source>
        <translation>Inget åtkomstbevis för %1 går att få just nu.</translation>
    </message>
    <message>
        <source>Nobody is given it there: it waits until %1 picks it.</source>
        <translation>Den fördelas inte där: den väntar tills %1 plockar den.</translation>
    </message>
    <message>
        <source>Nothing can be answered: %1 has no SMTP server.</source>
        <translation>Inget kan besvaras: %1 har ingen SMTP-server.</translation>
    </message>
    <message>
        <source>Nothing can be answered: %1 has no return address.</source>
        <translation>Inget kan besvaras: %1 har ingen returadress.</translation>
    </message>
    <message>
        <source>Nothing holds it back: it is about to be queued.</source>
        <translation>Inget håller den tillbaka: den köas strax.</translation>
    </message>
    <message>
        <source>Nothing: an ended contact never moves again.</source>
        <translation>Inget: en avslutad kontakt rör sig aldrig mer.</translation>
    </message>
    <message>
        <source>Of one priority, what waits for an agent alone goes first.</source>
        <translation>Vid samma prioritet går det som väntar på en enda agent först.</translation>
    </message>
    <message>
        <source>Entrance %1 is a flood: %2 wait, more than %3. Who had one of them last gets one of another entrance next.</source>
        <translation>Ingången %1 svämmar över: %2 väntar, fler än %3. Den som senast hade en av dem får härnäst en från en annan ingång.</translation>
    </message>
    <message>
        <source>It was put into %1 by hand, or by an earlier configuration.</source>
        <translation>Den lades i %1 för hand, eller av en tidigare konfiguration.</translation>
    </message>
    <message>
        <source>Only a new mail can be about no contact.</source>
        <translation>Bara ett nytt mejl kan vara utan kontakt.</translation>
    </message>
    <message>
        <source>Only a part of these files could be read: %1.</source>
        <translation>Bara en del av de här filerna gick att läsa: %1.</translation>
    </message>
    <message>
        <source>Only its header was fetched, and no automatic answer is configured for such a mail.</source>
        <translation>Bara huvudet hämtades, och inget automatiskt svar är konfigurerat för sådana mejl.</translation>
    </message>
    <message>
        <source>Only on the server&apos;s own machine.</source>
        <translation>Bara på serverns egen dator.</translation>
    </message>
    <message>
        <source>Only the first of each queue is compared, and here that is contact %1.</source>
        <translation>Bara den första i varje kö jämförs, och här är det kontakt %1.</translation>
    </message>
    <message>
        <source>Our own mail is not answered: %1.</source>
        <translation>Vår egen e-post får inget svar: %1.</translation>
    </message>
    <message>
        <source>POP3 can only keep or delete mail: %1 knows nothing else.</source>
        <translation>POP3 kan bara behålla eller ta bort e-post: %1 kan inget annat.</translation>
    </message>
    <message>
        <source>Queue %1 is not distributed: nobody is given its contacts.</source>
        <translation>Kön %1 fördelas inte: ingen får dess kontakter.</translation>
    </message>
    <message>
        <source>Queue %1 is served first: it has priority %2, %3 has %4; %5 there.</source>
        <translation>Kön %1 betjänas först: den har prioritet %2, %3 har %4; %5 där.</translation>
    </message>
    <message>
        <source>Reading it has ended its process several times.</source>
        <translation>Läsningen har avbrutit sin process flera gånger.</translation>
    </message>
    <message>
        <source>Reading it takes too long.</source>
        <translation>Det tar för lång tid att läsa det.</translation>
    </message>
    <message>
        <source>Requeue goes to a queue or to a colleague.</source>
        <translation>En kontakt köas om till en kö eller till en kollega.</translation>
    </message>
    <message>
        <source>Routing rule %1 (%2) sends it to %3.</source>
        <translation>Dirigeringsregel %1 (%2) skickar den till %3.</translation>
    </message>
    <message>
        <source>Say who the mail is for.</source>
        <translation>Ange vem mejlet är till.</translation>
    </message>
    <message>
        <source>Skill %1 %2 would help.</source>
        <translation>Kompetensen %1 %2 skulle hjälpa.</translation>
    </message>
    <message>
        <source>Some characters of this mail may be wrong.</source>
        <translation>Några tecken i det här mejlet kan vara fel.</translation>
    </message>
    <message>
        <source>Somebody can have it when %1 serves it.</source>
        <translation>Någon kan få den när %1 betjänar den.</translation>
    </message>
    <message>
        <source>Somebody can have it when it is moved, or %1 is configured again.</source>
        <translation>Någon kan få den när den flyttas eller när %1 konfigureras igen.</translation>
    </message>
    <message>
        <source>Somebody can have it when there is an agent at all.</source>
        <translation>Någon kan få den när det över huvud taget finns en agent.</translation>
    </message>
    <message>
        <source>Somebody can have it when there is an agent with %1.</source>
        <translation>Någon kan få den när det finns en agent med %1.</translation>
    </message>
    <message>
        <source>Somebody can have it when there is an agent with the login %1.</source>
        <translation>Någon kan få den när det finns en agent med användarnamnet %1.</translation>
    </message>
    <message>
        <source>Somebody is logged in over this link already.</source>
        <translation>Någon är redan inloggad över den här förbindelsen.</translation>
    </message>
    <message>
        <source>Something in this mail is damaged.</source>
        <translation>Något i det här mejlet är skadat.</translation>
    </message>
    <message>
        <source>Still to be filled in: %1.</source>
        <translation>Återstår att fylla i: %1.</translation>
    </message>
    <message>
        <source>Take the contact in hand to write about it.</source>
        <translation>Ta kontakten för att skriva om den.</translation>
    </message>
    <message>
        <source>The account sent %1 automatic answers in an hour.</source>
        <translation>Kontot skickade %1 automatiska svar under en timme.</translation>
    </message>
    <message>
        <source>The address of the token service must begin with https://.</source>
        <translation>Adressen till tjänsten för åtkomstbevis måste börja med https://.</translation>
    </message>
    <message>
        <source>The certificate of %1 is not to be trusted: %2.</source>
        <translation>Certifikatet för %1 går inte att lita på: %2.</translation>
    </message>
    <message>
        <source>The certificates in %1 cannot be read.</source>
        <translation>Certifikaten i %1 kan inte läsas.</translation>
    </message>
    <message>
        <source>The certificates in %1 cannot be used: check that file.</source>
        <translation>Certifikaten i %1 kan inte användas: kontrollera filen.</translation>
    </message>
    <message>
        <source>The connection to %1 ended.</source>
        <translation>Anslutningen till %1 avslutades.</translation>
    </message>
    <message>
        <source>The connection to %1 was lost before it answered: the mail may have been sent. It is not sent again by itself.</source>
        <translation>Anslutningen till %1 bröts innan svaret kom: mejlet kan ha skickats. Det skickas inte igen av sig självt.</translation>
    </message>
    <message>
        <source>The connection to %1 was lost.</source>
        <translation>Anslutningen till %1 bröts.</translation>
    </message>
    <message>
        <source>The header of this mail is too long; only its beginning was read.</source>
        <translation>Mejlets huvud är för långt; bara början har lästs.</translation>
    </message>
    <message>
        <source>The last contact of %1 came from entrance %2, which is a flood: another goes first.</source>
        <translation>%1 fick senast en kontakt från ingången %2, som svämmar över: en från en annan ingång går före.</translation>
    </message>
    <message>
        <source>The mail account has no return address.</source>
        <translation>E-postkontot har ingen returadress.</translation>
    </message>
    <message>
        <source>The mail account that this came in by is no longer configured.</source>
        <translation>E-postkontot som det här kom in genom är inte längre konfigurerat.</translation>
    </message>
    <message>
        <source>The mail as it was fetched is not here any more, or is damaged.</source>
        <translation>Mejlet som det hämtades finns inte längre kvar, eller är skadat.</translation>
    </message>
    <message>
        <source>The mail has %1 KB, and %2 takes no more than %3 KB: it was not sent.</source>
        <translation>Mejlet är på %1 kB, och %2 tar inte emot mer än %3 kB: det skickades inte.</translation>
    </message>
    <message>
        <source>The mails in folder %1 have other numbers at every look: nothing is fetched from it until they keep them.</source>
        <translation>Mejlen i mappen %1 har andra nummer varje gång: inget hämtas därifrån förrän de behåller dem.</translation>
    </message>
    <message>
        <source>The old password is wrong.</source>
        <translation>Det gamla lösenordet är fel.</translation>
    </message>
    <message>
        <source>The parts of this mail are damaged.</source>
        <translation>Mejlets delar är skadade.</translation>
    </message>
    <message>
        <source>The password of a mail server is not set in its URL.</source>
        <translation>En e-postservers lösenord anges inte i dess adress.</translation>
    </message>
    <message>
        <source>The same mail as before, found in another place of this mailbox.</source>
        <translation>Samma mejl som tidigare, funnet på ett annat ställe i brevlådan.</translation>
    </message>
    <message>
        <source>The server cannot do this at present. Try again soon.</source>
        <translation>Servern kan inte göra detta just nu. Försök igen om en stund.</translation>
    </message>
    <message>
        <source>The server cannot store anything at present. It tries again by itself.</source>
        <translation>Servern kan inte lagra något just nu. Den försöker själv igen.</translation>
    </message>
    <message>
        <source>The server could not do this. Nothing was changed.</source>
        <translation>Servern kunde inte göra detta. Inget har ändrats.</translation>
    </message>
    <message>
        <source>The server does not have the file %1 any more.</source>
        <translation>Servern har inte längre filen %1.</translation>
    </message>
    <message>
        <source>The server does not have this mail as it was fetched.</source>
        <translation>Servern har inte kvar mejlet så som det hämtades.</translation>
    </message>
    <message>
        <source>The server does not understand this: %1</source>
        <translation>Servern förstår inte detta: %1</translation>
    </message>
    <message>
        <source>The server&apos;s disk is nearly full. Nothing more is taken in until there is room.</source>
        <translation>Serverns disk är nästan full. Inget mer tas in förrän det finns plats.</translation>
    </message>
    <message>
        <source>The service %1 would help.</source>
        <translation>Tjänsten %1 skulle hjälpa.</translation>
    </message>
    <message>
        <source>The text of this mail is too long; only its beginning is shown.</source>
        <translation>Mejlets text är för lång; bara början visas.</translation>
    </message>
    <message>
        <source>The token service %1 gives no token now (%2).</source>
        <translation>Tjänsten %1 ger inget åtkomstbevis just nu (%2).</translation>
    </message>
    <message>
        <source>The token service %1 refuses a token (%2): allow the access once more.</source>
        <translation>Tjänsten %1 nekar ett åtkomstbevis (%2): ge åtkomst en gång till.</translation>
    </message>
    <message>
        <source>The token service %1 said what cannot be understood.</source>
        <translation>Det som tjänsten %1 svarade går inte att förstå.</translation>
    </message>
    <message>
        <source>The work level can be changed while you are paused or ready.</source>
        <translation>Du kan byta arbetsnivå när du är pausad eller redo.</translation>
    </message>
    <message>
        <source>There is an administrator already. Log in.</source>
        <translation>Det finns redan en administratör. Logga in.</translation>
    </message>
    <message>
        <source>There is no agent with the login %1.</source>
        <translation>Det finns ingen agent med användarnamnet %1.</translation>
    </message>
    <message>
        <source>There is no contact %1.</source>
        <translation>Det finns ingen kontakt %1.</translation>
    </message>
    <message>
        <source>There is no limited wrap-up to extend.</source>
        <translation>Det finns inget tidsbegränsat efterarbete att förlänga.</translation>
    </message>
    <message>
        <source>There is no maildir folder %1 in %2.</source>
        <translation>Det finns ingen maildir-mapp %1 i %2.</translation>
    </message>
    <message>
        <source>There is no queue %1 in its area.</source>
        <translation>Det finns ingen kö %1 i kontaktens område.</translation>
    </message>
    <message>
        <source>There is no server %1 to be found: check its name.</source>
        <translation>Servern %1 går inte att hitta: kontrollera namnet.</translation>
    </message>
    <message>
        <source>There is no single address that an answer could go to.</source>
        <translation>Det finns ingen ensam adress som ett svar kan gå till.</translation>
    </message>
    <message>
        <source>There is no such colleague in its area.</source>
        <translation>Det finns ingen sådan kollega i kontaktens område.</translation>
    </message>
    <message>
        <source>There is no such mail.</source>
        <translation>Det finns inget sådant mejl.</translation>
    </message>
    <message>
        <source>There is no such queue.</source>
        <translation>Det finns ingen sådan kö.</translation>
    </message>
    <message>
        <source>These are no e-mail addresses: %1, and %2 more.</source>
        <translation>Det här är inga e-postadresser: %1 och %2 till.</translation>
    </message>
    <message>
        <source>These are no e-mail addresses: %1.</source>
        <translation>Det här är inga e-postadresser: %1.</translation>
    </message>
    <message>
        <source>This activity is not configured.</source>
        <translation>Den här aktiviteten är inte konfigurerad.</translation>
    </message>
    <message>
        <source>This address got %1 automatic answers in %2 seconds: that is the most.</source>
        <translation>Adressen fick %1 automatiska svar på %2 sekunder: fler blir det inte.</translation>
    </message>
    <message>
        <source>This agent is logged out.</source>
        <translation>Agenten är utloggad.</translation>
    </message>
    <message>
        <source>This contact does not wait any more.</source>
        <translation>Kontakten väntar inte längre.</translation>
    </message>
    <message>
        <source>This contact does not wait there any more.</source>
        <translation>Kontakten väntar inte längre där.</translation>
    </message>
    <message>
        <source>This contact does not wait where you may pick it.</source>
        <translation>Kontakten väntar inte där du får plocka den.</translation>
    </message>
    <message>
        <source>This contact has no room for so much more text.</source>
        <translation>Kontakten har inte plats för så mycket mer text.</translation>
    </message>
    <message>
        <source>This contact is %1, not %2.</source>
        <translation>Den här kontakten är %1, inte %2.</translation>
    </message>
    <message>
        <source>This contact is a work item: it has no mail, and sends none.</source>
        <translation>Den här kontakten är en arbetsuppgift: den har inget mejl och skickar inget.</translation>
    </message>
    <message>
        <source>This contact is no longer in your hands. The draft is kept.</source>
        <translation>Du har inte längre den här kontakten. Utkastet är kvar.</translation>
    </message>
    <message>
        <source>This contact is no longer in your hands: who has it writes about it.</source>
        <translation>Du har inte längre hand om den här kontakten: den som har den skriver om den.</translation>
    </message>
    <message>
        <source>This contact is not in your hands.</source>
        <translation>Du har inte hand om den här kontakten.</translation>
    </message>
    <message>
        <source>This draft does not exist any more: it was sent or discarded.</source>
        <translation>Det här utkastet finns inte längre: det har skickats eller kastats.</translation>
    </message>
    <message>
        <source>This is one of the commonest passwords. Choose another.</source>
        <translation>Det här är ett av de vanligaste lösenorden. Välj ett annat.</translation>
    </message>
    <message>
        <source>This is our own mail: %1.</source>
        <translation>Det här mejlet är vårt eget: %1.</translation>
    </message>
    <message>
        <source>This log-in has ended. Log in again.</source>
        <translation>Den här inloggningen har upphört. Logga in igen.</translation>
    </message>
    <message>
        <source>This log-in was not used for a while. Log in again.</source>
        <translation>Den här inloggningen har inte använts på ett tag. Logga in igen.</translation>
    </message>
    <message>
        <source>This mail cannot be shown: it has too many parts within parts.</source>
        <translation>Det här mejlet kan inte visas: det har för många delar i delar.</translation>
    </message>
    <message>
        <source>This mail cannot be shown: reading it takes too long.</source>
        <translation>Det här mejlet kan inte visas: det tar för lång tid att läsa.</translation>
    </message>
    <message>
        <source>This mail cannot be shown: what read it has broken down.</source>
        <translation>Det här mejlet kan inte visas: det som läste det gick sönder.</translation>
    </message>
    <message>
        <source>This mail cannot be taken back any more: it is on its way.</source>
        <translation>Det här mejlet kan inte längre tas tillbaka: det är på väg.</translation>
    </message>
    <message>
        <source>This mail does not say when it was written.</source>
        <translation>Det här mejlet säger inte när det skrevs.</translation>
    </message>
    <message>
        <source>This mail does not say who wrote it.</source>
        <translation>Det här mejlet säger inte vem som skrev det.</translation>
    </message>
    <message>
        <source>This mail has %1 MB with its files; %2 MB can be sent.</source>
        <translation>Det här mejlet har %1 MB med sina filer; %2 MB kan skickas.</translation>
    </message>
    <message>
        <source>This mail has more HTML than can be shown; its text is here, and its source.</source>
        <translation>Det här mejlet har mer HTML än som kan visas; texten finns här, och källan.</translation>
    </message>
    <message>
        <source>This mail has more addresses than are shown.</source>
        <translation>Det här mejlet har fler adresser än som visas.</translation>
    </message>
    <message>
        <source>This mail has more files than are kept apart; its source has all.</source>
        <translation>Det här mejlet har fler filer än som sparas var för sig; källan har alla.</translation>
    </message>
    <message>
        <source>This mail has no header.</source>
        <translation>Det här mejlet har inget huvud.</translation>
    </message>
    <message>
        <source>This mail is answered in your own mail program, at %1.</source>
        <translation>Det här mejlet besvaras i ditt eget mejlprogram, på %1.</translation>
    </message>
    <message>
        <source>This mail is larger than the server fetches: only its header is here, the mail itself is still on its mail server.</source>
        <translation>Det här mejlet är större än vad servern hämtar: bara huvudet finns här, mejlet självt är kvar på sin e-postserver.</translation>
    </message>
    <message>
        <source>This mail is no longer in quarantine.</source>
        <translation>Mejlet ligger inte längre i karantän.</translation>
    </message>
    <message>
        <source>This mail is on its way again, or was delivered meanwhile.</source>
        <translation>Mejlet är på väg igen, eller har levererats under tiden.</translation>
    </message>
    <message>
        <source>This mail is on its way, or was delivered.</source>
        <translation>Mejlet är på väg, eller har levererats.</translation>
    </message>
    <message>
        <source>This mail is too long; only its beginning is shown.</source>
        <translation>Det här mejlet är för långt; bara början visas.</translation>
    </message>
    <message>
        <source>This mail may be cut: its last part has no end.</source>
        <translation>Det här mejlet kan vara avkortat: dess sista del saknar slut.</translation>
    </message>
    <message>
        <source>This mail may have been sent: whoever got it would get two.</source>
        <translation>Mejlet kan ha skickats: den som fick det skulle få två.</translation>
    </message>
    <message>
        <source>This mail names several senders; the first is taken for it.</source>
        <translation>Det här mejlet anger flera avsändare; den första gäller.</translation>
    </message>
    <message>
        <source>This mail says that another one did not arrive.</source>
        <translation>Det här mejlet säger att ett annat inte kom fram.</translation>
    </message>
    <message>
        <source>This mail was taken back before: it is among your drafts.</source>
        <translation>Mejlet har redan tagits tillbaka: det finns bland dina utkast.</translation>
    </message>
    <message>
        <source>This program and the server are of different versions.</source>
        <translation>Programmet och servern har olika versioner.</translation>
    </message>
    <message>
        <source>This server does nothing about e-mail.</source>
        <translation>Den här servern hanterar ingen e-post.</translation>
    </message>
    <message>
        <source>This user does not exist any more, or is locked.</source>
        <translation>Användaren finns inte längre eller är låst.</translation>
    </message>
    <message>
        <source>Too many wrong passwords. Try again in %1 s.</source>
        <translation>För många felaktiga lösenord. Försök igen om %1 s.</translation>
    </message>
    <message>
        <source>Too much is under way at this desk. Try again soon.</source>
        <translation>För mycket är på gång vid den här arbetsplatsen. Försök igen om en stund.</translation>
    </message>
    <message>
        <source>User and password are not part of a mailbox&apos;s address.</source>
        <translation>Användare och lösenord hör inte till en brevlådas adress.</translation>
    </message>
    <message>
        <source>User and password for %1 must be one line each.</source>
        <translation>Användare och lösenord för %1 måste vara på en rad vardera.</translation>
    </message>
    <message>
        <source>Waiting time times weight is %1 seconds for it, %2 for this one.</source>
        <translation>Väntetid gånger vikt är %1 sekunder för den, %2 för den här.</translation>
    </message>
    <message>
        <source>You are ready already, or a contact is booked for you.</source>
        <translation>Du är redan redo, eller så är en kontakt bokad åt dig.</translation>
    </message>
    <message>
        <source>You cannot choose this work level.</source>
        <translation>Du kan inte välja den här arbetsnivån.</translation>
    </message>
    <message>
        <source>You cannot write from %1.</source>
        <translation>Du kan inte skriva från %1.</translation>
    </message>
    <message>
        <source>You do not have the right to do this.</source>
        <translation>Du har inte behörighet att göra detta.</translation>
    </message>
    <message>
        <source>You do not serve this waiting list.</source>
        <translation>Du betjänar inte den här väntelistan.</translation>
    </message>
    <message>
        <source>You have logged in at another desk.</source>
        <translation>Du har loggat in på en annan plats.</translation>
    </message>
    <message>
        <source>You were logged out because nothing was done here for a while.</source>
        <translation>Du loggades ut eftersom inget hade gjorts här på ett tag.</translation>
    </message>
    <message>
        <source>You were logged out.</source>
        <translation>Du loggades ut.</translation>
    </message>
    <message>
        <source>Your organisation area has no address to write from.</source>
        <translation>Ditt organisationsområde har ingen adress att skriva från.</translation>
    </message>
    <message>
        <source>Your role does not include this.</source>
        <translation>Det här ingår inte i din roll.</translation>
    </message>
    <message>
        <source>Your user account was removed or locked.</source>
        <translation>Ditt användarkonto har tagits bort eller låsts.</translation>
    </message>
    <message>
        <source>a log-in to it</source>
        <translation>inloggning i den</translation>
    </message>
    <message>
        <source>a work level with it</source>
        <translation>en arbetsnivå där den ingår</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>accepterad</translation>
    </message>
    <message>
        <source>booked</source>
        <translation>bokad</translation>
    </message>
    <message>
        <source>booked for another contact</source>
        <translation>bokad för en annan kontakt</translation>
    </message>
    <message>
        <source>buffered</source>
        <translation>buffrad</translation>
    </message>
    <message>
        <source>busy</source>
        <translation>upptagen</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>avslutad</translation>
    </message>
    <message>
        <source>every contact</source>
        <translation>alla kontakter</translation>
    </message>
    <message>
        <source>group %1</source>
        <translation>gruppen %1</translation>
    </message>
    <message>
        <source>in wrap-up</source>
        <translation>i efterarbete</translation>
    </message>
    <message>
        <source>it asks for no automatic answer</source>
        <translation>det ber om att inte få automatiska svar</translation>
    </message>
    <message>
        <source>it carries our own trace</source>
        <translation>det bär vårt eget spår</translation>
    </message>
    <message>
        <source>it carries the trace of an automatic answer</source>
        <translation>det bär spåret av ett automatiskt svar</translation>
    </message>
    <message>
        <source>it comes from a mailing list</source>
        <translation>det kommer från en e-postlista</translation>
    </message>
    <message>
        <source>it has a header that only machines write</source>
        <translation>det har ett huvud som bara maskiner skriver</translation>
    </message>
    <message>
        <source>it has more than 50 Received headers</source>
        <translation>det har fler än 50 Received-huvuden</translation>
    </message>
    <message>
        <source>it has more than one sender</source>
        <translation>det har mer än en avsändare</translation>
    </message>
    <message>
        <source>it is a report of a mail system</source>
        <translation>det är en rapport från ett e-postsystem</translation>
    </message>
    <message>
        <source>it is marked as spam</source>
        <translation>det är märkt som skräppost</translation>
    </message>
    <message>
        <source>it was sent on from here, and has come back</source>
        <translation>det skickades vidare härifrån och har kommit tillbaka</translation>
    </message>
    <message>
        <source>its Message-ID is one of ours</source>
        <translation>dess Message-ID är ett av våra</translation>
    </message>
    <message>
        <source>its end</source>
        <translation>avslut</translation>
    </message>
    <message>
        <source>its envelope sender is empty</source>
        <translation>dess kuvertavsändare är tom</translation>
    </message>
    <message>
        <source>its header Auto-Submitted says so</source>
        <translation>dess huvud Auto-Submitted säger det</translation>
    </message>
    <message>
        <source>its header Precedence says so</source>
        <translation>dess huvud Precedence säger det</translation>
    </message>
    <message>
        <source>its sender is a mail system, a list or an address without a reader</source>
        <translation>dess avsändare är ett e-postsystem, en lista eller en adress utan läsare</translation>
    </message>
    <message>
        <source>its sender is one of our own addresses</source>
        <translation>dess avsändare är en av våra egna adresser</translation>
    </message>
    <message>
        <source>its subject begins as that of an absence note or a bounce</source>
        <translation>dess ärende börjar som ett frånvaromeddelande eller en studs</translation>
    </message>
    <message>
        <source>logged out</source>
        <translation>utloggad</translation>
    </message>
    <message>
        <source>none</source>
        <translation>ingen</translation>
    </message>
    <message>
        <source>one of %1 more</source>
        <translation>någon av %1 till</translation>
    </message>
    <message>
        <source>organisation area %1</source>
        <translation>organisationsområdet %1</translation>
    </message>
    <message>
        <source>parked</source>
        <translation>parkerad</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausad</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>köad</translation>
    </message>
    <message>
        <source>skill %1 %2 (has %3)</source>
        <translation>kompetensen %1 %2 (har %3)</translation>
    </message>
    <message>
        <source>the organisation area without a name</source>
        <translation>organisationsområdet utan namn</translation>
    </message>
    <message>
        <source>the service %1</source>
        <translation>tjänsten %1</translation>
    </message>
</context>
<context>
    <name>source</name>
    <message>
        <source>The file cannot be read: %1.</source>
        <translation>Filen kan inte läsas: %1.</translation>
    </message>
</context>
<context>
    <name>times</name>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message numerus="yes">
        <source>%n days</source>
        <translation>
            <numerusform>%n dag</numerusform>
            <numerusform>%n dagar</numerusform>
        </translation>
    </message>
    <message>
        <source>now</source>
        <translation>nu</translation>
    </message>
</context>
<context>
    <name>transfers</name>
    <message>
        <source>The file cannot be kept on this machine: %1.</source>
        <translation>Filen kan inte sparas på den här datorn: %1.</translation>
    </message>
    <message>
        <source>The file cannot be read: %1.</source>
        <translation>Filen kan inte läsas: %1.</translation>
    </message>
    <message>
        <source>The file did not come as announced.</source>
        <translation>Filen kom inte så som den var angiven.</translation>
    </message>
    <message>
        <source>The file is larger than the server takes.</source>
        <translation>Filen är större än vad servern tar emot.</translation>
    </message>
    <message>
        <source>The link was lost while the file was fetched.</source>
        <translation>Förbindelsen bröts medan filen hämtades.</translation>
    </message>
    <message>
        <source>The link was lost while the file was sent. Attach it again.</source>
        <translation>Förbindelsen bröts medan filen skickades. Bifoga den igen.</translation>
    </message>
    <message>
        <source>The link was lost while the mail was fetched.</source>
        <translation>Förbindelsen bröts medan mejlet hämtades.</translation>
    </message>
    <message>
        <source>The mail was not saved: %1. Choose another place.</source>
        <translation>Mejlet sparades inte: %1. Välj en annan plats.</translation>
    </message>
    <message>
        <source>The server cannot give the file at present; try again soon.</source>
        <translation>Servern kan inte lämna ut filen just nu; försök igen om en stund.</translation>
    </message>
    <message>
        <source>The server cannot give the mail at present; try again soon.</source>
        <translation>Servern kan inte lämna ut mejlet just nu; försök snart igen.</translation>
    </message>
    <message>
        <source>The server cannot take the file at present; try again soon.</source>
        <translation>Servern kan inte ta emot filen just nu; försök igen om en stund.</translation>
    </message>
    <message>
        <source>The server does not give this file: the contact is not yours now.</source>
        <translation>Servern lämnar inte ut filen: kontakten är inte din just nu.</translation>
    </message>
    <message>
        <source>The server does not have this file as it came in.</source>
        <translation>Servern har inte kvar filen i det skick som den kom in.</translation>
    </message>
    <message>
        <source>The server does not have this mail as it was fetched.</source>
        <translation>Servern har inte kvar mejlet så som det hämtades.</translation>
    </message>
    <message>
        <source>The server does not take the file: the draft is not here now.</source>
        <translation>Servern tar inte emot filen: utkastet finns inte här just nu.</translation>
    </message>
    <message>
        <source>This file is too large to be fetched.</source>
        <translation>Filen är för stor för att hämtas.</translation>
    </message>
    <message>
        <source>This mail is no longer in quarantine.</source>
        <translation>Mejlet ligger inte längre i karantän.</translation>
    </message>
</context>
<context>
    <name>waiting</name>
    <message>
        <source>Contact</source>
        <translation>Kontakt</translation>
    </message>
    <message>
        <source>First</source>
        <translation>Först</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Plats</translation>
    </message>
    <message>
        <source>Prio</source>
        <translation>Prio</translation>
    </message>
    <message>
        <source>Prioritised by a supervisor: before all others. Its prio is %1.</source>
        <translation>Prioriterad av en arbetsledare: före alla andra. Kontaktens prio är %1.</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Ämne</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Väntat</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>%1 left</source>
        <translation>%1 kvar</translation>
    </message>
    <message>
        <source>%1 left to accept</source>
        <translation>%1 kvar för att acceptera</translation>
    </message>
    <message>
        <source>Activate to receive contacts – %1.</source>
        <translation>Aktivera för att få kontakter – %1.</translation>
    </message>
    <message>
        <source>Activate when you are done – %1.</source>
        <translation>Aktivera när du är klar – %1.</translation>
    </message>
    <message>
        <source>Activity: %1</source>
        <translation>Aktivitet: %1</translation>
    </message>
    <message>
        <source>Booked</source>
        <translation>Bokad</translation>
    </message>
    <message>
        <source>Busy</source>
        <translation>Upptagen</translation>
    </message>
    <message>
        <source>Choose one at the left.</source>
        <translation>Välj en till vänster.</translation>
    </message>
    <message>
        <source>Ended %1. Contact data can be changed until wrap-up is over; %2 ends it, %3 makes it longer.</source>
        <translation>Avslutad %1. Kontaktdata kan ändras tills efterarbetet är över; %2 avslutar det, %3 förlänger det.</translation>
    </message>
    <message>
        <source>Ended %1. Contact data can be changed until wrap-up is over; %2 ends it.</source>
        <translation>Avslutad %1. Kontaktdata kan ändras tills efterarbetet är över; %2 avslutar det.</translation>
    </message>
    <message>
        <source>Entrance %1</source>
        <translation>Ingång %1</translation>
    </message>
    <message>
        <source>Logged out</source>
        <translation>Utloggad</translation>
    </message>
    <message>
        <source>No contact is chosen</source>
        <translation>Ingen kontakt är vald</translation>
    </message>
    <message>
        <source>Pause follows</source>
        <translation>Paus följer</translation>
    </message>
    <message>
        <source>Pause follows: %1</source>
        <translation>Paus följer: %1</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausad</translation>
    </message>
    <message>
        <source>Queue %1</source>
        <translation>Kö %1</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Redo</translation>
    </message>
    <message>
        <source>Received %1</source>
        <translation>Kom in %1</translation>
    </message>
    <message>
        <source>The link is down since %1. What you type is kept and stored when it returns.</source>
        <translation>Förbindelsen är bruten sedan %1. Det du skriver sparas och lagras när den är tillbaka.</translation>
    </message>
    <message>
        <source>The link is down. What you type is kept and stored when it returns.</source>
        <translation>Förbindelsen är bruten. Det du skriver sparas och lagras när den är tillbaka.</translation>
    </message>
    <message>
        <source>The next contact that fits you comes here by itself.</source>
        <translation>Nästa kontakt som passar dig kommer hit av sig själv.</translation>
    </message>
    <message>
        <source>Waited %1</source>
        <translation>Väntade %1</translation>
    </message>
    <message>
        <source>Wrap-up</source>
        <translation>Efterarbete</translation>
    </message>
    <message>
        <source>You are logged out</source>
        <translation>Du är utloggad</translation>
    </message>
    <message>
        <source>You are paused</source>
        <translation>Du är pausad</translation>
    </message>
    <message>
        <source>You are ready</source>
        <translation>Du är redo</translation>
    </message>
    <message>
        <source>Your contacts are shown here as soon as you are logged in.</source>
        <translation>Dina kontakter visas här så snart du har loggat in.</translation>
    </message>
    <message numerus="yes">
        <source>%n agents serve it and are logged in.</source>
        <translation>
            <numerusform>%n agent betjänar den och är inloggad.</numerusform>
            <numerusform>%n agenter betjänar den och är inloggade.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n at work</source>
        <translation>
            <numerusform>%n i arbete</numerusform>
            <numerusform>%n i arbete</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n contacts wait for you alone.</source>
        <translation>
            <numerusform>%n kontakt väntar på just dig.</numerusform>
            <numerusform>%n kontakter väntar på just dig.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n contacts wait.</source>
        <translation>
            <numerusform>%n kontakt väntar.</numerusform>
            <numerusform>%n kontakter väntar.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them are not paused.</source>
        <translation>
            <numerusform>%n av dem är inte pausad.</numerusform>
            <numerusform>%n av dem är inte pausade.</numerusform>
        </translation>
    </message>
    <message>
        <source>A contact is booked for you: accept that one first.</source>
        <translation>En kontakt är bokad åt dig: acceptera den först.</translation>
    </message>
    <message>
        <source>Choose one above to read it.</source>
        <translation>Välj en ovanför för att läsa den.</translation>
    </message>
    <message>
        <source>No longer here</source>
        <translation>Inte längre här</translation>
    </message>
    <message>
        <source>Nothing waits here</source>
        <translation>Här väntar ingenting</translation>
    </message>
    <message>
        <source>The oldest has waited since %1.</source>
        <translation>Den äldsta har väntat sedan %1.</translation>
    </message>
    <message>
        <source>The work level can be changed when nothing of yours is parked any more.</source>
        <translation>Du kan byta arbetsnivå när du inte längre har något parkerat.</translation>
    </message>
    <message>
        <source>The work level can be changed while you are paused or ready.</source>
        <translation>Du kan byta arbetsnivå när du är pausad eller redo.</translation>
    </message>
    <message>
        <source>This list cannot be shown</source>
        <translation>Listan kan inte visas</translation>
    </message>
    <message>
        <source>Waits for you as number %1 of %2</source>
        <translation>Väntar på dig som nummer %1 av %2</translation>
    </message>
    <message>
        <source>Waits in %1 as number %2 of %3</source>
        <translation>Väntar i %1 som nummer %2 av %3</translation>
    </message>
    <message>
        <source>What comes into this list is shown above.</source>
        <translation>Det som kommer till listan visas ovanför.</translation>
    </message>
    <message>
        <source>You are logged out of it.</source>
        <translation>Du är utloggad ur den.</translation>
    </message>
    <message>
        <source>You are logged out of this list. Log in to pick – %1.</source>
        <translation>Du är utloggad ur listan. Logga in för att plocka – %1.</translation>
    </message>
    <message>
        <source>You are paused. Activate to pick – %1.</source>
        <translation>Du är pausad. Aktivera för att plocka – %1.</translation>
    </message>
    <message>
        <source>You have a contact in hand: end, park or requeue that one first.</source>
        <translation>Du har en pågående kontakt: avsluta, parkera eller köa om den först.</translation>
    </message>
    <message>
        <source>Your wrap-up runs. Activate to pick – %1.</source>
        <translation>Ditt efterarbete pågår. Aktivera för att plocka – %1.</translation>
    </message>
    <message>
        <source>oldest %1</source>
        <translation>äldst %1</translation>
    </message>
</context>
</TS>
