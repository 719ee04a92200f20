"""Programs in Python that try to get out. `input` names a file, a folder and a port that they must not reach.

Each is a published way out of some sandbox, or a variation of one. What they give does not matter as long as it holds
nothing of the outside; most end in an exception.
"""

# ruff: noqa: E501, RUF001 - the attempts read best as dense tables, and look-alike letters are the point of some

from __future__ import annotations

import itertools

# Advisories by their ids, in the words of this language; the text beside each says what the original did.
PUBLISHED = {
    "CVE-2025-68668 host object through the bridge": "import js\njs.process.env",
    "CVE-2025-68668 pyodide": "import pyodide\npyodide.code.run_js('process')",
    "CVE-2026-0863 format and exception": "try:\n    '{0.x}'.format(1)\nexcept AttributeError as e:\n    r = e.__traceback__.tb_frame.f_back.f_globals['__builtins__']['open'](input['path']).read()\nr",
    "CVE-2026-25115 frames of a traceback": "try:\n    raise ValueError\nexcept ValueError as e:\n    f = e.__traceback__.tb_frame\n    while f.f_back: f = f.f_back\n    r = f.f_globals['__builtins__'].open(input['path']).read()\nr",
    "CVE-2026-27494 module through a module": "import statistics\nstatistics.sys.modules['os'].environ.copy()",
    "CVE-2026-42234 loader": "__loader__.load_module('os').system('id')",
    "CVE-2026-49444 spec": "__spec__.loader.get_data(input['path'])",
    "CVE-2026-73083 module loaded before": "import sys\n[m for m in sys.modules.values() if hasattr(m, 'system')][0].system('id')",
    "CVE-2026-73081 name as a word of the shell": "__name__ = '$(id)'\nimport os\nos.popen(__name__).read()",
    "CVE-2026-48499 path of a cache": "open('../' * 20 + input['path']).read()",
    "CVE-2026-33881 environment in generated code": "import os\nos.environ['X'] = '\"; import os; #'\ndict(os.environ)",
    "CVE-2026-55244 BaseException leaves": "class X(BaseException): pass\nraise X",
    "CVE-2025-24359 format string": "'{0.__class__.__init__.__globals__}'.format(type('A', (), {'__init__': lambda s: 0})())",
    "GHSA-vp47-9734-prjw changed tree": "import ast\nast.parse = lambda *a, **k: open(input['path'])\nast.parse('x').read()",
    "asteval open": "open(input['path'], encoding='utf-8').read()",
    "CVE-2023-37271 generator frame": "g = (g.gi_frame.f_back.f_back.f_globals for x in [1])\n[str(x) for x in g]",
    "CVE-2023-41039 str.format": "'{0.gi_frame.f_builtins}'.format(x for x in [1])",
    "CVE-2024-47532 AttributeError.obj": "try:\n    input.nope\nexcept AttributeError as e:\n    r = e.obj.__class__.__base__.__subclasses__()\n[c for c in r if 'Popen' in c.__name__][0](['id'])",
    "CVE-2025-22153 try/except*": "try:\n    raise ExceptionGroup('', [Exception(type)])\nexcept* Exception as e:\n    r = e.exceptions[0].args[0].__subclasses__(object)\nstr([c for c in r if c.__name__ == 'FileIO'][0](input['path']).read())",
    "CVE-2026-55830 positional-only guard": "def _getattr_(o, n, /): return n\nobject.__getattribute__(object, '__subclasses__')()[0]",
    "CVE-2026-32640 sys through statistics": "import statistics\nstatistics.sys.modules['subprocess'].check_output(['id'])",
    "CVE-2016-10745 format of a string": "'{0.__init__.__globals__[os].environ}'.format(__import__('logging').Handler())",
    "CVE-2019-10906 format_map": "'{x.__class__.__mro__}'.format_map({'x': 1})",
    "CVE-2024-56326 stored format": "f = ''.format\nf.__self__.__class__.__base__.__subclasses__().__len__()",
    "Jinja2 cycler": "import types\ntypes.FunctionType.__globals__['os'].popen('id').read()",
    "pickle": "import pickle\npickle.loads(b\"cos\\nsystem\\n(S'id'\\ntR.\")",
    "pickle reduce": "import pickle\nclass X:\n    def __reduce__(self): return (__import__('os').popen, ('id',))\npickle.loads(pickle.dumps(X()))",
    "pickle builtins": "import pickle\npickle.loads(b'cbuiltins\\nopen\\n(V' + input['path'].encode() + b'\\ntR.').read()",
    "marshal code": "import marshal\nexec(marshal.loads(marshal.dumps(compile('x = open(input[\"path\"]).read()', '', 'exec'))))\nx",
    "hand-made code object": "f = (lambda: 0)\nf.__code__ = f.__code__.replace(co_code=b'\\x00' * 400, co_stacksize=1)\nf()",
    "code object that reads beyond": "f = (lambda: x)\nf.__code__ = f.__code__.replace(co_names=(), co_consts=())\nf()",
}

