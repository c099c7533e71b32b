# Objects of the packages that R users have data in: each comes back as it was, and that package
# works with it.

comes_back <- function(m, x, label = class(x)[[1L]]) {
  m[["k"]] <- x
  expect_identical(m[["k"]], x, label = label)
  m[["list"]] <- list(1, inner = x)
  expect_identical(m[["list"]]$inner, x, label = paste(label, "in a list"))
  m[["k"]]
}

test_that("tables of tibble and data.table come back, and are changed as any other", {
  skip_if_not_installed("tibble")
  skip_if_not_installed("data.table")
  m <- local_store()
  frame <- data.frame(n = c(1.5, 2, NA), f = factor(c("u", "v", "u")), t = .POSIXct(1:3, "UTC"))
  tibble <- comes_back(m, tibble::tibble(frame, l = list(1, "a", NULL)))
  expect_identical(tibble[2:3, ]$l, list("a", NULL))
  table <- data.table::as.data.table(frame)
  data.table::setkey(table, n)
  m[["k"]] <- table
  expect_silent(read <- m[["k"]])
  expect_identical(as.list(read), as.list(table))
  expect_identical(data.table::key(read), "n")
  data.table::set(read, j = "twice", value = 2 * read$n)
  data.table::set(read, 1L, "n", 99)
  data.table::setattr(read, "sorted", NULL)
  data.table::setkey(read, n)
  expect_identical(read$n, sort(c(99, table$n[-1L]), na.last = FALSE))
  expect_identical(m[["k"]]$n, table$n)
  expect_identical(data.table::truelength(m[["k"]]) > 3L, TRUE)
})

test_that("integer64 comes back, and is a view where it is asked for", {
  skip_if_not_installed("bit64")
  m <- local_store(int64 = "integer64")
  x <- bit64::as.integer64(c("9007199254740993", NA, "-1"))
  read <- comes_back(m, x)
  expect_true(is_view(read))
  expect_identical(read + 1L, x + 1L)
  expect_identical(as.character(rev(read)), as.character(rev(x)))
  comes_back(m, data.frame(id = x))
})

test_that("matrices of Matrix come back, and take views", {
  skip_if_not_installed("Matrix")
  m <- local_store()
  sparse <- Matrix::sparseMatrix(c(1, 3, 2), c(1, 1, 4), x = c(1.5, 2, 3), dims = c(3, 4))
  m[["sparse"]] <- sparse
  expect_identical(as.matrix(m[["sparse"]]), as.matrix(sparse))
  dense <- matrix(as.double(1:12), 4)
  for (order in c("C", "F")) {
    m[["dense"]] <- ndarray(dense, order = order)
    expect_identical(sparse %*% m[["dense"]], sparse %*% dense)
    expect_identical(Matrix::Matrix(m[["dense"]]), Matrix::Matrix(dense))
    expect_identical(as.matrix(m[["dense"]]), dense)
  }
})

test_that("features of sf come back with their reference system", {
  skip_if_not_installed("sf")
  m <- local_store()
  points <- sf::st_sfc(sf::st_point(c(8, 47)), sf::st_point(c(7.5, 46)), crs = 4326)
  ring <- matrix(c(0, 0, 1, 0, 1, 1, 0, 0), 4, byrow = TRUE)
  mixed <- sf::st_sfc(sf::st_polygon(list(ring)), sf::st_linestring(ring), sf::st_point(),
                      sf::st_geometrycollection(list(sf::st_point(1:2))), crs = 2056)
  cube <- sf::st_sfc(sf::st_point(1:3), sf::st_multipoint(matrix(as.double(1:6), 2)))
  for (geometry in list(points, mixed, cube, points[[1L]])) comes_back(m, geometry)
  comes_back(m, sf::st_crs(points))
  comes_back(m, sf::st_bbox(points))
  features <- sf::st_sf(name = c("a", "b"), value = c(1.5, 2), geometry = points)
  features$second <- mixed[1:2]
  read <- comes_back(m, features)
  expect_identical(sf::st_crs(read), sf::st_crs(4326))
  expect_identical(sf::st_distance(read), sf::st_distance(features))
  expect_identical(sf::st_transform(read[2, ], 3857), sf::st_transform(features[2, ], 3857))
})

test_that("cubes of stars come back with their dimensions", {
  skip_if_not_installed("stars")
  m <- local_store()
  times <- as.Date("2024-01-01") + 0:3
  dimensions <- stars::st_dimensions(x = 1:2, y = 1:3, time = times)
  cube <- stars::st_as_stars(list(t = array(as.double(1:24), 2:4)), dimensions = dimensions)
  read <- comes_back(m, cube)
  expect_true(is_view(read$t))
  expect_identical(stars::st_get_dimension_values(read, "time"), times)
  expect_identical(read[, 2, , 3:4], cube[, 2, , 3:4])
  expect_identical(stars::st_apply(read, "time", mean), stars::st_apply(cube, "time", mean))
  comes_back(m, sf::st_set_crs(cube, 4326))
})

