"""Python code: the whole language, the modules of docs/code.md, what goes in, what comes out, and how it fails."""

# ruff: noqa: E501 - programs with their values read best as dense tables

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wingbeat.sandbox.build import SOURCES
from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from tests.sandbox.conftest import Trial

    from wingbeat.core.json_value import Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

LANGUAGE: dict[str, tuple[str, Json]] = {
    "classes": ("class A:\n    def __init__(self, x): self.x = x\n    @property\n    def y(self): return self.x * 2\nA(2).y", 4),
    "inheritance": (
        "class A:\n    def f(self): return 'a'\nclass B(A):\n    def f(self): return super().f() + 'b'\nB().f()",
        "ab",
    ),
    "generators": ("def g():\n    x = yield 1\n    yield from (x, 3)\ni = g()\n[next(i), i.send(2), next(i)]", [1, 2, 3]),
    "comprehensions": ("[{k: v for k, v in [(x, x * x)]} for x in range(3) if x % 2]", [{"1": 1}]),
    "closures": ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n        return n\n    return g\ng = f()\n[g(), g()]", [1, 2]),
    "decorators": ("def twice(f): return lambda x: f(f(x))\n@twice\ndef add(x): return x + 1\nadd(1)", 3),
    "context managers": (
        "from contextlib import contextmanager\n@contextmanager\ndef c():\n    yield 5\nwith c() as x:\n    y = x\ny",
        5,
    ),
    "exceptions": ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    r = str(e)\nelse:\n    r = ''\nfinally:\n    r += '!'\nr", "division by zero!"),
    "exception groups": ("r = []\ntry:\n    raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\nexcept* ValueError as g:\n    r.append(len(g.exceptions))\nexcept* KeyError:\n    r.append('k')\nr", [1, "k"]),
    "match": ("match input:\n    case {'a': [x, *_]}: r = x\n    case _: r = None\nr", 1),
    "walrus": ("[y for x in range(4) if (y := x * x) > 1]", [4, 9]),
    "f-strings": ("f'{input[\"a\"][0]:>3}|{1.5!r}'", "  1|1.5"),
    "async": ("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x\nawait asyncio.gather(f(1), f(2))", [1, 2]),
    "asyncio.run": ("import asyncio\nasync def f():\n    async with asyncio.timeout(5):\n        return 7\nasyncio.run(f())", 7),
    "async generators": ("async def g():\n    for i in range(3): yield i\n[i async for i in g()]", [0, 1, 2]),
    "metaclasses": ("class M(type):\n    def __call__(cls): return 'made'\nclass A(metaclass=M): pass\nA()", "made"),
    "generics": ("def first[T](xs: list[T]) -> T: return xs[0]\ntype L = list[int]\nfirst([1])", 1),
    "descriptors": ("class D:\n    def __get__(self, o, t): return 'd'\nclass A:\n    x = D()\nA().x", "d"),
    "eval and exec": ("exec('z = 2')\neval('z + 1')", 3),
    "big integers": ("2 ** 200 % 1000007", pow(2, 200, 1000007)),
    "slices": ("list(range(10))[8:2:-3]", [8, 5]),
    "star arguments": ("def f(*a, k=1, **o): return [a, k, o]\nf(1, *[2], k=3, z=4)", [[1, 2], 3, {"z": 4}]),
    "a name assigned in code that returns": ("n = 0\ndef f():\n    global n\n    n += 1\nf()\nreturn n", 1),
    "await and return": ("import asyncio\nx = await asyncio.sleep(0, 3)\nreturn x", 3),
    "return in a branch": ("if input:\n    for x in [1, 2]:\n        if x > 1: return x\nreturn None", 2),
}  # fmt: skip