FILES = (
    "open(input['path']).read()", "open(input['path'], 'rb').read().hex()", "import io\nio.open(input['path']).read()", "import io\nio.FileIO(input['path']).read().hex()",
    "import os\nos.open(input['path'], 0)", "import os\nos.read(os.open(input['path'], os.O_RDONLY), 100).hex()", "import os\nos.listdir(input['folder'])", "import os\nlist(os.walk('/'))",
    "import os\n[e.name for e in os.scandir('/')]", "import os\nos.stat(input['path']).st_size", "import os\nos.readlink('/proc/self/exe')", "import os\nos.getcwd()", "import os\nos.chdir(input['folder'])",
    "import os\nos.mkdir(input['folder'] + '/made')", "import os\nos.remove(input['path'])", "import os\nos.rename(input['path'], input['path'] + 'x')", "import os\nos.symlink(input['path'], 'x')",
    "import os\nos.link(input['path'], 'x')", "import os\nos.truncate(input['path'], 0)", "import os\nos.chmod(input['path'], 0)", "import os\nos.utime(input['path'])", "import os\nos.mkfifo(input['folder'] + '/f')",
    "open(input['folder'] + '/made', 'w').write('x')", "open('/proc/self/environ').read()", "open('/proc/self/maps').read()", "open('/proc/self/mem', 'rb').read(1)", "open('/proc/1/environ').read()",
    "open('/dev/stdin').read()", "open('/dev/mem').read()", "open('/etc/passwd').read()", "open('/etc/shadow').read()", "open(0).read(10)", "open(2, 'w').write('x')", "open(3, 'rb').read(1).hex()",
    "[open(n, 'rb', closefd=False) for n in range(3, 64)][0].read(1)", "import os\n[os.fstat(n).st_size for n in range(64)]", "import os\nos.write(1, b'r\\x02\\x00\\x00\\x00{}')", "import os\nos.write(1, b'v\\x01\\x00\\x00\\x001' * 100)",
    "import os\nos.dup2(1, 5)", "import os\nos.close(0)\nos.close(1)\nos.close(2)", "import os\nos.pipe()", "import os\nos.memfd_create('x')", "import os\nos.sendfile(1, 0, 0, 10)", "import pathlib\npathlib.Path(input['path']).read_text()",
    "import pathlib\n[str(p) for p in pathlib.Path('/').rglob('*')]", "import tempfile\ntempfile.NamedTemporaryFile().name", "import tempfile\ntempfile.mkdtemp()", "import shutil\nshutil.copy(input['path'], 'x')",
    "import glob\nglob.glob('/*')", "import linecache\nlinecache.getlines(input['path'])", "import fileinput\nlist(fileinput.input(input['path']))", "import codecs\ncodecs.open(input['path']).read()", "import tokenize\ntokenize.open(input['path']).read()",
    "import sqlite3\nsqlite3.connect(input['path']).execute('SELECT 1')", "import sqlite3\nsqlite3.connect(':memory:').execute('ATTACH ? AS x', (input['path'],))", "import sqlite3\nsqlite3.connect(':memory:').execute(\"SELECT load_extension('x')\")",
    "import sqlite3\nc = sqlite3.connect(':memory:')\nc.enable_load_extension(True)", "import sqlite3\nsqlite3.connect(':memory:').execute(\"SELECT readfile(?)\", (input['path'],))", "import zipfile\nzipfile.ZipFile(input['path'])",
    "import configparser\nconfigparser.ConfigParser().read(input['path'])", "import xml.etree.ElementTree as e\ne.parse(input['path'])", "import xml.etree.ElementTree as e\ne.fromstring('<!DOCTYPE a [<!ENTITY x SYSTEM \"file://' + input['path'] + '\">]><a>&x;</a>').text",
    "import xml.sax\nxml.sax.parse(input['path'], xml.sax.ContentHandler())", "import xml.dom.minidom\nxml.dom.minidom.parse(input['path'])", "import mimetypes\nmimetypes.init([input['path']])", "import netrc\nnetrc.netrc(input['path'])",
    "import logging\nlogging.FileHandler(input['folder'] + '/made')", "import runpy\nrunpy.run_path(input['path'])", "import importlib.util\nimportlib.util.spec_from_file_location('x', input['path']).loader.exec_module(None)",
    "import sys\nsys.path.insert(0, input['folder'])\nimport canary", "import sys\nsys.path_hooks[0](input['folder'])", "exec(compile(open(input['path']).read(), 'x', 'exec'))", "import zoneinfo\nzoneinfo.ZoneInfo('../../../../' + input['path'])",
    "import zoneinfo\nzoneinfo.reset_tzpath([input['folder']])\nzoneinfo.ZoneInfo('canary')", "import traceback\ntraceback.walk_tb", "import pkgutil\npkgutil.get_data('json', '../../..' + input['path'])", "import importlib.resources\nimportlib.resources.read_text('json', '__init__.py')",
)  # fmt: skip

