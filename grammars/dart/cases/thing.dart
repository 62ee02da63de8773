import 'package:foo/foo.dart';
/// A thing.
abstract class Thing<T> extends Base with Mixin implements I {
  final int a = 1;
  static const b = 2;
  Thing(this.a);
  Thing.named();
  factory Thing.of() => Thing();
  int get size => 1;
  set size(int v) {}
  @override
  Future<void> run(int a, {String? b}) async {}
  operator ==(o) => true;
}
mixin Mixin on Base {}
enum Color { red, green }
extension Ext on String { void f() {} }
typedef F = void Function(int);
void main(List<String> args) {}
const top = 3;
var v = 1;
