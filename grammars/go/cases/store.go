// Copyright 2024 The Porch Authors.

//go:build linux

// Package store keeps jobs in a file. It is safe for use by
// many goroutines.
package store

import (
	"context"
	"fmt"

	_ "embed"

	. "example.com/porch/internal/codec"
	log "example.com/porch/internal/logging"
)

// A comment of its own, far from what follows.

// MaxJobs bounds the queue.
const MaxJobs = 1 << 10

const (
	// Waiting is the first state.
	Waiting State = iota
	running
)

var (
	ErrClosed = fmt.Errorf("store: closed")
	registry  = map[string]func(context.Context) error{
		"mail": sendMail,
	}
)

var _ Store = (*File)(nil)

// State of a job.
type State int

// ID is an alias.
type ID = string

type (
	// Store is what a queue needs.
	Store interface {
		fmt.Stringer
		// Put adds a job.
		Put(ctx context.Context, job *Job) (ID, error)
	}

	// Job is one piece of work.
	Job struct {
		ID   ID `json:"id"`
		a, b int
		*log.Logger
		Nested struct {
			Deep bool
		}
	}
)

// File is a Store in one file.
type File[K comparable, V any] struct {
	path string
}

// Open opens the file at path.
//
// It creates it when it is missing.
func Open[K comparable](path string, opts ...Option) (*File[K, Job], error) {
	local := path
	type hidden struct{ x int }
	return &File[K, Job]{path: local}, nil
}

// Put implements Store.
func (f *File[K, V]) Put(
	ctx context.Context,
	job *Job,
) (id ID, err error) {
	defer log.Trace(ctx, "put")
	return Encode(job.ID), nil
}

//go:noinline
func sendMail(ctx context.Context) error { return nil }