# What each module gives, so that a list of modules is no promise without proof.
MODULES: dict[str, tuple[str, Json]] = {
    "abc": ("abc.ABC.__name__", "ABC"), "array": ("list(array.array('i', [1]))", [1]), "ast": ("ast.literal_eval('[1]')", [1]),
    "asyncio": ("asyncio.run(asyncio.sleep(0, 1))", 1), "base64": ("base64.b64encode(b'x').decode()", "eA=="),
    "binascii": ("binascii.crc32(b'x')", 2363233923), "bisect": ("bisect.bisect([1, 2], 1)", 1), "calendar": ("calendar.isleap(2024)", True),
    "cmath": ("cmath.sqrt(-1).imag", 1.0), "codecs": ("codecs.encode('a', 'rot13')", "n"), "collections": ("collections.Counter('aab')", {"a": 2, "b": 1}),
    "collections.abc": ("isinstance([], collections.abc.Sequence)", True), "colorsys": ("colorsys.rgb_to_hsv(0, 0, 0)", [0.0, 0.0, 0]),
    "configparser": ("c = configparser.ConfigParser()\nc.read_string('[a]\\nb=1')\nc['a']['b']", "1"),
    "contextlib": ("contextlib.suppress().__class__.__name__", "suppress"), "contextvars": ("contextvars.ContextVar('x', default=1).get()", 1),
    "copy": ("copy.deepcopy([1])", [1]), "csv": ("import io\nlist(csv.reader(io.StringIO('a,b')))", [["a", "b"]]),
    "dataclasses": ("@dataclasses.dataclass\nclass P:\n    x: int\nP(1)", {"x": 1}), "datetime": ("datetime.date(2026, 1, 2)", "2026-01-02"),
    "decimal": ("decimal.Decimal('0.1') + decimal.Decimal('0.2')", 0.3), "difflib": ("difflib.get_close_matches('ab', ['abc'])", ["abc"]),
    "email.message": ("m = email.message.EmailMessage()\nm['To'] = 'a@b.c'\nm['To']", "a@b.c"), "email.utils": ("email.utils.parseaddr('A <a@b.c>')", ["A", "a@b.c"]),
    "enum": ("class E(enum.Enum):\n    A = 1\nE.A", 1), "fnmatch": ("fnmatch.fnmatch('a.py', '*.py')", True), "fractions": ("str(fractions.Fraction(1, 3) * 2)", "2/3"),
    "functools": ("functools.reduce(lambda a, b: a + b, [1, 2])", 3), "graphlib": ("list(graphlib.TopologicalSorter({1: [2]}).static_order())", [2, 1]),
    "gzip": ("gzip.decompress(gzip.compress(b'x')).decode()", "x"), "hashlib": ("hashlib.sha256(b'').hexdigest()[:8]", "e3b0c442"), "heapq": ("heapq.nsmallest(1, [2, 1])", [1]),
    "hmac": ("hmac.new(b'k', b'm', 'sha256').hexdigest()[:6]", "b60090"), "html": ("html.escape('<')", "&lt;"), "html.parser": ("html.parser.HTMLParser().rawdata", ""),
    "http": ("int(http.HTTPStatus.OK)", 200), "inspect": ("str(inspect.signature(lambda a: 1))", "(a)"), "io": ("io.StringIO('x').read()", "x"),
    "ipaddress": ("ipaddress.ip_address('10.0.0.1').is_private", True), "itertools": ("list(itertools.batched('abc', 2))", [["a", "b"], ["c"]]),
    "json": ("json.loads('[1]')", [1]), "keyword": ("keyword.iskeyword('if')", True), "logging": ("logging.getLogger('x').name", "x"),
    "math": ("math.isclose(math.pi, 3.14159, abs_tol=1e-4)", True), "mimetypes": ("mimetypes.guess_type('a.json')[0]", "application/json"),
    "numbers": ("isinstance(1, numbers.Number)", True), "operator": ("operator.itemgetter(1)([1, 2])", 2), "pathlib": ("str(pathlib.PurePath('a') / 'b')", "a/b"),
    "pickle": ("pickle.loads(pickle.dumps([1]))", [1]), "plistlib": ("plistlib.loads(plistlib.dumps({'a': 1}))", {"a": 1}), "pprint": ("pprint.pformat([1])", "[1]"),
    "queue": ("q = queue.Queue()\nq.put(1)\nq.get()", 1), "quopri": ("quopri.encodestring(b'=').decode()", "=3D"), "random": ("random.seed(1)\nrandom.randint(1, 9) > 0", True),
    "re": (r"re.sub(r'(\d+)', r'<\1>', 'a1')", "a<1>"), "secrets": ("len(secrets.token_hex(8))", 16), "shlex": ("shlex.split('a \"b c\"')", ["a", "b c"]),
    "sqlite3": ("sqlite3.connect(':memory:').execute('SELECT 1 + 1').fetchone()", [2]), "statistics": ("statistics.median([1, 2, 9])", 2),
    "string": ("string.Template('$a').substitute(a=1)", "1"), "struct": ("list(struct.unpack('<H', b'\\x01\\x00'))", [1]), "textwrap": ("textwrap.dedent('  x')", "x"),
    "time": ("time.gmtime(0).tm_year", 1970), "tomllib": ("tomllib.loads('a = 1')", {"a": 1}), "traceback": ("traceback.format_exception_only(ValueError(1))", ["ValueError: 1\n"]),
    "types": ("types.SimpleNamespace(a=1).a", 1), "typing": ("typing.get_args(list[int])[0].__name__", "int"), "unicodedata": ("unicodedata.name('ä')", "LATIN SMALL LETTER A WITH DIAERESIS"),
    "urllib.parse": ("urllib.parse.urlencode({'a': 'b c'})", "a=b+c"), "uuid": ("uuid.uuid5(uuid.NAMESPACE_DNS, 'a')", "4f3f2898-69e3-5a0d-820a-c4e87987dbce"), "weakref": ("weakref.WeakValueDictionary().__len__()", 0),
    "xml.etree.ElementTree": ("xml.etree.ElementTree.fromstring('<a b=\"1\"/>').get('b')", "1"), "xml.dom.minidom": ("xml.dom.minidom.parseString('<a/>').documentElement.tagName", "a"),
    "zipfile": ("import io\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w') as z: z.writestr('a', 'x')\nzipfile.ZipFile(b).namelist()", ["a"]), "zlib": ("zlib.decompress(zlib.compress(b'x')).decode()", "x"),
    "zoneinfo": ("import datetime\ndatetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))", "2026-07-01T00:00:00+02:00"),
}  # fmt: skip