test_that("terra's rasters are refused, what they wrap to is kept, and they are made of views", {
  skip_if_not_installed("terra")
  m <- local_store()
  values <- matrix(as.double(1:12), 3, byrow = TRUE)
  m[["values"]] <- values
  raster <- terra::rast(m[["values"]])
  expect_identical(terra::as.matrix(raster, wide = TRUE), values)
  vector <- terra::vect(matrix(c(1, 2, 3, 4), 2), crs = "EPSG:4326")
  for (object in list(raster, vector, list(1, raster))) {
    error <- tryCatch(m[["k"]] <- object, error = identity)
    expect_s3_class(error, "mmappickle_error_value")
    expect_match(conditionMessage(error), "r_object(terra::wrap(x))", fixed = TRUE)
    expect_warning(base::invisible(r_object(object)), class = "mmappickle_warning_dropped")
  }
  expect_false(has_key(m, "k"))
  expect_silent(m[["k"]] <- r_object(terra::wrap(raster)))
  read <- terra::unwrap(unserialize_r_object(m[["k"]]))
  expect_identical(terra::as.matrix(read, wide = TRUE), values)
  m[["array"]] <- terra::as.array(raster)
  expect_identical(m[["array"]][, , 1], values)
})

test_that("series of zoo and xts come back with their index, class and zone", {
  skip_if_not_installed("zoo")
  skip_if_not_installed("xts")
  m <- local_store()
  days <- as.Date("2024-01-01") + 0:4
  series <- comes_back(m, zoo::zoo(c(1, 2.5, 3, 4, 5), days))
  expect_identical(zoo::rollmean(series, 2), zoo::rollmean(zoo::zoo(c(1, 2.5, 3, 4, 5), days), 2))
  comes_back(m, zoo::zooreg(1:8, start = 2000, frequency = 4))
  comes_back(m, zoo::as.yearmon("2024-01") + 0:3 / 12)
  comes_back(m, zoo::as.yearqtr(2024) + 0:3 / 4)
  x <- matrix(as.double(1:10), 5, dimnames = list(NULL, c("a", "b")))
  withr::local_timezone("Europe/Zurich")
  indexes <- list(days, .POSIXct(1:5 * 40000, "Europe/Zurich"), .POSIXct(1:5, "UTC"),
                  zoo::as.yearmon(2024 + 0:4 / 12))
  for (index in indexes) {
    made <- xts::xts(x, index, note = "kept")
    read <- comes_back(m, made)
    expect_identical(xts::tclass(read), xts::tclass(made))
    expect_identical(xts::tzone(read), xts::tzone(made))
    expect_identical(xts::xtsAttributes(read), list(note = "kept"))
    expect_identical(merge(read, read[2:3]), merge(made, made[2:3]))
    expect_identical(rbind(read, made[5]), rbind(made, made[5]))
    read[2, 1] <- 99
    expect_identical(as.double(read[2, 1]), 99)
  }
  comes_back(m, xts::xts(c("u", "v"), days[1:2]))
})

test_that("pointers that r_object() loses are told, a handle's is none", {
  m <- local_store()
  m[["x"]] <- c(1, 2)
  pointer <- asNamespace("mmappickle")$own(m, ".ptr")
  expect_warning(r_object(list(pointer)), class = "mmappickle_warning_dropped")
  expect_silent(bytes <- r_object(list(m, mmarray(m, "x"), m[["x"]])))
  expect_identical(unserialize_r_object(bytes)[[1L]][["x"]][], c(1, 2))
})

test_that("slices of series are what their own `[` gives", {
  skip_if_not_installed("zoo")
  skip_if_not_installed("xts")
  m <- local_store()
  days <- as.Date("2020-01-01") + 0:2
  m[["z"]] <- z <- zoo::zoo(c(10, 20, 30), days)
  m[["x"]] <- x <- xts::xts(matrix(1:6 + 0, 3, dimnames = list(NULL, c("a", "b"))), days)
  m[["t"]] <- series <- ts(c(1, 2, 3), start = 2000)
  expect_identical(m["z", 2], z[2])
  expect_identical(m["z", -1], z[-1])
  expect_identical(mmarray(m, "z")[c(1, 3)], z[c(1, 3)])
  expect_identical(m["x", 2, ], x[2, ])
  expect_identical(m["x", 2:3, "b"], x[2:3, "b"])
  expect_identical(m["t", 2], series[2])
  expect_identical(m["t", 1:2], series[1:2])
  m["z", 2] <- 99
  m["x", 1, "a"] <- 99
  m["t", 3] <- 99
  expect_identical(zoo::coredata(m[["z"]]), c(10, 99, 30))
  expect_identical(
    zoo::coredata(m["x", 1, ]), matrix(c(99, 4), 1, dimnames = list(NULL, c("a", "b")))
  )
  expect_identical(m[["t"]], ts(c(1, 2, 99), start = 2000))
})
