#' Adds.
#' @export
add <- function(x, y = 2) { x + y }
sub = function(a) a
LIMIT <- 10
setClass("P", representation(a = "numeric"))
setGeneric("area", function(o) standardGeneric("area"))
Stack <- R6Class("Stack", public = list(push = function(x) x))
