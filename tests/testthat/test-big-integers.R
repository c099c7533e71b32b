# Integers beyond R's: their text and their nearest double, as Python has them.

test_that("text and number of integers of any size", {
  require_python()
  path <- withr::local_tempfile(fileext = ".pkl")
  run_python(paste(sep = "\n",
    "import pathlib, pickle, random, sys",
    "if hasattr(sys, 'set_int_max_str_digits'): sys.set_int_max_str_digits(0)",
    "rng = random.Random(1)",
    "numbers = [s * (2**k + d) for k in (64, 96, 128, 200, 1000) for d in (-1, 0, 1, 2**(k - 53),",
    "           2**(k - 54) * 3, 2**(k - 53) + 1) for s in (1, -1)]",
    "numbers += [rng.randrange(2**rng.randint(64, 1020)) + 2**64 for _ in range(300)]",
    "numbers.append(-7**118329)",  # of 100,000 digits
    "def number(x):",
    "    try: return float(x)",
    "    except OverflowError: return float('-inf') if x < 0 else float('inf')",
    "value = {'n': [[x] for x in numbers], 's': [str(x) for x in numbers],",
    "         'd': [number(x) for x in numbers]}",
    "pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps(value))"
  ), path)
  x <- read_pickle(path)
  whole <- lapply(x$n, `[[`, 1L)
  expect_identical(vapply(whole, as.character, ""), x$s)
  expect_identical(vapply(whole, as.numeric, 0), x$d)
  expect_identical(nchar(x$s[[length(x$s)]]), 100001L)
})
