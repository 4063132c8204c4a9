# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy's Gaussians for bench/gauss.c: reads lines "GENERATOR BLOCK", fills a block of doubles
FILLS times by Generator(GENERATOR).standard_normal, and writes how many seconds of CPU time that
took. Without NumPy it says nothing."""
import sys
import time

try:
    import numpy
except ImportError:
    sys.exit()

FILLS = 16
generators = {name: numpy.random.Generator(getattr(numpy.random, name)(20221))
              for name in ("Philox", "PCG64", "SFC64")}
print("NumPy", numpy.__version__, flush=True)
for line in sys.stdin:
    name, block = line.split()
    out = numpy.empty(int(block))
    fill = generators[name].standard_normal
    begin = time.thread_time()
    for _ in range(FILLS):
        fill(out=out)
    print(time.thread_time() - begin, flush=True)