PROCESSES = (
    "import os\nos.system('id')", "import os\nos.popen('id').read()", "import os\nos.fork()", "import os\nwhile True: os.fork()", "import os\nos.forkpty()", "import os\nos.execv('/bin/sh', ['sh'])", "import os\nos.execve('/bin/sh', ['sh'], {})",
    "import os\nos.posix_spawn('/bin/sh', ['sh'], {})", "import os\nos.spawnl(0, '/bin/sh', 'sh')", "import os\nos.kill(1, 9)", "import os\nos.kill(os.getppid(), 9)", "import os\nos.killpg(0, 9)", "import os\nos.abort()", "import os\nos._exit(0)",
    "import os\nos.getppid()", "import os\nos.getpid()", "import os\nos.setuid(0)", "import os\nos.nice(-10)", "import os\nos.chroot('/')", "import subprocess\nsubprocess.run(['id'])", "import subprocess\nsubprocess.Popen('id', shell=True)",
    "import subprocess\nsubprocess.getoutput('id')", "import _posixsubprocess\n_posixsubprocess.fork_exec", "import pty\npty.spawn('/bin/sh')", "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    "import concurrent.futures as c\nc.ProcessPoolExecutor().submit(print).result()", "import concurrent.futures as c\nc.ThreadPoolExecutor().submit(print).result()", "import threading\nthreading.Thread(target=print).start()",
    "import _thread\n_thread.start_new_thread(print, ())", "import signal\nsignal.raise_signal(9)", "import signal\nsignal.alarm(1)", "import faulthandler\nfaulthandler._sigsegv()", "import faulthandler\nfaulthandler.dump_traceback_later(1)",
    "import asyncio\nasyncio.run(asyncio.create_subprocess_shell('id'))", "import webbrowser\nwebbrowser.open('file:///')", "import sys\nsys.exit()", "exit()", "quit(1)", "raise SystemExit", "raise KeyboardInterrupt", "raise GeneratorExit",
    "import platform\nplatform.popen('id')", "import commands", "import pdb\npdb.set_trace()", "breakpoint()", "import code\ncode.interact()", "import cProfile\ncProfile.run('1')", "import timeit\ntimeit.main(['-s', 'import os; os.system(\"id\")'])",
    "import ctypes\nctypes.CDLL(None).system(b'id')", "import _ctypes", "import cffi", "import resource\nresource.setrlimit(0, (1, 1))", "import mmap\nmmap.mmap(-1, 10)", "import fcntl", "import dl", "import gc\n[o for o in gc.get_objects() if type(o).__name__ == 'Popen']",
)  # fmt: skip