@pytest.mark.parametrize("what", LANGUAGE)
async def test_language(what: str, trial: Trial) -> None:
    """The whole language is there."""
    code, expected = LANGUAGE[what]
    assert expected == await trial.python(code, input={"a": [1, 2]})


@pytest.mark.parametrize("module", MODULES)
async def test_module_works(module: str, trial: Trial) -> None:
    """Each module that can be imported does its work."""
    code, expected = MODULES[module]
    assert expected == await trial.python(f"import {module}\n{code}")


async def test_every_module_of_the_list_can_be_imported(trial: Trial) -> None:
    """The list that the machine is built from is what code can import, and nothing of it is missing."""
    space: dict[str, list[Json]] = {}
    exec((SOURCES / "guest_modules.py").read_text(), space)  # noqa: S102 - our own file
    names = space["NAMES"]
    found = await trial.python(
        "import importlib\nreturn [importlib.import_module(name).__name__ for name in input]", input=names
    )
    assert isinstance(found, list)
    assert len(names) == len(found)
    assert set(MODULES) <= set(map(str, names))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("input", {"x": 1}),
        ("other", [1]),
        ("def main(input): return input['x']", 1),
        ("def main(whatever): return whatever['x']", 1),
        ("def main(other, x=5): return [other, x]", [[1], 5]),
        ("def main(): return 'nothing'", "nothing"),
        ("async def main(other): return other", [1]),
        ("def main(*a, **k): return [list(a), k]", [[], {}]),
        ("x = 1", None),
        ("# nothing", None),
        ("return", None),
        ("'''docstring'''", "docstring"),
        ("from __future__ import annotations\nreturn 1", 1),
    ],
)
async def test_what_goes_in_and_out(code: str, expected: Json, trial: Trial) -> None:
    """The value is what is returned, what main returns, or the last line; main gets values by their names."""
    assert expected == await trial.python(code, input={"x": 1}, other=[1])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("(1, {2})", [1, [2]]),
        ("{1: 'a', None: 'b', True: 'c'}", {"1": "c", "null": "b"}),
        ("import decimal\n[decimal.Decimal('1.50'), decimal.Decimal('3')]", [1.5, 3]),
        ("import datetime\n[datetime.time(1, 2), datetime.datetime(2026, 1, 2, 3)]", ["01:02:00", "2026-01-02T03:00:00"]),
        ("10 ** 30", 10**30),
        ("'ä\\u2028\\U0001F600'", "ä\u2028\U0001f600"),
        ("1.5e300", 1.5e300),
    ],
)  # fmt: skip
async def test_values_become_json(code: str, expected: Json, trial: Trial) -> None:
    """What JSON does not know becomes what stands for it."""
    assert expected == await trial.python(code)


