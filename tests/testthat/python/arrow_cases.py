"""Pickles of what pyarrow has, by itself and inside of pandas' objects, each with the R
expression for what it is in R, a JSON object a line.

usage: arrow_cases.py [all] > cases.jsonl

Without "all": a choice that covers each type, each form and each protocol; that is
fixtures/arrow/cases.jsonl.xz, by pandas 2.3 and pyarrow 25."""
import datetime
import decimal
import json
import math
import pickle
import sys

import pandas as pd
import pyarrow as pa

pd.options.future.infer_string = True  # as pandas 3

DAY = datetime.date(1970, 1, 1)
HOURS = {"+02:00": "Etc/GMT-2", "-03:00": "Etc/GMT+3", "+01:30": "UTC", None: "UTC"}


def number(x):
    if x is None:
        return "NA_real_"
    if math.isnan(x):
        return "NaN"
    return ("-Inf" if x < 0 else "Inf") if math.isinf(x) else float(x).hex()


def quoted(text):
    return "NA_character_" if text is None else json.dumps(text, ensure_ascii=False)


def vector(items, empty):
    return f"c({', '.join(items)})" if items else empty


def numbers(items):
    return vector([number(x) for x in items], "numeric()")


def integers(array, unit):
    """Counts of a unit, in seconds."""
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    width = pa.int64() if array.type.bit_width == 64 else pa.int32()
    return [None if x is None else x / per for x in array.cast(width).to_pylist()]


def in_r(array):
    """The R expression for an Array or a ChunkedArray."""
    t = array.type
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], t)
    if pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t) \
            or pa.types.is_map(t) or t.id in (pa.lib.Type_LIST_VIEW, pa.lib.Type_LARGE_LIST_VIEW):
        inner = pa.struct([("key", t.key_type), ("value", t.item_type)]) \
            if pa.types.is_map(t) else t.value_type
        lists = [x.as_py() if x.is_valid else None for x in array]
        if pa.types.is_map(t):
            lists = [x and [{"key": k, "value": v} for k, v in x] for x in lists]
        return vector(["NULL" if x is None else in_r(pa.array(x, inner)) for x in lists],
                      "list()").replace("c(", "list(", 1)
    if pa.types.is_struct(t):
        columns = [f"{t.field(i).name} = {in_r(x)}" for i, x in enumerate(array.flatten())]
        return frame(columns, len(array))
    if pa.types.is_dictionary(t):
        chunks = [array]
        levels = []
        for x in (x for c in chunks for x in c.dictionary.to_pylist()):
            if x is not None and x not in levels:
                levels.append(x)
        text = str if not pa.types.is_floating(t.value_type) else lambda x: f"{x:g}"
        values = [None if x is None else text(x) for x in array.to_pylist()]
        return (f"factor({vector([quoted(x) for x in values], 'character()')}, "
                f"{vector([quoted(text(x)) for x in levels], 'character()')}, "
                f"ordered = {'TRUE' if t.ordered else 'FALSE'})")
    if pa.types.is_timestamp(t):
        zone = HOURS.get(t.tz, t.tz)
        return f".POSIXct({numbers(integers(array, t.unit))}, {quoted(zone)})"
    if pa.types.is_time(t) or pa.types.is_duration(t):
        return f".difftime({numbers(integers(array, t.unit))}, 'secs')"
    values = array.to_pylist()
    if pa.types.is_null(t):
        return f"rep(NA, {len(values)})"
    if pa.types.is_boolean(t):
        return vector(["NA" if x is None else str(x).upper() for x in values], "logical()")
    if pa.types.is_integer(t):
        if t.bit_width == 64 or t == pa.uint32():
            return numbers(values)
        return vector(["NA_integer_" if x is None else f"{x}L" for x in values],
                      "integer()")
    if pa.types.is_floating(t) or pa.types.is_decimal(t):
        return numbers(values)
    if pa.types.is_date(t):
        days = [None if x is None else (x - DAY).days for x in values]
        return f".Date({numbers(days)})"
    if pa.types.is_string(t) or pa.types.is_large_string(t) or t == pa.string_view():
        return vector([quoted(x) for x in values], "character()")
    if values and all(x is None for x in values):  # as columns of objects
        return f"rep(NA, {len(values)})"
    raws = ["NULL" if x is None else f"as.raw({vector([str(b) for b in x], 'raw()')})"
            for x in values]
    return vector(raws, "list()").replace("c(", "list(", 1)


