#include "store.hpp"

#include <store/version.h>

namespace {
int opened = 0;
}

using namespace store;

extern "C" int store_version(void) { return VERSION; }

bool reader::next(record& out) {
  out = pool_.take();
  return !out.empty();
}

reader::reader(int fd) : fd_(fd), pool_(fd) {}
reader::~reader() = default;
reader& reader::operator=(reader&& other) noexcept { return *this; }
const std::string* reader::find(std::string_view name) const { return nullptr; }

TEST(Reader, Reads) {
  EXPECT_EQ(1, opened);
}