NETWORK = (
    "import socket\nsocket.create_connection(('127.0.0.1', input['port']))", "import socket\ns = socket.socket()\ns.connect(('127.0.0.1', input['port']))", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('127.0.0.1', input['port']))",
    "import socket\nsocket.socket(socket.AF_UNIX).connect('/tmp/x')", "import socket\ns = socket.socket()\ns.bind(('', 0))\ns.listen()", "import socket\nsocket.socket(fileno=0).recv(1)", "import socket\nsocket.socketpair()", "import socket\nsocket.getaddrinfo('localhost', input['port'])",
    "import socket\nsocket.gethostbyname('localhost')", "import _socket\n_socket.socket().connect(('127.0.0.1', input['port']))", "import urllib.request\nurllib.request.urlopen(f'http://127.0.0.1:{input[\"port\"]}/').read()",
    "import urllib.request\nurllib.request.urlopen('file://' + input['path']).read()", "import http.client\nhttp.client.HTTPConnection('127.0.0.1', input['port']).request('GET', '/')", "import smtplib\nsmtplib.SMTP('127.0.0.1', input['port'])",
    "import ftplib\nftplib.FTP().connect('127.0.0.1', input['port'])", "import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', input['port']))", "import logging.handlers as h\nh.SocketHandler('127.0.0.1', input['port']).createSocket()",
    "import xmlrpc.client as x\nx.ServerProxy(f'http://127.0.0.1:{input[\"port\"]}').a()", "import ssl\nssl.create_default_context()", "import select\nselect.select([0], [], [], 0)", "import requests", "import httpx",
)  # fmt: skip