def frame(columns, rows, names=None):
    labels = f".set_row_names({rows})" if names is None else names
    return (f"structure(list({', '.join(columns)}), class = 'data.frame', "
            f"row.names = {labels}{'' if columns else ', names = character()'})")


TEXTS = ["", "a", "zwölf Zeichen", "日本", "a text beyond twelve bytes", "NA", "é" * 40,
         "b", "a", "", "last"]
MOMENTS = [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2020, 2, 29)]
MOMENTS = (MOMENTS + [datetime.datetime(1900 + 20 * i, 1 + i, 3, i) for i in range(11)])[:11]
BYTES = [x.encode() for x in TEXTS]
D = decimal.Decimal


def types():
    """Each type with eleven values: bitmaps need more than a byte."""
    yield pa.bool_(), [i % 3 == 0 for i in range(11)]
    for bits in (8, 16, 32, 64):
        yield getattr(pa, f"int{bits}")(), [-1, 0, 1, 100, 1 - 2**(bits - 1) // 2**11] + list(range(6))
        yield getattr(pa, f"uint{bits}")(), [2**bits - 1 if bits < 64 else 2**53] + list(range(10))
    for t in (pa.float16(), pa.float32(), pa.float64()):
        yield t, [0.0, -0.5, 1.5, math.nan, math.inf, -math.inf, 2.0, 0.25, 1e4, 8.0, 9.0]
    for t in (pa.string(), pa.large_string(), pa.string_view()):
        yield t, TEXTS
    for t in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield t, BYTES
    yield pa.binary(3), [bytes([i, 0, 255 - i]) for i in range(11)]
    for t in (pa.decimal128(9, 2), pa.decimal256(40, 2), pa.decimal32(9, 2), pa.decimal64(12, 2)):
        yield t, [D(i * 137 - 300) / 100 for i in range(11)]
    yield pa.decimal128(38, 20), [D("1e-20"), D("-0.5")] + [D(i) / 8 for i in range(9)]
    yield pa.date32(), [x.date() for x in MOMENTS]
    yield pa.date64(), [x.date() for x in MOMENTS]
    for t in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")):
        yield t, [datetime.time(i, 59 - i, i) for i in range(11)]
    for unit in ("s", "ms", "us", "ns"):
        whole = [x.replace(microsecond=0) for x in MOMENTS]
        yield pa.timestamp(unit), whole if unit == "s" else [
            x.replace(microsecond=x.microsecond // 1000 * 1000) for x in MOMENTS]
        yield pa.duration(unit), [datetime.timedelta(days=i, seconds=-7 * i) for i in range(11)]
    for zone in ("UTC", "Europe/Paris", "+02:00", "-03:00", "+01:30"):
        yield pa.timestamp("us", zone), [x.replace(tzinfo=datetime.timezone.utc) for x in MOMENTS]
    yield pa.null(), [None] * 11
    for codes in (pa.int8(), pa.uint8(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()):
        yield pa.dictionary(codes, pa.string(), codes == pa.int8()), TEXTS
    yield pa.dictionary(pa.int32(), pa.int64()), [i % 4 for i in range(11)]
    yield pa.dictionary(pa.int16(), pa.large_string()), TEXTS
    numbers_ = [[1, 2], [], [3], [4, 5, 6], [7], [], [None, 8], [9], [10], [11], [12]]
    texts = [["a"], [], ["b", None], ["c" * 20]] + [["d"]] * 7
    for t in (pa.list_(pa.int64()), pa.large_list(pa.int32()), pa.list_view(pa.int64()),
              pa.large_list_view(pa.int16())):
        yield t, numbers_
    yield pa.list_(pa.string()), texts
    yield pa.list_(pa.float64(), 2), [[i, None if i == 3 else -i] for i in range(11)]
    yield pa.list_(pa.list_(pa.string())), [[x, []] for x in texts]
    yield pa.list_(pa.timestamp("us")), [[x] for x in MOMENTS]
    yield pa.list_(pa.bool_()), [[True, None, False]] * 11
    records = [{"a": i, "s": None if i == 2 else str(i), "b": i > 3} for i in range(11)]
    record = pa.struct([("a", pa.int64()), ("s", pa.string()), ("b", pa.bool_())])
    yield record, records
    yield pa.struct([("rec", record), ("d", pa.date32())]), [
        {"rec": x, "d": MOMENTS[i].date()} for i, x in enumerate(records)]
    yield pa.struct([("l", pa.list_(pa.int8()))]), [{"l": [i] * (i % 3)} for i in range(11)]
    yield pa.list_(record), [records[:i % 4] for i in range(11)]
    yield pa.map_(pa.string(), pa.int32()), [[(str(j), j) for j in range(i % 3)] for i in range(11)]


def make(t, values):
    if pa.types.is_dictionary(t):
        return pa.array(values, t.value_type).dictionary_encode().cast(t)
    return pa.array(values, t)


def variants(t, values):
    nulls = [None if i in (1, 8) else x for i, x in enumerate(values)]
    yield "full", make(t, values)
    yield "nulls", make(t, nulls)
    yield "none", make(t, [None] * 3)
    yield "empty", make(t, [])
    yield "slice", make(t, nulls)[3:9]
    yield "slice_full", make(t, values)[2:10]
    parts = [make(t, nulls[:4]), make(t, []), make(t, nulls[4:])[1:]]
    if not pa.types.is_dictionary(t):
        yield "chunks", pa.chunked_array(parts, t)
        yield "no_chunks", pa.chunked_array([], t)


def inside(name, array):
    """What an array may be a part of."""
    t, n = array.type, len(array)
    r = in_r(array)
    yield name, array, r
    many = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    both = [f"x = {numbers(range(n))}", f"y = {r}"]
    yield "table " + name, pa.table({"x": pa.array([float(i) for i in range(n)], pa.float64()), "y": many}), \
        frame(both, n)
    if not isinstance(array, pa.ChunkedArray):
        yield "batch " + name, pa.record_batch({"y": array}), frame([f"y = {r}"], n)
        # structures that are missing take their fields along
        mask = pa.array([i % 5 == 4 for i in range(n)], pa.bool_())
        record = pa.StructArray.from_arrays([array], names=["f"], mask=mask)
        yield "struct " + name, record, in_r(record)
        yield "struct slice " + name, record[2:], in_r(record[2:])
    try:
        wrapped = pd.array(array.to_pylist(), dtype=pd.ArrowDtype(t))
        extension = type(wrapped)(array)
    except Exception:  # no pandas type for it
        return
    yield "series " + name, pd.Series(extension), r
    yield "frame " + name, pd.DataFrame({"x": [float(i) for i in range(n)], "y": extension}), \
        frame(both, n)


def others():
    texts = ["a", None, "é"]
    r = 'c("a", NA, "é")'
    for dtype in ("str", pd.StringDtype("pyarrow"), pd.ArrowDtype(pa.large_string())):
        s = pd.Series(texts, dtype=dtype)
        dtype = repr(dtype)
        yield f"series {dtype}", s, r
        yield f"frame {dtype}", pd.DataFrame({"t": s, "n": [1, 2, 3]}), \
            frame([f"t = {r}", "n = c(1, 2, 3)"], 3)
        yield f"index {dtype}", pd.Index(s), r
    yield "row names", pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"]), \
        frame(["x = c(1, 2)"], 2, 'c("a", "b")')
    yield "labels", pd.DataFrame([[1, 2.5]], columns=["ä", "b"]), frame(["ä = 1", "b = 2.5"], 1)
    yield "category", pd.Series(["x", "y", "x", None], dtype="category"), \
        'factor(c("x", "y", "x", NA))'
    yield "category frame", pd.DataFrame({"c": pd.Categorical(["x", "y"], ordered=True)}), \
        frame(['c = factor(c("x", "y"), ordered = TRUE)'], 2)
    labels = pd.Index([7, 5], dtype="int64[pyarrow]")
    yield "integer labels", pd.DataFrame({"x": [1.0, 2.0]}, index=labels), \
        frame(["x = c(1, 2)"], 2, 'c("7", "5")')
    yield "no columns", pa.table({}), frame([], 0)
    x = pa.array(["a", "b", "a"]).dictionary_encode()
    y = pa.array(["b", "c", None]).dictionary_encode()
    yield "dictionaries differ", pa.chunked_array([x, y]), \
        'factor(c("a", "b", "a", "b", "c", NA), c("a", "b", "c"))'
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3]), pa.array(["a", None, "a", "b"]))
    yield "dictionary with a null", odd, 'factor(c("a", NA, "a", "b"))'
    yield "shared", [x, x], 'list(factor(c("a", "b", "a")), factor(c("a", "b", "a")))'
    yield "twice in a table", pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), \
        frame(["a = 1", "a = 2"], 1)
    digits = [D("12345678901234567.89"), D("0.1"), None, D("9007199254740992")]
    yield "rounded", pa.table({"d": pa.array(digits, pa.decimal128(38, 2))}), \
        frame([f"d = {numbers([x and float(x) for x in digits])}"], 4)
    yield "17 digits that are a double", pa.array([D(2**53), D(2**60)]), numbers([2**53, 2**60])
    huge = [D(10)**75, -D(3) * D(10)**40]
    yield "decimal256 huge", pa.array(huge, pa.decimal256(76, 0)), numbers(huge)
    yield "NUL inside", pa.array(["a\0b", "c", None]), \
        'list(structure(list(), class = "python_object"), "c", NULL)'
    yield "inert union", pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]), ""
    yield "inert interval", pa.array([(1, 2, 3)], pa.month_day_nano_interval()), ""
    ends = pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([7]))
    yield "inert run ends", ends, ""
    yield "inert extension", pa.array([b"0123456789abcdef"], pa.uuid()), ""
    yield "a foreign column", pa.table({"x": [1, 2], "u": pa.array([(1, 2, 3), None],
                                                                  pa.month_day_nano_interval())}), ""
    yield "inert in a list", pa.array([[(1, 2, 3)]], pa.list_(pa.month_day_nano_interval())), ""
    deep = pa.array([[[[[1]]]]])
    yield "deep", deep, "list(list(list(list(1))))"


def all_cases():
    """Lists of (name, value, R): what differs only by what is around it."""
    for t, values in types():
        for form, array in variants(t, values):
            yield list(inside(f"{t} {form}", array))
    for case in others():
        yield [case]


def main():
    everything = sys.argv[1:] == ["all"]
    for i, cases in enumerate(all_cases()):
        for j, (name, value, r) in enumerate(cases):
            for protocol in (2, 4, 5):
                chosen = len(cases) == 1 or (i % len(cases) == j and i % 5 != 4)
                if everything or (chosen and (i + j) % 3 == (2, 4, 5).index(protocol)):
                    data = pickle.dumps(value, protocol)
                    print(json.dumps({"name": name, "protocol": protocol, "r": r,
                                      "pickle": data.hex()}))


main()
