# The collections that the shipped network was trained on, from the R packages that hold them.
#
#     Rscript benchmarks/collect_series.R FOLDER
#
# Needs the packages Mcomp, Tcomp, fma and expsmooth. Writes FOLDER/pool/series.csv and
# FOLDER/m3/M3_monthly.csv; benchmarks/collect_series.py adds the classic series, and says whether
# all files are the ones of the shipped network.

folder <- commandArgs(TRUE)[1]
head <- "n_train,h,values..."
usual <- c("1" = 6, "4" = 8, "12" = 18, "24" = 12) # steps ahead that are kept for tests
called <- c("1" = "yearly", "4" = "quarterly", "12" = "monthly", "24" = "hourly")

row <- function(said, start, values, h) {
  numbers <- ifelse(is.na(values), "", trimws(formatC(values, digits = 6, format = "g")))
  known <- length(values) - h
  paste(c(said, sprintf("%.4f", start), known, h, numbers), collapse = ",")
}

# Of a competition all series of these periods; they bring their own test parts.
competition <- function(series, source, periods) {
  wanted <- Filter(function(one) tolower(one$period) %in% periods, unclass(series))
  sapply(wanted, function(one) {
    said <- c(paste0(source, "-", one$sn), source, tolower(one$period), one$type)
    row(said, tsp(one$x)[1], c(one$x, one$xx), one$h)
  })
}

# Of a textbook series, or each column of one, the last usual steps, at most a quarter.
textbook <- function(name, package, short) {
  series <- as.matrix(getExportedValue(package, name))
  times <- tsp(getExportedValue(package, name))
  rate <- as.character(times[3])
  sapply(seq_len(ncol(series)), function(column) {
    id <- paste(c(short, name, if (ncol(series) > 1) column - 1), collapse = "-")
    values <- as.numeric(series[, column])
    h <- min(usual[[rate]], length(values) %/% 4)
    row(c(id, package, called[[rate]], ""), times[1], values, h)
  })
}

words <- function(text) strsplit(trimws(text), "\\s+")[[1]]
expsmooth_names <- words("ausgdp bonds cangas dji djiclose enplanements fmsales freight frexport
  gasprice mcopper msales partx ukcars unemp.cci usgdp usnetelec utility vehicles visitors xrates")
fma_names <- words("advert advsales airpass beer bicoal books boston bricksq capital chicken condmilk
  copper copper1 copper3 cowtemp cpimel dj dole dowjones eggs eknives elec fancy french housing
  hsales hsales2 huron ibm ibmclose input internet invent15 jcars labour lynx milk mink motel motion
  nail oilprice paris petrol pigs plastics pollution productC qelec qsales schizo shampoo sheep
  strikes telephone ukdeaths usdeaths uselec ustreas wagesuk wheat wn wnoise writing")

# Which of the 1,428 monthly series of M3, N1402 to N2829, are shown: a bit each, the first last.
half <- paste0(
  "ebafa66afecfe3c874b533ba56220f02d437c585fe61034ae9a53a0a00b0b55fdf53077368da7841e7a13326ea987520",
  "70c8719b90f6fb264745d7592c8b4175417b84714dc164f59336581a357eb54c8cdb8c50ec6f032b3301bb884f1fdd89",
  "6cdaedbbd50f338f4b2c3b73f702db36430ec258cb595552a2c8d4d8d50907ca52a4a1edb555d8e74510501d623579e1",
  "6ad7be53889c7d75fc42971795215bb4e91bd390f9ce7681af515f0ebb69e67e611b3"
)
digits <- strtoi(rev(strsplit(half, "")[[1]]), 16L)
shown <- unlist(lapply(digits, function(digit) bitwAnd(bitwShiftR(digit, 0:3), 1L))) == 1

monthly <- function(series) {
  wanted <- Filter(function(one) tolower(one$period) == "monthly", unclass(series))[shown]
  sapply(wanted, function(one) {
    id <- sub("^N0*", "N", one$sn)
    row(c(id, one$type), tsp(one$x)[1], c(one$x, one$xx), one$h)
  })
}

put <- function(name, lines) {
  path <- file.path(folder, name)
  dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
  file <- file(path, "wb")
  writeLines(lines, file, sep = "\n")
  close(file)
}

if (!is.na(folder)) {
  put("pool/series.csv", c(
    paste0("id,source,period,type,start,", head),
    competition(Mcomp::M1, "M1", c("yearly", "quarterly", "monthly")),
    competition(Mcomp::M3, "M3", c("yearly", "quarterly", "other")),
    competition(Tcomp::tourism, "tourism", c("quarterly", "yearly")),
    unlist(lapply(expsmooth_names, textbook, "expsmooth", "es")),
    unlist(lapply(fma_names, textbook, "fma", "fma"))
  ))
  put("m3/M3_monthly.csv", c(paste0("id,type,start,", head), monthly(Mcomp::M3)))
}
