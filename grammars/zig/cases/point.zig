//! File doc.
const std = @import("std");
/// A point.
pub const Point = struct {
    x: i32 = 0,
    const Self = @This();
    /// Adds.
    pub fn add(self: Self, o: Point) !i32 { return self.x; }
};
const Color = enum { red, green };
const U = union(enum) { a: i32 };
const E = error{ Bad };
pub fn main() !void {}
test "adds" {}
var count: u32 = 0;
