"""Independent model of the ELKS kernel's own loader of OS/2 NE programs (August 2026, CONFIG_EXEC_OS2).

load(file bytes, slen) gives the errno name, or a dict of what execve sets up. slen = size of the argument block, 16-bit.
bases: the segment values the allocator gave, one per segment (default: one behind the other from 0x1000). fill: what unused
memory holds. nomem: bit k set = allocation of segment k fails. minix: positions of 2 GB and more wrap as on a Minix file
system (else end of file, as on FAT and ROMFS). wild: what the kernel finds for a relocation against a missing segment."""
import struct
E={'E2BIG':-7,'ENOEXEC':-8,'ENOMEM':-12,'EINVAL':-22}
MAX_SEGS=5; INIT_HEAP=4096; INIT_STACK=4096
def s16(x): x&=0xFFFF; return x-0x10000 if x&0x8000 else x
def s32(x): x&=0xFFFFFFFF; return x-(1<<32) if x>>31 else x
def errname(v):
    for k,x in E.items():
        if x==v: return k
    return 'raw%d'%v
class Fail(Exception):
    def __init__(s,rv,dflt=-22):                  # a result >= 0 (a short read) becomes EINVAL; a count of 0x8000
        rv=s16(rv); s.rv=rv if rv<0 else dflt     # and more is negative in 16 bits and goes out as it is
def load(f, slen, bases=None, nomem=0, fill=0xCC, minix=False, wild=0xDEAD, full=False):
    try: return _load(bytes(f),slen&0xFFFF,bases,nomem,fill,minix,wild,full)
    except Fail as e: return errname(e.rv)
