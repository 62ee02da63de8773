"""
Forecasts of daily visits, by a seasonal mean.
"""
module Forecast

using Statistics, LinearAlgebra
import Base: show, length
include("util.jl")

export Model, fit!, predict

const MAX_DAYS = 90
const Series = Vector{Float64}

abstract type AbstractModel end
primitive type Cents 64 end

"A mean for each day of a season."
struct Seasonal{T<:Real} <: AbstractModel
    means::Vector{T}
    season::Int

    Seasonal{T}(season::Int) where {T} = new{T}(zeros(T, season), season)
end

mutable struct Model <: AbstractModel
    seasonal::Seasonal{Float64}
    trend::Float64
end

@enum Status open paid sent

"""
    fit!(model, visits; robust=false)

Fits the model to the visits.
"""
function fit!(model::Model, visits::Series; robust::Bool = false)::Model
    centre = robust ? median : mean
    inner(day) = centre(visits[day])
    model.trend = inner(1)
    return model
end

predict(model::Model, days::Int = MAX_DAYS) = [model.trend * d for d in 1:days]

Base.length(model::Model) = model.seasonal.season

function Base.show(io::IO, model::Model)
    print(io, "Model(", model.trend, ")")
end

+(a::Model, b::Model) = Model(a.seasonal, a.trend + b.trend)

macro cents(amount)
    :($(esc(amount)) * 100)
end

module Inner
hidden(x) = x
end

end
