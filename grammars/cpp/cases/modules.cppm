module;
#include "legacy.h"
export module shop.core:basket;
import std;
import <vector>;
import "prices.h";
export import shop.money;
import :detail;

namespace shop {
export int total = 42;
export class Cart { public: void m(); };
export enum class En { A };
export template<typename T> void tf(T t) {}
export using Al = int;
}
export namespace ns { class In {}; }
export class Top { public: void m(); };
export struct TopS { int x; };
export { class Grp {}; void gf(); }
export template <class T> concept C = requires(T t) { t.x(); };
export inline constexpr int limit = 3;
export extern "C++" { void linked(); }
export auto last() -> int { return 1; }
module :private;
int hidden() { return 1; }
