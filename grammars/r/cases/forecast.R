#' Forecasts of daily visits.
#'
#' The model is a seasonal mean with a trend.

library(stats)
source("R/util.R")

MAX_DAYS <- 90L

#' Fits the model.
#'
#' @param visits numeric vector, one value a day
#' @param season length of the season in days
#' @export
fit_visits <- function(visits, season = 7,
                       robust = FALSE, ...) {
  centre <- if (robust) median else mean
  helper <- function(day) centre(visits[day])
  structure(list(season = season, trend = helper(1)), class = "visits")
}

print.visits = function(x, ...) {
  cat("visits, season", x$season, "\n")
  invisible(x)
}

#' @rdname fit_visits
predict.visits <- function(object, days = MAX_DAYS, ...) {
  vapply(seq_len(days), function(day) object$trend * day, numeric(1))
}

`%or%` <- function(a, b) if (is.null(a)) b else a

Stack <- setRefClass("Stack", fields = list(items = "list"),
  methods = list(
    push = function(x) { items[[length(items) + 1]] <<- x },
    size = function() length(items)
  ))

setClass("Point", representation(x = "numeric", y = "numeric"))
setGeneric("area", function(shape) standardGeneric("area"))
setMethod("area", "Point", function(shape) 0)

Queue <- R6::R6Class("Queue",
  public = list(
    items = NULL,
    add = function(x) { self$items <- c(self$items, x) }
  ),
  private = list(secret = 1)
)

.hidden <- function() NULL
