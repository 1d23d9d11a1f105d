"""A file full of defects, by which flake8 shows that rules of pycodestyle or pyflakes are enabled.

Each of their common rules has a defect in it, so that a configuration of which none shows enables
next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

NAME = "canary.py"

_MANY_WAYS = "".join(f"    if one == {number}:\n        return {number}\n" for number in range(40))
_LONG = f'long = "{"x" * 2000}"'

TEXT = f"""import os, sys
import re as re
from json import *
from os import path
import _thread
def near(one,two = 1):
  l = 1
  unused = undefined_name
  return( 1 )
class Empty():

    def method(self):
        return f"nothing"
    def method(self):
        pass
x=1
y  = 1
z =  [1 , 2]
if x == None or y != True: pass
if not x in z: pass
if not x is None: pass
if type(x) == type(y): pass
if x is "text":
    pass
try:
    pass
except:
    pass
name = lambda: 0
#comment
w = 1 # comment
u = "\\d"; v = 2;
t = {{ "a": 1, "a": 2 }}
s = "%s %s" % (1,)
r = "{{}} {{}}".format(1)
assert (x, "always")
print (x [0])
q = x+ 1
p = near(1, two = 2)
o = 1 \\
    + 2
{_LONG}
def ways(one):
{_MANY_WAYS}

def tabs():
\treturn 1
def after(): return locals
import late
n = [
  1,
    2]
m = 1 \t
\t

""".encode()
"""The file."""


def proving(codes: Iterable[str]) -> frozenset[str]:
    """Those of the codes that are rules of pycodestyle, pyflakes or mccabe."""
    rules = (code for code in codes if code.startswith(("E", "F", "W", "C9")))
    return frozenset(code for code in rules if not code.startswith("E9"))