INSIDE = (
    "().__class__.__base__.__subclasses__()", "''.__class__.__mro__[1].__subclasses__().__len__()", "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0].__init__.__globals__['system']('id')",
    "[c for c in object.__subclasses__() if c.__name__ == 'BuiltinImporter'][0]().load_module('posix').system('id')", "[c for c in object.__subclasses__() if c.__name__ == 'catch_warnings'][0]()._module.__builtins__['__import__']('os').system('id')",
    "(lambda: 0).__globals__['__builtins__']", "(lambda: 0).__globals__", "globals()", "locals()", "vars()", "dir()", "import sys\nsys._getframe().f_back.f_back.f_globals['Path']", "import sys\nsys._getframe(3).f_locals['self'].__class__.__mro__",
    "import sys\nf = sys._getframe()\nnames = []\nwhile f:\n    names += list(f.f_globals)\n    f = f.f_back\nnames", "import sys\nf = sys._getframe(1)\nf.f_globals['DUMPS'] = lambda *a, **k: 'hacked'\n1", "import sys\nsys._getframe(2).f_globals['_describe'] = None\n1 / 0",
    "import inspect\n[str(f.frame.f_locals) for f in inspect.stack()]", "import inspect\ninspect.currentframe().f_back.f_code.co_filename", "import traceback\ntraceback.extract_stack()[0].filename", "import gc\nlen(gc.get_objects())", "import gc\n[r for r in gc.get_referrers(input)][0]",
    "import sys\nsorted(sys.modules)", "import sys\nsys.modules['posix'].environ", "import sys\nsys.argv", "import sys\nsys.executable", "import sys\nsys.path", "import sys\nsys.settrace(lambda *a: None)", "import sys\nsys.setprofile(lambda *a: None)",
    "import sys\nsys.addaudithook(print)", "import sys\nsys.meta_path.clear()\nimport json", "import sys\nsys.modules.clear()\nimport json", "import sys\nsys.stdout = None\nprint(1)", "import sys\nsys.stdout.close()\nprint(1)", "import sys\nsys.__stdout__._give = None\nprint(1)",
    "import sys\nsys.stdout._left = 10 ** 9\nfor i in range(5000): print(i)", "import wit_world\nwit_world.log('x' * 100)", "import wit_world\nfor i in range(20000): wit_world.log('x')", "import wit_world\nwit_world.WitWorld", "import guest", "import componentize_py_runtime\ndir(componentize_py_runtime)",
    "import componentize_py_runtime as c\nc.call_import(0, (), 1)", "import componentize_py_runtime as c\nc.drop_resource(0, 1)", "import __main__\n__main__.__dict__", "import builtins\nbuiltins.open = lambda *a: None\nopen(1)", "import builtins\nbuiltins.str = int\n'x'", "import builtins\nbuiltins.__dict__.clear()",
    "import builtins\nbuiltins.isinstance = lambda *a: True\nobject()", "import builtins\nbuiltins.len = lambda x: 0\n'x' * 3000000", "import json\njson.dumps = lambda *a, **k: 'hacked'\n1", "import json.encoder\njson.encoder.encode_basestring = lambda s: s\n'\",hacked'",
    "import json\njson.JSONEncoder.iterencode = lambda *a, **k: ['hacked']\nimport json.encoder\njson.encoder.c_make_encoder = None\n1", "import traceback\ntraceback.extract_tb = None\n1 / 0", "import traceback\ntraceback.TracebackException.from_exception = None\n1 / 0",
    "class X(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise X", "class X(Exception):\n    def __str__(self): return self\nraise X", "class M(type):\n    __name__ = property(lambda c: 1 / 0)\nclass X(Exception, metaclass=M): pass\nraise X", "class X(Exception):\n    __class__ = property(lambda s: 1 / 0)\nraise X",
    "class X(Exception):\n    __traceback__ = 5\nraise X", "e = ValueError('x')\ne.__cause__ = e\nraise e", "a, b = ValueError(), KeyError()\na.__context__, b.__context__ = b, a\nraise a", "raise SyntaxError('x', ('code.py', -1, -1, 'y' * 10000))", "raise ExceptionGroup('x', [ValueError()] * 10000)",
    "class X:\n    def __del__(self): raise ValueError\nx = X()\ndel x", "class D(dict):\n    def items(self): return [(1, 2)] * 10 ** 7\nD(a=1)", "class S(str):\n    def __len__(self): return -1\nS('x')", "class I(int):\n    def __repr__(self): return 'hacked'\nI(5)", "class F(float):\n    def __repr__(self): return 'hacked'\nF(5)",
    "class L(list):\n    def __iter__(self):\n        while True: yield 1\nL([1])[0]", "getattr(input, '__class__')", "getattr(input, '__cl' + 'ass__')", "input.__class__.__init_subclass__", "type('X', (object,), {'__init__': lambda s: s.__class__})().__class__.__mro__[1].__subclasses__()[0]",
    "@(lambda f: f.__globals__)\ndef f(): pass\nf", "@exec\n@input.__getitem__\nclass path: pass", "match object():\n    case object(__class__=c): r = c.__base__\nr", "[x := object.__subclasses__(object)][0][0].__name__", "(lambda f: f(f))(lambda f: f.__code__.co_filename)", "f'{input.__class__.__mro__!r:>{10}}'",
    "'%(a)s' % type('X', (), {'__getitem__': lambda s, k: k.__class__.__mro__})()", "t'{input}'.interpolations[0].value", "𝐞𝐯𝐚𝐥('1')", "ｏｐｅｎ(input['path']).read()", "__ｉｍｐｏｒｔ__('os').system('id')", "().__ｃｌａｓｓ__", "eval('__import__(\"os\").system(\"id\")')", "exec('import os; os.system(\"id\")')", "compile('1', 'x', 'eval').co_code",
    "eval(compile(__import__('ast').parse('1'), 'x', 'exec'))", "import importlib\nimportlib.import_module('os').system('id')", "__builtins__.__import__('os').system('id')", "__builtins__['__import__']('os').system('id')", "__import__('sys').modules['os'].popen('id')", "import os as o\no.system('id')", "from os import *\nsystem('id')",
    "import posix\nposix.system('id')", "import nt", "import _io\n_io.open_code(input['path']).read()", "import _imp\n_imp.create_dynamic(__spec__)", "import _testcapi", "import _xxsubinterpreters", "import _interpreters", "import antigravity", "import this", "import site\nsite.main()", "import ensurepip\nensurepip.bootstrap()", "import pip",
    "help()", "license()", "copyright()", "import pydoc\npydoc.pager('x')", "import atexit, os\natexit.register(os._exit, 1)", "import weakref\nweakref.finalize(input, print)", "import sys\nsys.unraisablehook = sys.excepthook = None\n1 / 0", "import sys\nsys.set_int_max_str_digits(0)\nlen(str(10 ** 20000))", "import sys\nsys.setrecursionlimit(10 ** 9)",
    "import sys\nsys.setswitchinterval(1e-9)", "import sys\nsys.intern('x' * 1000)", "import sys\nsys.activate_stack_trampoline('perf')", "import sys\nsys.remote_exec(1, input['path'])", "import time\ntime.clock_settime(0, 0)", "import time\ntime.tzset()", "import locale\nlocale.setlocale(0, '')", "import readline",
)  # fmt: skip

