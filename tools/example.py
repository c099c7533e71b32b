"""Writes inst/extdata/example.mmdpickle with the Python library mmappickle (1.0.1).

Usage: PYTHONPATH=<the library> python3 tools/example.py inst/extdata/example.mmdpickle
and then, so that NumPy 2.3 and newer load it, too, in R:
       vacuum(mmapdict("inst/extdata/example.mmdpickle"), upgrade = TRUE)
"""
import os
import sys

import numpy

numpy.float = float  # the library's stubs still use this old name
from mmappickle import mmapdict

path = sys.argv[1]
if os.path.exists(path):
    os.remove(path)
rows, columns, bands = 8, 10, 12
wavelengths = numpy.linspace(450.0, 890.0, bands)          # nm
i, j, k = numpy.meshgrid(numpy.arange(rows), numpy.arange(columns), wavelengths, indexing="ij")
# Vegetation in the middle of the scene: a red edge at 700 nm; bare soil around it.
plant = numpy.exp(-((i - 3.5) ** 2 + (j - 4.5) ** 2) / 8)
vegetation = 0.05 + 0.45 / (1 + numpy.exp(-(k - 700) / 15))
soil = 0.10 + 0.25 * (k - 450) / 440
cube = (plant * vegetation + (1 - plant) * soil).astype("float32")
red, near = cube[:, :, 6], cube[:, :, 11]                  # 690 nm and 890 nm
ndvi = (near - red) / (near + red)
elevation = (400 + 2 * numpy.arange(rows * columns).reshape(rows, columns) % 37).astype("int16")

m = mmapdict(path)
m["cube"] = cube
m["wavelengths"] = wavelengths
m["ndvi"] = numpy.ma.masked_array(ndvi.astype("float64"), mask=ndvi < 0.3)
m["elevation"] = elevation
m["labels"] = ["soil", "grass", "tree"]
m["metadata"] = {"instrument": "simulated", "units": "reflectance", "rows": rows,
                 "columns": columns, "calibrated": True, "gain": 1.25}
m["draft"] = "a value that was deleted again"
del m["draft"]
