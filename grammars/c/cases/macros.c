/* Macros where a grammar has no place for them. */
EXPORT_SYMBOL(first)
module_init(start_it)
module_exit(stop_it)
MODULE_LICENSE("GPL")

static int __init boot_it(void)
{
	return 0;
}

CLIP_API board *CLIP_CC board_new(opts *o);
int after(void);
clip_api int CLIP_CC clip_cc_two(int a, char *b) clip_nothrow;
void (CLIP_CC *callback)(int code);
PyAPI_FUNC(PyObject *) PyList_New(Py_ssize_t size);
static noinline_for_stack struct page *find_page(struct list *l)
{
	return NULL;
}
int __read_mostly sysctl_value = 1;
static DEFINE_MUTEX(lock);

define_list(alpha, int)
define_list(beta, long)

struct thing {
	LIST_HEAD(items)
	list_entry(struct thing)
	int x;
	u8 __aligned(8) buffer[16];
	int (CLIP_CC *done)(struct thing *t);
} __packed;

struct packed_attr other { int y; };

static int f(void)
{
    IF_ZERO(p) {
        a();
    } else {
        IF_ZERO(q) {
            b();
        } else {
            c();
        }
    }
    return 0;
}
int g(void) { return 1; }
static void loops(void)
{
    for_each(item, list) {
        WHEN(item) {
            d();
        } else WHEN(list) {
            e();
        } else {
            h();
        }
    }
    if (x) {
        UNLESS(y) { z(); } else { w(); }
    } else {
        v();
    }
}
int old(a, b)
int a;
char *b;
{
    return a;
}
int last(void) { return 1; }
static struct closure make_closure(struct state *s, int pc) {
	return s->closure;
}
enum level Level_of(int x) { return x; }
PUSH_DIAGNOSTIC

TEST_BEGIN(case_one) {
	int local_one = 1;
}
TEST_END

TEST_BEGIN(case_two) {
	int local_two = 2;
}
TEST_END