def _load(f,slen,bases,nomem,fill,minix,wild,full):
    pos=[0]; warn=[]
    def rd(n):
        p=s32(pos[0])
        if p<0 and not minix: return b''
        n=min(n,max(s32(len(f)-p),0))
        if p>=0: d=f[p:p+n]
        else: d=bytes(f[q] if q<len(f) else 0 for q in (((p+i)&0x3FFFFFF) for i in range(n)))
        pos[0]=p+n
        return d
    if len(f)<2: raise Fail(len(f),-8)
    if f[:2]!=b'MZ': raise Fail(-8)               # 01 03 is a.out; anything else no program
    mz=rd(64)
    if len(mz)!=64: raise Fail(len(mz))
    ne=struct.unpack_from('<I',mz,0x3C)[0]
    pos[0]=ne
    h=rd(64)
    if len(h)!=64: raise Fail(len(h))
    w=lambda o: struct.unpack_from('<H',h,o)[0]
    heap,stack,ip,cs,nseg,auto,shift=w(0x10),w(0x12),w(0x14),w(0x16),w(0x1C),w(0x0E),w(0x32)
    if h[:2]!=b'NE' or h[0x36]!=1 or h[0x0C]&0x1F!=2 or auto==0 or auto>nseg or w(0x1E) or w(0x30) or w(0x34): raise Fail(-22)
    heap=heap or INIT_HEAP; stack=stack or INIT_STACK
    if nseg>MAX_SEGS: raise Fail(-7)
    pos[0]=w(0x22)+ne
    t=rd(8*nseg)
    if len(t)!=8*nseg: raise Fail(len(t))
    tab=[struct.unpack_from('<4H',t,8*k) for k in range(nseg)]
    mem=bytearray([fill])*(1<<20); segs=[]; nxt=0x1000; auto_paras=0
    def put(base,off,dat):
        a=(base<<4)+off
        if a+len(dat)<=1<<20: mem[a:a+len(dat)]=dat
        else:
            for i,c in enumerate(dat): mem[(a+i)&0xFFFFF]=c
    byte=lambda base,off: ((base<<4)+(off&0xFFFF))&0xFFFFF
    def peekw(off,base): return mem[byte(base,off)]|mem[byte(base,off+1)]<<8
    def pokew(off,base,v): mem[byte(base,off)]=v&255; mem[byte(base,off+1)]=v>>8&255
    for k,(so,size,flags,minal) in enumerate(tab):
        paras=((minal+15)&0xFFF0)>>4              # 16-bit: FFF1 and more become 0
        if paras==0 or size==0: raise Fail(-22)
        kind='data' if flags&1 else 'code'
        if k+1==auto:
            n=1 if heap==0xFFFF else heap
            if stack+slen+n+15>0xFFFF: warn.append('stack+heap+arguments pass 64 K and wrap')
            paras+=((stack+slen+n+15)&0xFFFF)>>4
            if paras>=0x1000: raise Fail(-7)
            if heap==0xFFFF: paras=0x0FFF
            auto_paras=paras; kind='auto' if flags&1 else 'auto-as-code'
        if nomem>>k&1: raise Fail(-12)
        base=bases[k] if bases else nxt
        nxt=base+paras
        segs.append(dict(kind=kind,foff=(so<<(shift&31))&0xFFFFFFFF,fsize=size,msize=minal,paras=paras,base=base,flags=flags,nreloc=0))
        if minal>size: put(base,size,bytes(minal-size))
        elif size>minal: warn.append('segment %d: %d bytes in the file, %d in memory'%(k+1,size,minal))
    if not 1<=cs<=nseg: raise Fail(-22)
    for k,g in enumerate(segs):
        pos[0]=g['foff']
        dat=rd(g['fsize']); put(g['base'],0,dat)
        if len(dat)!=g['fsize']: raise Fail(len(dat))
        if g['flags']&0x100:
            c=rd(2)
            if len(c)!=2: raise Fail(len(c))
            g['nreloc']=struct.unpack('<H',c)[0]
            for _ in range(g['nreloc']):
                r=rd(8)
                if len(r)!=8: raise Fail(len(r))
                typ,fl,at,tgt,_,off=struct.unpack('<BBHBBH',r)
                if fl&3 or typ not in (2,3) or (typ==2 and fl&4): raise Fail(-22)
                if not 1<=tgt<=nseg: warn.append('segment %d: relocation at %04x against segment %d'%(k+1,at,tgt))
                if at+(2 if typ==2 else 4)>g['fsize']: warn.append('segment %d: relocation at %04x outside the file bytes'%(k+1,at))
                elif not fl&4 and peekw(at,g['base'])!=0xFFFF: warn.append('segment %d: relocation at %04x may be a chain'%(k+1,at))
                v=segs[tgt-1]['base'] if 1<=tgt<=nseg else wild
                if typ==2: pokew(at,g['base'],v)
                else:
                    pokew(at,g['base'],off+(peekw(at,g['base']) if fl&4 else 0))
                    pokew(at+2,g['base'],v)
    a=segs[auto-1]; end=(auto_paras<<4)&0xFFFF; beg=(end-slen)&0xFFFE; enddata=a['msize']; brk=(enddata+1)&0xFFFE
    if not a['flags']&1: warn.append('the auto data segment is marked code')
    if cs==auto or segs[cs-1]['flags']&1: warn.append('the entry segment is data')
    if ip>=segs[cs-1]['fsize']: warn.append('entry %04x outside segment %d'%(ip,cs))
    if slen>end: warn.append('arguments below the segment: begstack wraps')
    if beg<brk+stack: warn.append('no heap: the stack reaches into the data')
    if shift>31: warn.append('shift %d'%shift)
    for k,g in enumerate(segs):
        b=g['base']<<4; g['image']=bytes(mem[b:b+16*g['paras']])
    r=dict(segs=segs,auto=auto,data_len=end,heap=heap,stack=stack,minstack=stack,t_enddata=enddata,t_endseg=end,begstack=beg,endbrk=brk,
        entry_seg=cs,entry=ip,cs=segs[cs-1]['base'],ds=a['base'],total_paras=sum(g['paras'] for g in segs),warn=warn)
    if full: r['mem']=bytes(mem)
    return r
if __name__=='__main__':
    import sys
    for p in sys.argv[1:]:
        r=load(open(p,'rb').read(),40)
        if isinstance(r,str): print(p,r); continue
        print(p,{k:v for k,v in r.items() if k!='segs'})
        for g in r['segs']: print('  ',{k:v for k,v in g.items() if k!='image'})
