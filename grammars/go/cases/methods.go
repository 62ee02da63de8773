// Package p has methods with type parameters.
package p

type Stack[T any] struct{}

// Push is no generic method.
func (s *Stack[T]) Push(v T) {}

// Map has a type parameter of its own.
func (s *Stack[T]) Map[U any](f func(T) U) []U { return nil }

func (Stack[T]) Zip[
	U any,
	V ~[]U | ~string,
](u U, v V) (a Stack[U], err error) {
	return
}

func (s Stack[T]) Fold[A interface{ ~int; String() string }](start A) A { return start }

func (s Stack[T]) At[I int](index I) map[I]T { return nil }

func After[T any]() {}

type Last struct{ a [2]int }
