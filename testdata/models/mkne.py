"""Makes OS/2 NE files that the ELKS kernel loads, and with the overrides ones that it refuses.

mkne(segs, auto, entry, ...): segs = list of seg(data, kind, bss, relocs); entry = (segment number, offset); numbers from 1.
relocs = list of (type 2 or 3, at, target segment, target offset, additive). What non-additive ones point at gets ff ff (end of
chain) as OpenWatcom's linker writes. rnd(random.Random) makes a valid file of 1 to 5 segments. patch(bytes, name, value) changes a
header field, patchseg(bytes, number, name, value) one of the segment table."""
import struct
F={'program_flags':(0x0C,'B'),'app_flags':(0x0D,'B'),'auto':(0x0E,'H'),'heap':(0x10,'H'),'stack':(0x12,'H'),'ip':(0x14,'H'),'cs':(0x16,'H'),
   'sp':(0x18,'H'),'ss':(0x1A,'H'),'nseg':(0x1C,'H'),'nmod':(0x1E,'H'),'segtab':(0x22,'H'),'nmovable':(0x30,'H'),'shift':(0x32,'H'),
   'nres':(0x34,'H'),'target_os':(0x36,'B')}
def seg(data=b'\x90\x90',kind='code',bss=0,relocs=(),size=None,min_alloc=None,flags=None):
    return dict(data=bytes(data),kind=kind,bss=bss,relocs=list(relocs),size=size,min_alloc=min_alloc,flags=flags)
def mkne(segs,auto=None,entry=(1,0),heap=0x1000,stack=0x1000,shift=1,target_os=1,program_flags=2,app_flags=2,stub=b'',ss=None,nmod=0,nmovable=0,nres=0,
         cut=None,tail=b''):
    if auto is None: auto=next(k+1 for k,s in enumerate(segs) if s['kind']=='data')
    st=bytes(stub); st+=bytes(-len(st)%16)
    ne=0x40+len(st)
    pages,last=divmod(ne,512)
    mz=struct.pack('<2s13H32xI',b'MZ',last,pages+(last>0),0,4,0,0xFFFF,0,0xB8,0,0,0,0x40,0,ne)
    segtab=0x40; res=segtab+8*len(segs); name=b'\x04PROG\0\0\0'
    mod=res+len(name); imp=mod; ent=imp+1; non=ent+2
    end=ne+non
    h=struct.pack('<2sBBHHIBBHHHHHHHHHHHHHHHIHHHBBHHHH',b'NE',5,1,ent,2,0,program_flags,app_flags,auto,heap,stack,entry[1],entry[0],0,
        auto if ss is None else ss,len(segs),nmod,0,segtab,res,res,mod,imp,end,nmovable,shift,nres,target_os,0,0,0,0,0)
    assert len(mz)==64 and len(h)==64
    al=1<<shift; body=b''; tab=b''
    for s in segs:
        body+=bytes(-(end+len(body))%al)
        d=bytearray(s['data'])
        for t,at,_,_,add in s['relocs']:
            if not add and at+2<=len(d): d[at:at+2]=b'\xff\xff'
        size=len(d) if s['size'] is None else s['size']
        mn=len(d)+s['bss'] if s['min_alloc'] is None else s['min_alloc']
        fl=(0x0C01 if s['kind']=='data' else 0x0C00)|(0x100 if s['relocs'] else 0) if s['flags'] is None else s['flags']
        tab+=struct.pack('<4H',(end+len(body))>>shift,size&0xFFFF,fl,mn&0xFFFF)
        body+=bytes(d)
        if fl&0x100:
            body+=struct.pack('<H',len(s['relocs']))
            for t,at,tg,off,add in s['relocs']: body+=struct.pack('<BBHBBH',t,4 if add else 0,at,tg,0,off)
    f=mz+st+h+tab+name+b'\0'+b'\0\0'+body+tail
    return f if cut is None else f[:cut]
def patch(f,name,value):
    b=bytearray(f); o,c=F[name]; ne=struct.unpack_from('<I',b,0x3C)[0]
    struct.pack_into('<'+c,b,ne+o,value); return bytes(b)
def patchseg(f,n,name,value):
    b=bytearray(f); ne=struct.unpack_from('<I',b,0x3C)[0]; t=struct.unpack_from('<H',b,ne+0x22)[0]
    struct.pack_into('<H',b,ne+t+8*(n-1)+2*('offset','size','flags','min_alloc').index(name),value); return bytes(b)
def rnd(r,big=False):
    """a valid file: the kernel accepts it for argument blocks up to 0x400 bytes"""
    n=r.randint(1,5); auto=r.randint(1,n); kinds=['code']*n
    for k in range(n):
        if k+1==auto or r.random()<.3: kinds[k]='data'
    codes=[k+1 for k in range(n) if kinds[k]=='code'] or [auto]       # one segment: code and data in one
    segs=[]
    for k in range(n):
        L=r.choice((2,4,16,r.randrange(2,600,2),r.randrange(2,0x4000 if big else 0x400,2)))
        segs.append(seg(r.randbytes(L),kinds[k],bss=r.choice((0,0,2,r.randrange(0,0x3000,2))) if kinds[k]=='data' else 0))
    for k,s in enumerate(segs):
        used=set()
        for _ in range(r.choice((0,0,1,2,5))):
            t=r.choice((2,3)); L=2 if t==2 else 4
            if len(s['data'])<L: continue
            at=r.randrange(0,len(s['data'])-L+1)
            if used&set(range(at,at+L)): continue
            used|=set(range(at,at+L))
            s['relocs'].append((t,at,r.randint(1,n),r.randrange(0x10000),t==3 and r.random()<.5))
    e=r.choice(codes)
    return mkne(segs,auto,(e,r.randrange(0,len(segs[e-1]['data']))),heap=r.choice((0,0x1000,1,0xFFFF,r.randrange(0x5000))),
        stack=r.choice((0,0x1000,r.randrange(1,0x3000))),shift=r.choice((1,1,2,4,9)),stub=r.randbytes(r.choice((0,0,64,100))),
        app_flags=r.choice((0,2,3)),program_flags=r.choice((2,2,2,0x22,0x82)))
if __name__=='__main__':
    import sys,random
    if len(sys.argv)<3: sys.exit('usage: mkne.py seed out...')
    r=random.Random(int(sys.argv[1]))
    for p in sys.argv[2:]: open(p,'wb').write(rnd(r))
