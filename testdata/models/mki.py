#!/usr/bin/env python3
"""Independent model of the mkimage language (.mki) of Coyotos, December 2007. Needs coyimg.py beside it or on PYTHONPATH.
mki.py -t ARCH [-I DIR]... [-L DIR]... [-o OUT] [-H DIR] [--better] MODULE...   (OUT is written uncompressed)
mki.py --batch [-I DIR]... [-L DIR]... [--better]   answers a line of JSON {"arch", "text"} with one {"class", "at", "text", "image"}:
    the module t, of that text; "image" is the SHA-256 of the image or null.
Behaviours marked QUIRK are the original's and not what one would want; with --better they are what is wanted instead."""
import hashlib,json,os,sys,unicodedata
sys.path.insert(0,os.path.join(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0,'models')
import coyimg
from coyimg import Cap,Err,NULL,WINDOW,LWINDOW,ENDPOINT,PAGE,CAPPAGE,GPT,PROCESS,APPNOTICE,ENTRY,MEM,OBJ,M64
sys.setrecursionlimit(20000)
BETTER=False   # see --better; set before the first machine is made
class Fail(Exception):
    def __init__(s,cls,at=None): s.cls,s.at=cls,at
class Crash(Exception): pass
class Return(Exception):
    def __init__(s,v): s.v=v
NAMES={0:'Null',1:'Window',2:'LocalWindow',3:'CapBits',4:'Discrim',5:'Range',6:'Sleep',7:'IrqCtl',8:'SchedCtl',9:'Checkpoint',10:'ObStore',11:'PinCtl',12:'Schedule',13:'SysCtl',14:'KernLog',15:'IOPriv',16:'IrqWait',32:'Endpoint',33:'Page',34:'CapPage',35:'GPT',36:'Process',37:'AppNotice',63:'Entry'}
KW='capreg def do else enum export if import module new print return while'.split(); RES='external false for lambda true'.split()
# ---- tokens: (kind, text, line, col); kinds: id num str op kw res eof bad
def idstart(c): return c=='_' or c=='\0' or (c.isidentifier() and unicodedata.normalize('NFKC',c)[:1].isidentifier())
def idcont(c): return c=='_' or c=='\0' or ('a'+c).isidentifier()
class Lexer:
    def __init__(s,data,name): s.t=data.decode('utf-8','surrogateescape'); s.i=0; s.line,s.col=1,0; s.name=name; s.bad=None
    def adv(s,n):
        for s.i in range(s.i,min(s.i+n,len(s.t))):
            c=s.t[s.i]
            if c not in '\r\n': s.col+=1
            elif not(BETTER and s.t.startswith('\r\n',s.i)): s.line+=1; s.col=0   # QUIRK: CR LF counts as two lines
        s.i+=bool(n)
    def next(s,modname=False):
        t=s.t
        while s.i<len(t):
            c=t[s.i]
            if c in ' \t\r\n': s.adv(1)
            elif t.startswith('//',s.i):
                e=s.i
                while e<len(t) and t[e] not in '\r\n': e+=1
                if e==len(t) and not BETTER: raise Fail('hang')        # QUIRK: a // comment must end in a newline
                s.adv(e-s.i)
            elif t.startswith('/*',s.i):
                e=t.find('*/',s.i+2); s.adv((len(t) if e<0 else e+2)-s.i)
            else: break
        ln,co=s.line,s.col
        if s.i>=len(t): return ('eof','',ln,co)
        c=t[s.i]
        def tok(k,n):
            x=t[s.i:s.i+n]; s.adv(n); return (k,x,ln,co)
        if t[s.i:s.i+2] in ('==','<=','>=') or BETTER and t[s.i:s.i+2]=='!=': return tok('op',2)   # QUIRK: no != is ever seen
        if c in '=<>!.,[](){};+*-%/': return tok('op',1)
        if c=='"':
            e=s.i+1
            while e<len(t) and t[e]!='"': e+=2 if t[e]=='\\' else 1
            if e>=len(t): raise Fail('string-open',(s.name,ln,co))
            x=t[s.i:e+1]; s.check(x,ln,co); s.adv(e+1-s.i); return ('str',x[1:-1],s.line,s.col)   # located at its end
        if c.isdigit() and c<='9':
            radix=10; e=s.i
            if c=='0':
                radix=8; e+=1
                if t[e:e+1] in ('x','X') and t[e:e+1]:
                    radix=16; e+=1
                    if not s.dig(t[e:e+1],16): return ('bad','',ln,co)
            while s.dig(t[e:e+1],radix): e+=1
            return tok('num',e-s.i)
        if idstart(c):
            e=s.i+1
            while e<len(t) and idcont(t[e]): e+=1
            x=t[s.i:e]; s.adv(e-s.i)
            if modname: return ('id' if (x[0].isalpha() or x[0]=='_') and x.isascii() else 'res',x,ln,co)
            return ('kw' if x in KW else 'res' if x in RES or x.startswith('__') else 'id',x,ln,co)
        s.adv(1); return ('bad','',ln,co)
    @staticmethod
    def dig(c,radix):                                   # QUIRK: a digit equal to the radix is taken
        v='0123456789abcdef'.find(c.lower()) if c else -1
        return 0<=v<radix+(not BETTER)
    def check(s,x,ln,co):
        i=0
        while i<len(x):
            c=x[i]
            if c=='\\':
                d=x[i+1:i+2]
                if d in 'ntrbsf"\\' and d: i+=2; continue
                e=x.find('}',i)
                if d=='{' and x[i+2:i+4]=='U+' and e>0 and all(h in '0123456789abcdefABCDEF' for h in x[i+4:e]): i=e+1; continue
                break
            if c!=' ' and unicodedata.category(c)[0] in 'CZ': break
            i+=1
        else: return
        s.bad=s.bad or ('string-character',(s.name,ln,co+i))
def number(x):
    r=16 if x[:2] in('0x','0X') else 8 if x[0]=='0' else 10; v=0
    for c in x[2:] if r==16 else x: v=v*r+'0123456789abcdef'.index(c.lower())
    return v
# ---- parser: nodes are (kind, loc, ...)
class Parser:
    def __init__(s,data,name): s.lx=Lexer(data,name); s.name=name; s.k=None
    def peek(s):
        if s.k is None: s.k=s.lx.next()
        return s.k
    def take(s): t=s.peek(); s.k=None; return t
    def err(s,t=None): raise Fail('syntax',(s.name,s.lx.line,s.lx.col))
    def isop(s,*o): t=s.peek(); return t[0]=='op' and t[1] in o
    def iskw(s,*o): t=s.peek(); return t[0]=='kw' and t[1] in o
    def op(s,o):
        if not s.isop(o): s.err()
        return s.take()
    def kw(s,o):
        if not s.iskw(o): s.err()
        return s.take()
    def ident(s):
        if s.peek()[0]!='id': s.err()
        return s.take()
    def modname(s):
        t=s.lx.next(True)
        if t[0]!='id': s.err()
        n=t[1]
        while s.isop('.'):
            s.take(); u=s.lx.next(True)
            if u[0]!='id': s.err()
            n+='.'+u[1]
        return n,t
    def module(s):
        s.kw('module'); n,t=s.modname(); s.op('{'); b=[s.modstmt()]
        while not s.isop('}'): b.append(s.modstmt())
        s.op('}')
        if s.peek()[0]!='eof' and (BETTER or s.peek()[0]!='bad'): s.take(); s.err()   # QUIRK: a character that begins no token ends the input
        if s.lx.bad: raise Fail(*s.lx.bad)
        return n,(s.name,t[2],t[3]),b
    def modstmt(s):
        if s.iskw('import'):
            k=s.take(); i=s.ident(); s.op('='); n,_=s.modname(); s.op(';'); return ('import',s.loc(k),i[1],n)
        if s.iskw('export'):
            s.take()
            if s.iskw('def'): return s.define(True)
            if s.iskw('enum','capreg'): return s.enum(True)
            s.take(); s.err()
        return s.stmt(False)
    def loc(s,t): return (s.name,t[2],t[3])
    def define(s,ex):
        k=s.take(); i=s.ident()
        if s.isop('('):
            s.take(); a=[]
            if not s.isop(')'):
                a.append(s.ident()[1])
                while s.isop(','): s.take(); a.append(s.ident()[1])
            s.op(')'); return ('fn',s.loc(k),i[1],a,s.block(),ex)
        s.op('='); e=s.expr(); s.op(';'); return ('def',s.loc(k),i[1],e,ex)
    def enum(s,ex):
        k=s.take(); n=s.take()[1] if s.peek()[0]=='id' else None; s.op('{'); m=[]
        while 1:
            i=s.ident(); e=None
            if s.isop('='): s.take(); e=s.expr()
            m.append((i[1],e))
            if not s.isop(','): break
            s.take()
        s.op('}'); s.op(';'); return ('enum',s.loc(k),n,m,ex,k[1])
    def block(s):
        b=s.op('{'); r=[s.stmt(True)]
        while not s.isop('}'): r.append(s.stmt(True))
        s.op('}'); return ('block',r[0][1],r)
    def stmt(s,inblock):
        t=s.peek()
        if t[0]=='kw':
            if t[1]=='return' and inblock: s.take(); e=s.expr(); s.op(';'); return ('return',s.loc(t),e)
            if t[1]=='while': s.take(); s.op('('); e=s.expr(); s.op(')'); return ('while',s.loc(t),e,s.block())
            if t[1]=='do':
                s.take(); b=s.block(); s.kw('while'); s.op('('); e=s.expr(); s.op(')'); s.op(';'); return ('do',s.loc(t),b,e)
            if t[1]=='print':
                s.take(); st=s.isop('*') and bool(s.take()); e=s.expr(); s.op(';'); return ('print*' if st else 'print',s.loc(t),e)
            if t[1]=='def': return s.define(False)
            if t[1] in('enum','capreg'): return s.enum(False)
            if t[1]=='if': return s.ifst()
            if t[1]!='new': s.take(); s.err()
        e=s.expr()
        if s.isop('='): q=s.take(); v=s.expr(); s.op(';'); return ('assign',s.loc(q),e,v)
        s.op(';'); return e
    def ifst(s):
        k=s.take(); s.op('('); e=s.expr(); s.op(')'); b=s.block(); el=None
        if s.iskw('else'): s.take(); el=s.ifst() if s.iskw('if') else s.block()
        return ('if',s.loc(k),e,b,el)
    PREC={'==':1,'!=':1,'<':2,'>':2,'<=':2,'>=':2,'+':3,'-':3,'*':4,'/':4,'%':4}
    def expr(s,m=1):
        l=s.unary()
        while s.peek()[0]=='op' and s.PREC.get(s.peek()[1],0)>=m:
            o=s.take(); r=s.expr(s.PREC[o[1]]+1); l=('call',s.loc(o),('id',s.loc(o),o[1]),[l,r])
        return l
    def unary(s):
        t=s.peek()
        if s.isop('-'): s.take(); e=s.expr(4); return ('call',s.loc(t),('id',s.loc(t),'unary-'),[e])
        if s.isop('!'): s.take(); e=s.unary(); return ('call',s.loc(t),('id',s.loc(t),'!'),[e])
        return s.postfix()
    def args(s):
        s.op('('); a=[]
        if not s.isop(')'):
            a.append(s.expr())
            while s.isop(','): s.take(); a.append(s.expr())
        s.op(')'); return a
    def postfix(s):
        t=s.peek(); k=t[0]
        if s.isop('{'): e=s.block()
        elif s.iskw('new'): s.take(); i=s.ident(); e=('call',s.loc(t),('dot',s.loc(t),('id',s.loc(t),'#new'),i[1]),s.args())
        elif k=='num': s.take(); e=('lit',s.loc(t),Int(number(t[1])))
        elif k=='str': s.take(); e=('lit',s.loc(t),Str(t[1]))
        elif k=='id': s.take(); e=('id',s.loc(t),t[1])
        else: s.take(); s.err()
        while 1:
            if s.isop('('): e=('call',e[1],e,s.args())
            elif s.isop('.'): d=s.take(); i=s.ident(); e=('dot',s.loc(d),e,i[1])
            elif s.isop('['): d=s.take(); x=s.expr(); s.op(']'); e=('index',s.loc(d),e,x)
            else: return e
# ---- values
class Int:
    def __init__(s,v,nz=False): s.v,s.nz=v,nz
    def key(s): return (0 if s.v<0 or s.nz else 1, s.v)         # QUIRK: -0 sorts below 0
    def u32(s): return s.mag()&0xffffffff                         # QUIRK: the magnitude
    def u64(s): return s.mag()&M64
    def mag(s):
        if BETTER and s.v<0: raise Fail('negative')
        return abs(s.v)
    def __str__(s): return '-0' if s.nz else str(s.v)
class Str:
    def __init__(s,t): s.t=t
class Unit: pass
UNIT=Unit()
class CapV:
    def __init__(s,c): s.c=c.copy()
class Fn:
    def __init__(s,n,env,a,b): s.n,s.env,s.a,s.b=n,env,a,b
class Prim:
    def __init__(s,n,lo,hi,f): s.n,s.lo,s.hi,s.f=n,lo,hi,f
class Env:
    def __init__(s,parent=None): s.parent=parent; s.b=[]        # newest first
    def local(s,n): return next((x for x in s.b if x.n==n),None)
    def find(s,n): return s.local(n) or (s.parent.find(n) if s.parent else None)
    def add(s,n,v,flags=''): b=Binding(n,v,flags); s.b.insert(0,b); return b
class EnvV:
    def __init__(s,e): s.e=e
class Binding:
    def __init__(s,n,v,f): s.n,s.v,s.f=n,v,set(f)                 # flags: c constant, x exported, p pure
class Bound:
    def __init__(s,b): s.b=b; s.r=b.v
    def get(s): return s.r
    def set(s,v,at):
        if 'c' in s.b.f: raise Fail('assign-constant',at)
        s.b.v=v
class Field:
    vec=False; ndx=None; r=None
    def __init__(s,m,cap,name): s.m,s.cap,s.name=m,cap,name; s.vec=name in('cap','capReg')
    def get(s):
        if s.vec and s.ndx is None: raise Fail('not-a-value') if BETTER else Crash()   # QUIRK
        return s.r
    def load(s): s.r=s.m.getf(s.cap,s.name,s.ndx)
    def set(s,v,at): s.m.setf(s.cap,s.name,s.ndx,v,at)
def get(v): return v.get() if isinstance(v,(Bound,Field)) else v
FIELDS={ENDPOINT:('protPayload','endpointID','recipient','pm','sq'),GPT:('cap','bg','ha','l2v'),PROCESS:('runState','flags','faultCode','faultInfo','schedule','addrSpace','brand','cohort','ioSpace','handler','upcb','capReg')}
PCAPS=('schedule','addrSpace','brand','cohort','ioSpace','handler')
class Machine:
    def __init__(s,arch,inc,lib,out,header=None,memory={}):
        s.memory=memory   # modules by name, before those of files
        s.im=coyimg.Image(arch); s.arch,s.inc,s.lib,s.out,s.header=arch,inc,lib,out,header; s.mods={}; s.at=None; s.tee=''
        s.builtins=s.mkbuiltins()
    # -- modules
    def path(s,n):
        p=(n+'.'+s.arch if n=='coyotos.TargetInfo' else n).replace('.','/')+'.mki'
        for d in s.inc:
            q=d+'/'+p
            if os.path.isfile(q) and (BETTER or not os.path.islink(q)): return q   # QUIRK: a link is no file
    def module(s,n,at=None):
        if n in s.mods:
            if s.mods[n] is None: raise Fail('circular-import',at)
            return s.mods[n]
        s.mods[n]=None; p=n if n in s.memory else s.path(n)
        if not p: raise Fail('module-not-found',at)
        name,loc,body=Parser(s.memory[n] if n in s.memory else open(p,'rb').read(),p).module()
        if name!=n and n!='coyotos.TargetInfo': raise Fail('module-name',loc)
        env=Env(s.builtins); pure=s.header is not None
        for st in body:
            if not pure or st[0] in('import','enum'): s.ev(st,env,pure)
        if pure: s.write_header(n,env,body)
        ex=Env(); ex.b=[b for b in env.b if 'x' in b.f]; s.mods[n]=ex; return ex
    def write_header(s,n,env,body):
        L=[]
        for st in body:
            if st[0]=='enum' and st[4]:
                e=env.local(st[2]).v.e if st[2] else env
                for i,_ in st[3]:
                    q='_'.join((n+('.'+st[2] if st[2] else '')+'.'+i).split('.')).replace('-','_'); v=str(e.find(i).v)
                    L.append('#define %s %s\n'%(q,v if st[5]=='enum' else 'REG_CAPLOC(%s)'%v))
        if any(st[0]=='enum' and st[4] for st in body): open(os.path.join(s.header,n+'.h'),'w').write(''.join(L))
    # -- evaluation
    def truth(s,n,env,pure):
        v=get(s.ev(n,env,pure))
        if isinstance(v,Int): return v.v!=0 or v.nz
        if isinstance(v,Str): return True
        raise Fail('condition-type',n[1])
    def isvalue(s,v): return not(v is UNIT or (isinstance(v,Field) and v.vec and v.ndx is None))
    def ev(s,n,env,pure=False):
        s.at=n[1]; k=n[0]
        if k=='lit': return n[2]
        if k=='import':
            if env.local(n[2]): raise Fail('already-bound',n[1])
            env.add(n[2],EnvV(s.module(n[3],n[1]))); return UNIT
        if k=='if':
            if s.truth(n[2],env,pure): return s.ev(n[3],env,pure)
            return s.ev(n[4],env,pure) if n[4] else UNIT
        if k=='while':
            v=UNIT
            while s.truth(n[2],env,pure): v=s.ev(n[3],env,pure)
            return v
        if k=='do':
            while 1:
                v=s.ev(n[2],env,pure)
                if not s.truth(n[3],env,pure): return v
        if k=='block':
            e=Env(env); v=UNIT
            for x in n[2]: v=s.ev(x,e,pure)
            return get(v)
        if k=='return': raise Return(s.ev(n[2],env,pure))
        if k=='print': s.w(s.show(get(s.ev(n[2],env,pure)))+'\n'); return UNIT
        if k=='print*': s.star(get(s.ev(n[2],env,pure))); return UNIT
        if k=='fn':
            if env.local(n[2]): raise Fail('already-bound',n[1])
            env.add(n[2],Fn(n[2],env,n[3],n[4]),'x' if n[5] else ''); return UNIT
        if k=='def':
            v=s.ev(n[3],env,pure)
            if not s.isvalue(v): raise Fail('not-a-value',n[1])
            if env.local(n[2]): raise Fail('already-bound',n[1])
            env.add(n[2],get(v),'x' if n[4] else ''); return UNIT
        if k=='assign':
            d=s.ev(n[2],env,pure); v=get(s.ev(n[3],env,pure))
            if not s.isvalue(v): raise Fail('not-a-value',n[1])
            if not isinstance(d,(Bound,Field)): raise Fail('assign-other',n[1])
            d.set(v,n[1]); return UNIT
        if k=='enum':
            e=env
            if n[2]:
                if env.local(n[2]): raise Fail('already-bound',n[1])
                e=Env(); env.add(n[2],EnvV(e),'x' if n[4] else '')
            cur=0
            for i,x in n[3]:
                if e.local(i): raise Fail('already-bound',n[1])
                if x:
                    v=get(s.ev(x,env,True))
                    if not isinstance(v,Int): raise Fail('enum-not-int',x[1])
                    cur=v.v
                e.add(i,Int(cur),'px' if n[4] else 'p'); cur+=1
            return UNIT
        if k=='id':
            b=env.find(n[2])
            if not b: raise Fail('unbound',n[1])
            if pure and 'p' not in b.f: raise Fail('impure',n[1])
            return Bound(b)
        if k=='dot':
            l=get(s.ev(n[2],env,False)); nm=n[3]
            if isinstance(l,EnvV):
                b=l.e.find(nm)
                if not b: raise Fail('unbound-member',n[1])
                if pure and 'p' not in b.f: raise Fail('impure',n[1])
                return Bound(b)
            t={ENTRY:ENDPOINT}.get(l.c.type,l.c.type) if isinstance(l,CapV) else None
            if t not in FIELDS: raise Fail('no-members',n[1])
            if nm not in FIELDS[t] or BETTER and nm in('sq','upcb'): raise Fail('unbound-member',n[1])   # QUIRK: these two fail later
            if pure: raise Fail('impure',n[1])
            f=Field(s,l.c,nm)
            if not f.vec: f.load()
            return f
        if k=='index':
            v=s.ev(n[2],env,pure); i=get(s.ev(n[3],env,pure))
            if isinstance(v,Bound) or (isinstance(v,Field) and v.ndx is not None) : v=get(v)
            ok=(isinstance(v,Field) and v.vec) or (isinstance(v,CapV) and v.c.type in(PAGE,CAPPAGE))
            if not ok: raise Fail('not-indexable',n[1])
            if not isinstance(i,Int): raise Fail('silent')
            if isinstance(v,CapV): v=Field(s,v.c,'[]'); 
            v.vec=True; v.ndx=i.u32(); v.load(); return v
        if k=='call':
            f=get(s.ev(n[2],env,pure))
            if isinstance(f,Fn):
                if len(f.a)!=len(n[3]): raise Fail('argument-count',n[1])
                e=Env(f.env)
                for a,x in zip(f.a,n[3]): e.add(a,get(s.ev(x,env,pure)))
                try: return get(s.ev(f.b,Env(e),pure))
                except Return as r: return get(r.v)
            if isinstance(f,Prim):
                if len(n[3])<f.lo: raise Fail('few-arguments',n[1])
                if len(n[3])>f.hi and (f.hi or BETTER and not f.lo): raise Fail('many-arguments',n[1])   # QUIRK: 0 is any number
                return f.f(*[get(s.ev(x,env,pure)) for x in n[3]])
            raise Fail('not-a-function',n[1])
        raise AssertionError(k)
    # -- fields
    def obj(s,c):
        v={ENDPOINT:s.im.ep,ENTRY:s.im.ep,PAGE:s.im.page,CAPPAGE:s.im.cappage,GPT:s.im.gpt,PROCESS:s.im.proc}[c.type]
        if c.oid>=len(v): raise Fail('silent')
        return v[c.oid]
    def getf(s,c,n,i):
        o=s.obj(c)
        if n=='[]':
            if i>=len(o): raise Fail('silent')
            return CapV(o[i]) if c.type==CAPPAGE else Int(o[i])
        if n in('cap','capReg'):
            v=o.cap if n=='cap' else o.capReg
            if i>=len(v): raise Fail('silent')
            return CapV(v[i])
        if n=='upcb': raise Fail('silent')
        if n=='sq': raise Crash()
        if n in PCAPS or n=='recipient': return CapV(getattr(o,n))
        return Int(getattr(o,{'protPayload':'pp','endpointID':'eid'}.get(n,n)))
    def setf(s,c,n,i,v,at):
        o=s.obj(c); bad=Fail('assign-other',at)
        if n=='[]' and c.type==PAGE:
            if not isinstance(v,Int) or v.v>255 or BETTER and v.v<0: raise bad
            if BETTER and c.oid==0: raise Fail('silent')            # QUIRK: page 0 is the header's, what is written there is lost
            o[i]=v.u32()&255; return
        capf=n in('[]','cap','capReg','recipient') or n in PCAPS
        if not isinstance(v,CapV if capf else Int): raise bad
        if n=='[]': o[i].assign(v.c)
        elif n=='cap':
            if i is None: raise bad
            o.cap[i].assign(v.c)
        elif n=='capReg':
            if not i: raise bad
            o.capReg[i].assign(v.c)
        elif capf: getattr(o,n).assign(v.c)
        elif n in('pm','bg','ha'): setattr(o,n,0 if v.v==0 and not v.nz else 1)
        elif n=='l2v': o.l2v=v.u32()&63
        elif n=='protPayload': o.pp=v.u32()
        elif n=='endpointID': o.eid=v.u64()
        elif n=='runState':
            o.runState=v.u32()&255
            if o.runState>2: raise bad
        elif n=='flags': o.flags=v.u32()&0xffff
        elif n=='faultCode': o.faultCode=v.u32()
        elif n=='faultInfo': o.faultInfo=v.u64()
        else: raise bad
    # -- text
    def w(s,t): s.tee+=t
    def hexs(s,v): return '0' if v==0 else hex(v)
    def cap(s,c):
        t='{'
        if c.swz: t+=' P'
        for b,x in ((2,'RO'),(4,'NX'),(1,'WK')):
            if c.restr&b: t+=' '+x
        for b,x in ((8,'CD'),(16,'WT')) if c.type==PAGE else ((8,'OP'),(16,'NC')):
            if c.restr&b: t+=' '+x
        t+=' %s(ty=%d)'%(NAMES[c.type],c.type)
        if c.type in OBJ or c.type in(ENTRY,APPNOTICE): t+=' ac=%d oid=%s'%(c.ac,s.hexs(c.oid))
        elif c.type in(WINDOW,LWINDOW): t+=' offset='+s.hexs(c.oid)
        if c.type in(ENTRY,APPNOTICE): t+=' pp=%d'%c.u1
        elif c.type in MEM: t+=' match=%s l2g=%d'%(s.hexs(c.match),c.l2g)
        return t+' }'
    def text(s,t):
        o='';i=0
        while i<len(t):
            if t[i]=='\\':
                if t[i+1]=='{': e=t.index('}',i); o+=chr(int(t[i+4:e] or '0',16)); i=e+1; continue
                o+={'n':'\n','r':'\r','t':'\t','b':'\b','s':' ','f':'\f','"':'"','\\':'\\'}[t[i+1]]; i+=2
            else: o+=t[i]; i+=1
        return o
    def show(s,v):
        if isinstance(v,Int): return str(v)
        if isinstance(v,Str): return s.text(v.t)
        if v is UNIT: return 'UNIT'
        if isinstance(v,CapV): return s.cap(v.c)
        if isinstance(v,Fn): return '<fn %s, %d args>'%(v.n,len(v.a))
        if isinstance(v,Prim): return '<primfn %s, %d%s args>'%(v.n,v.lo,'...' if v.hi==0 else '' if v.hi==v.lo else '-%d'%v.hi)
        o=''
        for i,b in enumerate(v.e.b):
            f=[x for k,x in (('c','const'),('x','public')) if k in b.f]
            o+=('[ ' if i==0 else '\n  ')+b.n+' = '+s.show(b.v)+(' (%s)'%', '.join(f) if b.f else '')
        return o+' ]'
    def star(s,v):
        if not isinstance(v,CapV) or v.c.type not in(PROCESS,ENDPOINT,GPT,PAGE,CAPPAGE): s.w(s.show(v)+'\n'); return
        c=v.c; o=s.obj(c); w=s.w
        if c.type==ENDPOINT: w('{ ENDP [bank=0]\n       oid=%d\n       pm=%d pp=%d\n       epid=%d\n       recip=%s\n}\n'%(c.oid,o.pm,o.pp,o.eid,s.cap(o.recipient)))
        elif c.type==GPT: w('{ GPT [bank=0]\n      oid=%d\n'%c.oid+''.join('      cap[%02d]=%s\n'%(i,s.cap(x)) for i,x in enumerate(o.cap))+'}\n')
        elif c.type==CAPPAGE: w('{ CapPage [bank=0]\n          oid=%d\n'%c.oid+(''.join('          [%03d]=%s\n'%(i,s.cap(x)) for i,x in enumerate(o) if x.type) or '        (all capabilities null)\n')+'}\n')
        elif c.type==PROCESS: w('{ PROC [bank=0]\n       oid=%d\n       runState=%s\n       flags=%x\n       notices=%x\n       fltCode=%d       fltInfo=%x\n'%(c.oid,o.runState if BETTER else chr(o.runState),o.flags,o.notices,o.faultCode,o.faultInfo)+''.join('       %s=%s\n'%(n,s.cap(x)) for n,x in (('sched',o.schedule),('addrSpace',o.addrSpace),('ioSpace',o.ioSpace),('brand',o.brand),('cohort',o.cohort),('handler',o.handler)))+''.join('       capReg[%02d]=%s\n'%(i,s.cap(x)) for i,x in enumerate(o.capReg))+'}\n')
        else:
            wd=len('%x'%(s.im.ps-1)); h=' '.join('%x'%i for i in range(8)); g=' '.join('%x'%i for i in range(8,16))
            w('{ Page [bank=0]\n       oid=%x\n        %s  %s  %s 0123456789abcdef\n'%(c.oid,' '*wd,h,g)); dup=False
            for a in range(0,s.im.ps,16):
                r=bytes(o[a:a+16])
                if a and a+16<s.im.ps and r==bytes(o[a-16:a]):
                    if not dup: w('       %s: (repeats)\n'%('*'*wd)); dup=True
                    continue
                dup=False; w('       %*x: %s %s %s\n'%(wd,a,r[:8].hex(),r[8:].hex(),''.join(chr(b) if 32<=b<127 else '.' for b in r)))
            w('}\n')
    def tree(s,c,d=0):
        s.w(s.cap(c)+'\n')
        if c.type!=GPT: return
        g=s.obj(c); s.w('%*s{ GPT state: l2v=%d bg=%d ha=%d slots=\n'%(2*d,'',g.l2v,g.bg,g.ha))
        for i,x in enumerate(g.cap):
            if x.type: s.w('%*s%02d: '%(2*d+2,'',i)); s.tree(x,d+1)
        s.w('%*s}\n'%(2*d,''))
    def space(s,c,path='space',off=0,mx=M64,d=1,restr=0):
        if c.type==NULL: return
        if c.type not in MEM or c.type in(WINDOW,LWINDOW): s.w('%s unexpected non-memory capability\n%s\n'%(path,s.cap(c))); return
        g=c.guard()
        if g>mx: return                                             # told on standard error
        off|=g; mx=coyimg.lo(mx,c.l2g); r=c.restr; cd=c.type==PAGE and r&8; wt=c.type==PAGE and r&16
        if c.type==PAGE: r&=~24
        o='%*s0x%016x-0x%016x '%(d,'',off,(off+mx)&M64)
        for b,x in ((2,'RO '),(4,'NX '),(1,'WK '),(8,'OP ')): o+=x if r&b else x.lower() if restr&b else '   '
        o+=('CD ' if cd else '')+('WT ' if wt else '')+' %s 0x%x'%(NAMES[c.type],c.oid)
        if c.type!=GPT: s.w(o+'\n'); return
        p=s.obj(c); l2g=c.l2g; sl=1<<min((l2g-p.l2v)&M64,4); reach=min(sl,coyimg.shr(mx,p.l2v)+1)
        s.w(o+', l2g=%d l2v=%d slots=%d%s\n%*s{\n'%(l2g,p.l2v,sl,', %d reachable'%reach if reach<sl else '',d,''))
        for i,x in enumerate(p.cap):
            a=coyimg.shl(i,p.l2v); q='%s[%d]'%(path,i)
            if a>mx or coyimg.shr(a,p.l2v)!=i:
                if x.type: s.w('%s: slot is unreachable (slotaddr=%s, maxoff=%s)\n%s: %s\n'%(q,s.hexs(a),s.hexs(mx),q,s.cap(x)))
            else: s.space(x,q,off|a,coyimg.lo(mx,p.l2v),d+1,restr|c.restr)
        s.w('%*s}\n'%(d,''))
    # -- builtins
    def mkbuiltins(s):
        im=s.im; E=Env()
        def need(v,t,cls='argument-type'):
            if not isinstance(v,t): raise Fail(cls,s.at)
            return v
        def capt(v,*ts):
            need(v,CapV)
            if v.c.type not in ts: raise Fail('capability-type',s.at)
            return v
        def bank(v):
            capt(v,ENTRY); o=s.obj(v.c); i=(o.eid-1)&M64
            if i>=len(im.bank) or im.bank[i][0]!=v.c.oid: raise Fail('bank-required',s.at)
            return v.c
        def spc(v):
            need(v,CapV)
            if v.c.type not in MEM and v.c.type!=NULL: raise Fail('space-required',s.at)
            return v.c
        def lib(f,*a):
            try: return f(*a)
            except Err: raise Fail('silent')
        def prim(n,lo,hi,f,fl='c',env=None,shown=None): (env or E).add(n,Prim(shown or n,lo,hi,f),fl)
        E.add('PrimeBankEndpoint',CapV(im.mkcap(ENDPOINT,0)),'c'); E.add('PrimeBank',CapV(Cap(ENTRY)),'c')
        prim('PageCap',1,1,lambda n:CapV(im.mkcap(PAGE,need(n,Int).u64()))); prim('PhysPageCap',1,1,lambda n:CapV(im.mkcap(PAGE,(need(n,Int).u64()+coyimg.PHYS)&M64)))
        def window(t):
            def f(o,slot=None):
                if not BETTER: raise Crash()                        # QUIRK: reads an argument more than there is
                c=im.mkcap(t); c.oid=need(o,Int).u64(); c.ac=need(slot,Int).u32()&0xfffff if slot is not None else 0; return CapV(c)
            return f
        prim('Window',1,1,window(WINDOW)); prim('LocalWindow',2,2,window(LWINDOW))
        def enter(t,hint):
            def f(e,n):
                c=capt(e,ENDPOINT).c.copy(); need(n,Int); s.obj(c); c.type=t; c.u1=n.u32(); return CapV(c)
            return f
        prim('enter',2,2,enter(ENTRY,0)); prim('AppInt',2,2,enter(APPNOTICE,0))
        for n,t in (('NullCap',0),('KeyBits',3),('Discrim',4),('Range',5),('Sleep',6),('IrqCtl',7),('SchedCtl',8),('Checkpoint',9),('ObStore',10),('IoPerm',15),('PinCtl',11),('SysCtl',13),('KernLog',14)):
            prim(n,0,0,lambda *a,t=t:CapV(Cap(t)))
        def down(bits,only=None):
            def f(v):
                c=need(v,CapV).c.copy()
                if c.type==NULL: return CapV(c)
                if c.type not in MEM or (only=='gpt' and c.type!=GPT) or (only=='phys' and not(c.type==PAGE and c.oid>=coyimg.PHYS)): raise Fail('capability-type',s.at)
                c.restr|=bits; return CapV(c)
            return f
        for n,b,o in (('readonly',2,0),('weaken',3,0),('noexec',4,0),('opaque',8,'gpt'),('nocall',16,'gpt'),('nocache',8,'phys')): prim(n,1,1,down(b,o))
        def guard(v,n,l=None):
            c=need(v,CapV).c.copy(); need(n,Int)
            if c.type not in MEM: raise Fail('capability-type',s.at)
            l2=need(l,Int).u32() if l is not None else c.l2g; g=n.u64()
            if l2>64 or l2<im.l2p: raise Fail('guard-range',s.at)
            if BETTER:
                if g&((1<<l2)-1): raise Fail('guard-low-bits',s.at)
                if g>>l2>0xffffff: raise Fail('guard-truncated',s.at)
                c.l2g=l2; c.match=g>>l2; return CapV(c)
            sx=lambda x:((x&0xffffffff)^0x80000000)-0x80000000       # QUIRK: 32-bit arithmetic, shift counts modulo 32
            k=(l2-1)&31; m=sx(sx(sx(1<<k)<<1)-1)&M64
            if g&m: raise Fail('guard-low-bits',s.at)
            mt=((g>>(l2-1))>>1)&0xffffff
            if g!=sx(sx(mt<<k)<<1)&M64: raise Fail('guard-truncated',s.at)
            c.l2g=l2; c.match=mt; return CapV(c)
        prim('guard',2,3,guard)
        def memop(a):
            def f(v):
                c=need(v,CapV).c
                if c.type not in(GPT,PAGE,CAPPAGE): raise Fail('capability-type',s.at)
                return Int(getattr(c,a))
            return f
        prim('get_l2g',1,1,memop('l2g')); prim('get_match',1,1,memop('match'))
        def fatal(t): need(t,Str); raise Fail('fatal',s.at)
        prim('fatal',1,1,fatal)
        def usage(*a): s.w('{ nPage: %d nCapPage: %d nGPT: %d nEndpoint: %d nProc: %d  nBank: %d }\n'%tuple(map(len,(im.page,im.cappage,im.gpt,im.ep,im.proc,im.bank)))); return UNIT
        prim('dump_usage',0,0,usage)
        def doprint(*a):
            for v in a: s.w(s.show(v))
            return UNIT
        prim('doprint',1,0,doprint)
        def psp(v):
            if isinstance(v,CapV): s.w('{\n'); s.space(v.c); s.w('}\n')
            else: s.w(s.show(v)+'\n')
            return UNIT
        def ptr(v):
            if isinstance(v,CapV): s.tree(v.c)
            else: s.w(s.show(v)+'\n')
            return UNIT
        prim('print_space',1,1,psp); prim('print_tree',1,1,ptr)
        def gsp(b,c,o,l=None): b=bank(b); c=spc(c); need(o,Int); l=need(l,Int).u32() if l is not None else 0; return CapV(lib(im.guarded,b,c,o.u64(),l))
        prim('guarded_space',3,4,gsp)
        def ins(b,sp,c,o,l=None): b=bank(b); sp=spc(sp); c=spc(c); need(o,Int); l=need(l,Int).u32() if l is not None else 0; return CapV(lib(im.add,b,sp,o.u64(),c,l))
        prim('insert_subspace',4,5,ins)
        def look(sp,o):
            c,off,r=lib(im.leaf,spc(sp),need(o,Int).u64()); e=Env()
            for n,v in (('cap',CapV(c)),('offset',Int(off)),('ro',Int(r>>1&1)),('nx',Int(r>>2&1)),('wk',Int(r&1)),('op',Int(r>>3&1))): e.add(n,v,'c')
            return EnvV(e)
        prim('lookup_addr',2,2,look)
        def find(v):
            t=need(v,Str).t; c=[t] if t.startswith('/') else [d+'/'+t for d in s.lib if os.path.isfile(d+'/'+t) and (BETTER or not os.path.islink(d+'/'+t))] if t else []
            if not c or not os.path.lexists(c[0]): raise Fail('file-not-found',s.at)
            if not os.path.isfile(c[0]) or os.path.islink(c[0]) and not BETTER: raise Fail('not-regular-file',s.at)
            return open(c[0],'rb').read()
        def rd(b,f,o=None):
            b=bank(b); need(f,Str); o=need(o,Int).u64() if o is not None else 0; d=find(f)
            if o%im.ps: raise Fail('file-offset',s.at)
            sp=Cap()
            for p in range(0,len(d),im.ps):
                c=lib(im.new,PAGE,b); x=d[p:p+im.ps]; im.page[c.oid][:len(x)]=x; sp=lib(im.add,b,sp,(p+o)&M64,c)
            return CapV(sp)
        prim('readfile',2,3,rd)
        def ld(b,f):
            b=bank(b); d=find(f)
            if d[:4]!=b'\x7fELF': raise Fail('silent')
            em=int.from_bytes(d[18:20],'big' if d[5]==2 else 'little')
            if em!=im.em and not(BETTER and s.arch=='coldfire' and em==4): raise Fail('wrong-machine',s.at)
            pc,sp=lib(im.elf,b,d); e=Env(); e.add('pc',Int(pc),'c'); e.add('space',CapV(sp)); return EnvV(e)
        prim('loadimage',2,2,ld)
        def dup(b,v):
            b=bank(b); c=need(v,CapV).c.copy()
            if c.type not in OBJ: raise Fail('capability-type',s.at)
            o=s.obj(c); n=lib(im.new,c.type,b); t=s.obj(n)
            if c.type==PAGE: t[:]=o
            elif c.type==CAPPAGE:
                for x,y in zip(t,o): x.assign(y)
            else:
                for k,y in vars(o).items(): setattr(t,k,y.copy() if isinstance(y,Cap) else [z.copy() for z in y] if isinstance(y,list) else y)
            c.oid=n.oid; c.ac=n.ac; return CapV(c)
        prim('dup',2,2,dup)
        def fill(v,n):
            c=capt(v,PAGE).c; x=need(n,Int).u32()
            if x>255: raise Fail('byte-value',s.at)
            if BETTER and c.oid==0: raise Fail('silent')
            s.obj(c)[:]=bytes([x])*im.ps; return UNIT
        prim('fillpage',2,2,fill)
        def w64(v,a,n):
            c=capt(v,PAGE).c; a=need(a,Int).u32(); x=need(n,Int).u64()
            if a%8 or a>=im.ps: raise Fail('page-word',s.at)
            if BETTER and c.oid==0: raise Fail('silent')
            s.obj(c)[a:a+8]=x.to_bytes(8,'little' if im.e=='<' else 'big'); return UNIT
        prim('set_page_uint64',3,3,w64)
        N=Env()
        prim('Bank',1,1,lambda b:CapV(im.alloc_bank(bank(b))),env=N,shown='make_bank')
        for n,t in (('CapPage',CAPPAGE),('GPT',GPT),('Endpoint',ENDPOINT),('Page',PAGE),('Process',PROCESS)): prim(n,1,1,lambda b,t=t:CapV(im.new(t,bank(b))),env=N,shown='make_'+n.lower())
        E.add('#new',EnvV(N),'c')
        def ints(f):
            def g(a,b):
                if not(isinstance(a,Int) and isinstance(b,Int)): raise Fail('types',s.at)
                return f(a,b)
            return g
        def div(a,b):
            if b.v==0 and not b.nz: raise Fail('silent')
            q=abs(a.v)//abs(b.v) if b.v else (1<<32*max(1,-(-abs(a.v).bit_length()//32)))-1; return Int(-q if (a.v<0 or a.nz)!=(b.v<0 or b.nz) else q)
        def mod(a,b):
            if BETTER and b.v==0: raise Fail('silent')             # QUIRK: x % 0 is x
            r=abs(a.v)%abs(b.v) if b.v else abs(a.v); return Int(-r if a.v<0 else r)
        add=ints(lambda a,b:Int(a.v+b.v))
        sub=ints(lambda a,b:Int(a.v-b.v)) if BETTER else add
        for n,f in (('+',add),('-',sub),('*',ints(lambda a,b:Int(a.v*b.v))),('/',ints(div)),('%',ints(mod))): prim(n,1,0,f,'cp')   # QUIRK: - adds
        def neg(a):
            if not isinstance(a,Int): raise Fail('types',s.at)
            return Int(-a.v,nz=a.v==0 and not a.nz and not BETTER)
        prim('unary-',1,0,neg,'cp',shown='-')
        def cmp(o):
            def f(a,b):
                k=None
                if isinstance(a,Int) and isinstance(b,Int): k=(a.key()>b.key())-(a.key()<b.key())
                elif isinstance(a,Str) and isinstance(b,Str): x,y=a.t.encode('utf-8','surrogateescape'),b.t.encode('utf-8','surrogateescape'); k=(x>y)-(x<y)
                elif o in('==','!=') and isinstance(a,CapV) and isinstance(b,CapV): k=0 if a.c.words()==b.c.words() else 1
                if k is None: raise Fail('types',s.at)
                return Int(int({'<':k<0,'>':k>0,'<=':k<=0,'>=':k>=0,'==':k==0,'!=':k!=0}[o]))
            return f
        for o in ('<','>','<=','>=','==','!='): prim(o,1,0,cmp(o),'cp')
        def no(a):
            if isinstance(a,Int): return Int(int(a.v==0 and not a.nz))
            if isinstance(a,Str): return Int(0)
            raise Fail('types',s.at)
        prim('!',1,0,no,'cp')
        return E
def run(arch,inc,lib,mods,header=None,memory={}):
    """-> (class or 'none', place, text printed, image or None)"""
    if arch not in coyimg.ARCH: return 'architecture',None,'',None
    m=Machine(arch,inc,lib,None,header,memory)
    try:
        for n in mods: m.module(n)
        if header is not None: return 'none',None,m.tee,None
        try: return 'none',None,m.tee,m.im.write()
        except Err: return 'image-invalid',None,m.tee,None
    except Fail as f: return f.cls,f.at,m.tee,None
    except Return: return 'silent',None,m.tee,None
    except (Crash,AssertionError): return 'crash',None,m.tee,None
def batch(inc,lib):
    for line in sys.stdin:
        q=json.loads(line)
        try: c,at,t,d=run(q['arch'],inc,lib,['t'],memory={'t':q['text'].encode()})
        except (Exception,RecursionError) as x: c,at,t,d='model: '+type(x).__name__,None,'',None
        print(json.dumps(dict(zip(('class','at','text','image'),(c,at,t,d and hashlib.sha256(d).hexdigest())))))
if __name__=='__main__':
    import getopt
    o,a=getopt.gnu_getopt(sys.argv[1:],'t:I:L:o:H:',['better','batch']); inc=[v for k,v in o if k=='-I']; lib=[v for k,v in o if k=='-L']; o=dict(o)
    BETTER='--better' in o
    if '--batch' in o: batch(inc,lib); sys.exit()
    c,at,t,d=run(o.get('-t',''),inc,lib,a,o.get('-H')); sys.stdout.buffer.write(t.encode('utf-8','surrogateescape'))
    if c!='none': sys.stderr.write('%s: %s\n'%(':'.join(map(str,at)) if at else '?',c)); sys.exit(1)
    if d is not None: open(o.get('-o','mkimage.out'),'wb').write(d)
