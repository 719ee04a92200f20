"""The modules that code may import: there are no files in the machine, so all of them are loaded when it is built."""

# One line for each purpose; docs/code.md lists them, and a test uses each.
NAMES = """
_strptime abc array ast asyncio base64 binascii bisect calendar cmath codecs collections collections.abc colorsys
concurrent.futures configparser contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib email
email.header email.message email.mime.multipart email.mime.text email.parser email.policy email.utils encodings.ascii
encodings.base64_codec encodings.cp1250 encodings.cp1251 encodings.cp1252 encodings.cp437 encodings.cp850
encodings.hex_codec encodings.idna encodings.iso8859_1 encodings.iso8859_15 encodings.latin_1 encodings.punycode
encodings.rot_13 encodings.utf_16 encodings.utf_16_be encodings.utf_16_le encodings.utf_32 encodings.utf_7
encodings.utf_8 encodings.utf_8_sig enum errno fnmatch fractions functools gc graphlib gzip hashlib heapq hmac html
html.entities html.parser http importlib importlib.resources inspect io ipaddress itertools json keyword linecache
locale logging math mimetypes numbers operator os os.path pathlib pickle plistlib pprint queue quopri random re
reprlib sched secrets shlex sqlite3 statistics string string.templatelib stringprep struct symtable sys tempfile
textwrap threading time timeit token tokenize tomllib traceback types typing unicodedata unittest urllib.error
urllib.parse uuid warnings weakref xml.dom.expatbuilder xml.dom.minidom xml.etree.ElementTree xml.sax.saxutils zipfile
zlib zoneinfo
""".split()
