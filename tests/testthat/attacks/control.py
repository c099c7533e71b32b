"""Runs the harmless attacks, each in a folder of its own: prints the names of those that
left the marker. Usage: python3 control.py FOLDER_OF_PICKLES NAME...
"""
import os
import pickle
import sys
import tempfile

folder = os.path.abspath(sys.argv[1])
for name in sys.argv[2:]:
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        with open(os.path.join(folder, name + ".pickle"), "rb") as file:
            try:
                pickle.load(file)
            except Exception:
                pass
        if os.path.exists("PWNED_BY_PICKLE"):
            print(name)
        os.chdir("/")