DUNDERS = (
    "__class__", "__base__", "__bases__", "__mro__", "__subclasses__", "__globals__", "__builtins__", "__dict__", "__init__", "__new__", "__init_subclass__", "__getattribute__", "__reduce__", "__reduce_ex__", "__code__", "__closure__", "__self__",
    "__func__", "__wrapped__", "__module__", "__import__", "__loader__", "__spec__", "__file__", "__cached__", "__path__", "__call__", "__get__", "__defaults__", "__kwdefaults__", "__annotations__", "__doc__", "gi_frame", "gi_code", "cr_frame", "ag_frame",
    "tb_frame", "f_globals", "f_builtins", "f_locals", "f_back", "co_consts", "func_globals", "mro",
)  # fmt: skip
SUBJECTS = (
    "input",
    "()",
    "''",
    "(lambda: 0)",
    "(x for x in [])",
    "print",
    "type",
    "ValueError()",
    "__import__('json')",
    "__import__('os')",
    "__import__('sys')._getframe()",
)
MODULES = (
    "os", "posix", "sys", "subprocess", "ctypes", "socket", "_socket", "ssl", "select", "signal", "shutil", "glob", "pty", "fcntl", "mmap", "resource", "multiprocessing", "_posixsubprocess", "importlib", "runpy", "code", "pdb", "builtins", "gc",
    "inspect", "marshal", "pickle", "faulthandler", "_ctypes", "asyncio", "threading", "_thread", "urllib.request", "http.client", "ftplib", "smtplib", "imaplib", "telnetlib", "webbrowser", "tempfile", "platform", "sysconfig", "site", "zipimport",
)  # fmt: skip
CALLS = (
    "system('id')",
    "popen('id').read()",
    "environ.copy()",
    "listdir('/')",
    "open(input['path']).read()",
    "socket().connect(('127.0.0.1', input['port']))",
    "run(['id'])",
    "__builtins__['open'](input['path']).read()",
    "sys.modules['os'].environ",
)
WAYS_TO_A_MODULE = (
    "__import__('{}')",
    "__import__('importlib').import_module('{}')",
    "__import__('sys').modules['{}']",
    "__builtins__['__import__']('{}')",
    "eval('__import__(\"{}\")')",
    "[__import__][0]('{}')",
    "(lambda n: __import__(n))('{}')",
)


def generated() -> list[str]:
    """Combinations of what the others are made of."""
    chains = [
        f"str({subject}.{first}.{second})"
        for subject, first, second in itertools.product(SUBJECTS, DUNDERS[:24], DUNDERS[:6])
    ]
    reached = [
        f"str(getattr({subject}, '{name[:3]}' + '{name[3:]}'))"
        for subject, name in itertools.product(SUBJECTS, DUNDERS)
    ]
    modules = [
        f"{way.format(module)}.{call}"
        for (way, module), call in zip(
            itertools.product(WAYS_TO_A_MODULE, MODULES), itertools.cycle(CALLS), strict=False
        )
    ]
    formats = [
        f"'{{0.{first}.{second}}}'.format({subject})"
        for subject, first, second in itertools.product(SUBJECTS[:4], DUNDERS[:12], DUNDERS[6:9])
    ]
    return [*chains, *reached, *modules, *formats]


WRITTEN = [*PUBLISHED.values(), *FILES, *PROCESSES, *NETWORK, *INSIDE]
