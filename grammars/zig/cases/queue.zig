//! A queue of fixed size, and what is built on it.
const std = @import("std");
const Allocator = std.mem.Allocator;

/// Slots of a queue.
pub const capacity: usize = 64;

var opened: u32 = 0;

pub const Error = error{ Full, Empty };

pub const Mode = enum(u8) {
    read,
    write = 2,

    pub fn isWrite(self: Mode) bool {
        return self == .write;
    }
};

pub const Value = union(enum) {
    int: i64,
    text: []const u8,
};

/// Holds values of one type.
pub fn Queue(comptime T: type) type {
    return struct {
        const Self = @This();

        items: [capacity]T = undefined,
        len: usize = 0,

        /// Adds one at the end.
        pub fn push(self: *Self, item: T) Error!void {
            if (self.len == capacity) return Error.Full;
            self.items[self.len] = item;
            self.len += 1;
        }
    };
}

const Point = struct {
    x: f32,
    y: f32 = 0,

    fn length(self: Point) f32 {
        return @sqrt(self.x * self.x + self.y * self.y);
    }
};

extern "c" fn strlen(text: [*:0]const u8) usize;
export fn store_open(path: [*:0]const u8, mode: c_int) callconv(.C) c_int {
    _ = mode;
    return @intCast(strlen(path));
}

inline fn add(a: i32, b: i32) i32 {
    return a + b;
}

pub fn main() !void {
    const queue = Queue(u8){};
    std.debug.print("{d}\n", .{queue.len});
}

test "a point has a length" {
    try std.testing.expectEqual(@as(f32, 5), (Point{ .x = 3, .y = 4 }).length());
}
