# peers.R FOLDER SHAPE COUNT: R's pls on the files of bench_plsr, its best method; one JSON line.
suppressPackageStartupMessages(library(pls))
a <- commandArgs(TRUE)
npy <- function(part, what, size) {
  f <- file(file.path(a[1], paste(a[2], part, "npy", sep = ".")), "rb")
  on.exit(close(f))
  head <- rawToChar(readBin(f, "raw", 128)[11:128])
  shape <- as.integer(strsplit(gsub("[^0-9,]", "", sub(".*'shape': \\(([^)]*)\\).*", "\\1", head)), ",")[[1]])
  shape <- shape[!is.na(shape)]
  v <- readBin(f, what, prod(shape), size)
  if (length(shape) == 2) matrix(v, shape[1], shape[2], byrow = TRUE) else v
}
x <- npy("x", "double", 8)
start <- npy("start", "integer", 8)
column <- npy("column", "integer", 4)
value <- npy("value", "double", 8)
m <- as.integer(sub(".*\"features\": ([0-9]+).*", "\\1", readLines(file.path(a[1], paste0(a[2], ".json")), 1)))
y <- matrix(0, nrow(x), m)
y[cbind(rep(seq_len(nrow(x)), diff(start)), column + 1)] <- value
test <- (seq_len(nrow(x)) - 1) %% 10 == 1
count <- as.integer(a[3])
sd1 <- function(z) { s <- apply(z, 2, sd); s[s == 0] <- 1; s }
run <- function(method) {
  sx <- sd1(x[!test, ]); sy <- sd1(y[!test, ])
  fit <- get(paste0(method, ".fit"), asNamespace("pls"))(sweep(x[!test, ], 2, sx, "/"), sweep(y[!test, ], 2, sy, "/"), count,
                                                         stripped = TRUE)
  p <- sweep(sweep(x[test, ], 2, sx, "/"), 2, fit$Xmeans) %*% fit$coefficients[, , count]
  sweep(sweep(p, 2, fit$Ymeans, "+"), 2, sy, "*")
}
best <- Inf
for (method in c("kernelpls", "widekernelpls")) {
  times <- numeric(0)
  while (length(times) < 3 && (length(times) == 0 || times[1] < 20)) times <- c(times, system.time(p <- run(method))[[3]])
  if (min(times) < best) { best <- min(times); won <- method; n <- length(times); prediction <- p }
}
ours <- t(npy(paste0("prediction-", count), "double", 8))
cat(sprintf("{\"peer\": \"R pls\", \"setting\": \"%s\", \"threads\": null, \"components\": %d, \"seconds\": %g, \"repeats\": %d, \"difference\": %.3g}\n",
            won, count, best, n, max(abs(prediction - ours)) / max(abs(ours))))
