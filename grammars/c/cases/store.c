/* SPDX-License-Identifier: MIT */
/*
 * store.c - keeps records in a file
 */
#include <stdio.h>
#include <lib/buffer.h>
#include "store.h"

#define STORE_MAGIC 0x57415950 /* WAYP */
#define MIN(a, b) \
	((a) < (b) ? (a) : (b))
#define EMPTY

struct record;

/* One record on disk. */
struct record {
	uint32_t length; /* of the text */
	char *text, name[16];
	struct { int x, y; } at;
	int (*compare)(const struct record *, const void *);
	unsigned flags : 4;
};

typedef struct record record_t;
typedef int (*visit_fn)(record_t *, void *);

typedef struct {
	FILE *file;
	size_t count;
} store_t;

enum mode { MODE_READ, MODE_WRITE = 2 };

typedef union { int i; float f; } number;

static const char *const names[] = { "one", "two" };
int opened = 0, closed;
extern int verbose;

/**
 * Opens a store.
 *
 * @param path where it is
 */
STORE_API store_t *store_open(const char *path, enum mode mode);

static inline int is_open(const store_t *store)
{
	return store->file != NULL;
}

STORE_API store_t *
store_open(const char *path, enum mode mode)
{
	int local = MIN(opened, 3);
	store_t *store = store_alloc(local);

	if (!buffer_read(store, path, mode))
		return NULL;
	return store;
}

/* Walks over all records. */
int
store_each(store_t *store, visit_fn visit, void *data)
{
	for (size_t i = 0; i < store->count; i++)
		visit(record_at(store, i), data);
	return 0;
}

int (store_close)(store_t *store) { return fclose(store->file); }