@pytest.mark.parametrize(
    "code",
    ["float('nan')", "float('inf')", "object()", "b'x'", "lambda: 1", "x = []\nx.append(x)\nx", "{(1,): 2}", "'\\ud800'", "'\\0'", "1j",
     "10 ** 5000", "print"],
)  # fmt: skip
async def test_what_is_no_json_is_refused(code: str, trial: Trial) -> None:
    """A value that cannot become JSON is an error that says why."""
    error = await trial.fails("python", code)
    assert error.code == "CODE_OUTPUT_NOT_JSON"
    assert error.remedy


async def test_value_that_is_nested_too_deeply_is_refused(trial: Trial) -> None:
    """Whether its encoder or its machine gives up: the error names the depth."""
    error = await trial.fails("python", "x = 1\nfor _ in range(100000): x = [x]\nx")
    assert error.code in {"CODE_OUTPUT_NOT_JSON", "CODE_RECURSION"}


async def test_exception_shows_the_users_own_lines(trial: Trial) -> None:
    """Type, message, line and the way through the code, without the frames around it."""
    error = await trial.fails("python", "def f(x):\n    return x['a']\n\n\nreturn f({})")
    assert error.code == "CODE_ERROR"
    assert error.message == "The code raised KeyError: 'a' (line 2)."
    assert ["KeyError", "'a'", 2] == [error.details[name] for name in ("type", "message", "line")]
    stack = str(error.details["stack"])
    assert 'File "code.py", line 5, in __code__' in stack
    assert "return x['a']" in stack
    assert "guest" not in stack


async def test_chained_exceptions_show_their_cause(trial: Trial) -> None:
    """What an exception was raised from stands before it."""
    error = await trial.fails(
        "python", "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('no') from e"
    )
    assert "ZeroDivisionError" in str(error.details["stack"])
    assert "direct cause" in str(error.details["stack"])


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [("x = = 1", 1, 5), ("a = 1\nif a\n  b", 2, 5), ("def f(:\n  pass", 1, 7), ("x = 1\n  y = 2", 2, 2), ("'abc", 1, 1), ("break", 1, 1), ("return (", 1, 8)],
)  # fmt: skip
async def test_syntax_error_shows_its_place(code: str, line: int, column: int, trial: Trial) -> None:
    """A syntax error names line and column of the code as it was written."""
    error = await trial.fails("python", code)
    assert error.code == "CODE_SYNTAX_ERROR"
    assert [line, column] == [error.details["line"], error.details["column"]]


async def test_syntax_error_of_code_in_code_is_an_exception(trial: Trial) -> None:
    """What the code itself compiles is the code's business."""
    assert (await trial.fails("python", "compile('x = = 1', 'other', 'exec')")).code == "CODE_ERROR"


async def test_print_writes_to_the_log(trial: Trial) -> None:
    """Lines come as they are printed, an unfinished one at the end; errors' ones too."""
    await trial.python(
        "import sys\nprint('a', 1)\nprint('b\\nc', end='')\nprint('d', file=sys.stderr)\nsys.stdout.write('e')"
    )
    assert ["a 1", "b", "cd", "e"] == trial.lines


async def test_log_of_code_that_fails_is_kept(trial: Trial) -> None:
    """What was printed before an exception, or before time was up, is in the log."""
    await trial.fails("python", "print('before')\n1 / 0")
    assert ["before"] == trial.lines
    await trial.fails("python", "print('before')\nwhile True: pass", CodeLimits(time_seconds=0.3))
    assert ["before"] == trial.lines


async def test_machines_share_nothing(trial: Trial) -> None:
    """What one run leaves behind, another does not find."""
    await trial.python("import builtins, json, sys\nbuiltins.left = 1\njson.dumps = None\nsys.modules['left'] = sys")
    assert [False, True, False] == await trial.python(
        "import builtins, json, sys\n[hasattr(builtins, 'left'), callable(json.dumps), 'left' in sys.modules]"
    )


async def test_randomness_is_fresh(trial: Trial) -> None:
    """Machines are copies of one, but draw different numbers."""
    code = "import random, uuid, secrets, os\n[random.random(), str(uuid.uuid4()), secrets.token_hex(8), os.urandom(8).hex()]"
    first, second = await trial.python(code), await trial.python(code)
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert set(map(str, first)).isdisjoint(map(str, second))
