import asyncio, sys, time, base64
from tests.workitem.bench import *
from tests.workitem.test_connections import resident, served
MIB=1024*1024
S = r"""
import socket, sys, threading
port, body, auth, kind = int(sys.argv[1]), open(sys.argv[2],'rb').read(), sys.argv[3], sys.argv[4]
def send(n):
    b=body.replace(b'IDIDID', b'%06d'%n)
    with socket.create_connection(("127.0.0.1", port)) as p:
        p.sendall(f"POST /workitem HTTP/1.1\r\nHost: a\r\nAuthorization: {auth}\r\nContent-Type: {kind}\r\nContent-Length: {len(b)}\r\n\r\n".encode()); 
        try: p.sendall(b)
        except Exception as e: pass
        f=p.makefile('rb'); print(f.readline()[:14], f.read(600)[-200:] if n==0 else '', flush=True)
ts=[threading.Thread(target=send,args=(n,)) for n in range(30)]
[t.start() for t in ts];[t.join() for t in ts]
"""
import pytest
att=base64.b64encode(bytes(7*MIB-1000)).decode()
@pytest.mark.parametrize("name,body,kind",[
 ("three attachments", work_item("IDIDID",rest="".join(f'<attachment name="a{i}">{att}</attachment>' for i in range(3))).encode(),"application/xml"),
 ("values cp1252", ("<?xml version='1.0' encoding='windows-1252'?>"+work_item("IDIDID",data={f"k{i}":"€"*999000 for i in range(31)})).encode("cp1252"),"application/xml"),
 ("values utf8", work_item("IDIDID",data={f"k{i}":"x"*999000 for i in range(31)}).encode(),"application/xml"),
 ("charrefs", work_item("IDIDID",rest="<attachment name='a'>"+"&#65;"*6_300_000+"</attachment>").encode(),"application/xml"),
 ("utf16", codecs_bom+work_item("IDIDID",rest="<body>"+"å"*900000+"</body>"+f'<attachment name="a">{att}</attachment>').encode("utf-16-le") if (codecs_bom:=b"\xff\xfe") else b"","application/xml"),
])
async def test_x(bench, tmp_path, name, body, kind):
    bench.set_account("loans", unknown_keys="store")
    print(name, len(body)/MIB)
    (tmp_path/"b").write_bytes(body); body=None
    assert await served(bench)
    before=most=resident(); worst=0
    p=await asyncio.create_subprocess_exec(sys.executable,"-c",S,str(bench.port_number),str(tmp_path/"b"),basic(),kind,stdout=asyncio.subprocess.PIPE)
    e=asyncio.create_task(p.communicate()); n=0; t0=time.time()
    while not e.done():
        n+=1; t=time.time(); assert await served(bench,f"G{n}"); worst=max(worst,time.time()-t); most=max(most,resident()); await asyncio.sleep(0.005)
    out=(await e)[0].decode().splitlines()
    from collections import Counter
    print(name, "growth", (most-before)/MIB, "n",n,"worst",worst, "secs", time.time()-t0, Counter(x[:15] for x in out), [x for x in out if len(x)>30][:1])
